"""Quantized weights that are stored as integers: how many numbers they stand for, told by what is stored beside them.

A rule is taken only where shapes agree with it, or the config says it; else it is told that a weight is packed, and not
how large it is.
"""

from collections.abc import Callable, Mapping
from math import prod
from typing import Any, NamedTuple, TypeAlias

from zoo.blueprint import Shape
from zoo.checkpoints.buffers import buffer
from zoo.checkpoints.checkpoint import Stored
from zoo.checkpoints.companions import companion, scales

Tensors: TypeAlias = Mapping[str, Stored]
Stated: TypeAlias = Mapping[str, Any]
"""The `quantization_config` of a config.json, empty if there is none: any JSON under any key."""


class Packed(NamedTuple):
    """A quantized weight.

    of: its name in a model that is not quantized. format: what it is packed as, for a reader. shape: that of the
    weight, (outputs, inputs) where it is a matrix; None where it is not known. numbers: how many it stands for; None
    where that is not known.
    """

    of: str
    format: str
    shape: Shape | None = None
    numbers: int | None = None
    bits: int | None = None


def packed(stored: Stored, tensors: Tensors, stated: Stated) -> Packed | None:
    """What a tensor is if it is a quantized weight; None for what is none, or counts as it is (FP8)."""
    for kind in ("nf4", "fp4"):
        if f"{stored.name}.quant_state.bitsandbytes__{kind}" in tensors:
            return _bitsandbytes(stored, kind)
    if stored.dtype in _FLOATS:
        return None
    last = stored.name.rpartition(".")[2]
    if last in _NAMES:
        return _NAMES[last](stored, tensors, stated)
    if last.endswith("_blocks") and stored.dtype == "U8":
        return _mxfp4_blocks(stored, tensors)
    if last.startswith("_") and last.endswith("_qdata"):
        return _torchao(stored)
    if stored.dtype not in _INTEGERS or companion(stored.name) or buffer(stored):
        return None
    return _integers(stored, tensors, stated)


_INTEGERS = frozenset({"I8", "U8", "I16", "U16", "I32", "U32"})
_FLOATS = frozenset({"F64", "F32", "F16", "BF16"})
_WIDTHS = (2, 3, 4, 5, 6, 8)


def _shaped(of: str, format_: str, shape: Shape, bits: int | None = None) -> Packed:
    return Packed(of, format_, shape, prod(shape), bits)


def _sibling(stored: Stored, last: str) -> str:
    return stored.name[: stored.name.rfind(".") + 1] + last


# --- what a config says ----------------------------------------------------------------------------------------------


def _width(value: object) -> int | None:
    """Bits of a number, if a format has so many."""
    return value if type(value) is int and value in _WIDTHS else None


def _groups(stated: Stated) -> list[Mapping[str, Any]]:
    """What compressed-tensors does to the weights of its groups of modules, where it makes whole numbers of them."""
    groups = stated.get("config_groups")
    if not isinstance(groups, dict):
        return []
    found = (group.get("weights") for group in groups.values() if isinstance(group, dict))
    return [weights for weights in found if isinstance(weights, dict) and weights.get("type", "int") == "int"]


# --- the formats -----------------------------------------------------------------------------------------------------


