"""A model counted from its checkpoint alone, because no plugin counts its type, or nothing says what that is."""

from copy import copy
from functools import cached_property
from pathlib import Path
from typing import Any, Never

from zoo.architecture import Architecture
from zoo.checkpoints.checkpoint import Checkpoint
from zoo.checkpoints.contents import Content, Totals, contents, totals
from zoo.checkpoints.parts import parts
from zoo.conditions import Conditions, MeasureError
from zoo.config import Config, Reading
from zoo.errors import CheckpointError, HubError, UnknownTypeError
from zoo.hub.access import Access
from zoo.hub.repository import Repository
from zoo.model import Model, Status
from zoo.sources import Found
from zoo.text import printable

UNKNOWN = "unknown"
"""The type or class of a model that says none."""


class NoConfig(Config):
    """Of a type that nobody knows no field is read."""


class NoArchitecture(Architecture):
    """What stands for the architecture that nobody knows."""

    config: NoConfig
    prefix = ""
    heads = {}


class FromCheckpoint(Model):
    """A model of which only the tensors are known.

    How many parameters there are is read off the checkpoint's header, and where they sit off their names; what a token
    passes through, and what that costs, nothing tells: what asks for it is a MeasureError.

    checkpoint: what was read. contents: what each tensor is. reason: why it was counted so.
    """

    def __init__(self, found: Found, checkpoint: Checkpoint, reason: str) -> None:
        self.checkpoint, self.reason = checkpoint, reason
        stated = found.config.get("quantization_config") or found.config.get("quantization")
        self.contents: dict[str, Content] = contents(checkpoint, stated)
        classes = found.config.get("architectures")
        super().__init__(
            found,
            _word(found.config.get("model_type")),
            _word(classes[0] if isinstance(classes, list) and classes else None),
            NoArchitecture(NoConfig({})),
            parts(checkpoint, self.contents),
            Reading(NoConfig({}), frozenset(), ()),
        )

    @property
    def status(self) -> Status:
        """Always "from checkpoint"."""
        return "from checkpoint"

    @property
    def doubt(self) -> str:
        """Why it is counted so, and what could not be told."""
        unknown = self.totals.unknown
        left_out = f"; {unknown:,} of its tensors are not counted, as nothing tells what they are" if unknown else ""
        return f"counted from the header of its weights, as {self.reason}{left_out}"

    @cached_property
    def totals(self) -> Totals:
        """Parameters by number format, and how much there is that is none."""
        return totals(self.checkpoint, self.contents)

    def under(self, conditions: Conditions) -> Model:
        """The same model; of these conditions nothing is asked."""
        twin = copy(self)
        twin.conditions = conditions
        return twin

    def remarks(self) -> list[str]:
        """The number formats, and what else the checkpoint holds."""
        found = self.totals
        lines = [f"stored: {', '.join(f'{count:,} in {dtype}' for dtype, count in found.by_dtype.items())}"]
        notes: dict[str, list[str]] = {}
        for content in self.contents.values():
            if content.kind != "parameter":
                notes.setdefault(content.kind, []).append(content.note)
        for kind, words in notes.items():
            named = ", ".join(sorted({word for word in words if word}))
            lines.append(f"{kind}: {len(words):,} tensors" + (f" ({named})" if named else ""))
        return lines

    def facts(self) -> dict[str, Any]:
        """The same, for a program; `checkpoint`: where it was read."""
        kinds = {kind: held._asdict() for kind, held in self.totals.by_kind.items()}
        return {"checkpoint": self.checkpoint.name, "stored": self.totals.by_dtype, "kinds": kinds}

    def _untold(self, *args: object, **kwargs: object) -> Never:
        raise MeasureError(f"{self.name}: its checkpoint does not tell that, and no plugin counts its type")

    active_parameters = embedding_parameters = non_embedding_parameters = active_non_embedding_parameters = property(
        _untold
    )
    explain = lengths = flops = cache = weight_memory = fits = lora = width = _untold


def model(found: Found, weights: Path | Repository, access: Access, reason: str) -> FromCheckpoint:
    """The model that weights hold. found: what is known of it otherwise. reason: why it is counted so.

    Raises UnknownTypeError, with that reason, where there are none that can be read.
    """
    try:
        checkpoint = checkpoint_of(weights, access)
    except (CheckpointError, HubError) as error:
        raise UnknownTypeError(f"{found.name}: {reason}; nor from its weights: {error}") from error
    return FromCheckpoint(found, checkpoint, reason)


def checkpoint_of(weights: Path | Repository, access: Access) -> Checkpoint:
    """What the weights at a path or in a repository hold. Raises CheckpointError, HubError."""
    if isinstance(weights, Path):
        from zoo.checkpoints import files

        return files.read(weights)
    from zoo.hub.weights import checkpoint

    return checkpoint(weights, access)


def _word(value: object) -> str:
    return printable(value)[:100] if isinstance(value, str) and value else UNKNOWN
