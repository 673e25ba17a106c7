r"""Tables with formulas in them as LaTeX that needs no package; `tabulate` escapes all cells or none.

A cell of text is escaped, one of math stands between dollars, and wide columns break their lines.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from zoo.dims import Atom
from zoo.text import printable


class MathTable(NamedTuple):
    """Rows under headers: columns to the right if `numeric`, and formulas in those numbered in `math`."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: Sequence[bool]
    math: Sequence[int]


_ESCAPES = {
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\ensuremath{<}",
    ">": r"\ensuremath{>}",
    "|": r"\ensuremath{|}",
    "·": r"\ensuremath{\cdot}",
    "²": r"\ensuremath{^2}",
    "−": r"\ensuremath{-}",
    "⌊": r"\ensuremath{\lfloor}",
    "⌋": r"\ensuremath{\rfloor}",
}


def escaped(text: str) -> str:
    """Text that LaTeX sets as it stands; signs that its base fonts have not are written as their codes."""
    return "".join(_ESCAPES.get(sign) or (sign if sign.isascii() else f"U+{ord(sign):04X}") for sign in printable(text))


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
    # Formulas get the room that a page leaves them, and break after their signs.
    wide = [i for i in table.math if i > 0]
    kinds = [
        rf"p{{{0.5 / len(wide):.2f}\linewidth}}" if i in wide else "r" if right else "l"
        for i, right in enumerate(table.numeric)
    ]
    lines = [
        rf"\par\noindent {escaped(table.title)}\par\medskip",
        r"\noindent\begingroup\footnotesize\setlength{\tabcolsep}{3pt}",
        rf"\begin{{tabular}}{{{''.join(kinds)}}}",
        r"\hline",
        " & ".join(map(escaped, table.headers)) + r" \\",
        r"\hline",
    ]
    for row in table.rows:
        cells = [_cell(cell, i in table.math) for i, cell in enumerate(row)]
        lines.append(" & ".join(cells) + r" \\")
    return "\n".join([*lines, r"\hline", r"\end{tabular}\par\endgroup\medskip"])


def _cell(cell: str, math: bool) -> str:
    if math:
        return f"${cell}$" if cell else ""
    indent = len(cell) - len(cell.lstrip())
    return (r"\quad " if indent else "") + escaped(cell.lstrip())
