"""A model counted from its checkpoint alone, because no plugin counts its type, or nothing says what that is."""

from collections.abc import Mapping, Sequence
from copy import copy
from functools import cached_property
from pathlib import Path
from typing import Any, Never

from zoo.architecture import Architecture
from zoo.checkpoints import files
from zoo.checkpoints.adapters import split
from zoo.checkpoints.checkpoint import Checkpoint
from zoo.checkpoints.contents import Content, Totals, contents, stated, totals
from zoo.checkpoints.parts import parts
from zoo.checkpoints.patterns import fold
from zoo.conditions import Conditions, MeasureError
from zoo.config import Config, Reading
from zoo.errors import CheckpointError, UnknownTypeError, ZooError
from zoo.hub.access import Access
from zoo.hub.repository import Repository
from zoo.model import Model, Status
from zoo.sources import Found
from zoo.text import counted, printable

MOST_PATTERNS = 5
"""Of names that a line lists."""

# By their names in safetensors.
_DTYPES = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16"}

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
        self.contents: dict[str, Content] = contents(checkpoint, stated(found.config.get))
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
        they = "it is" if unknown == 1 else "they are"
        left_out = f"; {counted(unknown, 'tensor')} not counted, as nothing tells what {they}" if unknown else ""
        adapted = sum(split(name) is not None for name in self.contents)
        adapter = f"; {counted(adapted, 'tensor')} of a LoRA adapter" if adapted else ""
        return f"counted from the header of its weights, as {self.reason}{adapter}{left_out}"

    @cached_property
    def totals(self) -> Totals:
        """Parameters by number format, and how much there is that is none."""
        return totals(self.checkpoint, self.contents)

    def under(self, conditions: Conditions) -> Model:
        """The same model; of these conditions nothing is asked."""
        twin = copy(self)
        twin.conditions = conditions
        return twin

    @property
    def depths(self) -> tuple[int, ...]:
        """None: what is numbered in names may be layers, or something else."""
        return ()

    @property
    def dtype(self) -> str:
        """The number format of the parameters. Raises MeasureError where they have several, or are packed."""
        formats = {_DTYPES.get(dtype) for dtype in self.totals.by_dtype}
        if len(formats) != 1 or (only := formats.pop()) is None:
            self._untold()
        return only

    @property
    def says_dtype(self) -> bool:
        """The header tells it."""
        return True

    def remarks(self) -> list[str]:
        """The number formats; and what is no parameter by its names, numbers of layers folded, and what it is."""
        found = self.totals
        lines = [f"stored: {', '.join(f'{count:,} in {dtype}' for dtype, count in found.by_dtype.items())}"]
        for kind, tensors in self._noted().items():
            names = [pattern for pattern, _ in fold(tensors)]
            more = f" and {len(names) - MOST_PATTERNS:,} more" if len(names) > MOST_PATTERNS else ""
            notes = sorted({note for name in tensors if (note := self.contents[name].note)})
            words = f" ({', '.join(notes)})" if notes else ""
            lines.append(f"{kind}: {counted(len(tensors), 'tensor')}{words}: {', '.join(names[:MOST_PATTERNS])}{more}")
        return lines

    def facts(self) -> dict[str, Any]:
        """The same, for a program; `checkpoint`: where it was read, `tensors`: the names of what is no parameter."""
        kinds = {kind: held._asdict() for kind, held in self.totals.by_kind.items()}
        noted = {kind: [pattern for pattern, _ in fold(tensors)] for kind, tensors in self._noted().items()}
        return {"checkpoint": self.checkpoint.name, "stored": self.totals.by_dtype, "kinds": kinds, "tensors": noted}

    def _noted(self) -> dict[str, list[str]]:
        """The names of the tensors of which there is something to say, by their kind."""
        found: dict[str, list[str]] = {}
        for name, content in self.contents.items():
            if content.kind != "parameter" or content.note:
                found.setdefault(content.kind, []).append(name)
        return found

    def _untold(self, *args: object, **kwargs: object) -> Never:
        raise MeasureError(f"{self.name}: its checkpoint does not tell that, and no plugin counts its type")

    active_parameters = embedding_parameters = non_embedding_parameters = active_non_embedding_parameters = property(
        _untold
    )
    explain = lengths = flops = cache = weight_memory = training_memory = fits = lora = width = _untold


def from_checkpoints(uncounted: Sequence[tuple[Found, str]], access: Access) -> list[Model | ZooError]:
    """The models that weights hold. uncounted: what is known of each otherwise, and why it is counted so.

    An UnknownTypeError, with that reason, stands for one whose weights cannot be read.
    """
    places = [(found.weights, found.took) for found, _ in uncounted if found.weights is not None]
    read = checkpoints_of(places, access)
    return [
        UnknownTypeError(f"{found.name}: {reason}; nor from its weights: {checkpoint}")
        if isinstance(checkpoint, ZooError)
        else FromCheckpoint(found, checkpoint, reason)
        for (found, reason), checkpoint in zip(uncounted, read, strict=True)
    ]


def checkpoints_of(places: Sequence[tuple[Path | Repository, float]], access: Access) -> list[Checkpoint | ZooError]:
    """What the weights at paths and in repositories hold, or the CheckpointError or HubError with which they do not.

    places: each with the seconds that it has taken already.
    """
    read: Mapping[Repository, Checkpoint | ZooError] = {}
    if remote := {place: took for place, took in places if isinstance(place, Repository)}:
        from zoo.hub.weights import checkpoints

        read = checkpoints(remote, access)
    return [read[place] if isinstance(place, Repository) else _read(place) for place, _ in places]


def _read(path: Path) -> Checkpoint | ZooError:
    try:
        return files.read(path)
    except CheckpointError as error:
        return error


def _word(value: object) -> str:
    return printable(value)[:100] if isinstance(value, str) and value else UNKNOWN
