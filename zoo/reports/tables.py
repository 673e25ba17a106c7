"""Rows of text as a table in the format asked for; tabulate draws, this escapes what each format would stumble over."""

import csv
import io
from collections.abc import Iterable, Sequence

from zoo.errors import ZooError
from zoo.text import near, printable, shown

# The names that people use for formats that tabulate calls otherwise.
_TABULATE = {"table": "simple", "markdown": "pipe", "latex": "latex_booktabs"}


def draw(headers: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool], style: str) -> str:
    """A table in `style`: table, markdown, latex, csv, tsv, or any format of tabulate; numeric columns to the right.

    Raises ZooError for a format that there is not.
    """
    cells = [[printable(cell) for cell in row] for row in rows]
    if style in ("csv", "tsv"):
        return _separated(headers, cells, numeric, "," if style == "csv" else "\t")
    import tabulate  # takes its time, and only here

    style = _TABULATE.get(style, style)
    if style not in tabulate.tabulate_formats:
        names = sorted({"csv", "tsv", "json", *_TABULATE, *tabulate.tabulate_formats})
        raise ZooError(f"no format {shown(style)}{near(style, names)} (there are {', '.join(names)})")
    return tabulate.tabulate(
        [[_fit(cell, style) for cell in row] for row in cells],
        headers=list(headers),
        tablefmt=style,
        disable_numparse=True,  # it would take "007" for 7
        colalign=["right" if right else "left" for right in numeric],
        preserve_whitespace=True,
    )


def headed(lines: Iterable[str], drawn: str, style: str) -> str:
    """A table below lines of text, as its style writes text; csv and tsv have none, and json says all by itself."""
    told = [printable(line) for line in lines]
    if style in ("csv", "tsv", "json"):
        return drawn
    if style.startswith("latex"):
        return "\n".join([*(f"% {line}" for line in told), drawn])
    if style in ("html", "unsafehtml"):
        from html import escape

        return "\n".join([*(f"<p>{escape(line)}</p>" for line in told), drawn])
    between = "\n\n" if style in ("markdown", "pipe", "github") else "\n"
    return between.join(told) + "\n\n" + drawn


def _fit(cell: str, style: str) -> str:
    """A cell as `style` needs it, where tabulate does not see to that."""
    if style in ("pipe", "github", "orgtbl", "jira"):
        cell = cell.replace("|", "\\|").replace("<", "&lt;")
    if style in ("pipe", "github", "html"):
        # Blanks at the start, as the branches of a tree have them, would go.
        cell = cell.replace("   ", "\N{NO-BREAK SPACE}" * 3)
    if style.startswith("latex"):
        for branch in ("├─ ", "└─ ", "│  ", "   "):  # signs that LaTeX does not know
            cell = cell.replace(branch, ". ")
    return cell


def _separated(headers: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool], delimiter: str) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(headers)
    for row in rows:
        writer.writerow(cell if right else _no_formula(cell) for cell, right in zip(row, numeric, strict=True))
    return out.getvalue().rstrip("\n")


def _no_formula(cell: str) -> str:
    """A text cell that a spreadsheet would run as a formula, made a text again."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell
