"""Readings of the tree of parts: how many parameters, where they sit, what each tensor is called.

Each is one walk over the parts as stated; layers of one kind, and experts, are walked once and multiplied.
"""

from collections.abc import Iterator
from heapq import merge
from itertools import repeat
from typing import NamedTuple

from zoo.blueprint import Attend, Experts, Part, Repeat, Scope, Shape, Stream, Tensor, folded


class Count(NamedTuple):
    """Parameters of a group of parts; tied tensors count once, where their storage is.

    parameters: every number that training adjusts; buffers are not among them.
    active: those that one token passes through: of experts the chosen ones, all else (embedding tables too) in full.
    embedding: those in lookup tables: tokens, positions, segments, relative positions. What is left when they are
        taken away is what Kaplan et al. (2020, arXiv:2001.08361) call N, but for an output matrix of its own.
    """

    parameters: int = 0
    active: int = 0
    embedding: int = 0

    def plus(self, other: "Count", times: int = 1, active_times: int | None = None) -> "Count":
        """The sum with `times` of `other`, of which a token uses `active_times` (all, if not given)."""
        used = times if active_times is None else active_times
        return Count(
            self.parameters + times * other.parameters,
            self.active + used * other.active,
            self.embedding + times * other.embedding,
        )


def count(parts: tuple[Part, ...]) -> Count:
    """Parameters of all `parts` together."""
    total = Count()
    for part in parts:
        match part:
            case Tensor(tied_to=None):
                total = total.plus(Count(part.size, part.size, part.size if part.use == "lookup" else 0))
            case Scope() | Stream():
                total = total.plus(count(part.parts))
            case Repeat():
                for group in part.groups:
                    total = total.plus(count(group.parts), group.layers)
            case Experts():
                total = total.plus(count(part.parts), part.number, part.active)
    return total


class NamedTensor(NamedTuple):
    """A parameter as PyTorch names it. Where `tied_to` is set, it shares the storage of the tensor of that name."""

    name: str
    shape: Shape
    tied_to: str | None = None


def tensors(parts: tuple[Part, ...], prefix: str = "", experts: Shape = ()) -> Iterator[NamedTensor]:
    """Every tensor of `parts`, layers and unfused experts written out. `experts`: dimensions put before each shape."""
    for part in parts:
        match part:
            case Tensor():
                yield NamedTensor(prefix + part.name, (*experts, *part.shape), part.tied_to)
            case Scope():
                yield from tensors(part.parts, f"{prefix}{part.name}.", experts)
            case Stream():
                yield from tensors(part.parts, prefix, experts)
            case Repeat():
                layers = (zip(group.numbers, repeat(group.parts)) for group in part.groups)
                for number, body in merge(*layers, key=lambda layer: layer[0]):
                    yield from tensors(body, f"{prefix}{part.numbered(number)}.", experts)
            case Experts(fused=True):
                yield from tensors(part.parts, f"{prefix}{part.name}.", (*experts, part.number))
            case Experts():
                for number in range(part.number):
                    yield from tensors(part.parts, f"{prefix}{part.numbered(number)}.", experts)


class Component(NamedTuple):
    """A node of the breakdown: a module, or all layers of one kind.

    counts: what it and everything below it hold, in all `times` of its copies together.
    note: what a reader should know and no number tells ("tied to ...", "32 heads of 128, 8 for keys and values").
    """

    name: str
    counts: Count
    times: int = 1
    note: str = ""
    children: tuple["Component", ...] = ()

    @property
    def parameters(self) -> int:
        """Parameters in all copies together."""
        return self.counts.parameters


def breakdown(parts: tuple[Part, ...], times: int = 1, active: int = 1) -> Iterator[Component]:
    """The components of `parts`, which stand `times` times in the model, `active` of them used by a token."""
    for part in parts:
        match part:
            case Tensor():
                note = f"tied to {part.tied_to}" if part.tied_to else ""
                yield Component(part.name, Count().plus(count((part,)), times, active), times, note)
            case Scope():
                yield _component(part.name, part.parts, times, active)
            case Stream():
                yield from breakdown(part.parts, times, active)
            case Repeat():
                for group in part.groups:
                    name = part.numbered(folded(group.numbers))
                    yield _component(name, group.parts, times * group.layers, active * group.layers)
            case Experts():
                note = f"{part.active} of {part.number} used by a token"
                yield _component(part.name, part.parts, times * part.number, active * part.active, note)


def _component(name: str, parts: tuple[Part, ...], times: int, active: int, note: str = "") -> Component:
    notes = [note] if note else []
    for part in parts:
        if isinstance(part, Attend):
            notes.append(heads_text(part) + (f", window {part.window:,}" if part.window else ""))
    # A module whose only tensor is tied says so itself.
    notes += [f"tied to {part.tied_to}" for part in parts if isinstance(part, Tensor) and part.tied_to]
    children = tuple(breakdown(parts, times, active))
    return Component(name, Count().plus(count(parts), times, active), times, "; ".join(notes), children)


def heads_text(attention: Attend) -> str:
    """The heads of an attention in words: `32 heads of 128, 8 for keys and values`."""
    heads = f"{attention.heads} heads of {attention.head_dim}"
    return heads if attention.kv_heads == attention.heads else f"{heads}, {attention.kv_heads} for keys and values"


def attentions(parts: tuple[Part, ...]) -> Iterator[Attend]:
    """Each attention as stated: once for all layers of a kind."""
    for part in parts:
        match part:
            case Attend():
                yield part
            case Scope() | Stream() | Experts():
                yield from attentions(part.parts)
            case Repeat():
                for group in part.groups:
                    yield from attentions(group.parts)


def depths(parts: tuple[Part, ...]) -> Iterator[int]:
    """How many layers a token passes through in each stack of layers: once, or for encoder and decoder."""
    for part in parts:
        match part:
            case Repeat():
                yield sum(group.passes * _inner_depth(group.parts) for group in part.groups)
            case Scope() | Stream():
                yield from depths(part.parts)


def _inner_depth(parts: tuple[Part, ...]) -> int:
    """How many layers a layer is: one, or those that it consists of."""
    return sum(depths(parts)) if all(isinstance(part, Repeat) for part in parts) else 1
