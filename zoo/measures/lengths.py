"""How long a text can be: what the tables of positions hold, or what the config says the model is made for."""

from collections.abc import Iterator
from typing import NamedTuple

from zoo.blueprint import Again, Attend, Experts, Longest, Part, Passing, Repeat, Scope, Stream, Tokens
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

    An encoder reads as much as the text has, if only that is stated. Raises MeasureError for a length that is none, or
    that a table of positions does not reach, or of an encoder's tokens where there are none.
    """
    limits: dict[Passing, int] = {}
    for tokens, limit in bounds(parts):
        limits[tokens] = max(0, min(limit, limits.get(tokens, limit)))
    found = _length("length", text, limits.get("text"), context)
    if not _reads(parts):
        if encoder is not None:
            raise MeasureError("encoder length: nothing in the model reads an encoder's tokens")
        return Lengths(found, None)
    if encoder is None and text is not None:
        # A bound is no mistake of who stated another length; where there is nothing but an encoder, it is.
        encoder = text if _only_reads(parts) else min(text, limits.get("encoder", text))
    return Lengths(found, _length("encoder length", encoder, limits.get("encoder"), context))


def _length(what: str, wanted: int | None, limit: int | None, context: int | None) -> int | None:
    if wanted is None:
        return context if limit is None else limit or None
    wanted = positive(wanted, what)
    if limit is not None and wanted > limit:
        raise MeasureError(f"{what} {wanted:,}: the model has positions for {limit:,} tokens")
    return wanted


def bounds(parts: tuple[Part, ...], tokens: Passing = "text") -> Iterator[tuple[Passing, int]]:
    """What tables of positions hold, for each kind of tokens."""
    for part in parts:
        match part:
            case Longest():
                yield tokens, part.tokens
            case Scope():
                yield from bounds(part.parts, tokens)
            case Stream():
                yield from bounds(part.parts, part.tokens)


def _reads(parts: tuple[Part, ...]) -> bool:
    """Whether an encoder's tokens pass through any of the parts, or are attended to."""
    return any(map(_reads_in, parts))


def _reads_in(part: Part) -> bool:
    match part:
        case Stream() | Again():
            return part.tokens == "encoder" or _reads(part.parts)
        case Scope() | Experts():
            return _reads(part.parts)
        case Repeat():
            return any(_reads(group.parts) for group in part.groups)
        case Attend():
            return part.across
    return False


def _only_reads(parts: tuple[Part, ...]) -> bool:
    """Whether nothing passes through the parts but what an encoder reads."""
    return all(
        _only_reads(part.parts) if isinstance(part, Scope) else isinstance(part, Stream) and part.tokens == "encoder"
        for part in parts
    )
