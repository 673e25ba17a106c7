"""Tables as LaTeX: with the rules of the package booktabs, over several pages by longtable, or with neither."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tabulate import TableFormat


class _Rules(NamedTuple):
    top: str
    middle: str
    bottom: str
    environment: str = "tabular"


_BOOKTABS = _Rules(r"\toprule", r"\midrule", r"\bottomrule")
_RULES = {
    "latex": _BOOKTABS,
    "latex_booktabs": _BOOKTABS,
    "latex_longtable": _Rules(r"\hline", "\\hline\n\\endhead", r"\hline", "longtable"),
    "latex_raw": _Rules(r"\hline", r"\hline", r"\hline"),
}

LATEX = tuple(_RULES)
"""The formats that are LaTeX."""


def layout(style: str) -> "TableFormat":
    """How tabulate draws a style of LATEX around cells that are escaped already."""
    from tabulate import Line, TableFormat

    top, middle, bottom, environment = _RULES[style]

    def begin(widths: list[int], aligned: list[str]) -> str:
        return f"\\begin{{{environment}}}{{{''.join(side[0] for side in aligned)}}}\n{top}"

    def row(cells: Sequence[str], widths: list[int], aligned: list[str]) -> str:
        return rf"{' & '.join(cells)} \\"

    end = Line(f"{bottom}\n\\end{{{environment}}}", "", "", "")
    return TableFormat(begin, Line(middle, "", "", ""), None, end, row, row, 0, None)
