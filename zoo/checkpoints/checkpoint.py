"""What a checkpoint holds: each tensor by its name, with its number format and shape. Weights are never read."""

from collections.abc import Mapping
from math import prod
from typing import NamedTuple


class Stored(NamedTuple):
    """One tensor of a checkpoint: its name, its number format as safetensors spells it (`BF16`), its shape."""

    name: str
    dtype: str
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """How many elements it has, which of a packed tensor is not how many numbers it stands for."""
        return prod(self.shape)


class Checkpoint(NamedTuple):
    """All tensors of a checkpoint, over its files, in their order.

    name: what it is, for a person. files: those that hold tensors. metadata: what the first file says of itself.
    """

    name: str
    tensors: Mapping[str, Stored]
    files: tuple[str, ...]
    metadata: Mapping[str, str]
