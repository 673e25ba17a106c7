"""The vocabulary in which an architecture is stated: a tree of parts, each tensor with its name and shape.

A method of an architecture yields parts, or iterables of parts to any depth, and the core flattens them; so a variant
can write `yield super().attention(), rms_norm("q_norm", d)`. What a part *means* for a count, a tensor list or a cost
is said once, in `zoo.measures.counts`; here is only what there is.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from math import prod
from operator import mul
from typing import Any, Literal, TypeAlias, TypeVar, overload

from zoo.errors import ConfigError

Shape: TypeAlias = tuple[int, ...]

Use: TypeAlias = Literal["matmul", "lookup", "elementwise", "unknown"]
"""What a token does with a tensor: is multiplied by all of it, looks one row of it up, neither; or nobody says."""

Tokens: TypeAlias = Literal["text", "encoder"] | int
"""What passes through some parts: the tokens of the text that the model writes or reads; those that its encoder reads,
where it has one or attends to one; or a number of vectors that is the same for every text.
"""

Passing: TypeAlias = Tokens | Callable[[int], int]
"""The same, or how it follows from the number of those that pass through what is around."""


class Part:
    """A piece of a model. See the functions below for the ones there are."""

    __slots__ = ()


Parts: TypeAlias = Iterable["Part | Parts"]
"""What a method of an architecture yields: parts, and iterables of parts to any depth."""

Kind = TypeVar("Kind", bound=Hashable)


@dataclass(slots=True, eq=False)
class Tensor(Part):
    """One parameter tensor; `tied_to` is the full name of the tensor whose storage it shares, if it does.

    groups: into how many groups a convolution divides its inputs, each of which sees its own outputs only.
    """

    name: str
    shape: Shape
    use: Use = "elementwise"
    tied_to: str | None = None
    groups: int = 1

    def __post_init__(self) -> None:
        """Raises ValueError for a shape that no tensor has, where an architecture reckoned wrongly."""
        for size in self.shape:
            if not isinstance(size, int) or size < 0:
                raise ValueError(f"{self.name}: no tensor has the shape {list(self.shape)}")

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return prod(self.shape)


@dataclass(slots=True, eq=False)
class Scope(Part):
    """Parts under a common name, as a PyTorch module holds its children."""

    name: str
    parts: tuple[Part, ...]


@dataclass(slots=True, eq=False)
class Stream(Part):
    """Parts through which other tokens pass than through those around them; no name of theirs tells."""

    tokens: Passing
    parts: tuple[Part, ...]


@dataclass(slots=True, eq=False)
class Again(Part):
    """Parts that are stated elsewhere, and through which more vectors pass: they cost again, and hold nothing."""

    tokens: Passing
    parts: tuple[Part, ...]


@dataclass(slots=True, eq=False)
class Longest(Part):
    """A bound on the length of the text: there are positions for so many tokens."""

    tokens: int


@dataclass(slots=True, eq=False)
class Group:
    """The layers of one kind, whose parts are stated once: their numbers, and how many they are.

    passes: through how many of them a token passes, which is more than there are where layers are used again.
    """

    numbers: Collection[int]
    layers: int
    passes: int
    parts: tuple[Part, ...]


@dataclass(slots=True, eq=False)
class Repeat(Part):
    """Numbered layers, a group for each distinct kind."""

    name: str
    groups: tuple[Group, ...]

    def numbered(self, number: int | str) -> str:
        """The name of one layer."""
        return _numbered(self.name, number)


@dataclass(slots=True, eq=False)
class Experts(Part):
    """`number` equal experts of which a token uses `active`.

    `fused`: the experts' tensors are stored as one, with the expert as first dimension; otherwise each expert is a
    numbered child.
    """

    name: str
    number: int
    active: int
    parts: tuple[Part, ...]
    fused: bool

    def numbered(self, number: int | str) -> str:
        """The name of one expert, where they are not fused."""
        return _numbered(self.name, number)


def _numbered(name: str, number: int | str) -> str:
    return name.replace("{}", str(number)) if "{}" in name else f"{name}.{number}"


@dataclass(slots=True, eq=False)
class Attend(Part):
    """Attention itself, which holds no parameters: what it costs and what it keeps follows from it.

    See `attend` for what its fields mean.
    """

    heads: int
    head_dim: int
    kv_heads: int
    value_dim: int
    window: int | None
    causal: bool
    across: bool
    latent: int | None
    pairs: Callable[[int, int], int]
    value_pairs: Callable[[int, int], int]


@dataclass(slots=True, eq=False)
class State(Part):
    """What a layer keeps of a text, whatever its length: a tensor that is no parameter."""

    name: str
    shape: Shape


@dataclass(slots=True, eq=False)
class Products(Part):
    """Matrix products without a parameter, beside attention's own: how many operations they are for so many tokens."""

    flops: Callable[[int], int]


