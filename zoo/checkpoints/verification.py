"""A model's tensors held against a checkpoint's, one by one; what differs is explained, or named as not explained."""

import os
from collections import Counter
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from zoo import configfile
from zoo.blueprint import Shape
from zoo.checkpoints.adapters import adapters, split
from zoo.checkpoints.checkpoint import Checkpoint, Stored
from zoo.checkpoints.companions import companion
from zoo.checkpoints.contents import Content, contents, stated
from zoo.checkpoints.dialects import Dialect, Expected, Spelt
from zoo.checkpoints.explanations import Explanations, has_shape
from zoo.checkpoints.model import FromCheckpoint, checkpoints_of
from zoo.errors import CheckpointError, ConfigError, ZooError
from zoo.hub.access import USUAL, Access
from zoo.hub.repository import PREFIX, named
from zoo.loading import load
from zoo.model import Model
from zoo.sources import CHECKPOINTS, Found, Reference, find, repository_of

_SCALES = ("scale", "scales", "block scale", "scale of each row", "scale of each block")

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
    """How a model compares with a checkpoint: a line for each tensor of either.

    notes: what the person should be told about where the checkpoint comes from.
    """

    model: Model
    checkpoint: Checkpoint
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()

    @property
    def explained(self) -> bool:
        """Whether every difference is."""
        return all(line.explained for line in self.lines)

    def __repr__(self) -> str:
        how = "explained" if self.explained else "NOT explained"
        return f"<Verification of {self.model.name} against {self.checkpoint.name}: {how}>"


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
        raise CheckpointError(f"{model.name}: {model.reason}, so there is nothing to hold its weights against")
    place = _weights_of(model, access) if checkpoint is None else _beside(checkpoint, access)
    if place.weights is None:
        raise CheckpointError(f"{model.name}: nothing says where its weights are: name a checkpoint")
    (read,) = checkpoints_of([place.weights], access, [place.took])
    if isinstance(read, ZooError):
        raise read
    own = place is model.found or not place.config
    quantization = stated(model.stated if own else place.config.get)
    notes = tuple(told for told in place.notes if told not in model.notes)
    return Verification(model, read, tuple(_Comparison(model, read, quantization).lines()), notes)


def _weights_of(model: Model, access: Access) -> Found:
    """Where the weights of a model are, with the config beside them."""
    entry = model.entry
    if model.found.weights is None and entry and entry.hub:
        return find(f"{PREFIX}{repository_of(entry, model.name)}", access=access)
    return model.found


def _beside(checkpoint: str | os.PathLike[str], access: Access) -> Found:
    """Where a checkpoint is, with the config beside it, if there is one that can be read."""
    name = os.fspath(checkpoint)
    if not name:
        raise CheckpointError("the checkpoint has no name: give a file, a folder or a repository")
    here = isinstance(checkpoint, os.PathLike) or os.path.lexists(name) or name.endswith(CHECKPOINTS)
    if not here and (repository := named(name)):
        return find(f"{PREFIX}{repository}", access=access)
    path = Path(name)
    try:
        config = configfile.read(path if path.is_dir() else path.with_name("config.json"))
    except (ConfigError, OSError, ValueError):  # a checkpoint needs none
        config = {}
    return Found(name, config, weights=path)


