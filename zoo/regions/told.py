"""What is told of a place in a document: a line of text that begins with FILE:LINE."""

from typing import NamedTuple

from zoo.errors import ZooError
from zoo.text import printable


class Told(NamedTuple):
    """A remark on a line of a file, printable on one line; lines count from 1."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return printable(f"{self.file}:{self.line}: {self.text}")


class RegionError(ZooError):
    """A marker in a document that is none, or a table in it that cannot be made; `told` has file, line and reason."""

    def __init__(self, file: str, line: int, text: str) -> None:
        self.told = Told(file, line, text)
        super().__init__(str(self.told))
