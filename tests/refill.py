"""Writes into pages what their commands print now: python tests/refill.py docs/counting.md ..."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from documents import follow, holds, surprises
from terminal import Shell, here


def refilled(text: str, shell: Shell) -> str:
    """The page anew. Stops where a command goes wrong."""
    done = ""
    for command, given in follow(text, shell):
        if surprises(given):
            sys.exit(f"$ {command.line}\n{given.output}exit code {given.code}")
        before, shown, text = text.partition(f"$ {command.line}\n{command.output}")
        done += before + (shown if holds(command, given) else f"$ {command.line}\n{given.output}")
    return done + text


for page in map(Path, sys.argv[1:]):
    with TemporaryDirectory() as aside, TemporaryDirectory() as place, Shell(Path(place), here(Path(aside))) as shell:
        page.write_text(refilled(page.read_text("utf-8"), shell), "utf-8")
