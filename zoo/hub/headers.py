"""The headers of weights that were read once, kept so that nobody need be asked again: a commit does not change.

They lie in the cache with the repository, and go when that goes: as one safetensors header for all files of a
checkpoint, so that what is read back is checked as strictly as what comes from the Hub.
"""

import json

from zoo.checkpoints.checkpoint import Checkpoint
from zoo.checkpoints.header import BITS, parse
from zoo.errors import CheckpointError
from zoo.hub import cache
from zoo.hub.repository import Repository

_FILES = "zoo.files"


def kept(repository: Repository, commit: str) -> Checkpoint | None:
    """What the weights of a commit hold, if it was kept; what cannot be read is as if it were not there."""
    file = cache.kept_headers(repository, commit)
    try:
        found = parse(file.read_bytes(), None, str(file))
    except (OSError, CheckpointError):
        return None
    metadata = dict(found.metadata)
    files = metadata.pop(_FILES, "").split("/")
    return Checkpoint(f"{repository.name}@{commit}", found.tensors, tuple(files), metadata)


def keep(repository: Repository, commit: str, checkpoint: Checkpoint) -> None:
    """Keeps what the weights of a commit hold. Raises OSError where that cannot be."""
    header: dict[str, object] = {"__metadata__": {**checkpoint.metadata, _FILES: "/".join(checkpoint.files)}}
    end = 0
    for tensor in checkpoint.tensors.values():
        begin, end = end, end + tensor.size * BITS[tensor.dtype] // 8
        header[tensor.name] = {"dtype": tensor.dtype, "shape": tensor.shape, "data_offsets": (begin, end)}
    cache.write(cache.kept_headers(repository, commit), json.dumps(header).encode())
