"""Documents as a machine reads them: their fenced blocks, the files that these are, and the commands with what they
print. What a page shows is so, or a test fails.
"""

import re
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple, TypeAlias

from terminal import Shell, Typed

ROOT = Path(__file__).parent.parent

_FENCED = re.compile(
    r'^(?P<fence>`{3,})(?P<language>[\w+-]*)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^(?P=fence)$',
    re.MULTILINE | re.DOTALL,
)

_SECONDS = re.compile(r"\b\d+\.\d\d( ?)s\b")
"""How long something took, which is never the same."""

_FAILURE = re.compile(r"zoo: (?!note: )|\d+ failed")
"""How the last line begins of a command that fails: what zoo says, or pytest."""


class Block(NamedTuple):
    """A fenced block: its language, the title that names it as a file, or "", and what is in it."""

    language: str
    title: str
    text: str


class File(NamedTuple):
    """A file that the reader is to write."""

    path: str
    text: str


class Command(NamedTuple):
    """A command that the reader is to type, and what the terminal shows then; a line `...` stands for any lines."""

    line: str
    output: str


Step: TypeAlias = File | Command


def fenced(text: str) -> list[Block]:
    """The fenced blocks of a page, in order."""
    return [Block(one["language"], one["title"] or "", one["text"]) for one in _FENCED.finditer(text)]


def blocks(text: str, language: str) -> list[str]:
    """What is in the blocks of a language."""
    return [block.text for block in fenced(text) if block.language == language]


def commands(block: str) -> Iterator[Command]:
    """The commands of a console block: each behind `$ `, and below it its output."""
    lines = block.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if line.startswith("$ "):
            output = takewhile(lambda line: not line.startswith("$ "), lines[number + 1 :])
            yield Command(line[2:].rstrip("\n"), "".join(output))


def steps(text: str) -> Iterator[Step]:
    """What a page has its reader do: write the blocks that have a title, type the commands of the others."""
    for block in fenced(text):
        if block.title:
            yield File(block.title, block.text)
        elif block.language == "console":
            yield from commands(block.text)


def follow(text: str, shell: Shell) -> Iterator[tuple[Command, Typed]]:
    """Does what a page says; each command with what came of it."""
    for step in steps(text):
        match step:
            case File():
                path = shell.folder / step.path
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(step.text, "utf-8")
            case Command():
                yield step, shell.typed(step.line)


def holds(command: Command, given: Typed) -> bool:
    """Whether what came of a command is what a page shows, and it failed only if its last line says so."""
    pattern = "".join(
        r"(?:.*\n)*?" if line == "...\n" else re.escape(line)
        for line in _plain(command.output).splitlines(keepends=True)
    )
    return re.fullmatch(pattern, _plain(given.output)) is not None and not surprises(given)


def surprises(given: Typed) -> bool:
    """Whether a command failed without saying so in its last line, or said so and did not."""
    said = _FAILURE.match((given.output.splitlines() or [""])[-1]) is not None
    return said != (given.code != 0)


def _plain(output: str) -> str:
    return _SECONDS.sub(r"0.00\1s", output)
