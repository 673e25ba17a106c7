"""A table of a document, parsed back into its cells as a reader sees them."""

import re
from collections.abc import Sequence
from html import unescape
from html.parser import HTMLParser
from typing import NamedTuple


class Grid(NamedTuple):
    """The cells of a table: the headers, and the rows below them."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def turned(self) -> "Grid":
        """Rows for columns, as a table has them that shows models as columns."""
        width = len(self.headers)
        lines = [self.headers, *((*row, *[""] * width)[:width] for row in self.rows)]
        headers, *rows = zip(*lines, strict=True)
        return Grid(headers, tuple(rows))


def parse(text: str, style: str) -> Grid | None:
    """The first table in a text of that style, markdown or html; None where there is none."""
    lines = _html(text) if style == "html" else _markdown(text)
    return Grid(lines[0], tuple(lines[1:])) if lines and lines[0] else None


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
    bare = re.sub(r"<!--.*?-->", "", cell)
    return _blanks(unescape(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", bare)))


def _blanks(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ").strip()


class _Rows(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th") and self.rows:
            self.rows[-1].append("")
        self.inside = tag in ("td", "th") or (self.inside and tag not in ("tr", "table"))

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag not in ("td", "th", "tr", "table")

    def handle_data(self, data: str) -> None:
        if self.inside and self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


def _html(text: str) -> Sequence[tuple[str, ...]]:
    parser = _Rows()
    parser.feed(text)
    parser.close()
    return [tuple(map(_blanks, row)) for row in parser.rows if row]
