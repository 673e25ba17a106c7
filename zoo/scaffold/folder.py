"""Writes a package into a folder of its own, whole or not at all."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

from zoo.errors import OutputError, reason


def write(folder: Path, files: Mapping[PurePosixPath, bytes]) -> None:
    """Writes the files, each at its path below `folder`, which is made if it is not there.

    Raises OutputError where the folder holds something already, or cannot be written; what was written is then removed.
    """
    made: list[Path] = []
    try:
        _make(folder, made)
        if any(folder.iterdir()):
            raise OutputError(f"{folder}: is not empty: choose another folder with --out")
        for path, data in files.items():
            file = folder / path
            _make(file.parent, made)
            with file.open("xb") as stream:
                made.append(file)
                stream.write(data)
    except BaseException as error:
        _remove(made)
        if isinstance(error, OSError | ValueError):
            raise OutputError(f"{folder}: cannot be written: {reason(error)}") from None
        raise


def _make(folder: Path, made: list[Path]) -> None:
    """Makes a folder and those above it, and notes which."""
    if not os.path.isdir(folder):  # noqa: PTH112 - Path.is_dir() raises for what can be no path at all
        if folder.parent != folder:
            _make(folder.parent, made)
        folder.mkdir()
        made.append(folder)


def _remove(made: list[Path]) -> None:
    """Removes what was made, the last first; what somebody else has put there meanwhile stays."""
    for path in reversed(made):
        with suppress(OSError):
            path.rmdir() if path.is_dir() else path.unlink()
