"""The header of published weights, recorded for a test: which tensors there are, of which format and shape.

    python -m zoo.testing.header FOLDER|FILE|org/name > header.json

writes `{"model.norm.weight": {"dtype": "BF16", "shape": [4096]}, ...}`, all shards in one; no weights are read.
"""

import json
import sys
from pathlib import Path
from typing import Any

from zoo import strictjson
from zoo.checkpoints.checkpoint import Checkpoint, Stored
from zoo.errors import CheckpointError, ZooError, reason
from zoo.hub.access import USUAL, Access
from zoo.text import shown

_METADATA = "__metadata__"


def recorded(checkpoint: Checkpoint) -> dict[str, Any]:
    """What a file holds of a checkpoint: each tensor's `dtype` and `shape` by its name, in order."""
    return {tensor.name: {"dtype": tensor.dtype, "shape": list(tensor.shape)} for tensor in checkpoint.tensors.values()}


def text(header: dict[str, Any]) -> str:
    """The file: JSON, a tensor a line, so that changes are seen."""
    lines = [f"  {json.dumps(name)}: {json.dumps(entry)}" for name, entry in header.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def of(reference: str, access: Access = USUAL) -> dict[str, Any]:
    """The header of the weights at a folder, a file or a repository of the Hub.

    Raises ZooError for what leads to no weights, or to some that cannot be read.
    """
    from zoo.checkpoints.model import checkpoints_of
    from zoo.sources import find

    found = find(reference, access=access)
    if found.weights is None:
        raise CheckpointError(f"{shown(reference)}: leads to no weights: name a folder, a file or org/name")
    (read,) = checkpoints_of([(found.weights, found.took)], access)
    if isinstance(read, ZooError):
        raise read
    return recorded(read)


def read(path: Path) -> Checkpoint:
    """The checkpoint whose header was recorded in a file, or whose safetensors header it is, cut out as it stands.

    Raises CheckpointError for what is neither, naming file and tensor.
    """
    from zoo.checkpoints.header import LARGEST_HEADER

    form = strictjson.Form("header", "recorded header", "of tensors", LARGEST_HEADER, CheckpointError)
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path}: cannot be read: {reason(error)}") from None
    entries = strictjson.parse(data, str(path), form)
    metadata = entries.pop(_METADATA, {})
    tensors = {name: _stored(path, name, entry) for name, entry in entries.items()}
    if not tensors:
        raise CheckpointError(f"{path}: holds no tensor: record it with python -m zoo.testing.header")
    return Checkpoint(str(path), tensors, (path.name,), metadata if isinstance(metadata, dict) else {})


def _stored(path: Path, name: str, entry: Any) -> Stored:
    match entry:
        case {"dtype": str(dtype), "shape": list(shape)} if all(type(size) is int and size >= 0 for size in shape):
            return Stored(name, dtype, tuple(shape))
    raise CheckpointError(
        f"{path}: tensor {shown(name)}: must be an object of dtype and shape, a list of sizes, got {shown(entry)}"
    )


def main(arguments: list[str]) -> int:
    """The command; gives its exit code."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print("usage: python -m zoo.testing.header FOLDER|FILE|org/name > header.json", file=sys.stderr)
        return 2
    try:
        sys.stdout.write(text(of(arguments[0])))
    except ZooError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
