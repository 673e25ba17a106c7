"""Small models of transformers, quantized as it quantizes them, and the bytes that their weights take then."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
import transformers
from torch import nn
from transformers.integrations.awq import AWQ_SCALES_MAPPINGS
from transformers.integrations.finegrained_fp8 import replace_with_fp8_linear
from transformers.quantizers.base import HfQuantizer

from zoo.testing.judge import config

# Of transformers, for mypy, what has no types.
_MXFP4: Any = import_module("transformers.integrations.mxfp4")
_UNTYPED: Any = transformers

# What a file holds beside the tensors that memory does: a JSON header, and the name of a format.
_IN_FILES = ("weight_format", "quant_state.bitsandbytes__nf4", "quant_state.bitsandbytes__fp4")


@contextmanager
def made_in(dtype: torch.dtype) -> Iterator[None]:
    """What is made within has that dtype where it says no other."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def built(class_name: str, model_type: str, fields: dict[str, Any], device: str = "meta") -> Any:
    """A model of the class; on the meta device its tensors have no storage."""
    torch.manual_seed(0)
    with torch.device(device):
        return getattr(transformers, class_name)(config(model_type, **fields))


def loaded(class_name: str, model_type: str, fields: dict[str, Any], dtype: torch.dtype) -> Any:
    """A model of the class on the meta device whose tensors have the types that `from_pretrained(dtype=)` gives them:
    those of the modules as they are made, but what the class keeps in float32.
    """
    with made_in(dtype):
        model = built(class_name, model_type, fields)
    plan = model._get_dtype_plan(dtype)
    for name, parameter in model.named_parameters():
        if any(re.search(key, name) for key in plan):
            parameter.data = parameter.data.float()
    return model


def in_float32(model: Any) -> list[str]:
    """The names of the parameters that are, tied ones once."""
    return sorted(name for name, parameter in _held(model).items() if parameter.dtype == torch.float32)


def linear_subclasses(model: Any) -> set[str]:
    """The last names of the modules that are of a class made of nn.Linear."""
    kinds = {name: type(module) for name, module in model.named_modules()}
    return {
        name.rpartition(".")[2] for name, kind in kinds.items() if issubclass(kind, nn.Linear) and kind != nn.Linear
    }


def size(tensors: Iterable[torch.Tensor]) -> int:
    """Bytes of tensors."""
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def fp8(class_name: str, model_type: str, fields: dict[str, Any], stated: dict[str, Any], dtype: torch.dtype) -> int:
    """Bytes of the parameters once linear layers and experts are replaced by transformers' own of FP8."""
    settings = transformers.FineGrainedFP8Config(**stated)
    model = loaded(class_name, model_type, fields, dtype)
    kept = HfQuantizer.get_modules_to_not_convert(model, settings.modules_to_not_convert, model._keep_in_fp32_modules)
    with made_in(dtype):  # the biases of what is replaced
        model = replace_with_fp8_linear(model, kept, settings, pre_quantized=True)
    return size(_held(model).values())


def mxfp4(model_type: str, fields: dict[str, Any]) -> int:
    """Bytes of a gpt-oss whose experts are replaced by transformers' own of MXFP4. Their scales it keeps in another
    form while it runs: a byte for each block of 32, which is what it writes (`_scales` of the same leading dimensions).
    """
    model = built("GptOssForCausalLM", model_type, fields).to(torch.bfloat16)
    for layer in model.model.layers:
        with torch.device("meta"):
            experts = _MXFP4.Mxfp4GptOssExperts(model.config)
        for name in ("gate_up_proj_bias", "down_proj_bias"):  # bfloat16 in the published files
            setattr(experts, name, nn.Parameter(getattr(experts, name).to(torch.bfloat16), requires_grad=False))
        for name in ("gate_up_proj", "down_proj"):
            blocks = getattr(experts, name).shape[-1] * 2 // 32
            scales = torch.empty(*getattr(experts, name).shape[:-1], blocks, dtype=torch.uint8, device="meta")
            experts.register_parameter(f"{name}_scales", nn.Parameter(scales, requires_grad=False))
        layer.mlp.experts = experts
    return size(_held(model).values())


