"""Runs somebody's code: it may take so long, what it prints is kept apart, and whatever it raises is caught."""

import importlib
import io
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from threading import Lock, Thread, current_thread
from typing import Generic, NamedTuple, TypeVar

from zoo.text import shown

Given = TypeVar("Given")


class Ran(NamedTuple, Generic[Given]):
    """What came of a call. fault: why nothing did, in words; printed: what it wrote to standard output or error."""

    given: Given | None
    fault: str = ""
    printed: str = ""


_one_at_a_time = Lock()  # standard output is one for the whole process


def run(call: Callable[[], Given], seconds: float | None) -> Ran[Given]:
    """Calls, and waits no longer than `seconds`; a call that hangs is left behind in its thread.

    A call out of another one is a part of that. seconds: None where the whole process is a quarantine, as that of
    `zoo doctor` is: then it is just called.
    """
    if isinstance(current_thread(), _Apart):
        return _ran(call)
    if seconds is None:
        with _paths_put_back():
            return _ran(call)
    ran: list[Ran[Given]] = []
    thread = _Apart(target=lambda: ran.append(_ran(call)), daemon=True)
    with _one_at_a_time, _apart() as printed:
        thread.start()
        thread.join(seconds)
    if not ran:
        return Ran(None, f"took longer than {seconds:g} s, of which ZOO_PLUGIN_TIMEOUT may allow more")
    return ran[0]._replace(printed=printed.kept)


class _Apart(Thread):
    """In which somebody's code runs."""


def _ran(call: Callable[[], Given]) -> Ran[Given]:
    try:
        return Ran(call())
    except BaseException as error:
        return Ran(None, told(error))


def told(error: BaseException) -> str:
    """An error of somebody's code in words: what it is, and where it was raised."""
    try:
        words = str(error) or (repr(error.code) if isinstance(error, SystemExit) else "")
    except Exception:  # it is somebody's code, too
        words = ""
    words = words if len(words) <= MOST_WORDS else words[: MOST_WORDS - 1] + "…"
    told = f"{type(error).__name__}{': ' if words else ''}{words}"
    if isinstance(error, SyntaxError):
        return told  # which says where
    # Who asked, and the machinery of importing, are no place to look at.
    frames = [
        (file, frame.lineno)
        for frame in traceback.extract_tb(error.__traceback__)
        if (file := Path(frame.filename)).is_absolute() and not {file.parent, file.parent.parent} & _MACHINERY
    ]
    where = f" ({frames[-1][0].name}, line {frames[-1][1]})" if frames else ""
    return told + where


MOST_WORDS = 200
"""The cap on the characters of an error that are told."""

_MACHINERY = {Path(__file__).parent, Path(importlib.__file__).parent}


class _Beginning(io.TextIOBase):
    """Keeps the beginning of what is written to it."""

    def __init__(self) -> None:
        self.kept = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str, /) -> int:
        self.kept += text[: MOST_WORDS - len(self.kept)]
        return len(text)


@contextmanager
def _apart() -> Iterator[_Beginning]:
    """Meanwhile standard output and error are what is given; what is written past Python, by a process say, is lost.

    The filters of warnings, the working directory and sys.path are put back, and nothing is warned of.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError, OSError):  # it may be closed, or none
            stream.flush()
    printed = _Beginning()
    with (
        redirect_stdout(printed),
        redirect_stderr(printed),
        _descriptor_away(1),
        _descriptor_away(2),
        _paths_put_back(),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield printed


@contextmanager
def _paths_put_back() -> Iterator[None]:
    """Afterwards modules are looked for where they were before, first of all, and files from the same folder."""
    path, folder = list(sys.path), ""
    with suppress(OSError):  # it may be there no more
        folder = os.getcwd()  # noqa: PTH109 - a Path is of no use here
    try:
        yield
    finally:
        added = sys.path if isinstance(sys.path, list) else []
        sys.path = [*path, *(entry for entry in added if entry not in path)]
        with suppress(OSError):
            os.chdir(folder)


@contextmanager
def _descriptor_away(descriptor: int) -> Iterator[None]:
    """Meanwhile what is written to the descriptor is lost."""
    try:
        kept = os.dup(descriptor)
    except OSError:  # it is closed
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(kept, descriptor)
        os.close(kept)


def quoted(printed: str) -> str:
    """What was printed, as a line may quote it."""
    return shown(printed.strip(), 40)
