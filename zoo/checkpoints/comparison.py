"""The tensors of a model and those of a checkpoint, one by one: what is the same, and what explains the rest."""

from collections import Counter
from collections.abc import Iterator
from math import prod
from typing import Literal, NamedTuple, TypeAlias

from zoo.blueprint import Shape
from zoo.checkpoints.adapters import adapters, split
from zoo.checkpoints.checkpoint import Checkpoint, Stored
from zoo.checkpoints.companions import companion
from zoo.checkpoints.contents import Content, contents
from zoo.checkpoints.dialects import Dialect, Expected, Spelt
from zoo.checkpoints.explanations import Explanations, has_shape
from zoo.model import Model

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


class Comparison:
    """The work of one verification. quantization: how the weights are quantized, as a config says."""

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
        """Whether it holds adapters, and no part of a layer: beside adapters PEFT saves tables and heads only."""
        fitting = any(self._explanations.adapted(module) for module in self._adapters)
        return fitting and not any(word.isdecimal() for name in self._found for word in name.split("."))


def _own(tensor: Expected) -> int:
    return 0 if tensor.tied_to else prod(tensor.shape)
