"""Runs somebody's code: it may take so long, what it prints is kept apart, and whatever it raises is caught."""

import os
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, redirect_stdout, suppress
from pathlib import Path
from threading import Lock, current_thread
from typing import Generic, NamedTuple, TypeVar

from zoo.discovery.streams import MOST, Apart, descriptor_away, sorted_output
from zoo.text import shown

Given = TypeVar("Given")


class Ran(NamedTuple, Generic[Given]):
    """What came of a call. fault: why nothing did, in words; printed: what it wrote to standard output or error.

    endless: whether it was given up.
    """

    given: Given | None
    fault: str = ""
    printed: str = ""
    endless: bool = False


_one_at_a_time = Lock()  # standard output is one for the whole process


def run(call: Callable[[], Given], seconds: float | None) -> Ran[Given]:
    """Calls, and waits no longer than `seconds`; a call that hangs is left behind in its thread.

    A call out of another one is a part of that. seconds: None where the whole process is a quarantine, as that of
    `zoo doctor` is: then it is just called.
    """
    if inside():
        return _ran(call)
    if seconds is None:
        with _paths_put_back():
            return _ran(call)
    ran: list[Ran[Given]] = []
    thread = Apart(lambda: ran.append(_ran(call)))
    with _one_at_a_time, ExitStack() as apart:
        for descriptor in _away:
            apart.enter_context(descriptor_away(descriptor))
        apart.enter_context(_paths_put_back())
        apart.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        apart.enter_context(sorted_output(thread))
        thread.start()
        thread.join(seconds)
    if not ran:
        return Ran(None, f"took longer than {seconds:g} s", endless=True)
    return ran[0]._replace(printed=thread.printed)


def inside() -> bool:
    """Whether it is somebody's code that asks."""
    return isinstance(current_thread(), Apart)


_away: tuple[int, ...] = ()
"""The descriptors to which nobody but the code writes meanwhile."""


def own_process() -> None:
    """From now on also what the code writes past Python, by a process say, is kept from standard output: the process is
    zoo's own, and nobody else writes.
    """
    global _away
    _away = (1, 2)


def output_aside() -> AbstractContextManager[object]:
    """Meanwhile what the code prints goes to standard error, where the process is zoo's own: for what is done often."""
    return redirect_stdout(sys.stderr) if _away else nullcontext()


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
    words = words if len(words) <= MOST else words[: MOST - 1] + "…"
    told = f"{type(error).__name__}{': ' if words else ''}{words}"
    if isinstance(error, SyntaxError):
        return told  # which says where
    # Who asked, and the machinery of importing, are no place to look at.
    frames = [
        (file, frame.lineno)
        for frame in traceback.extract_tb(error.__traceback__)
        if (file := Path(frame.filename)).is_absolute() and _is_somebodys(file)
    ]
    where = f" ({frames[-1][0].name}, line {frames[-1][1]})" if frames else ""
    return told + where


_ZOO, _LIBRARY = Path(__file__).parents[1], Path(os.__file__).parent


def _is_somebodys(file: Path) -> bool:
    """Whether it is neither of zoo nor of Python's own library, below which packages are installed, too."""
    installed = "site-packages" in file.parts or "dist-packages" in file.parts
    return (
        not file.is_relative_to(_ZOO)
        and "pluggy" not in file.parts
        and (installed or not file.is_relative_to(_LIBRARY))
    )


@contextmanager
def _paths_put_back() -> Iterator[None]:
    """Afterwards modules are looked for where they were before, first of all, and files from the same folder."""
    places, before = sys.path, list(sys.path)
    folder = _folder()
    try:
        yield
    finally:
        added = sys.path if isinstance(sys.path, list) else []
        places[:] = [*before, *(entry for entry in added if entry not in before)]
        sys.path = places
        if folder and _folder() != folder:
            with suppress(OSError):
                os.chdir(folder)


def _folder() -> str:
    """The working directory; empty where it is there no more."""
    try:
        return os.getcwd()  # noqa: PTH109 - a Path is of no use here
    except OSError:
        return ""


def quoted(printed: str) -> str:
    """What was printed, as a line may quote it."""
    return shown(printed.strip(), 40)
