"""Checkpoints on disk: a safetensors file, an index and its shards, or the folder that holds them."""

import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from zoo.checkpoints import header, index
from zoo.checkpoints.checkpoint import Checkpoint
from zoo.errors import CheckpointError
from zoo.text import shown

INDEX = "model.safetensors.index.json"

_USUAL = ("model.safetensors", INDEX, "adapter_model.safetensors")
# One of several: alone it would be taken for the whole.
_PART = re.compile(r"-\d+-of-(?!0*1\.)\d+\.safetensors$")
_PICKLED = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
_CONVERT = "pickled weights are not read, as to read them is to run them: save them as safetensors"


def read(path: Path) -> Checkpoint:
    """What a file, an index or a folder holds; its headers are read, and no weights.

    Raises CheckpointError, naming the file, for what cannot be read or is no checkpoint.
    """
    if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir() raises for what may not be looked at
        return _file(path / chosen(_names(path), str(path)))._replace(name=str(path))
    return _file(path)


def weights(names: Iterable[str]) -> str | None:
    """Which of the files of a folder holds its weights, or the index of them; None where none does.

    It is the one that from_pretrained of transformers takes; of an adapter PEFT's; otherwise the only one there is.
    """
    found = [name for name in names if name in _USUAL or name.endswith(".safetensors")]
    for name in _USUAL:
        if name in found:
            return name
    return found[0] if len(found) == 1 and not _PART.search(found[0]) else None


def chosen(names: Iterable[str], where: str) -> str:
    """As `weights`; raises CheckpointError where there are none, saying of the folder `where` what it holds instead."""
    names = sorted(names)
    if name := weights(names):
        return name
    if parts := [name for name in names if name.endswith(".safetensors")]:
        more = f" and {len(parts) - 1:,} more" if len(parts) > 1 else ""
        raise CheckpointError(f"{where}: holds {shown(parts[0])}{more}, but no {INDEX}: name one of the files")
    if pickled := [name for name in names if name.endswith(_PICKLED)]:
        raise CheckpointError(f"{where}: holds {shown(pickled[0])}, but no safetensors file: {_CONVERT}")
    raise CheckpointError(f"{where}: holds no safetensors file")


def _file(path: Path) -> Checkpoint:
    where = str(path)
    if path.name.endswith(_PICKLED):
        raise CheckpointError(f"{where}: {_CONVERT}")
    if path.name.endswith(".json"):
        return _sharded(path)
    found = _header(path)
    return Checkpoint(where, found.tensors, (path.name,), found.metadata)


def _sharded(path: Path) -> Checkpoint:
    where = str(path)
    with _opened(path) as (stream, _):
        weight_map = index.shards(stream.read(index.LARGEST_INDEX + 1), where)
    headers = {shard: _header(path.with_name(shard)) for shard in sorted(set(weight_map.values()))}
    return index.joined(where, weight_map, headers)


def _header(path: Path) -> header.Header:
    with _opened(path) as (stream, size):
        return header.read(stream, size, str(path))


@contextmanager
def _opened(path: Path) -> Iterator[tuple[IO[bytes], int]]:
    """An open file and its size in bytes."""
    size = _size(path)
    try:
        with path.open("rb") as stream:
            yield stream, size
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {error.strerror}") from None


def _size(path: Path) -> int:
    try:
        about = path.stat()
    except (FileNotFoundError, ValueError):  # ValueError for what can be no path at all
        raise CheckpointError(f"{path}: no such file") from None
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {error.strerror}") from None
    # Before it is opened: to open a named pipe is to wait for somebody who writes.
    if not stat.S_ISREG(about.st_mode):
        what = "a folder" if stat.S_ISDIR(about.st_mode) else "a pipe, device or socket"
        raise CheckpointError(f"{path}: is {what}, not a file")
    return about.st_size


def _names(folder: Path) -> list[str]:
    try:
        return [entry.name for entry in folder.iterdir()]
    except OSError as error:
        raise CheckpointError(f"{folder}: cannot be read: {error.strerror}") from None
