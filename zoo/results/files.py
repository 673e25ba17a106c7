"""Files and folders of results that strangers wrote: read up to the caps, and without following links in a folder."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from zoo import strictjson
from zoo.errors import OutputError, ResultsError
from zoo.replacement import held

LARGEST_FILE = 16 * 1024 * 1024
"""Bytes; a run of all tasks of the harness takes some hundred thousand."""

MOST_FILES = 50_000
"""JSON files in a folder; the thousand tasks of mteb for fifty models."""

DEEPEST = 4
"""Levels of folders below the one that is named: mteb's cache has results/MODEL/REVISION/."""

_NOT_ENTERED = "experiments"
"""mteb keeps variants of a model there, under the name of the model itself."""

FORM = strictjson.Form("file of results", "file of results", "of results", LARGEST_FILE, ResultsError)


def contents(path: Path) -> bytes:
    """The bytes of a file. Raises ResultsError for what is no regular file, cannot be read, or is too large."""
    try:
        found = held(path, LARGEST_FILE)
    except OutputError as error:
        raise ResultsError(str(error)) from None
    if found is None:
        raise ResultsError(f"{path}: no such file or folder")
    return found


def json_object(path: Path, kind: str) -> dict[str, Any]:
    """The JSON object in a file, which should be a `kind`. Raises ResultsError."""
    return strictjson.parse(contents(path), str(path), FORM._replace(file=kind))


def below(folder: Path) -> Iterator[Path]:
    """The JSON files in a folder and in those below it, by name; hidden ones and links are passed over.

    Raises ResultsError for a folder that cannot be read, and for more files than the cap.
    """
    for number, path in enumerate(_below(folder, DEEPEST)):
        if number >= MOST_FILES:
            raise ResultsError(f"{folder}: more than {MOST_FILES:,} JSON files, the cap (name folders below it)")
        yield path


def _below(folder: Path, depth: int) -> Iterator[Path]:
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        raise ResultsError(f"{folder}: cannot be read: {error.strerror}") from None
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.name.endswith(".json") and entry.is_file(follow_symlinks=False):
            yield folder / entry.name
        elif depth and entry.name != _NOT_ENTERED and entry.is_dir(follow_symlinks=False):
            yield from _below(folder / entry.name, depth - 1)
