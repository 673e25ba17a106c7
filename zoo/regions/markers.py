"""Finds the regions of a document that zoo fills, each between two comments on lines of their own.

Comments and code are told apart as CommonMark does it (https://spec.commonmark.org/0.31.2/#html-blocks): what stands in
a fenced code block or in a code span shows how a marker is written, and is none.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from zoo.regions.fences import code
from zoo.regions.told import RegionError
from zoo.text import near, shown

EXAMPLE = '<!-- zoo:begin models="bert-base" -->'


class Region(NamedTuple):
    """A part of a document that zoo fills.

    line: of the marker that begins it, from 1. recipe: what that marker says. start, end: where in the text the lines
    between the markers begin and end. newline: how the line of the marker ends.
    """

    line: int
    recipe: str
    start: int
    end: int
    newline: str


class _Marker(NamedTuple):
    line: int
    word: str
    said: str
    start: int
    end: int


_ALONE = "a marker stands on a line of its own, at its beginning"
_WORDS = ("begin", "end")
_COMMENT = re.compile(r" {0,3}<!--")
# What means to be a marker, well written or not.
_MEANT = re.compile(r"<!--[\s-]*zoo(?:\s*:\s*|[\s_-]+(?=(?:begin|end)\b))(?P<word>[^\s>]*)", re.IGNORECASE)
_MARKER = re.compile(r"<!--\s*zoo:(?P<word>begin|end)(?P<said>\s.*)?-->", re.DOTALL)


def regions(text: str, where: str) -> list[Region]:
    """The regions of a document, in their order; `where` names it in errors.

    Raises RegionError for a marker with a typo, one that is not closed or not on a line of its own, and one in code
    without an end; for a region without an end, an end without a beginning, and a region within another.
    """
    found: list[Region] = []
    begun: _Marker | None = None
    for marker in _markers(text, where):
        if marker.word == "begin" and begun is not None:
            raise RegionError(
                where,
                marker.line,
                f"zoo:begin within the region of line {begun.line}: put <!-- zoo:end --> before it, or delete one",
            )
        if marker.word == "begin":
            begun = marker
        elif begun is None:
            raise RegionError(where, marker.line, f"zoo:end, but no region begins before it ({EXAMPLE} begins one)")
        else:
            newline = "\r\n" if text.endswith("\r\n", 0, begun.end) else "\n"
            found.append(Region(begun.line, begun.said, begun.end, marker.start, newline))
            begun = None
    if begun is not None:
        raise RegionError(where, begun.line, "the region has no end (<!-- zoo:end --> on a line of its own)")
    return found


def is_contained(body: str) -> bool:
    """Whether a text that was made elsewhere can stand in a region: it neither ends the region nor hides its end."""
    try:
        found = regions(f"{EXAMPLE}\n{body}<!-- zoo:end -->\n", "")
    except RegionError:
        return False
    return [(region.start, region.end) for region in found] == [(len(EXAMPLE) + 1, len(EXAMPLE) + 1 + len(body))]


def _markers(text: str, where: str) -> Iterator[_Marker]:
    start, line = int(text.startswith("\N{ZERO WIDTH NO-BREAK SPACE}")), 1
    lines, open_ = code(text[start:])
    while start < len(text):
        rest, end = start, _line_end(text, start)  # what of these lines is not told apart yet, and their end
        row = text[start:end]
        if lines[line - 1]:
            if 0 < open_ <= line and _MEANT.search(row):
                raise RegionError(where, line, f"the marker stands in code: nothing closes the fence of line {open_}")
            rest = end
        elif _COMMENT.match(row):
            rest = text.find("-->", start + len("<!--")) + len("-->")
            if rest < len("-->"):
                rest = len(text)  # all that follows is one comment
            end = _line_end(text, rest)
            comment = text[start:rest].strip(" ")
            if meant := _MEANT.match(comment):
                yield _marker(comment, meant["word"], text[rest:end], _Marker(line, "", "", start, end), where)
                rest = end
            elif inner := _MEANT.search(comment):
                inside = line + comment.count("\n", 0, inner.start())
                raise RegionError(where, inside, f"the marker stands within another comment, of line {line}")
        if _MEANT.search(text, rest, end) and _MEANT.search(_outside_code(text[rest:end])):
            raise RegionError(where, line, f"{_ALONE} (put it into `...` to show it as text)")
        line += text.count("\n", start, end)
        start = end


def _line_end(text: str, place: int) -> int:
    """Where the line ends in which a place is, its line end included."""
    return text.find("\n", place) + 1 or len(text)


def _marker(comment: str, word: str, after: str, marker: _Marker, where: str) -> _Marker:
    """The marker that a comment means to be. Raises RegionError for one that is not written as it must be."""
    if not comment.endswith("-->") or "<!--" in comment[1:]:
        raise RegionError(where, marker.line, "the marker is not closed by -->")
    written = _MARKER.fullmatch(comment)
    if written is None:
        there = "(there are <!-- zoo:begin ... --> and <!-- zoo:end -->)"
        raise RegionError(where, marker.line, f"no marker {shown(comment, 40)}{near(word, _WORDS)} {there}")
    said = (written["said"] or "").strip()
    if after.strip():
        raise RegionError(where, marker.line, f"{_ALONE}, and after it stands {shown(after.strip())}")
    if said and written["word"] == "end":
        raise RegionError(where, marker.line, f"zoo:end takes nothing, got {shown(said)}")
    return marker._replace(word=written["word"], said=said)


def _outside_code(row: str) -> str:
    """A line without its code spans, each from a run of backticks to the next one as long."""
    pieces = re.split(r"(`+)", row)
    following: dict[int, int] = {}
    closings = {}
    for place in range(len(pieces) - 2, 0, -2):
        closings[place] = following.get(len(pieces[place]), 0)
        following[len(pieces[place])] = place
    kept, place = [pieces[0]], 1
    while place < len(pieces):
        place = closings[place] or place
        kept.append(pieces[place + 1])
        place += 2
    return "`".join(kept)
