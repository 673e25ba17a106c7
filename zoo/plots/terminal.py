"""A terminal, or a file in its place: how wide it is, whether it shows colours; and text in columns."""

import os
import shutil
import sys
from collections.abc import Iterable
from typing import NamedTuple, TextIO
from unicodedata import combining, east_asian_width

WIDTH = 100
"""Of what is no terminal."""


class Terminal(NamedTuple):
    """Where text is shown. width: in columns."""

    width: int = WIDTH
    colours: bool = False

    def on(self, colour: str, text: str) -> str:
        """Text on a colour, which is written as #rrggbb; as it is where there are no colours."""
        if not self.colours or not text:
            return text
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        return f"\x1b[30;48;2;{red};{green};{blue}m{text}\x1b[0m"


def terminal(stream: TextIO) -> Terminal:
    """What a stream leads to; it has colours if it is a terminal and nobody objects (no-color.org)."""
    there = stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Terminal(shutil.get_terminal_size((WIDTH, 24)).columns, there)


def standard_output() -> Terminal:
    """Where a command prints."""
    return terminal(sys.stdout)


def wide(text: str) -> int:
    """How many columns of a terminal a printable text takes; a combining sign takes none, be it a wide one."""
    return sum(0 if combining(sign) else 2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def padded(text: str, width: int) -> str:
    """Text that takes so many columns; cut with a sign where it takes more."""
    if wide(text) <= width:
        return text + " " * (width - wide(text))
    while wide(text) > width - 1:
        text = text[:-1]
    return padded(f"{text}~", width)


def widest(texts: Iterable[str]) -> int:
    """How many columns the widest of them takes."""
    return max(map(wide, texts), default=0)