def bitsandbytes(
    folder: Path,
    class_name: str,
    model_type: str,
    fields: dict[str, Any],
    stated: dict[str, Any],
    dtype: torch.dtype,
) -> int:
    """Bytes of the weights of a real model that transformers quantizes while it loads it."""
    built(class_name, model_type, fields, "cpu").to(dtype).save_pretrained(folder)
    settings = _UNTYPED.BitsAndBytesConfig(**stated)
    model = getattr(transformers, class_name).from_pretrained(
        folder, quantization_config=settings, dtype=dtype, device_map="cpu"
    )
    parameters = _held(model)
    found = {name: tensor for name, tensor in model.state_dict().items() if _of(name, parameters)}
    # The offset of the scales stands as a number in the header.
    offsets = sum(4 for name in found if name.endswith("nested_absmax"))
    return size(found.values()) + offsets


def _of(name: str, parameters: dict[str, torch.Tensor]) -> bool:
    """Whether an entry of a state dict is a parameter that holds something, or tells how to read one."""
    if name.endswith(_IN_FILES):
        return False
    module, _, last = name.rpartition(".")
    return name in parameters or (last == "SCB" and f"{module}.weight" in parameters) or module in parameters


def _held(model: Any) -> dict[str, torch.Tensor]:
    """The parameters, tied ones once."""
    return dict(model.named_parameters())


def grouped(class_name: str, model_type: str, fields: dict[str, Any], method: str, bits: int, group: int) -> int:
    """Bytes once the linear layers within the numbered ones are as GPTQ or AWQ writes them.

    Names, shapes and types of the tensors: `QuantLinear` of AutoGPTQ 0.7, `WQLinear_GEMM` and `ScaledActivation` of
    AutoAWQ 0.2.
    """
    model = loaded(class_name, model_type, fields, torch.float16)
    if method == "awq" and model_type in AWQ_SCALES_MAPPINGS:
        _scale_activations(model, **AWQ_SCALES_MAPPINGS[model_type])
    for name, module in list(model.named_modules()):
        if isinstance(module, nn.Linear) and any(step.isdecimal() for step in name.split(".")):
            model.set_submodule(name, _grouped(module, method, bits, group))
    return size(_held(model).values()) + size(model.state_dict()[name] for name in _packed(model))


def _scale_activations(model: Any, act: str, layer_before_act: str) -> None:
    found = [dict(module.named_children()) for module in model.modules()]
    scaled = [children for children in found if {act, layer_before_act} <= children.keys()]
    assert scaled
    for children in scaled:
        scales = torch.empty(children[layer_before_act].out_features, dtype=torch.float16, device="meta")
        children[act].register_buffer("scales", scales)


def _grouped(linear: nn.Linear, method: str, bits: int, group: int) -> nn.Module:
    inputs, outputs = linear.in_features, linear.out_features
    groups = 1 if group == -1 else inputs // group
    module = nn.Module()
    packed = (inputs // 32 * bits, outputs) if method == "gptq" else (inputs, outputs // 32 * bits)
    shapes = {"qweight": packed, "qzeros": (groups, outputs // 32 * bits)}
    if method == "gptq":
        shapes["g_idx"] = (inputs,)  # type: ignore[assignment]
    for name, shape in shapes.items():
        module.register_buffer(name, torch.empty(shape, dtype=torch.int32, device="meta"))
    module.register_buffer("scales", torch.empty(groups, outputs, dtype=torch.float16, device="meta"))
    if linear.bias is not None:
        module.bias = linear.bias
    return module


def _packed(model: Any) -> list[str]:
    return [name for name in model.state_dict() if name.endswith((".qweight", ".qzeros", ".g_idx", ".scales"))]
