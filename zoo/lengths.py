"""How long a text can be: what the tables of positions hold, or what the config says the model is made for."""

from collections.abc import Iterator
from typing import NamedTuple

from zoo.blueprint import Longest, Part, Repeat, Scope, Stream, Tokens
from zoo.conditions import MeasureError, positive


class NoLengthError(MeasureError):
    """The config names no longest text, and none was stated."""


class Lengths(NamedTuple):
    """Tokens of the text, and those that the encoder reads; None where nothing reads or writes any."""

    text: int | None
    encoder: int | None

    def of(self, tokens: Tokens) -> int:
        """How many tokens, or other vectors, pass. Raises NoLengthError where that is not stated."""
        if isinstance(tokens, int):
            return tokens
        found = self.encoder if tokens == "encoder" else self.text
        if found is None:
            raise NoLengthError("the config names no longest text: state a length (--length)")
        return found


def lengths(parts: tuple[Part, ...], context: int | None, text: int | None, encoder: int | None) -> Lengths:
    """The lengths asked for, and where they are not, the longest there can be, or else the config's `context`.

    Raises MeasureError for one that a table of positions does not reach.
    """
    limits = dict(bounds(parts))
    longest = {"text": limits.get("text"), "encoder": limits.get("encoder")}
    found: dict[str, int | None] = {}
    for stream, wanted, what in (("text", text, "length"), ("encoder", encoder, "encoder length")):
        limit = longest[stream]
        if wanted is not None and limit is not None and positive(wanted, what) > limit:
            raise MeasureError(f"{what} {wanted:,}: the model has positions for {limit:,} tokens")
        found[stream] = positive(wanted, what) if wanted is not None else limit or context
    return Lengths(found["text"], found["encoder"])


def bounds(parts: tuple[Part, ...], tokens: Tokens = "text") -> Iterator[tuple[Tokens, int]]:
    """What tables of positions hold, for each kind of tokens."""
    for part in parts:
        match part:
            case Longest():
                yield tokens, part.tokens
            case Scope() | Repeat():
                inner = part.parts if isinstance(part, Scope) else ()
                yield from bounds(inner, tokens)
            case Stream():
                yield from bounds(part.parts, part.tokens)
