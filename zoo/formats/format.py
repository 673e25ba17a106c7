"""A format for tables that a plugin adds to those of zoo."""

from collections.abc import Callable, Sequence
from typing import NamedTuple


class Format(NamedTuple):
    """A format: its name on the command line, and how a table is written in it.

    draw: gives the text of a table from its headers, its rows, and for each column whether it is of numbers. Each row
        has as many cells as there are headers. Headers and cells are printable (`zoo.text.printable`) and on one line
        each; what the format would take for markup of its own, `draw` escapes.
    line: gives a line of prose as the format writes it above a table, which a blank line sets apart; None where it has
        no place for such, and then none is printed.
    raw: whether cells are values as programs read them, under the names of columns, as in CSV: `110106428`, and not
        `110,106,428`.

    What draw and line give is printed, a control character in it as an escape, but for newlines and tabs.
    """

    name: str
    draw: Callable[[Sequence[str], Sequence[Sequence[str]], Sequence[bool]], str]
    line: Callable[[str], str] | None = None
    raw: bool = False
