"""A model's tensors held against a checkpoint's, one by one; what differs is explained, or named as not explained."""

import os
import re
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from zoo.blueprint import Shape
from zoo.checkpoints.checkpoint import Checkpoint, Stored
from zoo.checkpoints.contents import Content, contents
from zoo.checkpoints.dialects import Expected, Names, expected, of_other_classes
from zoo.checkpoints.model import FromCheckpoint, checkpoint_of
from zoo.errors import CheckpointError
from zoo.hub.access import USUAL, Access
from zoo.hub.repository import Repository, named
from zoo.model import Model, load
from zoo.sources import CHECKPOINTS, Reference, repository_of

State: TypeAlias = Literal["matched", "missing", "unexpected", "different"]


class Line(NamedTuple):
    """One tensor: as the checkpoint calls it, or where that has it not, as the model does.

    shape: as the model has it, and where that does not know it, as the checkpoint does; stored: that of the checkpoint
    where it differs. parameters: how many the model counts for it. why: how a difference is explained, or in which
    dialect a match is written; a line that is not matched and has no `why` is not explained.
    """

    state: State
    name: str
    shape: Shape
    why: str = ""
    stored: str = ""
    parameters: int = 0

    @property
    def explained(self) -> bool:
        """Whether the tensor is as it should be, or it is known why not."""
        return self.state == "matched" or bool(self.why)


class Verification(NamedTuple):
    """How a model compares with a checkpoint: a line for each tensor of either."""

    model: Model
    checkpoint: Checkpoint
    lines: tuple[Line, ...]

    @property
    def explained(self) -> bool:
        """Whether every difference is."""
        return all(line.explained for line in self.lines)


def verify(
    reference: Reference | Model, checkpoint: str | os.PathLike[str] | None = None, *, access: Access = USUAL
) -> Verification:
    """Holds the tensors of a model against those of a checkpoint, one by one; only headers are read.

    checkpoint: a safetensors file, a folder, an index, or a repository of the Hub; if not given, where the weights of
    the model are: its folder, its repository, or the one that its registry entry names. Raises CheckpointError for what
    is no checkpoint, or where there is nothing to hold against it; HubError for what the Hub does not give.
    """
    model = reference if isinstance(reference, Model) else load(reference, access=access)
    if isinstance(model, FromCheckpoint):
        raise CheckpointError(f"{model.name}: no plugin counts its type: there is nothing to hold its weights against")
    read = checkpoint_of(_weights(model, checkpoint), access)
    return Verification(model, read, tuple(_Matching(model, read).lines()))


def _weights(model: Model, checkpoint: str | os.PathLike[str] | None) -> Path | Repository:
    """Where to look for the checkpoint."""
    if checkpoint is None:
        if model.found.weights is not None:
            return model.found.weights
        if model.entry and model.entry.hub:
            return repository_of(model.entry)
        raise CheckpointError(f"{model.name}: nothing says where its weights are: name a checkpoint")
    if isinstance(checkpoint, str) and not os.path.exists(checkpoint):  # noqa: PTH110 - Path.exists() may raise
        repository = None if checkpoint.endswith(CHECKPOINTS) else named(checkpoint)
        if repository:
            return repository
    return Path(checkpoint)