# --- tensors ---------------------------------------------------------------------------------------------------------


def tensor(name: str, *shape: int, use: Use | None = None, tied_to: str | None = None) -> Tensor:
    """A parameter of its own, outside any module: `tensor("cls_token", 1, 1, H)`.

    `use`: what a token does with it; if not given, a vector is taken for elementwise, and of anything larger no cost is
    known. `tied_to`, here and below: the full name of the tensor whose storage it shares; it counts nothing then.
    """
    return Tensor(name, shape, use or ("elementwise" if len(shape) == 1 else "unknown"), tied_to)


def linear(
    name: str,
    inputs: int,
    outputs: int,
    *,
    bias: bool = True,
    tied_to: str | None = None,
    bias_tied_to: str | None = None,
) -> Scope:
    """`torch.nn.Linear`: weight (outputs, inputs), bias (outputs).

    `tied_to`, `bias_tied_to`: what weight and bias share, if they do.
    """
    weight = Tensor("weight", (outputs, inputs), "matmul", tied_to)
    return Scope(name, (weight, Tensor("bias", (outputs,), tied_to=bias_tied_to)) if bias else (weight,))


def transposed_linear(name: str, inputs: int, outputs: int) -> Scope:
    """The `Conv1D` of OpenAI's GPT: a linear layer whose weight is stored as (inputs, outputs); bias (outputs)."""
    return Scope(name, (Tensor("weight", (inputs, outputs), "matmul"), Tensor("bias", (outputs,))))


