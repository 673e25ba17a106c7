"""Low-rank adapters in a checkpoint, as PEFT saves them: which module each is of, and whether it fits that module.

Source: `LoraLayer`, `Embedding` and `get_peft_model_state_dict` of PEFT 0.21.
"""

import re
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from zoo.blueprint import Shape

Adapter: TypeAlias = Mapping[str, Shape]
"""The shapes of its tensors, by what stands behind the name of the module: `lora_A.weight`."""

_TENSOR = re.compile(r"(.+)\.(lora_[AB]\.weight|lora_B\.bias|lora_embedding_[AB]|lora_magnitude_vector)")


def split(name: str) -> tuple[str, str] | None:
    """The module that a tensor of that name adapts, and what it is of the adapter; None for what is of none."""
    found = _TENSOR.fullmatch(name)
    return (found[1], found[2]) if found else None


def adapters(shapes: Iterable[tuple[str, Shape]]) -> dict[str, Adapter]:
    """The adapters among tensors, by the name of the module. shapes: that of each tensor, after its name."""
    found: dict[str, Adapter] = {}
    for name, shape in shapes:
        if place := split(name):
            module, part = place
            found[module] = {**found.get(module, {}), part: shape}
    return found


def fits(adapter: Adapter, weight: Shape) -> bool:
    """Whether it is whole, and of the shape that goes with the weight of its module.

    Beside a weight (outputs, inputs) are A (rank, inputs), B (outputs, rank), and with DoRA a vector (outputs); beside
    a table (rows, width) A (rank, rows), B (width, rank).
    """
    if len(weight) != 2:
        return False
    first, second = "lora_A.weight", "lora_B.weight"
    outputs, inputs = weight
    if "lora_embedding_A" in adapter:
        first, second = "lora_embedding_A", "lora_embedding_B"
        inputs, outputs = weight
    rank = next(iter(adapter.get(first, ())), 0)
    whole = {first: (rank, inputs), second: (outputs, rank)}
    vectors = {"lora_magnitude_vector": (outputs,), "lora_B.bias": (outputs,)}
    return rank > 0 and whole.items() <= adapter.items() <= {**whole, **vectors}.items()
