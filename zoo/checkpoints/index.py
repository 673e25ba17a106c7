"""The index of a checkpoint in several files, its shards: `model.safetensors.index.json`, as save_pretrained writes it.

`{"metadata": {...}, "weight_map": {tensor: shard, ...}}`; only the weight_map is looked at, and what it says is held
against the headers of the shards.
"""

import re
from collections.abc import Mapping

from zoo import strictjson
from zoo.checkpoints.checkpoint import Checkpoint, Stored
from zoo.checkpoints.header import Header
from zoo.errors import CheckpointError
from zoo.text import shown

LARGEST_INDEX = 100_000_000
"""Bytes, as many as a header may have."""

MOST_SHARDS = 1_000
"""Files of one checkpoint; the largest published ones have some two hundred."""

# Nothing else becomes a path or an address: no slash, backslash, drive, scheme, and not the folder above.
_SHARD = re.compile(r"(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._-]{0,200}\.safetensors")
_FORM = strictjson.Form(
    "safetensors index", "model.safetensors.index.json", "with a weight_map", LARGEST_INDEX, CheckpointError
)


def shards(data: bytes, where: str) -> Mapping[str, str]:
    """The name of the file in which each tensor is, by the tensor's name, as an index says.

    Each is the name of a file beside the index, fit for a path or an address. Raises CheckpointError for all that is no
    index, naming it by `where`.
    """
    weight_map = strictjson.parse(data, where, _FORM).get("weight_map")
    if not isinstance(weight_map, dict) or not weight_map:
        raise CheckpointError(f"{where}: weight_map must be an object from tensors to files, got {shown(weight_map)}")
    for name, shard in weight_map.items():
        if not isinstance(shard, str):
            raise CheckpointError(f"{where}: tensor {shown(name)}: must be in a file, got {shown(shard)}")
    files = set(weight_map.values())
    if len(files) > MOST_SHARDS:
        raise CheckpointError(f"{where}: {len(files):,} files; the cap is {MOST_SHARDS:,}")
    for shard in sorted(files):
        if not _SHARD.fullmatch(shard):
            raise CheckpointError(
                f"{where}: {shown(shard)} is no plain name of a safetensors file, as model-00001-of-00002.safetensors"
            )
    return weight_map


def joined(where: str, weight_map: Mapping[str, str], headers: Mapping[str, Header]) -> Checkpoint:
    """The checkpoint `where` of an index and the headers of all its shards, by their names, in their order.

    Raises CheckpointError, naming tensor and shard, where a tensor is in another file than the index says, in two, in
    none, or not in the index.
    """
    tensors: dict[str, Stored] = {}
    for shard, header in headers.items():
        for name, tensor in header.tensors.items():
            said = weight_map.get(name)
            if said != shard:
                raise CheckpointError(
                    f"{where}: tensor {shown(name)} is in {shard}, {_contradiction(name, said, headers)}"
                )
            tensors[name] = tensor
    if len(tensors) < len(weight_map):
        name, shard = next((name, shard) for name, shard in weight_map.items() if name not in tensors)
        raise CheckpointError(f"{where}: tensor {shown(name)} is not in {shard}, though the index says so")
    return Checkpoint(where, tensors, tuple(headers), next(iter(headers.values())).metadata)


def _contradiction(name: str, said: str | None, headers: Mapping[str, Header]) -> str:
    if said is None:
        return "but not in the index"
    return f"and in {said}, too" if name in headers[said].tensors else f"but the index says in {said}"
