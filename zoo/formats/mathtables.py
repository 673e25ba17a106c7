r"""Tables with formulas in them as LaTeX that needs no package.

A cell of text is escaped, one of math stands between dollars, and wide columns break their lines.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from zoo.dims import Atom
from zoo.formats import escapes
from zoo.text import printable


class MathTable(NamedTuple):
    """Rows under headers: columns to the right if `numeric`, and formulas in those numbered in `math`."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: Sequence[bool]
    math: Sequence[int]


def names(atoms: Mapping[Atom, str]) -> dict[Atom, str]:
    """What formulas call the atoms, in math: `F_{E}`, `L_{dec}` upright, `labels` in one piece."""
    return {atom: _name(name) for atom, name in atoms.items()}


def _name(name: str) -> str:
    base, _, index = name.partition("_")
    base = base if len(base) == 1 else rf"\mathit{{{base}}}"
    index = index.replace("_", ",")
    return f"{base}_{{\\mathrm{{{index}}}}}" if index else base


def document(tables: Iterable[MathTable]) -> str:
    """The tables one after the other, to be put into a document."""
    return "\n\n".join(map(_table, tables))


def _table(table: MathTable) -> str:
    # Numbers take what they need; all else shares the rest of the line, and breaks.
    texts = [i for i, right in enumerate(table.numeric) if not right]
    share = (1 - 0.13 * (len(table.numeric) - len(texts))) / len(texts)
    kinds = [rf"p{{{share:.2f}\linewidth}}" if i in texts else "r" for i in range(len(table.numeric))]
    lines = [
        rf"\par\noindent {_escaped(table.title)}\par\medskip",
        r"\noindent\begingroup\scriptsize\setlength{\tabcolsep}{2pt}",
        rf"\begin{{tabular}}{{{''.join(kinds)}}}",
        r"\hline",
        " & ".join(map(_escaped, table.headers)) + r" \tabularnewline",
        r"\hline",
    ]
    for row in table.rows:
        cells = [_cell(cell, i in table.math, table.numeric[i]) for i, cell in enumerate(row)]
        lines.append(" & ".join(cells) + r" \tabularnewline")
    return "\n".join([*lines, r"\hline", r"\end{tabular}\par\endgroup\medskip"])


def _cell(cell: str, math: bool, right: bool) -> str:
    indent = r"\quad " if cell.startswith(" ") else ""
    set_ = f"${cell}$" if math and cell else indent + _escaped(cell.lstrip())
    return set_ if right or not cell else rf"\raggedright {set_}"


def _escaped(text: str) -> str:
    return escapes.latex(printable(text))
