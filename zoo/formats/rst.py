"""Tables of reStructuredText, measured as docutils measures: tabulate goes by what a terminal shows."""

from collections.abc import Sequence
from unicodedata import combining, east_asian_width


def table(headers: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool]) -> str:
    """A simple table of escaped cells; a list-table where there is one column, as a simple table has two or more."""
    lines = [headers, *rows]
    if len(headers) == 1:
        return "\n".join([".. list-table::", "   :header-rows: 1", "", *(f"   * - {cell}" for (cell,) in lines)])
    # A row that begins with nothing would go on with the one above; a comment is something, and shows nothing.
    lines = [[first or "..", *others] for first, *others in lines]
    widths = [max(1, *map(_width, column)) for column in zip(*lines, strict=True)]
    border = "  ".join("=" * width for width in widths)
    drawn = ["  ".join(map(_padded, line, widths, numeric)).rstrip() for line in lines]
    return "\n".join([border, drawn[0], border, *drawn[1:], border])


def _padded(cell: str, width: int, right: bool) -> str:
    blanks = " " * (width - _width(cell))
    return blanks + cell if right else cell + blanks


def _width(cell: str) -> int:
    """Columns of a cell: two for a wide sign, one for any other, and one less for one of a combining class."""
    # A terminal shows a wide combining sign in no column of its own, but docutils counts one (its `column_width`).
    return sum((2 if east_asian_width(sign) in "WF" else 1) - bool(combining(sign)) for sign in cell)
