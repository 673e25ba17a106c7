"""Standard streams that keep what one thread writes to them, and pass on what all others do."""

import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from threading import Thread, current_thread
from typing import Any, TextIO

MOST = 200
"""The cap on the characters that are kept."""


class Apart(Thread):
    """A thread whose output is kept: `printed` has its beginning."""

    def __init__(self, target: Callable[[], object]) -> None:
        super().__init__(target=target, daemon=True)
        self.printed = ""


class _Sorting:
    """In place of a standard stream: what an `Apart` writes is kept; for all others it is the stream itself."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str, /) -> int:
        thread = current_thread()
        if not isinstance(thread, Apart):
            return self._stream.write(text)
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        thread.printed += text[: MOST - len(thread.printed)]
        return len(text)

    def writelines(self, lines: Iterable[str], /) -> None:
        for line in lines:
            self.write(line)

    @property
    def buffer(self) -> Any:
        """Where bytes are written."""
        return io.BytesIO() if isinstance(current_thread(), Apart) else self._stream.buffer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@cache
def _sorting(stream: TextIO) -> _Sorting:
    """What stands in place of a stream: always the same, and kept, as a thread that prints only borrows what it prints
    to (print of CPython 3.11), and the process would crash if that were gone meanwhile.
    """
    return _Sorting(stream)


@contextmanager
def sorted_output(thread: Apart) -> Iterator[None]:
    """Meanwhile what the thread writes to standard output and error is kept, and passed on what others do.

    A thread that is still alive then goes on being kept.
    """
    before = sys.stdout, sys.stderr
    sorting: Any = [stream and _sorting(stream) for stream in before]  # a process may have none
    sys.stdout, sys.stderr = sorting
    try:
        yield
    finally:
        if not thread.is_alive():
            sys.stdout, sys.stderr = before


@contextmanager
def descriptor_away(descriptor: int) -> Iterator[None]:
    """Meanwhile what is written to the descriptor is lost, whoever writes it."""
    try:
        kept = os.dup(descriptor)
    except OSError:  # it is closed
        yield
        return
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError, OSError):  # it may be closed, or none
            stream.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(kept, descriptor)
        os.close(kept)
