"""What a list of names can mean in a model: the places of modules and tensors, and how PEFT matches names to them."""

from collections.abc import Collection, Iterable, Iterator
from typing import Literal, NamedTuple

from zoo.blueprint import Experts, Part, Repeat, Scope, Shape, Stream, Tensor

MANY = "*"
"""In a place's name: the number of a layer or expert that no target names."""


class Place(NamedTuple):
    """A module or a tensor, of which there are `times`.

    kind: "linear", "embedding" and "convolution" are modules with a matrix, whose shape is that of their weight;
    "other" are those without; "tensor" is a tensor by itself. parts: what a module consists of. groups: of a
    convolution.
    """

    name: str
    times: int
    kind: Literal["linear", "embedding", "convolution", "other", "tensor"]
    shape: Shape = ()
    parts: tuple[Part, ...] = ()
    groups: int = 1

    @property
    def last(self) -> str:
        """The last word of its name."""
        return self.name.rpartition(".")[2]

    def named_by(self, targets: Collection[str]) -> set[str]:
        """Those of `targets` that are its name, or end it after a dot."""
        words = self.name.split(".")
        ends = (".".join(words[start:]) for start in range(len(words)))
        return {end for end in ends if end in targets}


def places(
    parts: tuple[Part, ...],
    targets: Iterable[str] = (),
    *,
    not_linear: Collection[str] = (),
) -> Iterator[Place]:
    """Every module and tensor of `parts`; those of all layers and experts are one, but where targets number them.

    not_linear: the last names of modules that have a matrix and are of a class of their own.
    """
    words = frozenset(word for target in targets for word in target.split("."))
    return _Walk(words, not_linear).below(parts, "", 1)


class _Walk(NamedTuple):
    words: frozenset[str]
    not_linear: Collection[str]

    def below(self, parts: tuple[Part, ...], prefix: str, times: int, experts: Shape = ()) -> Iterator[Place]:
        """`experts`: dimensions put before each shape."""
        for part in parts:
            match part:
                case Tensor():
                    yield Place(prefix + part.name, times, "tensor", (*experts, *part.shape))
                case Scope():
                    yield from self.module(part, prefix, times, experts)
                case Stream():
                    yield from self.below(part.parts, prefix, times, experts)
                case Repeat():
                    yield from _around(part.numbered(MANY), prefix, times)
                    for group in part.groups:
                        yield from self.numbered(part, group.parts, group.numbers, group.layers, prefix, times)
                case Experts(fused=True):
                    yield from _around(f"{part.name}.", prefix, times)
                    yield from self.below(part.parts, f"{prefix}{part.name}.", times, (*experts, part.number))
                case Experts():
                    yield from _around(part.numbered(MANY), prefix, times)
                    yield from self.numbered(part, part.parts, range(part.number), part.number, prefix, times)

    def module(self, part: Scope, prefix: str, times: int, experts: Shape) -> Iterator[Place]:
        yield from _around(part.name, prefix, times)
        name = prefix + part.name
        kind: Literal["linear", "embedding", "convolution", "other"] = "other"
        shape: Shape = ()
        groups = 1
        for tensor in part.parts:
            if isinstance(tensor, Tensor) and tensor.name == "weight":
                shape, groups = tensor.shape, tensor.groups
                if tensor.use == "lookup":
                    kind = "embedding"
                elif tensor.use == "matmul" and name.rpartition(".")[2] not in self.not_linear:
                    kind = "linear" if len(shape) == 2 else "convolution"
        yield Place(name, times, kind, shape, part.parts, groups)
        yield from self.below(part.parts, f"{name}.", times, experts)

    def numbered(
        self,
        part: Repeat | Experts,
        body: tuple[Part, ...],
        numbers: Collection[int],
        many: int,
        prefix: str,
        times: int,
    ) -> Iterator[Place]:
        """The layers or experts that a target numbers one by one, the rest together."""
        for number in self.numbers(part.numbered(MANY)):
            if number in numbers:
                many -= 1
                name = prefix + part.numbered(number)
                yield Place(name, times, "other", (), body)
                yield from self.below(body, f"{name}.", times)
        if many:
            name = prefix + part.numbered(MANY)
            yield Place(name, times * many, "other", (), body)
            yield from self.below(body, f"{name}.", times * many)

    def numbers(self, name: str) -> Iterator[int]:
        """The numbers that the targets put in the place of MANY in a name."""
        pattern = next(word for word in name.split(".") if MANY in word)
        before, _, after = pattern.partition(MANY)
        for word in self.words:
            digits = word.removeprefix(before).removesuffix(after)
            if digits.isdecimal() and len(digits) < 16 and word == f"{before}{int(digits)}{after}":
                yield int(digits)


def _around(name: str, prefix: str, times: int) -> Iterator[Place]:
    """The modules around one whose name has dots."""
    words = name.split(".")[:-1]
    for end in range(1, len(words) + 1):
        yield Place(prefix + ".".join(words[:end]), times, "other")
