"""Number formats by the names that PyTorch gives them, and how many bits each number takes."""

from zoo.conditions import MeasureError
from zoo.text import near, shown

BITS = {
    "float64": 64,
    "float32": 32,
    "float16": 16,
    "bfloat16": 16,
    "float8_e4m3fn": 8,
    "float8_e5m2": 8,
    "int8": 8,
    "int4": 4,
}
"""Bits of a number. int4 stands for any format of four bits, without scales."""

_SHORT = {
    "fp64": "float64",
    "fp32": "float32",
    "fp16": "float16",
    "half": "float16",
    "bf16": "bfloat16",
    "fp8": "float8_e4m3fn",
    "float8": "float8_e4m3fn",
}

DEFAULT = "float32"
"""What PyTorch, and so transformers, makes a tensor of where nobody says otherwise."""


def dtype(name: str) -> str:
    """The name of a number format as PyTorch writes it: `bf16` and `torch.bfloat16` are bfloat16.

    Raises MeasureError with near names for one that is not known.
    """
    bare = str(name).lower().removeprefix("torch.")
    found = _SHORT.get(bare, bare)
    if found not in BITS:
        names = [*BITS, *_SHORT]
        raise MeasureError(f"no dtype {shown(name)}{near(str(name), names)} (there are {', '.join(names)})")
    return found


def size(numbers: int, name: str) -> int:
    """Bytes that so many numbers of a format take, the last one rounded up."""
    return -(-numbers * BITS[name] // 8)
