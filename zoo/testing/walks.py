"""Walks over the parts of a model, for the laws that costs obey."""

from collections.abc import Iterator

from zoo.blueprint import Attend, Experts, Part, Repeat, Scope, Shape, Stream, Tensor


def scored(parts: tuple[Part, ...], what: str, tokens: int) -> list[tuple[Attend, int, int]]:
    """Each attention with the tokens that come to it of a text of so many, and how many pairs of them it scores."""
    found: list[tuple[Attend, int, int]] = []
    for part in parts:
        match part:
            case Attend():
                pairs = part.pairs if what == "pairs" else part.value_pairs
                found.append((part, tokens, pairs(tokens, tokens)))
            case Scope() | Experts():
                found += scored(part.parts, what, tokens)
            case Stream():
                inner = part.tokens(tokens) if callable(part.tokens) else part.tokens
                found += scored(part.parts, what, inner if isinstance(inner, int) else tokens)
            case Repeat():
                for group in part.groups:
                    found += scored(group.parts, what, tokens)
    return found


def wide(parts: tuple[Part, ...], prefix: str = "", copies: int = 1) -> Iterator[tuple[str, Tensor, int]]:
    """Each tensor of two dimensions or more that is no table, and how many of it a token passes."""
    for part in parts:
        match part:
            case Tensor():
                if len(part.shape) > 1 and part.use != "lookup":
                    yield prefix + part.name, part, copies
            case Scope():
                yield from wide(part.parts, f"{prefix}{part.name}.", copies)
            case Stream():
                yield from wide(part.parts, prefix, copies)
            case Experts():
                yield from wide(part.parts, f"{prefix}{part.name}.", copies * part.active)
            case Repeat():
                for group in part.groups:
                    yield from wide(group.parts, f"{prefix}{part.numbered('*')}.", copies * group.layers)


def stacks(parts: tuple[Part, ...], prefix: str = "", read: bool = False) -> Iterator[tuple[str, Repeat, bool]]:
    """Each stack of layers with its name, and whether it is the encoder's."""
    for part in parts:
        match part:
            case Repeat():
                yield prefix + part.name, part, read
            case Scope():
                yield from stacks(part.parts, f"{prefix}{part.name}.", read)
            case Stream():
                yield from stacks(part.parts, prefix, read or part.tokens == "encoder")


def scopes(parts: tuple[Part, ...], prefix: str = "") -> Iterator[tuple[str, tuple[Part, ...]]]:
    """Each module with what is in it."""
    for part in parts:
        match part:
            case Scope():
                yield prefix + part.name, part.parts
                yield from scopes(part.parts, f"{prefix}{part.name}.")
            case Stream() | Experts():
                yield from scopes(part.parts, prefix)
            case Repeat():
                for group in part.groups:
                    yield prefix + part.numbered("*"), group.parts
                    yield from scopes(group.parts, f"{prefix}{part.numbered('*')}.")


def passed(parts: tuple[Part, ...]) -> Iterator[Shape]:
    """The matrices that tokens pass, in modules below too, but for those that something else passes."""
    for part in parts:
        match part:
            case Tensor(use="matmul", shape=(_, _)):
                yield part.shape
            case Scope():
                yield from passed(part.parts)
            case Stream(tokens="text" | "encoder"):
                yield from passed(part.parts)


def tables(parts: tuple[Part, ...]) -> Iterator[Shape]:
    """The shapes of the tables in which something is looked up."""
    for part in parts:
        match part:
            case Tensor(use="lookup"):
                yield part.shape
            case Scope() | Stream() | Experts():
                yield from tables(part.parts)
            case Repeat():
                for group in part.groups:
                    yield from tables(group.parts)
