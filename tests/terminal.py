"""A terminal in which tests type what people do, and an environment to do it in."""

import os
import re
import site
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, Self

_END = "\x1e"
"""What parts the output of a command from its exit code."""

HOME = "/home/you"
"""The folder in which the person works, as output is made to say."""

_UNUSUAL = re.compile("ZOO_|PYTEST_|PYTHON|VIRTUAL_ENV|(CI|BUILD_NUMBER|COLUMNS)$")

_INHERITS = """\
import site
import sys

own = sys.path[:]
for place in {}:
    site.addsitedir(place)
sys.path[:] = [place for place in sys.path if place not in own] + own
"""
"""What has Python find what is installed elsewhere, and there first."""


class Typed(NamedTuple):
    """What came of a command: what the terminal showed, and its exit code."""

    output: str
    code: int


class Shell:
    """A bash into which commands are typed, one after the other, as into a terminal that was opened in `folder`.

    Where output names the folder, `HOME` stands in its place.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder.resolve()
        self._bash = subprocess.Popen(
            ["bash", "--norc"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            cwd=folder,
            env=environment,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._bash.communicate()

    def typed(self, line: str) -> Typed:
        """What comes of a command."""
        assert self._bash.stdin
        assert self._bash.stdout
        self._bash.stdin.write(f"{{ {line}\n}} < /dev/null\nprintf '{_END}%s\\n' $?\n")
        self._bash.stdin.flush()
        output = ""
        for shown in self._bash.stdout:
            before, end, code = shown.partition(_END)
            output += before
            if end:
                return Typed(output.replace(str(self.folder), HOME), int(code))
        raise AssertionError(f"bash ended after {line!r}: {output}")


def environment(**more: str) -> dict[str, str]:
    """That of the tests, without what tells zoo, pip's output or pytest to be other than usual."""
    kept = {name: value for name, value in os.environ.items() if not _UNUSUAL.match(name)}
    quiet = {  # of pip, with its own -q, only what is wrong
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_QUIET": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
    }
    return {**kept, **quiet, "PYTHONIOENCODING": "utf-8", **more}


def here(aside: Path) -> dict[str, str]:
    """The same, of a person whose environments have what is installed in that of the tests, this zoo among it.

    pip asks nobody. aside: a folder for what is needed for that.
    """
    (aside / "sitecustomize.py").write_text(_INHERITS.format(site.getsitepackages()), "utf-8")
    for module in ("zoo", "pytest"):
        script = aside / module
        script.write_text(f'#!/bin/sh\nexec python -P -m {module} "$@"\n', "utf-8")
        script.chmod(0o755)
    return environment(
        PATH=f"{aside}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        PYTHONPATH=str(aside),
        PIP_NO_INDEX="1",
        PIP_NO_BUILD_ISOLATION="0",  # which turns isolation off (pip#5735)
    )
