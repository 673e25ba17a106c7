"""A file of a person's that is replaced whole or not at all, and only if nobody else has changed it."""

import os
import shutil
import stat
from pathlib import Path

from zoo.errors import RegistryError
from zoo.registries.registryfile import LARGEST_FILE, contents


def held(file: Path) -> bytes | None:
    """What a registry file holds; None where it is not there. Raises RegistryError for what is no regular file."""
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise RegistryError(f"{file}: is no regular file")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RegistryError(f"{file}: cannot be read: {error.strerror}") from None
    return contents(file)


def replace(file: Path, before: bytes | None, after: bytes) -> None:
    """Puts `after` in the place of a registry file that holds `before`, all at once; None: it is not there.

    Of a link, the file that it leads to is replaced; the mode is kept. What is written first, beside the file, bears a
    name that one process can have at a time, so that of two that change the file none undoes what the other did.

    Raises RegistryError, and the file stays as it is: where it holds something else by now, or cannot be written.
    """
    target = Path(os.path.realpath(file))
    temporary = target.with_name(f".{target.name}.adding")
    try:
        stream = temporary.open("xb")
    except FileExistsError:
        raise RegistryError(f"{file}: is being written: try again (if by nobody, delete {temporary})") from None
    except OSError as error:
        raise RegistryError(f"{file}: cannot be written: {error.strerror}") from None
    try:
        with stream:
            stream.write(after)
            stream.flush()
            os.fsync(stream.fileno())
        if _now(target) != before:
            raise RegistryError(f"{file}: was changed by somebody else in the meantime: try again")
        if before is not None:
            shutil.copymode(target, temporary)
        temporary.replace(target)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise RegistryError(f"{file}: cannot be written: {error.strerror}") from None
        raise


def _now(target: Path) -> bytes | None:
    """What the file holds, opened to be written: one that is read-only is not replaced."""
    try:
        with target.open("r+b") as stream:
            return stream.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        return None
