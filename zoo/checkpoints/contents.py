"""What each tensor of a checkpoint is, told by its header alone: its name, number format, shape and neighbours.

Files hold more than parameters: buffers, scales, tables; and of packed weights the elements are not the parameters.
Nothing is guessed: integers that nothing explains are unknown, and so is how many parameters they are.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple, TypeAlias

from zoo.blueprint import Shape
from zoo.checkpoints.adapters import split
from zoo.checkpoints.buffers import buffer
from zoo.checkpoints.checkpoint import Checkpoint, Stored
from zoo.checkpoints.companions import Companion, Role, companion, of_cache
from zoo.checkpoints.packed import Packed, packed

Kind: TypeAlias = Literal["parameter", "packed", "buffer", "unknown"] | Role
"""A parameter, an element a number; a quantized weight that is stored as integers; what belongs to one (see Role);
what no training adjusts; or what nobody can tell.
"""


class Content(NamedTuple):
    """What a stored tensor is.

    numbers: how many parameters it stands for: of a parameter its elements; 0 of what is none; None where it is not
    known. shape: that of the weight it stands for, (outputs, inputs) where it was packed; None where there is none, or
    it is not known. of: the tensor that it is, or belongs to, as a model that is not quantized calls it. note: a few
    words for a reader ("GPTQ, 4 bits", "causal mask").
    """

    kind: Kind
    numbers: int | None
    shape: Shape | None
    of: str
    note: str = ""


def stated(config: Callable[[str], object]) -> object:
    """How a config says that weights are quantized; `config`: what it has under a key."""
    return config("quantization_config") or config("quantization")


def contents(checkpoint: Checkpoint, quantization: object) -> dict[str, Content]:
    """What each tensor is, by its stored name, in the order of the checkpoint.

    quantization: the `quantization_config` of the config.json beside it, or `quantization` as MLX calls it; whatever
    stands in it. No two parameters or packed weights are `of` the same name.
    """
    tensors = checkpoint.tensors
    told = quantization if isinstance(quantization, Mapping) else {}
    found = {name: weight for name, stored in tensors.items() if (weight := packed(stored, tensors, told))}
    weights: dict[str, Packed] = {}
    taken: set[str] = set()
    quantized: dict[str, Packed] = {}
    for name, weight in found.items():
        quantized[weight.of] = quantized[weight.of.rpartition(".")[0]] = weight
        # Whatever else bears that name has it.
        own = weight.of != name and (weight.of in tensors or weight.of in taken)
        weights[name] = weight._replace(of=name) if own else weight
        taken.add(weights[name].of)
    for stored in tensors.values():
        if stored.dtype in _SMALL and stored.name not in found:
            as_it_is = Packed(stored.name, _SMALL[stored.dtype])
            quantized.setdefault(stored.name, as_it_is)
            module, _, last = stored.name.rpartition(".")
            if last == "weight":
                quantized.setdefault(module, as_it_is)
    any_quantized = bool(quantized or told)
    return {
        name: _packed(weights[name]) if name in weights else _other(stored, quantized, any_quantized)
        for name, stored in tensors.items()
    }


_SMALL = {
    "F8_E4M3": "FP8",
    "F8_E5M2": "FP8",
    "F8_E4M3FNUZ": "FP8",
    "F8_E5M2FNUZ": "FP8",
    "F6_E2M3": "FP6",
    "F6_E3M2": "FP6",
    "F4": "FP4",
}
"""The formats of safetensors in which an element is a number of few bits, though it needs a scale."""

_FLOATS = frozenset({"F64", "F32", "F16", "BF16", *_SMALL})


def _packed(weight: Packed) -> Content:
    note = f"{weight.format}, {weight.bits} bits" if weight.bits else weight.format
    if weight.numbers is None:
        note += ", how many numbers is not known"
    return Content("packed", weight.numbers, weight.shape, weight.of, note)


def _other(stored: Stored, quantized: Mapping[str, Packed], any_quantized: bool) -> Content:
    """What is not packed. any_quantized: whether anything in the checkpoint is quantized."""
    name = stored.name
    beside = companion(name) if quantized else None
    if beside and (weight := _partner(beside, name, quantized)):
        return Content(beside.role, 0, None, weight.of, f"{weight.format} {beside.words}")
    if any_quantized and stored.size == 1 and of_cache(name):
        return Content("scale", 0, None, name, "scale of the cache")
    if note := buffer(stored):
        return Content("buffer", 0, None, name, note)
    if stored.dtype not in _FLOATS:
        return Content("unknown", None, None, name)
    note = "LoRA" if split(name) else _SMALL.get(stored.dtype, "")
    return Content("parameter", stored.size, stored.shape, name, note)


def _partner(beside: Companion, name: str, quantized: Mapping[str, Packed]) -> Packed | None:
    """The weight to which a tensor of that name belongs. None belongs to itself."""
    weight = quantized.get(beside.to)
    return weight if weight and weight.of != name else None


# --- all together ----------------------------------------------------------------------------------------------------


class Held(NamedTuple):
    """Tensors of one kind: how many they are, and how many elements they have as they are stored."""

    tensors: int
    elements: int


class Totals(NamedTuple):
    """What a checkpoint holds in all.

    parameters: those that are told. unknown: in how many tensors there may be more, which is not known. by_dtype: the
    parameters by the number format that they are stored in, as safetensors spells it (integers where they are packed).
    by_kind: the tensors of each kind.
    """

    parameters: int
    unknown: int
    by_dtype: dict[str, int]
    by_kind: dict[Kind, Held]


def totals(checkpoint: Checkpoint, found: Mapping[str, Content]) -> Totals:
    """The sums over what was found in the checkpoint: its `contents`."""
    by_dtype: Counter[str] = Counter()
    by_kind: dict[Kind, Held] = {}
    for name, content in found.items():
        stored = checkpoint.tensors[name]
        if content.numbers:
            by_dtype[stored.dtype] += content.numbers
        held = by_kind.get(content.kind, Held(0, 0))
        by_kind[content.kind] = Held(held.tensors + 1, held.elements + stored.size)
    unknown = sum(content.numbers is None for content in found.values())
    return Totals(sum(by_dtype.values()), unknown, dict(by_dtype), by_kind)