def conv1d(name: str, inputs: int, outputs: int, kernel: int, *, groups: int = 1, bias: bool = True) -> Scope:
    """`torch.nn.Conv1d` along the tokens: weight (outputs, inputs // groups, kernel), bias (outputs)."""
    weight = Tensor("weight", (outputs, inputs // groups, kernel), "matmul", groups=groups)
    return Scope(name, (weight, Tensor("bias", (outputs,))) if bias else (weight,))


def embedding(name: str, rows: int, width: int, *, tied_to: str | None = None) -> Scope:
    """`torch.nn.Embedding`: a table (rows, width) in which each token looks up one row."""
    return Scope(name, (Tensor("weight", (rows, width), "lookup", tied_to),))


def layer_norm(name: str, width: int, *, bias: bool = True) -> Scope:
    """`torch.nn.LayerNorm`: weight (width), bias (width)."""
    weight = Tensor("weight", (width,))
    return Scope(name, (weight, Tensor("bias", (width,))) if bias else (weight,))


def rms_norm(name: str, width: int) -> Scope:
    """RMSNorm (Zhang and Sennrich, 2019, arXiv:1910.07467): weight (width)."""
    return Scope(name, (Tensor("weight", (width,)),))


# --- structure -------------------------------------------------------------------------------------------------------


def scope(name: str, *parts: Part | Parts) -> Scope:
    """`parts` under `name`; dots in the name nest, as in a tensor's full name."""
    return Scope(name, flatten(parts))


def experts(name: str, number: int, active: int, *parts: Part | Parts, fused: bool = True) -> Experts:
    """`number` equal experts, each made of `parts`, of which one token uses `active`.

    Fused, as transformers keeps most: `experts("experts", 8, 2, tensor("down_proj", H, F, use="matmul"))` is one tensor
    `experts.down_proj` (8, H, F). Else numbered like layers: `experts.0.`, or where {} stands in the name. Raises
    ConfigError where more are active than there are.
    """
    if active > number:
        raise ConfigError(f"{active} experts per token, but there are only {number}")
    return Experts(name, number, active, flatten(parts), fused)


def stream(tokens: Passing, *parts: Part | Parts) -> Stream:
    """`parts` through which other tokens pass than through those around them.

    Most of a model is passed by each token of the text. Not so its encoder, and what cross-attention makes of the
    encoder's tokens: `stream("encoder", ...)`; nor what is done once for a whole text, on one vector:
    `stream(1, linear("pooler", H, H))`. A function gives the number from that of the tokens around:
    `stream(lambda tokens: tokens // 2, ...)`.
    """
    return Stream(tokens, flatten(parts))


def again(tokens: Passing, *parts: Part | Parts) -> Again:
    """`parts`, which are stated elsewhere, for the vectors that pass through them beside those told there.

    They hold nothing more, but cost more: `again(W - 1, conv)` for what a convolution makes beyond the text.
    """
    return Again(tokens, flatten(parts))


def longest(tokens: int) -> Longest:
    """The text has at most so many tokens: that is what a table of positions holds."""
    return Longest(tokens)


@overload
def repeat(name: str, layers: int, body: Part | Parts, /, *, passes: int | None = None) -> Repeat: ...
@overload
def repeat(
    name: str,
    layers: int,
    kinds: Sequence[Kind] | Mapping[Kind, Collection[int]],
    body: Callable[[Kind], Part | Parts],
    /,
) -> Repeat: ...
def repeat(
    name: str,
    layers: int,
    body: Any,
    build: Callable[[Kind], Part | Parts] | None = None,
    /,
    *,
    passes: int | None = None,
) -> Repeat:
    """`layers` layers `name.0`, `name.1`, ... (or with the number where {} stands in the name): equal or of kinds.

    Equal ones: `body` are their parts. Of several kinds: `kinds` has one hashable kind per layer (a list from the
    config), or is a mapping of each kind to its layer numbers (see `split`); `body` builds the parts of a kind, and is
    called once for each distinct kind, however many layers are of it.

    passes: through how many equal layers a token passes, where that is not once through each.
    """
    if not isinstance(layers, int) or layers < 0:
        raise ValueError(f"{name}: there cannot be {layers} layers")
    if build is None:
        alike = Group(range(layers), layers, layers if passes is None else passes, flatten((body,)))
        return Repeat(name, (alike,))
    kinds = [(numbers, flatten((build(kind),))) for kind, numbers in grouped(body, traced=type(layers) is not int)]
    if sum(len(numbers) for numbers, _ in kinds) != layers:
        raise ValueError(f"{name}: there are kinds for {sum(len(numbers) for numbers, _ in kinds)} of {layers} layers")
    shares = _shares(layers, [numbers for numbers, _ in kinds])
    return Repeat(name, tuple(Group(numbers, n, n, parts) for (numbers, parts), n in zip(kinds, shares, strict=True)))


def _shares(layers: int, groups: Sequence[Collection[int]]) -> Sequence[int]:
    """How many of the layers are in each group; of traced layers, in terms of them."""
    if type(layers) is int:
        return [len(numbers) for numbers in groups]
    from zoo.dims import shares

    return shares(layers, groups)


def attend(
    *,
    heads: int,
    head_dim: int,
    kv_heads: int | None = None,
    value_dim: int | None = None,
    window: int | None = None,
    causal: bool = True,
    across: bool = False,
    latent: int | None = None,
    pairs: Callable[[int, int], int] = mul,
    value_pairs: Callable[[int, int], int] | None = None,
) -> Attend:
    """Attention of `heads` query heads of `head_dim` over `kv_heads` key/value heads (as many, if not given).

    `value_dim`: the width of a value head, if not that of a key. `window`: how many tokens one token sees at most,
    itself included, where that is bounded. `causal`: it sees none after it. `across`: it sees an encoder's tokens, not
    its own. `latent`: how many numbers stand for the keys and values of all heads, where they can be made again from so
    few (multi-head latent attention). `pairs`: how many scores a head computes for some queries and keys, where that is
    not one for each pair; those that a window or causality hides are usually computed too. `value_pairs`: how many
    scores it multiplies with values, if not all of those and no others.

    Raises ConfigError where the query heads do not divide among the key/value heads.
    """
    kv_heads = heads if kv_heads is None else kv_heads
    if heads % kv_heads:
        raise ConfigError(f"num_attention_heads {heads} is not a multiple of num_key_value_heads {kv_heads}")
    return Attend(
        heads,
        head_dim,
        kv_heads,
        head_dim if value_dim is None else value_dim,
        window,
        causal,
        across,
        latent,
        pairs,
        pairs if value_pairs is None else value_pairs,
    )


def state(name: str, *shape: int) -> State:
    """What a recurrent layer keeps of a text, whatever its length: `state("ssm", F, N)`."""
    return State(name, shape)


def products(flops: Callable[[int], int]) -> Products:
    """Matrix products of vectors with each other, where they are not attention's queries, keys and values.

    `flops`: how many operations they are for so many tokens: `products(lambda tokens: 2 * F * N * tokens)`.
    """
    return Products(flops)


def split(layers: int, at: Collection[int], chosen: Kind, others: Kind) -> dict[Kind, Collection[int]]:
    """The kinds of `layers` layers of which those numbered in `at` (ascending) are `chosen` and the rest `others`.

    Given as a range, `at` costs the same for any number of layers: `split(L, range(1, L, 2), "moe", "dense")`.
    Raises ValueError for a number that is no layer's.
    """
    ends = (at[0], at[-1]) if isinstance(at, range) and len(at) else at if not isinstance(at, Without) else ()
    if wrong := [number for number in ends if not 0 <= number < layers]:
        raise ValueError(f"there is no layer {wrong[0]} among {layers}, the first of which is 0")
    if chosen == others:
        return {chosen: range(layers)}
    return present({chosen: at, others: _rest(layers, at)})


def present(kinds: Mapping[Kind, Collection[int]]) -> dict[Kind, Collection[int]]:
    """Those of `kinds` that any layer is of, that of the first layer first."""
    found = [(kind, numbers) for kind, numbers in kinds.items() if len(numbers)]
    return dict(sorted(found, key=lambda kind: next(iter(kind[1]))))


def _rest(layers: int, at: Collection[int]) -> Collection[int]:
    """The layers that are not among those in `at`; as a range, where they are one."""
    if isinstance(at, range) and at.step == 1 and at.start == 0:
        return range(at.stop, layers)
    if isinstance(at, range) and at.step == 1 and at.stop == layers:
        return range(at.start)
    return Without(range(layers), at)


class Without(Collection[int]):
    """The numbers of a range that are not among `removed`, all of which must be in it; listed in closed form."""

    def __init__(self, whole: range, removed: Collection[int]) -> None:
        self.whole, self.removed = whole, removed

    def __len__(self) -> int:
        return len(self.whole) - len(self.removed)

    def __iter__(self) -> Iterator[int]:
        # Not to the end of the range, when all have been found.
        return islice((number for number in self.whole if number not in self.removed), len(self))

    def __contains__(self, number: object) -> bool:
        return number in self.whole and number not in self.removed


class Together(Collection[int]):
    """The numbers of several collections, each ascending and none in two of them; listed in closed form."""

    def __init__(self, *parts: Collection[int]) -> None:
        self.parts = parts

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    def __iter__(self) -> Iterator[int]:
        return merge(*self.parts)

    def __contains__(self, number: object) -> bool:
        return any(number in part for part in self.parts)


def grouped(
    layers: Sequence[Kind] | Mapping[Kind, Collection[int]], *, traced: bool = False
) -> Iterable[tuple[Kind, Collection[int]]]:
    """Each distinct kind with the numbers of its layers.

    traced: kinds may hold dimensions that are equal and yet not made of the same; these are distinct, too.
    """
    if isinstance(layers, Mapping):
        return layers.items()
    if traced:
        from zoo.dims import grouped_by_formula

        return grouped_by_formula(layers)
    numbers: defaultdict[Kind, list[int]] = defaultdict(list)
    for number, kind in enumerate(layers):
        numbers[kind].append(number)
    return numbers.items()


def flatten(parts: Parts) -> tuple[Part, ...]:
    """The parts in nested iterables, in order."""
    found: list[Part] = []
    for part in parts:
        if isinstance(part, Part):
            found.append(part)
        else:
            found += flatten(part)
    return tuple(found)


def folded(numbers: Collection[int]) -> str:
    """Layer numbers as a reader writes them: `0-11`, `0-2`, `1,3,5,...`."""
    iterator = iter(numbers)
    first = [number for number, _ in zip(iterator, range(4), strict=False)]
    if isinstance(numbers, range) and numbers.step == 1 and len(numbers) > 1:
        return f"{numbers[0]}-{numbers[-1]}"
    return ",".join(map(str, first[:3])) + (",..." if len(first) > 3 else "")
