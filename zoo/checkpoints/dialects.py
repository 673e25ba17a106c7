"""How checkpoints call what a model holds: other names than transformers' own, and one tensor for each expert.

What is peculiar to an architecture its class says (`stored_names`, `stored_experts`); what is customary everywhere
stands here: `gamma` and `beta` of TensorFlow, a prefix that is missing or one too many.
"""

from collections.abc import Collection, Iterator
from itertools import islice
from typing import NamedTuple

from zoo.architecture import Architecture
from zoo.blueprint import Shape
from zoo.errors import CheckpointError
from zoo.measures.counts import NamedTensor, tensors
from zoo.model import Model

MOST_TENSORS = 1_000_000
"""The cap on what is held against a checkpoint, one by one."""

_LEGACY = {"gamma": "weight", "beta": "bias"}
_MOST_PREFIXES = 12


class Expected(NamedTuple):
    """A tensor that a checkpoint should hold, or that shares the storage of one (`tied_to`).

    of: the tensor of the model of which it is a part, where checkpoints take that apart.
    """

    shape: Shape
    tied_to: str | None = None
    of: str | None = None


def expected(model: Model, stored: Collection[str]) -> dict[str, Expected]:
    """The tensors of a model as a checkpoint with such names has them. Raises CheckpointError for too many."""
    last = {name.rpartition(".")[2] for name in stored}
    found: dict[str, Expected] = {}
    for tensor in model.tensors():
        for name, part in _apart(tensor, model.architecture, last):
            found[name] = part
            if len(found) > MOST_TENSORS:
                raise CheckpointError(
                    f"{model.name}: more than {MOST_TENSORS:,} tensors are not held against a checkpoint"
                )
    return found


def _apart(tensor: NamedTensor, architecture: Architecture, last: Collection[str]) -> Iterator[tuple[str, Expected]]:
    """A tensor as it is; or each matrix of it, where it is one of fused experts and the checkpoint has no such name."""
    parent, _, name = tensor.name.rpartition(".")
    parts = architecture.stored_experts.get(name)
    if parts is None or name in last:
        yield tensor.name, Expected(tensor.shape, tensor.tied_to)
        return
    experts, rows, *rest = tensor.shape
    for expert in range(min(experts, MOST_TENSORS + 1)):
        for part in parts:
            yield f"{parent}.{expert}.{part}.weight", Expected((rows // len(parts), *rest), of=tensor.name)


class Names:
    """The names of a model, and what a checkpoint may call them instead."""

    def __init__(self, names: Collection[str], architecture: Architecture) -> None:
        self._names = names
        self._renamed = {stored: name for name, stored in architecture.stored_names.items()}
        firsts = dict.fromkeys(name.partition(".")[0] + "." for name in names)
        self._prefixes = tuple(islice(firsts, _MOST_PREFIXES))
        self._usual: str | None = None

    def canonical(self, stored: str) -> tuple[str, str] | None:
        """The name of the model that a name of a checkpoint stands for, and in words how they differ; None if none."""
        if stored in self._names:
            return stored, ""
        for name, why in self._spelt(stored):
            if name in self._names:
                return name, why
            for prefix in self._prefixes:
                if prefix + name in self._names:
                    return prefix + name, _both(f"without the prefix {prefix[:-1]}", why)
            bare = name
            for _ in range(3):
                _, dot, bare = bare.partition(".")
                if dot and bare in self._names:
                    return bare, _both(f"with the prefix {name[: -len(bare) - 1]}", why)
        return None

    def _spelt(self, stored: str) -> Iterator[tuple[str, str]]:
        """The name, and what it may mean, a part of it read as its dialect has it."""
        yield stored, ""
        words = stored.split(".")
        named = [self._renamed.get(word, word) for word in words]
        changed = [f"{word} for {name}" for word, name in zip(words, named, strict=True) if word != name]
        if changed:
            yield ".".join(named), ", ".join(changed)
        if legacy := _LEGACY.get(named[-1]):
            yield ".".join([*named[:-1], legacy]), _both(f"{named[-1]} for {legacy}", ", ".join(changed))


def _both(one: str, other: str) -> str:
    return f"{one}, {other}" if other else one


def of_other_classes(model: Model) -> dict[str, str]:
    """Each tensor that only other classes of the model's type hold, with the first class that does."""
    own = {tensor.name for tensor in islice(model.tensors(), MOST_TENSORS)}
    found: dict[str, str] = {}
    for class_name in model.architecture.classes():
        for tensor in islice(tensors(model.architecture.parts(class_name)), MOST_TENSORS):
            if tensor.name not in own:
                found.setdefault(tensor.name, class_name)
    return found
