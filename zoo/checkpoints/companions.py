"""What stands beside a quantized weight and tells how to read it: scales, zero points, orders, tables; by its name.

Sources: the modules that write them, as `zoo.checkpoints.packed` names them; for KV caches and static activations
compressed-tensors 0.12 (`initialize_module_for_quantization`) and NVIDIA ModelOpt 0.40 (`postprocess_state_dict`).
"""

import re
from typing import Literal, NamedTuple, TypeAlias

Role: TypeAlias = Literal["scale", "zero point", "order", "table", "description"]
"""What numbers are multiplied by, what is taken off them; which column is of which group; what the codes stand for; or
what else a reader must know: a shape, the name of a format.
"""


class Companion(NamedTuple):
    """A tensor that belongs to a weight, if there is one.

    to: the name of the weight, or that of the module that holds it. role: what it is of it. words: the same for a
    reader.
    """

    to: str
    role: Role
    words: str


def companion(name: str) -> Companion | None:
    """What a tensor of that name is of a quantized weight, if there is one; None for a name that tells of none."""
    module, _, last = name.rpartition(".")
    if last in _NAMES:
        # A name of its own within the weight's: `weight.quant_state.bitsandbytes__nf4`.
        return Companion(module.removesuffix(".quant_state"), *_NAMES[last])
    if found := _ENDING.search(last):
        to = name[: len(name) - len(found[0])]
        return Companion(_unwrapped(to), *_ENDINGS[found[0]])
    return None


def of_cache(name: str) -> bool:
    """Whether a tensor of that name is a scale of what attention keeps, or of its scores."""
    return name.rpartition(".")[2] in ("k_scale", "v_scale", "q_scale", "prob_scale")


def scales(weight: str) -> tuple[str, ...]:
    """The names under which the scale of a weight may be stored."""
    prefix = weight[: weight.rfind(".") + 1]
    return (f"{weight}_scale", f"{weight}_scale_inv", *(prefix + last for last in ("scale", "scales", "qscale_weight")))


def _unwrapped(name: str) -> str:
    """Of torchao's `_weight_scale` the weight's name."""
    module, dot, last = name.rpartition(".")
    return module + dot + last[1:] if last.startswith("_") else name


_NAMES: dict[str, tuple[Role, str]] = {
    "scale": ("scale", "scale"),
    "scales": ("scale", "scales"),
    "qscale_weight": ("scale", "scale"),
    "qscale_act": ("scale", "scale of the input"),
    "input_scale": ("scale", "scale of the input"),
    "input_global_scale": ("scale", "scale of the input"),
    "activation_scale": ("scale", "scale of the input"),
    "pre_quant_scale": ("scale", "scale of the input"),
    "output_scale": ("scale", "scale of the output"),
    "SCB": ("scale", "scale of each row"),
    "absmax": ("scale", "scale of each block"),
    "nested_absmax": ("scale", "scale of the scales"),
    "_scale": ("scale", "scale"),
    "_shift": ("zero point", "zero point"),
    "biases": ("zero point", "offset of each group"),
    "qbiases": ("zero point", "offset of each group"),
    "qzeros": ("zero point", "zero points"),
    "zero": ("zero point", "zero points"),
    "zeros": ("zero point", "zero points"),
    "input_zero_point": ("zero point", "zero point of the input"),
    "output_zero_point": ("zero point", "zero point of the output"),
    "g_idx": ("order", "group of each column"),
    "quant_map": ("table", "table of codes"),
    "nested_quant_map": ("table", "table of codes of the scales"),
    "codebooks": ("table", "table of codes"),
    "weight_format": ("description", "name of the format"),
    "bitsandbytes__nf4": ("description", "state of the quantizer"),
    "bitsandbytes__fp4": ("description", "state of the quantizer"),
}

_ENDINGS: dict[str, tuple[Role, str]] = {
    "_scale_inv": ("scale", "block scale"),
    "_scale_2": ("scale", "scale of the scales"),
    "_global_scale": ("scale", "scale of the scales"),
    "_activation_scale": ("scale", "scale of the input"),
    "_input_scale": ("scale", "scale of the input"),
    "_scale": ("scale", "scale"),
    "_scales": ("scale", "block scale"),
    "_zero_point": ("zero point", "zero points"),
    "_g_idx": ("order", "group of each column"),
    "_shape": ("description", "shape of the weight"),
}

_ENDING = re.compile(f"({'|'.join(sorted(_ENDINGS, key=len, reverse=True))})$")