def _grouped(stored: Stored, tensors: Tensors, stated: Stated) -> Packed:
    """GPTQ packs the inputs of a matrix and AWQ its outputs, so many to 32 bits; one row of scales for each group.

    qweight is (inputs * bits / 32, outputs), or (inputs, outputs * bits / 32); scales (groups, outputs); qzeros
    (groups, outputs * bits / 32); g_idx (inputs). Sources: `QuantLinear` of AutoGPTQ 0.7 and `GPTQQuantLinear` of
    GPTQModel 5, `WQLinear_GEMM` of AutoAWQ 0.2. The other layouts of these (Marlin, GEMV) are not told apart.
    """
    of = _sibling(stored, "weight")
    scale, zeros, order = (tensors.get(_sibling(stored, last)) for last in ("scales", "qzeros", "g_idx"))
    if stored.dtype != "I32" or len(stored.shape) != 2 or scale is None or len(scale.shape) != 2:
        return Packed(of, "quantized")
    rows, columns = stored.shape
    groups, outputs = scale.shape
    if outputs == columns:
        return _gptq(of, rows, columns, zeros, order, _width(stated.get("bits")))
    by_gptq = order is not None or stated.get("quant_method") == "gptq"
    if not by_gptq and zeros is not None and zeros.shape == (groups, columns) and groups and rows % groups == 0:
        bits = _width(columns * 32 // outputs) if outputs else None
        if bits and columns * 32 == outputs * bits:
            return _shaped(of, "AWQ", (outputs, rows), bits)
    return Packed(of, "quantized")


def _gptq(of: str, rows: int, outputs: int, zeros: Stored | None, order: Stored | None, stated: int | None) -> Packed:
    if order is not None and len(order.shape) == 1:
        inputs = order.shape[0]
        fitting = [bits for bits in _WIDTHS if -(-inputs * bits // 32) == rows]
        return _shaped(of, "GPTQ", (outputs, inputs), fitting[0]) if len(fitting) == 1 else Packed(of, "GPTQ")
    bits = stated
    if zeros is not None and len(zeros.shape) == 2 and outputs:
        bits = _width(zeros.shape[1] * 32 // outputs)
    if bits and rows * 32 % bits == 0:
        return _shaped(of, "GPTQ", (outputs, rows * 32 // bits), bits)
    return Packed(of, "GPTQ", bits=bits)


def _compressed(stored: Stored, tensors: Tensors, stated: Stated) -> Packed:
    """compressed-tensors: as many whole numbers as go into 32 bits, along the inputs; or two of four bits in a byte.

    weight_packed is (outputs, inputs / n, rounded up), weight_scale (outputs, groups), weight_g_idx (inputs); the shape
    itself stands in the data of weight_shape. Where no group tells the inputs, every integer is taken to be full.
    Sources: `PackedQuantizationCompressor`, `NVFP4PackedCompressor` in compressed-tensors 0.12.
    """
    of = _sibling(stored, "weight")
    if stored.dtype == "U8":
        return _fp4(stored, of, tensors) or Packed(of, "compressed-tensors")
    groups = _groups(stated)
    # Marlin's layout, which has the same name, comes with `meta`.
    if stored.dtype != "I32" or not stored.shape or _sibling(stored, "meta") in tensors:
        return Packed(of, "compressed-tensors")
    *lead, columns = stored.shape
    told = _told_inputs(of, tensors, groups)
    fitting = {}
    for bits in {width for group in groups if (width := _width(group.get("num_bits")))}:
        inputs = columns * (32 // bits) if told is None and 32 % bits == 0 else told
        if inputs is not None and -(-inputs // (32 // bits)) == columns:
            fitting[bits] = inputs
    if len(fitting) != 1:
        return Packed(of, "compressed-tensors")
    [(bits, inputs)] = fitting.items()
    return _shaped(of, "compressed-tensors", (*lead, inputs), bits)


def _told_inputs(of: str, tensors: Tensors, groups: list[Mapping[str, Any]]) -> int | None:
    order, scale = tensors.get(f"{of}_g_idx"), tensors.get(f"{of}_scale")
    if order is not None and len(order.shape) == 1:
        return order.shape[0]
    sizes = {size for group in groups if type(size := group.get("group_size")) is int and size > 0}
    if len(sizes) == 1 and scale is not None and scale.shape:
        return sizes.pop() * scale.shape[-1]
    return None


def _mxfp4_blocks(stored: Stored, tensors: Tensors) -> Packed | None:
    """Blocks of 32 numbers of four bits in 16 bytes, with a scale each: (..., outputs, blocks, 16).

    Source: `convert_moe_packed_tensors` in transformers 5.23 (integrations/mxfp4.py).
    """
    of = stored.name.removesuffix("_blocks")
    scale = tensors.get(f"{of}_scales")
    if scale is None or stored.shape != (*scale.shape, 16) or not scale.shape:
        return None
    return _shaped(of, "MXFP4", (*scale.shape[:-1], scale.shape[-1] * 32))


def _torchao(stored: Stored) -> Packed:
    """What torchao makes of `weight`: `_weight_qdata`, `_weight_scale`, ...; only FP8 has one byte for each number.

    Source: `TorchAoHfQuantizer.serialized_names` in transformers 5.23.
    """
    of = _sibling(stored, stored.name.rpartition(".")[2].removeprefix("_").removesuffix("_qdata"))
    return _shaped(of, "torchao FP8", stored.shape) if stored.dtype.startswith("F8_E") else Packed(of, "torchao")


def _quanto(stored: Stored, tensors: Tensors, stated: Stated) -> Packed | None:
    """A byte for each number in `weight._data`; fewer than 8 bits are packed once more, in `weight._data._data`.

    Source: `QTensor.save_to_state_dict` and `PackedTensor` in optimum-quanto 0.2.
    """
    of = stored.name.removesuffix("._data")
    if f"{of}._scale" in tensors and (stored.dtype == "I8" or stored.dtype.startswith("F8_E")):
        return _shaped(of, "quanto", stored.shape)
    of = of.removesuffix("._data")
    return Packed(of, "quanto") if f"{of}._scale" in tensors else None


def _bitsandbytes(stored: Stored, kind: str) -> Packed:
    """Two numbers a byte in one column, of bytes or of what is as wide as `bnb_4bit_quant_storage`; of an odd number of
    weights, one too many. Source: `Params4bit` and `QuantState.as_dict` in bitsandbytes 0.50.
    """
    width = {"U8": 1, "I8": 1, "F16": 2, "BF16": 2, "F32": 4}.get(stored.dtype)
    return Packed(stored.name, f"bitsandbytes {kind}", None, width and stored.size * width * 2, 4)


def _integers(stored: Stored, tensors: Tensors, stated: Stated) -> Packed | None:
    """What is called as the weight itself, but holds integers, and has a scale beside it."""
    name, shape = stored.name, stored.shape
    if stored.dtype == "I8" and _sibling(stored, "SCB") in tensors:
        # One number each. Source: `Linear8bitLt` in bitsandbytes 0.50.
        return _shaped(name, "bitsandbytes int8", shape)
    scale = next((tensors[other] for other in scales(name) if other in tensors and other != name), None)
    if scale is None or not shape:
        return None
    if stored.dtype == "U32":
        return _mlx(stored, scale, stated)
    if stored.dtype == "U8" and stated.get("quant_method") == "bitnet" and scale.size == 1:
        # Four ternary numbers a byte, along the outputs. Source: `BitLinear` in transformers 5.23.
        return _shaped(name, "BitNet", (shape[0] * 4, *shape[1:]))
    if found := _fp4(stored, name, tensors):
        return found
    if stored.dtype == "I8" and scale.dtype in _FLOATS and not _perhaps_fp4(shape, scale.shape):
        # One number each. Source: `IntQuantizationCompressor` in compressed-tensors 0.12.
        return _shaped(name, "int8", shape)
    return Packed(name, "quantized")


def _fp4(stored: Stored, of: str, tensors: Tensors) -> Packed | None:
    """Two numbers of four bits a byte, along the inputs. Each 16 have a scale in FP8 (NVFP4), or each 32 a power of two
    (MXFP4).

    Sources: `NVFP4PackedCompressor` in compressed-tensors 0.12; `NVFP4QTensor`, `MXFP4QTensor` in ModelOpt 0.40;
    `Fp8Dequantize` in transformers 5.23 for I8 with a scale of E8M0.
    """
    if stored.dtype not in ("U8", "I8") or not stored.shape:
        return None
    *lead, columns = stored.shape
    for other in scales(of):
        scale = tensors.get(other)
        found = _BLOCKS.get(scale.dtype) if scale else None
        if scale and found and scale.shape == (*lead, columns * 2 // found[1]) and columns * 2 % found[1] == 0:
            return _shaped(of, found[0], (*lead, columns * 2))
    return None


_BLOCKS = {"F8_E4M3": ("NVFP4", 16), "F8_E8M0": ("MXFP4", 32), "U8": ("MXFP4", 32)}


def _perhaps_fp4(shape: Shape, scale: Shape) -> bool:
    """Whether bytes may be pairs with a scale for each 32: `FP8Experts` of transformers 5.23 may keep it as a float."""
    return len(scale) == len(shape) and scale[-1] > 1 and shape[-1] == scale[-1] * 16


def _mlx(stored: Stored, scale: Stored, stated: Stated) -> Packed:
    """MLX packs the inputs into words of 32 bits: (..., outputs, inputs * bits / 32), scales (..., outputs, groups).

    Bits and group size stand in the config, for all modules or for one by its name. Source: `QuantizedLinear` and
    `quantized_matmul` of MLX 0.30.
    """
    own = stated.get(stored.name.rpartition(".")[0])
    said = own if isinstance(own, dict) else stated
    bits, size = _width(said.get("bits")), said.get("group_size")
    if bits and type(size) is int and scale.shape:
        *lead, columns = stored.shape
        inputs = size * scale.shape[-1]
        if inputs * bits == columns * 32 and scale.shape[:-1] == tuple(lead):
            return _shaped(stored.name, "MLX", (*lead, inputs), bits)
    return Packed(stored.name, "quantized")


_NAMES: dict[str, Callable[[Stored, Tensors, Stated], Packed | None]] = {
    "qweight": _grouped,
    "weight_packed": _compressed,
    "_data": _quanto,
}
