"""How a checkpoint calls what a model holds: other names than transformers' own, and one tensor for each expert.

What is peculiar to an architecture its class says (`stored_names`, `stored_experts`); what is customary everywhere
stands here: `gamma` and `beta` of TensorFlow, and a prefix that is missing or one too many. A prefix is the same in all
names of a checkpoint: one that has it in some and not in others is not as anybody saves it.
"""

from collections.abc import Collection, Iterator, Mapping, Set
from itertools import islice
from typing import NamedTuple

from zoo.architecture import Architecture
from zoo.blueprint import Shape
from zoo.errors import CheckpointError, ZooError
from zoo.measures.counts import NamedTensor, tensors
from zoo.model import Model

MOST_TENSORS = 1_000_000
"""The cap on what is held against a checkpoint, one by one."""

_LEGACY = {"gamma": "weight", "beta": "bias"}

# What wraps a whole model: DistributedDataParallel, torch.compile, PEFT.
_WRAPPERS = ("module.", "_orig_mod.", "base_model.model.")

# What PEFT calls a module within the adapter that takes its place.
_WRAPPED = "base_layer"


class Expected(NamedTuple):
    """A tensor that a checkpoint should hold, or that shares the storage of one (`tied_to`).

    of: the tensor of the model of which it is a part, which a checkpoint holds either whole or in all its parts.
    """

    shape: Shape
    tied_to: str | None = None
    of: str | None = None


class Spelt(NamedTuple):
    """The name of the model that a stored one stands for; in words how they differ; whether by no more than a prefix
    that all names have.
    """

    name: str
    why: str = ""
    plain: bool = True


def expected(model: Model) -> dict[str, Expected]:
    """The tensors of a model, fused experts whole and in their parts. Raises CheckpointError for too many."""
    found: dict[str, Expected] = {}
    for tensor in model.tensors():
        found[tensor.name] = Expected(tensor.shape, tensor.tied_to)
        found.update(_apart(tensor, model.architecture))
        if len(found) > MOST_TENSORS:
            raise CheckpointError(f"{model.name}: more than {MOST_TENSORS:,} tensors are not held against a checkpoint")
    return found


