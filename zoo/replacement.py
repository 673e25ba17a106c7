"""A file of a person's that is replaced whole or not at all, and only if nobody else has changed it."""

import os
import shutil
import stat
import sys
from pathlib import Path
from typing import BinaryIO

from zoo.errors import OutputError, reason


def held(file: Path, most: int) -> bytes | None:
    """What a file holds, of at most so many bytes; None where it is not there.

    Raises OutputError for what is no regular file, cannot be read, or is larger.
    """
    try:
        with _opened(file, os.O_RDONLY) as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise OutputError(f"{file}: is no regular file")
            found = stream.read(most + 1)
    except FileNotFoundError:
        return None
    except IsADirectoryError:
        raise OutputError(f"{file}: is no regular file") from None
    except (OSError, ValueError) as error:
        raise OutputError(f"{file}: cannot be read: {reason(error)}") from None
    if len(found) > most:
        raise OutputError(f"{file}: larger than {most // 1024:,} KiB, the cap on it")
    return found


def _opened(file: Path, how: int) -> BinaryIO:
    """The file, opened without waiting for whoever may write to a pipe of that name."""
    if sys.platform == "win32":  # has no such pipes, and opens as text if it is not told otherwise
        return os.fdopen(os.open(file, how | os.O_BINARY), "rb")
    return os.fdopen(os.open(file, how | os.O_NONBLOCK), "rb")


def replace(file: Path, before: bytes | None, after: bytes) -> None:
    """Puts `after` in the place of a file that holds `before`, all at once; None: it is not there.

    Of a link, the file that it leads to is replaced; the mode is kept. What is written first, beside the file, bears a
    name that one process can have at a time, so that of two that change the file none undoes what the other did.

    Raises OutputError, and the file stays as it is: where it holds something else by now, or cannot be written.
    """
    target = Path(os.path.realpath(file))
    temporary = target.with_name(f".{target.name}.adding")
    try:
        stream = temporary.open("xb")
    except FileExistsError:
        raise OutputError(f"{file}: is being written: try again (if by nobody, delete {temporary})") from None
    except (OSError, ValueError) as error:
        raise OutputError(f"{file}: cannot be written: {reason(error)}") from None
    try:
        with stream:
            stream.write(after)
            stream.flush()
            os.fsync(stream.fileno())
        if _now(target, before) != before:
            raise OutputError(f"{file}: was changed by somebody else in the meantime: try again")
        if before is not None:
            shutil.copymode(target, temporary)
        temporary.replace(target)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise OutputError(f"{file}: cannot be written: {error.strerror}") from None
        raise


def _now(target: Path, before: bytes | None) -> bytes | None:
    """What the file holds, opened to be written: one that is read-only is not replaced. No more than tells it apart."""
    try:
        with _opened(target, os.O_RDWR) as stream:
            return stream.read(len(before or b"") + 1)
    except FileNotFoundError:
        return None
