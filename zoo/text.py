"""Strings from strangers, made fit for a terminal; names that are near a misspelt one."""

import re
from collections.abc import Iterable, Mapping, Sequence


def printable(text: str) -> str:
    """`text` on one line, with every character that could steer a terminal written as an escape.

    Such are all that Unicode calls control, format, separator (but for the space), surrogate, private or unassigned.
    """
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)


def inert(line: str) -> str:
    """The same for a line that GitHub's runner may read too: it finds no command of its own in it.

    It looks for `::` at the start of a line, and of old for `##[` anywhere (ActionCommand.cs of actions/runner).
    """
    return re.sub(r"^(\s*):(?=:)", r"\1: ", printable(line).replace("##[", "# #["))


def shown(value: object, limit: int = 60) -> str:
    """A short printable picture of a config value, as JSON writes it, for an error message."""
    words = {None: "null", True: "true", False: "false"}
    if value is None or isinstance(value, bool):
        return words[value]
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # an int of more digits than Python prints, or nesting without end
        text = f"a {type(value).__name__} too large to print"
    text = printable(text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def near(name: str, names: Iterable[str]) -> str:
    """`"; did you mean a, b or c?"` with the names nearest to `name`, or the empty string.

    Nearest are those that begin so, but for case and punctuation: `llama3` is near to `llama-3-8b`.
    """
    import difflib

    wanted = _bare(name[:200])
    bare = {candidate: _bare(candidate) for candidate in names}
    found = [candidate for candidate in bare if wanted and bare[candidate].startswith(wanted)][:3]
    close = difflib.get_close_matches(wanted, bare.values(), n=3, cutoff=0.6)
    found += [candidate for match in close for candidate in bare if bare[candidate] == match and candidate not in found]
    if not found:
        return ""
    *head, last = found[:3]
    return f"; did you mean {', '.join(head) + ' or ' if head else ''}{last}?"


def _bare(name: str) -> str:
    return "".join(sign for sign in name.lower() if sign.isalnum())


def counted(number: int, noun: str) -> str:
    """So many of something: `1 tensor`, `1,024 tensors`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


UNITS: Mapping[str, tuple[tuple[str, int], ...]] = {
    "parameters": tuple((letter, 1000**power) for power, letter in enumerate("KMBT", 1)),
    "bytes": tuple((f"{letter}iB", 1024**power) for power, letter in enumerate("KMGTPE", 1)),
    "FLOP": tuple((f"{letter}FLOP", 1000**power) for power, letter in enumerate("kMGTPEZY", 1)),
}
"""The greater units of what is counted, and how many of it each is: `KiB` is 1,024 bytes."""


def _scaled(number: float, of: str, short_of: float) -> tuple[str, float] | None:
    """The greatest unit that fits, and the number in it; `short_of` one of a unit is rounded up, so it is one."""
    for unit, size in reversed(UNITS[of]):
        if number >= size * short_of:
            return unit, number / size
    return None


def some(names: Sequence[str], most: int = 6) -> str:
    """The names, or the first of them and how many more there are: `a, b and 1,024 more`."""
    left = len(names) - most
    return ", ".join(names[:most]) + (f" and {left:,} more" if left > 0 else "")


def short(count: int) -> str:
    """A count in the field's short form, to four significant digits: `110.1M`, `174.6B`."""
    if count >= 10**16:
        return f"{count:.3e}"
    found = _scaled(count, "parameters", 0.99995)
    return f"{found[1]:#.4g}".rstrip(".") + found[0] if found else str(count)


def operations(count: float) -> str:
    """A number of floating-point operations, to four significant digits: `7.013 GFLOP`."""
    found = _scaled(count, "FLOP", 0.99995)
    return f"{found[1]:#.4g}".rstrip(".") + f" {found[0]}" if found else f"{count:g} FLOP"


def figure(published: str) -> float:
    """The number that a published count stands for, 1.1e8 for `110M`; 0 for words that are none."""
    size = dict(UNITS["parameters"]).get(published[-1:], 1)
    digits = (published[:-1] if size > 1 else published).replace(",", "")
    return float(digits) * size if digits.replace(".", "", 1).isdecimal() else 0


def binary(size: int) -> str:
    """Bytes in powers of two: `2.00 GiB` is 2 x 2^30 of them; fewer than 1,024 as they are: `512 B`."""
    found = _scaled(size, "bytes", 0.999995)
    return f"{found[1]:,.2f} {found[0]}" if found else f"{size} B"