def _apart(tensor: NamedTensor, architecture: Architecture) -> Iterator[tuple[str, Expected]]:
    """Each matrix of a tensor of fused experts, as checkpoints hold them."""
    parent, _, name = tensor.name.rpartition(".")
    parts = architecture.stored_experts.get(name, ())
    if parts:
        experts, rows, *rest = tensor.shape
        for expert in range(min(experts, MOST_TENSORS + 1)):
            for part in parts:
                yield f"{parent}.{expert}.{part}.weight", Expected((rows // len(parts), *rest), of=tensor.name)


class Dialect:
    """How one checkpoint calls the tensors of a model, and those of the other classes of its type.

    tensors: those of the model, as `expected` gives them. others: those of each other class by its name.
    """

    def __init__(self, model: Model, stored: Set[str]) -> None:
        """stored: what the checkpoint's tensors are of, as it calls that."""
        self.tensors = expected(model)
        self.others = {name: _of_class(model, name) for name in model.architecture.classes()}
        self._renamed = {stored: name for name, stored in model.architecture.stored_names.items()}
        self._bodies = _bodies(self.others)
        self._class = model.class_name
        self._own = self._bodies[self._class]
        del self.others[self._class]
        self._wrapper = next((wrapper for wrapper in _WRAPPERS if all(name.startswith(wrapper) for name in stored)), "")
        self._body = self._nearest(stored)

    def _nearest(self, stored: Set[str]) -> str:
        """Of what may stand before the names of a body, that with which most stored names are the model's."""
        best, most = self._own, -1
        for body in dict.fromkeys((self._own, "", *self._bodies.values())):
            self._body = body
            fitting = sum(self.canonical(name) is not None for name in stored)
            if fitting > most:
                best, most = body, fitting
            if 2 * most > len(stored):
                break
        return best

    def canonical(self, stored: str) -> Spelt | None:
        """The tensor of the model for which a stored name stands."""
        return self._among(self.tensors, stored, self._own)

    def outputs_first(self, name: str) -> Shape:
        """The shape of a tensor of the model, of a matrix (..., outputs, inputs): where it is the other way round, its
        bias tells.
        """
        shape = self.tensors[name].shape
        bias = self.tensors.get(f"{name}_bias") or self.tensors.get(f"{name.removesuffix('weight')}bias")
        if len(shape) < 2 or bias is None or bias.shape[-1] == shape[-2] or bias.shape[-1] != shape[-1]:
            return shape
        return (*shape[:-2], shape[-1], shape[-2])

    def in_other_classes(self, stored: str) -> Iterator[tuple[str, Expected]]:
        """Each other class that has a tensor for which a stored name stands, and that tensor."""
        for class_name, held in self.others.items():
            if found := self._among(held, stored, self._bodies[class_name]):
                yield class_name, held[found.name]

    def names(self, stored: str) -> Iterator[tuple[str, str]]:
        """How a tensor of that name would be called in each class, the model's own first, whether or not it has it."""
        for class_name in (self._class, *self.others):
            for name, _ in self._spelt(stored):
                yield from ((class_name, moved) for moved, _ in self._moved(name, self._bodies[class_name]))

    def _among(self, held: Mapping[str, Expected], stored: str, own: str) -> Spelt | None:
        for name, spelling in self._spelt(stored):
            for moved, prefix in self._moved(name, own):
                if moved in held and (name == stored or _spelt_well(moved, stored, held)):
                    return Spelt(moved, ", ".join(filter(None, (prefix, spelling))), not spelling)
        return None

    def _moved(self, name: str, own: str) -> Iterator[tuple[str, str]]:
        """The names that one may have in a class that calls its body `own`, and how they differ in their prefix."""
        if not name.startswith(self._wrapper):
            return
        name = name[len(self._wrapper) :]
        if name.startswith(self._body):
            missing, extra = (own, self._wrapper + self._body) if own != self._body else ("", self._wrapper)
            words = (
                f"without the prefix {missing[:-1]}" if missing else "",
                f"with the prefix {extra[:-1]}" if extra else "",
            )
            yield own + name[len(self._body) :], ", ".join(filter(None, words))
        if not name.startswith(own):  # of a head, which stands beside the body
            yield name, f"with the prefix {self._wrapper[:-1]}" if self._wrapper else ""

    def _spelt(self, stored: str) -> Iterator[tuple[str, str]]:
        """The name, and what it may mean, a part of it read as its dialect has it."""
        yield stored, ""
        words = [word for word in stored.split(".") if word != _WRAPPED] or [stored]
        named = [self._renamed.get(word, word) for word in words]
        changed = [f"{word} for {name}" for word, name in zip(words, named, strict=True) if word != name]
        if stored.count(".") >= len(words):
            changed.append(f"as {_WRAPPED}")
        if changed:
            yield ".".join(named), ", ".join(changed)
        if legacy := _LEGACY.get(words[-1]):
            yield ".".join([*named[:-1], legacy]), ", ".join([f"{words[-1]} for {legacy}", *changed])


def _spelt_well(name: str, stored: str, held: Mapping[str, Expected]) -> bool:
    """Whether a tensor may be spelt so: gamma and beta only those of a norm, whose weight is a vector."""
    weight = held.get(name.rpartition(".")[0] + ".weight")
    return stored.rpartition(".")[2] not in _LEGACY or (weight is not None and len(weight.shape) == 1)


def _of_class(model: Model, class_name: str) -> dict[str, Expected]:
    """The tensors of a class at the model's config; none, where there is no such class at it."""
    try:
        held = islice(tensors(model.parts_of(class_name)), MOST_TENSORS)
    except ZooError:
        return {}
    return {tensor.name: Expected(tensor.shape, tensor.tied_to) for tensor in held}


def _bodies(classes: Mapping[str, Collection[str]]) -> dict[str, str]:
    """By class what stands before the names of its body, which another class has without it: `bert.`; or nothing.

    classes: the names of the tensors of each.
    """
    found = dict.fromkeys(classes, "")
    for class_name, names in classes.items():
        firsts: dict[str, str] = {}
        for name in names:
            firsts.setdefault(name[: name.find(".") + 1], name)
        for scope, name in firsts.items():
            bare = name.removeprefix(scope)
            if any(bare in other for other in classes.values()) and scope:
                found[class_name] = scope
                break
    return found
