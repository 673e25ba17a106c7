"""Readings of the tree of parts: how many parameters, where they sit, what each tensor is called.

Each is one walk over the parts as stated; layers of one kind, and experts, are walked once and multiplied.
"""

from collections.abc import Callable, Iterator, Sequence
from heapq import merge
from itertools import repeat
from typing import NamedTuple, TypeAlias

from zoo.blueprint import Attend, Experts, Part, Passing, Repeat, Scope, Shape, State, Stream, Tensor, folded


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


class Place(NamedTuple):
    """Where some parts stand: how many copies of them there are, how many a token uses, through how many it passes.

    tokens: what passes through them, each function with which a stream tells it applied to what is around.
    within: whether they are of a layer. told: whether it is known how tokens see each other there.
    """

    copies: int = 1
    used: int = 1
    passes: int = 1
    tokens: tuple[Passing, ...] = ("text",)
    within: bool = False
    told: bool = True


ROOT = Place()
"""At the top of a model."""

ComponentReading: TypeAlias = Callable[[tuple[Part, ...], Place], int | None]
"""What else to tell of each component: of its parts at their place, all copies together; None for what is not known."""


class Component(NamedTuple):
    """A node of the breakdown: a module, or all layers of one kind.

    counts: what it and everything below it hold, in all `times` of its copies together.
    note: what a reader should know and no number tells ("tied to ...", "32 heads of 128, 8 for keys and values").
    costs: what further readings say of it, in their order.
    """

    name: str
    counts: Count
    times: int = 1
    note: str = ""
    children: tuple["Component", ...] = ()
    costs: tuple[int | None, ...] = ()

    @property
    def parameters(self) -> int:
        """Parameters in all copies together."""
        return self.counts.parameters


def breakdown(
    parts: tuple[Part, ...], readings: Sequence[ComponentReading] = (), place: Place = ROOT
) -> Iterator[Component]:
    """The components of `parts`, which stand at `place` in the model."""
    for part in parts:
        match part:
            case Tensor():
                note = f"tied to {part.tied_to}" if part.tied_to else ""
                yield _component(part.name, (part,), (), readings, place, note)
            case Scope():
                yield _component(part.name, part.parts, part.parts, readings, place)
            case Stream():
                yield from breakdown(part.parts, readings, place._replace(tokens=(*place.tokens, part.tokens)))
            case Repeat():
                told = place.told if place.within else mixes((part,))
                for group in part.groups:
                    inner = place._replace(
                        copies=place.copies * group.layers,
                        used=place.used * group.layers,
                        passes=place.passes * group.passes,
                        within=True,
                        told=told,
                    )
                    name = part.numbered(folded(group.numbers))
                    yield _component(name, group.parts, group.parts, readings, inner)
            case Experts():
                inner = place._replace(
                    copies=place.copies * part.number,
                    used=place.used * part.active,
                    passes=place.passes * part.active,
                    within=True,
                )
                note = f"{part.active} of {part.number} used by a token"
                yield _component(part.name, part.parts, part.parts, readings, inner, note)


def _component(
    name: str,
    parts: tuple[Part, ...],
    below: tuple[Part, ...],
    readings: Sequence[ComponentReading],
    place: Place,
    note: str = "",
) -> Component:
    """`below`: the parts that are shown by themselves, too."""
    notes = [note] if note else []
    for part in below:
        if isinstance(part, Attend):
            notes.append(heads_text(part) + (f", window {part.window:,}" if part.window else ""))
        # A module whose only tensor is tied says so itself.
        if isinstance(part, Tensor) and part.tied_to:
            notes.append(f"tied to {part.tied_to}")
    return Component(
        name,
        Count().plus(count(parts), place.copies, place.used),
        place.copies,
        "; ".join(notes),
        tuple(breakdown(below, readings, place)),
        tuple(reading(parts, place) for reading in readings),
    )


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


def mixes(parts: tuple[Part, ...]) -> bool:
    """Whether a part tells how tokens see each other: attention, or a state that goes from one to the next."""
    for part in parts:
        match part:
            case Attend() | State():
                return True
            case Scope() | Stream() | Experts():
                if mixes(part.parts):
                    return True
            case Repeat():
                if any(mixes(group.parts) for group in part.groups):
                    return True
    return False