class _Matching:
    """The work of one verification: what is there, what is not yet found."""

    def __init__(self, model: Model, checkpoint: Checkpoint) -> None:
        self._model, self._checkpoint = model, checkpoint
        self._contents = contents(checkpoint, model.stated("quantization_config"))
        called = [content.of for content in self._contents.values()]
        self._expected = expected(model, called)
        self._names = Names(self._expected, model.architecture)
        self._found: set[str] = set()
        self._adapted = False

    def lines(self) -> Iterator[Line]:
        """A line for each tensor of the checkpoint, and for each of the model that it does not hold."""
        left: list[tuple[Stored, Content]] = []
        # What is plainly there comes first: a name that is only near to another's must not take its place.
        for stored in self._checkpoint.tensors.values():
            content = self._contents[stored.name]
            line = self._match(stored, content)
            if line is None:
                left.append((stored, content))
            else:
                yield line
        others = _Others(self._model) if left else None
        for stored, content in left:
            why = self._why_there(stored, content) or (others and others.why(content.of)) or ""
            yield Line("unexpected", stored.name, stored.shape, why, stored=stored.dtype)
        for name, tensor in self._expected.items():
            if name not in self._found:
                yield Line("missing", name, tensor.shape, self._why_missing(name, tensor), parameters=_own(tensor))

    def _match(self, stored: Stored, content: Content) -> Line | None:
        """The line of a tensor that the model has, too; None for any other."""
        same = self._names.canonical(stored.name)
        if same is None or same[0] in self._found:
            if content.kind != "packed":
                return None
            same = self._names.canonical(content.of)
            if same is None or same[0] in self._found:
                return None
        name, dialect = same
        tensor = self._expected[name]
        if content.kind not in ("parameter", "packed") and tensor.shape != stored.shape:
            return None
        self._found.add(name)
        why = "; ".join(filter(None, (_fused(tensor), dialect, content.note)))
        if tensor.tied_to:
            why = "; ".join(filter(None, (f"tied to {tensor.tied_to}, stored as well", why)))
        if _fits(tensor.shape, stored, content):
            return Line("matched", stored.name, tensor.shape, why, parameters=_own(tensor))
        really = f"{list(stored.shape)} {stored.dtype}"
        return Line("different", stored.name, tensor.shape, stored=really, parameters=_own(tensor))

    def _why_there(self, stored: Stored, content: Content) -> str:
        """What a tensor is that the model does not count."""
        if adapter := _ADAPTER.search(stored.name):
            base = stored.name[: adapter.start()]
            for name in (f"{base}.weight", base):
                if self._names.canonical(name):
                    self._adapted = True
                    return f"LoRA on {base.rpartition('.')[2]}"
            return ""
        if predicts := self._predicts_more(content.of):
            return predicts
        if content.kind == "buffer":
            return content.note or "a buffer, no parameter"
        if content.kind in ("scale", "zero point", "order", "table") and self._names.canonical(content.of):
            return content.note or content.kind
        return ""

    def _predicts_more(self, name: str) -> str:
        """Whether it is of layers that predict further tokens, which transformers leaves out."""
        told = self._model.stated("num_nextn_predict_layers")
        layers = self._model.config.dimension("num_hidden_layers")
        number = _LAYER.search(name)
        if number and layers is not None and isinstance(told, int) and layers <= int(number[1]) < layers + told:
            return "multi-token prediction, left out by transformers"
        return "multi-token prediction, left out by transformers" if _MTP.search(name) else ""

    def _why_missing(self, name: str, tensor: Expected) -> str:
        """Why a checkpoint need not hold a tensor of the model."""
        if tensor.tied_to:
            return f"tied to {tensor.tied_to}"
        for other, twin in self._expected.items():
            if twin.tied_to == name and other in self._found:
                return f"stored as {other}, which is tied to it"
        if set(name.split(".")) & set(self._model.architecture.not_stored):
            return "computed anew by transformers, and not stored"
        if self._adapted and not self._checkpoint_is_whole():
            return "in the base model of the adapter"
        return ""

    def _checkpoint_is_whole(self) -> bool:
        """Whether it holds anything but an adapter."""
        return bool(self._found)


class _Others:
    """What the other classes of a type hold."""

    def __init__(self, model: Model) -> None:
        self._classes = of_other_classes(model)
        self._names = Names(self._classes, model.architecture)

    def why(self, name: str) -> str:
        """Which class holds a tensor, in words."""
        same = self._names.canonical(name)
        return f"of {self._classes[same[0]]}" if same else ""


_ADAPTER = re.compile(r"\.(?:lora_[AB]|lora_embedding_[AB]|lora_magnitude_vector)(?:\.|$)")
_LAYER = re.compile(r"(?:^|\.)layers\.(\d{1,9})\.")
_MTP = re.compile(r"(?:^|\.)mtp(?:[._]|$)")


def _own(tensor: Expected) -> int:
    return 0 if tensor.tied_to else prod(tensor.shape)


def _fused(tensor: Expected) -> str:
    return f"part of {tensor.of.rpartition('.')[2]}" if tensor.of else ""


def _fits(shape: Shape, stored: Stored, content: Content) -> bool:
    """Whether what is stored is a tensor of that shape, as it is or packed."""
    if content.kind != "packed":
        return stored.shape == shape
    if content.shape is not None:
        return content.shape == shape
    return content.numbers is not None and content.numbers == prod(shape)
