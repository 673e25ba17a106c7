"""Rows of text as a table in the format asked for; tabulate draws, and what a format would stumble over is escaped.

A name that is none of zoo's own may be that of a plugin's format, which then draws.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from zoo.errors import ZooError
from zoo.formats import escapes, latex, pluginformats, rst
from zoo.formats.escapes import Escape
from zoo.formats.pluginformats import Added
from zoo.formats.records import RECORDS
from zoo.formats.separated import SEPARATED, separated
from zoo.manager import Plugin
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
"""The names of all formats of zoo's own, the usual ones first."""

_OWN = frozenset(STYLES)


def draw(headers: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool], style: str) -> str:
    """A table in `style`, a format of STYLES that is not of RECORDS, or a plugin's; numeric columns to the right.

    Raises ZooError for a format that there is not, PluginError for one of a plugin that does not draw.
    """
    if style in SEPARATED:
        return separated(headers, rows, style)
    if found := _of_a_plugin(style):
        return found.table(headers, rows, numeric)
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

    Raises as `draw` does.
    """
    text = prose(lines, style)
    below = _MARKUPS[style].below if style in _MARKUPS else "\n\n"
    return f"{text}{below}{drawn}" if text else drawn


def prose(lines: Iterable[str], style: str) -> str:
    """Lines of text as a format writes text beside tables: paragraphs, or comments; nothing where it has no place."""
    if style in (*SEPARATED, *RECORDS):
        return ""
    if found := _of_a_plugin(style):
        return found.lines(lines)
    markup = _markup(style)
    return markup.joint.join(markup.line(printable(line)) for line in lines)


def is_raw(style: str) -> bool:
    """Whether a format carries raw values under the names of columns: those of SEPARATED, and of plugins what says so.

    Raises as `draw` does, but nothing for a format that there is not.
    """
    found = _of_a_plugin(style)
    return style in SEPARATED or (found is not None and found.format.raw)


def added(plugin: Plugin | None = None) -> tuple[str, ...]:
    """The names of the formats that plugins add, or one of them."""
    found = pluginformats.added(_OWN).items()
    return tuple(name for name, claims in found if plugin in (None, *(claim.plugin for claim in claims)))


def _of_a_plugin(style: str) -> Added | None:
    return None if style in _OWN else pluginformats.named(style, _OWN)


def _markup(style: str) -> Markup:
    if style not in _MARKUPS:
        names = (*STYLES, *added())
        raise ZooError(f"no format {shown(style)}{near(style, names)} (there are {', '.join(names)})")
    return _MARKUPS[style]