class _Comparison:
    """The work of one verification."""

    def __init__(self, model: Model, checkpoint: Checkpoint, quantization: object) -> None:
        self._model, self._stored = model, checkpoint.tensors.values()
        self._contents = contents(checkpoint, quantization)
        self._adapters = adapters((stored.name, stored.shape) for stored in self._stored)
        self._dialect = Dialect(model, {self._about(stored.name) for stored in self._stored})
        self._expected = self._dialect.tensors
        self._explanations = Explanations(model, self._dialect, checkpoint.tensors, self._adapters)
        self._scales = Counter(self._contents[name].of for name in checkpoint.tensors if self._is_scale(name))
        self._named = {stored.name: self._canonical(stored) for stored in self._stored}
        self._there = {spelt.name for spelt in self._named.values() if spelt}
        self._apart = {whole for name in self._there if (whole := self._expected[name].of)}
        self._found: set[str] = set()
        self._explained: set[str] = set()

    def lines(self) -> Iterator[Line]:
        """A line for each tensor of the checkpoint, and for each of the model that it does not hold."""
        left: list[Stored] = []
        # What is plainly there comes first: a name that is only near to another's must not take its place.
        for stored in sorted(self._stored, key=self._is_near):
            spelt = self._named[stored.name]
            if spelt is None or spelt.name in self._found or self._expected[spelt.name].of in self._there:
                left.append(stored)
            else:
                self._found.add(spelt.name)
                yield self._held(stored, spelt)
        # Weights before their scales, which they explain.
        for stored in sorted(left, key=self._belongs_to_another):
            yield self._unexpected(stored)
        yield from self._missing()

    def _about(self, name: str) -> str:
        """The weight that a stored tensor is or belongs to, as the checkpoint calls it."""
        place = split(name)
        return f"{place[0]}.weight" if place else self._contents[name].of

    def _canonical(self, stored: Stored) -> Spelt | None:
        """The tensor of the model that a stored one is."""
        content = self._contents[stored.name]
        found = self._dialect.canonical(stored.name)
        return self._dialect.canonical(content.of) if found is None and content.kind == "packed" else found

    def _is_near(self, stored: Stored) -> bool:
        spelt = self._named[stored.name]
        return spelt is not None and not spelt.plain

    def _held(self, stored: Stored, spelt: Spelt) -> Line:
        """The line of a tensor that the model has, too."""
        tensor, content = self._expected[spelt.name], self._contents[stored.name]
        right = has_shape(tensor.shape, stored, content, self._dialect.outputs_first(spelt.name))
        wrong = "" if right else f"{list(stored.shape)} {stored.dtype}"
        if not wrong and self._lacks_scale(stored, content):
            wrong = f"in {stored.dtype} without a scale"
        if wrong:
            return Line("different", stored.name, tensor.shape, stored=wrong, parameters=_own(tensor))
        self._explained.add(content.of)
        also = "stored as well" if tensor.tied_to in self._there else "stored in its place"
        words = (
            f"tied to {tensor.tied_to}, {also}" if tensor.tied_to else "",
            f"part of {tensor.of.rpartition('.')[2]}" if tensor.of else "",
            spelt.why,
            content.note,
        )
        return Line("matched", stored.name, tensor.shape, "; ".join(filter(None, words)), parameters=_own(tensor))

    def _lacks_scale(self, stored: Stored, content: Content) -> bool:
        """Whether nothing tells what the numbers of a quantized weight are multiplied by."""
        if content.of in self._scales:
            return False
        # FP8 may be the plain number format of a whole file, which has no scales then.
        return content.kind == "packed" or (bool(self._scales) and stored.dtype.startswith(("F8_", "F6_", "F4")))

    def _is_scale(self, name: str) -> bool:
        """Whether it is what the numbers of a weight are multiplied by, of which each has one."""
        content, beside = self._contents[name], companion(name)
        return content.kind == "scale" and content.of != name and beside is not None and beside.words in _SCALES

    def _belongs_to_another(self, stored: Stored) -> bool:
        content = self._contents[stored.name]
        return content.kind not in ("parameter", "packed") and content.of != stored.name

    def _unexpected(self, stored: Stored) -> Line:
        """The line of a tensor that the model does not count."""
        content = self._contents[stored.name]
        if self._belongs_to_another(stored):
            # Of two scales nobody knows which is meant.
            known = not self._is_scale(stored.name) or self._scales[content.of] == 1
            why = content.note if known and content.of in self._explained else ""
        elif self._named[stored.name]:
            why = ""  # it is in the checkpoint a second time
        else:
            why = self._explanations.why(stored, content)
        if why:
            self._explained.add(content.of)
        return Line("unexpected", stored.name, stored.shape, why, stored=stored.dtype)

    def _missing(self) -> Iterator[Line]:
        """The lines of what the checkpoint does not hold, nor as a whole what it holds in parts, or the reverse."""
        twins: dict[str, str] = {}
        for name, tensor in self._expected.items():
            if tensor.tied_to and name in self._found:
                twins.setdefault(tensor.tied_to, name)
        only_apart = self._apart - self._there
        of_adapter = "in the base model of the adapter" if self._is_adapter() else ""
        for name, tensor in self._expected.items():
            if name in self._found or name in only_apart:
                continue
            if tensor.of and (tensor.of not in self._apart or tensor.of in self._there):
                continue
            if tensor.tied_to:
                why = f"tied to {tensor.tied_to}"
            elif name in twins:
                why = f"stored as {twins[name]}, which is tied to it"
            elif set(name.split(".")) & set(self._model.architecture.not_stored):
                why = "computed anew by transformers, and not stored"
            else:
                why = of_adapter
            yield Line("missing", name, tensor.shape, why, parameters=_own(tensor))

    def _is_adapter(self) -> bool:
        """Whether it holds adapters, and not what they adapt but for tables, which PEFT saves beside them."""
        fitting = {module: weight for module in self._adapters if (weight := self._explanations.adapted(module))}
        # Beside an adapter PEFT saves tables and heads, but no part of a layer.
        return bool(fitting) and not any(word.isdecimal() for name in self._found for word in name.split("."))


def _own(tensor: Expected) -> int:
    return 0 if tensor.tied_to else prod(tensor.shape)
