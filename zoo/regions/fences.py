"""Which lines of a Markdown document are code between fences, as https://spec.commonmark.org/0.31.2/ has it.

A fence ends with the quotation or the item of a list in which it stands, and is none where it is indented as code, or
in a block of HTML. So these are followed here from line to line, and nothing else of Markdown.
"""

import re
from typing import NamedTuple


class Code(NamedTuple):
    """lines: for each line, from 0, whether it is code or a fence. open: on which line, from 1, the fence stands that
    nothing closes up to the end of the document; 0 for none.
    """

    lines: bytes
    open: int


def code(text: str) -> Code:
    """The lines of a document that are code between fences."""
    reader = _Reader()
    lines = bytes(reader.is_code(row.expandtabs(4).rstrip(" \r")) for row in text.split("\n"))
    return Code(lines, reader.begun if reader.fence else 0)


_FENCE = re.compile(r" {0,3}(?P<signs>`{3,}(?!.*`)|~{3,})")
_CLOSING = re.compile(r" {0,3}(?P<signs>`{3,}|~{3,})$")
_QUOTATION = re.compile(r" {0,3}> ?")
_ITEM = re.compile(r"(?P<sign> {0,3}(?:[-+*]|(?P<number>\d{1,9})[.)]))(?P<blanks> +|$)", re.ASCII)
_INDENTED = re.compile(r" {4}")
# What stands below a text and makes it a heading; and what is no text otherwise: a rule, a heading.
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)$")
_RULE = re.compile(r" {0,3}([-_*])(?: *\1){2,}$")
_HEADING = re.compile(r" {0,3}#{1,6}(?: |$)")

# How a block of HTML begins, and what stands in its last line. The last kind is none within a text.
_NAMES = """
    address article aside base basefont blockquote body caption center col colgroup dd details dialog dir div dl dt
    fieldset figcaption figure footer form frame frameset h[1-6] head header hr html iframe legend li link main menu
    menuitem nav noframes ol optgroup option p param search section source summary table tbody td tfoot th thead
    title tr track ul
"""
_ATTRIBUTE = r"""\s++[a-z_:][\w.:-]*+(?:\s*+=\s*+(?:[^\s"'=<>`]++|'[^']*+'|"[^"]*+"))?+"""
_BLANK = r"\A *\Z"
_HTML = [
    (re.compile(rf" {{0,3}}{first}", re.IGNORECASE), re.compile(last, re.IGNORECASE))
    for first, last in (
        (r"<(?:script|pre|style|textarea)(?:\s|>|$)", r"</(?:script|pre|style|textarea)>"),
        (r"<!--", r"-->"),
        (r"<\?", r"\?>"),
        (r"<!\[CDATA\[", r"\]\]>"),
        (r"<![a-z]", r">"),
        (rf"</?(?:{'|'.join(_NAMES.split())})(?:\s|/?>|$)", _BLANK),
        (rf"(?:<[a-z][a-z0-9-]*+(?:{_ATTRIBUTE})*+\s*+/?>|</[a-z][a-z0-9-]*+\s*+>)\s*$", _BLANK),
    )
]

_MOST = 100
"""Quotations and items within each other; what is deeper is text. It bounds the time that a hostile document takes."""


class _Reader:
    """What a line stands in. containers: 0 for a quotation, for an item the blanks before what it holds. empty: whether
    the last of them is an item that holds nothing yet. paragraph: whether the line before is text. html: how the block
    of HTML ends. fence, begun: the signs of a fence that is open, and its line.
    """

    def __init__(self) -> None:
        self.line, self.begun = 0, 0
        self.containers: list[int] = []
        self.fence = ""
        self.html: re.Pattern[str] | None = None
        self.paragraph = self.empty = False

    def is_code(self, row: str) -> bool:
        """Whether the next line, tabs as blanks and none at its end, is code between fences, or a fence."""
        self.line += 1
        place, depth = self._within(row)
        if depth == len(self.containers) and self.fence:
            closing = _CLOSING.match(row, place)
            self.fence = "" if closing and closing["signs"].startswith(self.fence) else self.fence
            return True
        if depth == len(self.containers) and self.html:
            self._html_from(self.html, row[place:])
            return False
        self.fence, self.html = "", None
        return self._begins(row, place, depth)

    def _within(self, row: str) -> tuple[int, int]:
        """Where in a line stands what is in the containers, and how many of them go on."""
        place = 0
        for depth, width in enumerate(self.containers):
            sign = _QUOTATION.match(row, place)
            if width == 0 and sign:
                place = sign.end()
            elif width == 0 or (place < len(row) and not row.startswith(" " * width, place)):
                return place, depth
            else:
                place = min(place + width, len(row))
        return place, len(self.containers)

    def _begins(self, row: str, place: int, depth: int) -> bool:
        """What begins in a line from a place on, within the first containers; whether it is a fence."""
        continued = self.paragraph and depth == len(self.containers)
        containers = self.containers[:depth]
        place = self._into(row, place, containers, continued)
        is_deeper, rest = len(containers) > depth, row[place:]
        continued = continued and not is_deeper
        fence = _FENCE.match(rest)
        kinds = _HTML[:-1] if self.paragraph and not is_deeper else _HTML
        html = next((last for first, last in kinds if first.match(rest)), None)
        other = _RULE.match(rest) or _HEADING.match(rest) or (continued and _UNDERLINE.match(rest))
        if rest and self.paragraph and not (is_deeper or fence or html or other):
            return False  # the text goes on, though the line may stand outside of what it is in
        if self.empty and not rest and containers == self.containers and not is_deeper:
            containers.pop()
        self.containers, self.empty = containers, is_deeper and not rest and containers[-1] > 0
        self.paragraph = bool(rest) and not (fence or html or other or _INDENTED.match(rest))
        if html:
            self._html_from(html, rest)
        elif fence:
            self.fence, self.begun = fence["signs"], self.line
        return bool(fence)

    def _into(self, row: str, place: int, containers: list[int], continued: bool) -> int:
        """Adds the containers that begin in a line from a place on; where what they hold begins."""
        bare = len(row.rstrip(f" {row[-1:]}"))  # only behind it can there be a rule
        for _ in range(_MOST - len(containers)):
            if quotation := _QUOTATION.match(row, place):
                containers.append(0)
                place = quotation.end()
            elif (item := _ITEM.match(row, place)) and not (place >= bare and _RULE.match(row, place)):
                if continued and (not item["blanks"] or int(item["number"] or 1) != 1):
                    break
                blanks = item["blanks"] if 0 < len(item["blanks"]) < 5 else " "
                containers.append(len(item["sign"] + blanks))
                place = min(item.end("sign") + len(blanks), len(row))
            else:
                break
            continued = False
        return place

    def _html_from(self, end: re.Pattern[str], rest: str) -> None:
        self.html = None if end.search(rest) else end
