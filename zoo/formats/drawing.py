"""Rows of text as a table in the format asked for; tabulate draws, and what a format would stumble over is escaped."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from zoo.errors import ZooError
from zoo.formats import escapes, latex, rst
from zoo.formats.escapes import Escape
from zoo.formats.records import RECORDS
from zoo.formats.separated import SEPARATED, separated
from zoo.text import near, printable, shown


class Markup(NamedTuple):
    """How formats of a kind write text: in a cell, as a line above a table; joint: between lines; below: after them."""

    cell: Escape
    line: Escape
    joint: str = "\n\n"
    below: str = "\n\n"


_TERMINAL = Markup(escapes.terminal, str, joint="\n")
_MARKDOWN = Markup(escapes.markdown, escapes.markdown_line)
_LATEX = Markup(escapes.latex, lambda text: f"% {text}", joint="\n", below="\n")
_HTML = Markup(escapes.html, lambda text: f"<p>{escapes.html(text)}</p>", joint="\n", below="\n")
_WIKI = Markup(escapes.wiki, escapes.wiki_line)
_OUTLINES = ("double", "fancy", "heavy", "mixed", "rounded", "simple")

_MARKUPS = {
    "table": _TERMINAL,
    "markdown": _MARKDOWN,
    **dict.fromkeys(latex.LATEX, _LATEX),
    **dict.fromkeys(("html", "unsafehtml"), _HTML),
    **dict.fromkeys(("pipe", "github"), _MARKDOWN),
    **dict.fromkeys(("asciidoc", "jira", "mediawiki", "moinmoin", "textile", "youtrack"), _WIKI),
    "orgtbl": Markup(escapes.org, lambda text: f"# {text}", joint="\n"),
    "rst": Markup(escapes.rst, escapes.rst),
    **dict.fromkeys(("simple", "plain", "pretty", "presto", "psql", "grid", "colon_grid", "outline"), _TERMINAL),
    **{f"{kind}_{lines}": _TERMINAL for kind in _OUTLINES for lines in ("grid", "outline")},
}
# What tabulate calls otherwise, or would escape a second time.
_LAYOUTS = {"table": "simple", "markdown": "pipe", "html": "unsafehtml"}

STYLES = tuple(dict.fromkeys(("table", "markdown", "latex", "html", *SEPARATED, *RECORDS, *sorted(_MARKUPS))))
"""The names of all formats, the usual ones first."""


def draw(headers: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool], style: str) -> str:
    """A table in `style`, a format of STYLES that is not of RECORDS; numeric columns to the right.

    Raises ZooError for a format that there is not.
    """
    if style in SEPARATED:
        return separated(headers, rows, style)
    markup = _markup(style)
    top, *grid = ([markup.cell(printable(cell)) for cell in row] for row in (headers, *rows))
    if style == "rst":
        return rst.table(top, grid, numeric)
    import tabulate  # takes its time, and only here

    return tabulate.tabulate(
        grid,
        headers=top,
        tablefmt=latex.layout(style) if style in latex.LATEX else _LAYOUTS.get(style, style),
        disable_numparse=True,  # it would take "007" for 7
        colalign=["right" if right else "left" for right in numeric],
        preserve_whitespace=True,
    )


def headed(lines: Iterable[str], drawn: str, style: str) -> str:
    """A table below lines of text. SEPARATED have no such lines, and RECORDS say all by themselves.

    Raises ZooError for a format that there is not.
    """
    text = prose(lines, style)
    return f"{text}{_markup(style).below}{drawn}" if text else drawn


def prose(lines: Iterable[str], style: str) -> str:
    """Lines of text as a format writes text beside tables: paragraphs, or comments; nothing where it has no place."""
    if style in (*SEPARATED, *RECORDS):
        return ""
    markup = _markup(style)
    return markup.joint.join(markup.line(printable(line)) for line in lines)


def _markup(style: str) -> Markup:
    if style not in _MARKUPS:
        raise ZooError(f"no format {shown(style)}{near(style, STYLES)} (there are {', '.join(STYLES)})")
    return _MARKUPS[style]
