"""A table of a document, parsed back into its cells as a reader sees them."""

import re
from collections.abc import Sequence
from html import unescape
from typing import NamedTuple


class Grid(NamedTuple):
    """The cells of a table: the headers, and the rows below them."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def transposed(self) -> "Grid":
        """Rows for columns, as a table has them that shows models as columns."""
        width = len(self.headers)
        lines = [self.headers, *((*row, *[""] * width)[:width] for row in self.rows)]
        headers, *rows = zip(*lines, strict=True)
        return Grid(headers, tuple(rows))


MOST_CELLS = 1_000_000
"""Of a table, each row as wide as the widest; zoo writes none that is larger."""


def parse(text: str, style: str) -> Grid | None:
    """The first table in a text of that style, markdown or html; None where there is none, or a larger one."""
    lines = _html(text) if style == "html" else _markdown(text)
    if not lines or not lines[0] or len(lines) * max(map(len, lines)) > MOST_CELLS:
        return None
    return Grid(lines[0], tuple(lines[1:]))


_CELL = re.compile(r"(?:[^\\|]|\\.)*+", re.DOTALL)
_RULE = re.compile(r"[\s|:-]+")


def _markdown(text: str) -> Sequence[tuple[str, ...]]:
    """Header and rows of a table as GitHub reads it: https://github.github.com/gfm/#tables-extension-."""
    lines = [line.strip() for line in text.split("\n")]
    for place in range(len(lines) - 1):
        if "|" in lines[place] and "-" in lines[place + 1] and _RULE.fullmatch(lines[place + 1]):
            end = next((i for i in range(place + 2, len(lines)) if not lines[i]), len(lines))
            return [_cells(line) for line in (lines[place], *lines[place + 2 : end])]
    return []


def _cells(line: str) -> tuple[str, ...]:
    inner = line.removeprefix("|")
    found, place = [], 0
    while place <= len(inner):
        cell = _CELL.match(inner, place)
        end = cell.end() if cell else place
        if end == place and inner[place : place + 1] == "\\":  # a last backslash, which escapes nothing
            end = len(inner)
        found.append(_seen(inner[place:end]))
        place = end + 1
    return tuple(found[:-1]) if line.endswith("|") and len(found) > 1 and not found[-1] else tuple(found)


def _seen(cell: str) -> str:
    """What a reader sees of a cell: neither escapes nor comments."""
    return _text(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", _without_comments(cell)))


def _without_comments(text: str) -> str:
    """A text without its comments; one that is not closed stays."""
    kept, place = [], 0
    while (start := text.find("<!--", place)) >= 0 and (end := text.find("-->", start + len("<!--"))) >= 0:
        kept.append(text[place:start])
        place = end + len("-->")
    return "".join([*kept, text[place:]])


def _text(escaped: str) -> str:
    """A text without entities, and without blanks around it."""
    try:
        text = unescape(escaped)
    except ValueError:  # a code of thousands of digits
        text = escaped
    return text.replace("\N{NO-BREAK SPACE}", " ").strip()


_TAG = re.compile(r"<(/?[a-z][a-z0-9]*+)[^<>]*+>", re.IGNORECASE)


def _html(text: str) -> Sequence[tuple[str, ...]]:
    """The cells of each row; of tags within a cell nothing is seen."""
    rows: list[list[list[str]]] = []
    is_inside = False
    pieces = _TAG.split(_without_comments(text))
    for tag, data in zip(pieces[1::2], pieces[2::2], strict=True):
        match tag.lower():
            case "tr":
                rows.append([])
            case "td" | "th" if rows:
                rows[-1].append([])
                is_inside = True
            case "/td" | "/th" | "/tr" | "table" | "/table":
                is_inside = False
        if is_inside and rows and rows[-1]:
            rows[-1][-1].append(data)
    return [tuple(_text("".join(cell)) for cell in row) for row in rows if row]
