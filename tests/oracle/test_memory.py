"""Bytes of weights, and of what optimizers remember, against small models of transformers that hold them."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import zoo
from zoo.manager import manager
from zoo.model import Model

if not (find_spec("torch") and find_spec("transformers")):
    pytest.skip("needs the oracle extra: pip install '.[oracle]'", allow_module_level=True)

pytestmark = pytest.mark.filterwarnings("default")
needs_bitsandbytes = pytest.mark.skipif(
    not (find_spec("bitsandbytes") and find_spec("accelerate")), reason="needs bitsandbytes and accelerate"
)

TYPES = [model_type for model_type, _ in manager]
CLASSES = [(model_type, name) for model_type in TYPES for name in manager.architecture(model_type).classes()]

# Its layers are of a class of their own, FalconLinear, which transformers 4 converts and 5 passes by.
OWN_CLASS = {"falcon"}
# Their experts are fused only in transformers 5, which then does not convert them to bitsandbytes. So are those of
# DeepSeek-V3, of which its small config has none.
FUSED_SINCE_5 = {"mixtral", "qwen2_moe", "qwen3_moe", "deepseek_v2"}
# Layers that store (inputs, outputs): which formats convert a square one, the parts do not tell. Experts with biases:
# transformers has none in FP8.
UNKNOWN_IN_FP8 = {"gpt2", "openai-gpt", "gpt_oss"} | OWN_CLASS


def model(model_type: str, class_name: str, fields: dict[str, Any], dtype: str, quantization: dict[str, Any]) -> Model:
    config = {**fields, "model_type": model_type, "architectures": [class_name], "dtype": dtype}
    return zoo.load({**config, "quantization_config": quantization})


def fp8_agrees(model_type: str, class_name: str, stated: dict[str, Any], dtype: str = "bfloat16") -> None:
    import torch

    from oracle.quantized import fp8
    from zoo.testing.small import small

    fields = small(model_type)
    found = model(model_type, class_name, fields, dtype, {"quant_method": "fp8", **stated}).weight_memory()
    if model_type in UNKNOWN_IN_FP8:
        assert found is None
    else:
        assert found is not None
        assert found.bytes == fp8(class_name, model_type, fields, stated, getattr(torch, dtype))


@pytest.mark.parametrize(("model_type", "class_name"), CLASSES)
def test_fp8(model_type: str, class_name: str) -> None:
    fp8_agrees(model_type, class_name, {"weight_block_size": [16, 32]})


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float32"])
@pytest.mark.parametrize(
    "stated",
    [
        {"weight_block_size": None, "activation_scheme": "static"},
        {"modules_to_not_convert": ["lm_head", "score", ".*layers.1", "dense"], "scale_fmt": "ue8m0"},
        {"ignored_layers": ["lm_head", "decoder", "out_proj", "o_proj"]},
    ],
    ids=str,
)
@pytest.mark.parametrize("model_type", TYPES)
def test_settings_of_fp8(model_type: str, stated: dict[str, Any], dtype: str) -> None:
    fp8_agrees(model_type, next(iter(manager.architecture(model_type).classes())), stated, dtype)


def test_layers_of_a_class_of_their_own_are_known_where_they_stay_as_they_are() -> None:
    import torch

    from oracle.quantized import fp8
    from zoo.testing.small import small

    fields, stated = small("falcon"), {"modules_to_not_convert": ["transformer", "lm_head"]}
    found = model("falcon", "FalconForCausalLM", fields, "bfloat16", {"quant_method": "fp8", **stated}).weight_memory()
    assert found is not None
    assert found.bytes == fp8("FalconForCausalLM", "falcon", fields, stated, torch.bfloat16)


@pytest.mark.parametrize(("model_type", "class_name"), CLASSES)
def test_what_stays_in_float32_is_what_transformers_keeps_so(model_type: str, class_name: str) -> None:
    """Each tensor beside weights of either 16 bits, and which modules are never quantized."""
    import torch
    from transformers.integrations.awq import AWQ_SCALES_MAPPINGS

    from oracle.quantized import in_float32, linear_subclasses, loaded
    from zoo.testing.small import small

    fields, architecture = small(model_type), manager.architecture(model_type)
    tensors = [tensor.name for tensor in model(model_type, class_name, fields, "float32", {}).tensors()]
    always, beside_float16 = architecture.always_full_precision, architecture.full_precision
    for dtype, names in ((torch.bfloat16, always), (torch.float16, (*always, *beside_float16))):
        expected = loaded(class_name, model_type, fields, dtype)
        assert in_float32(expected) == sorted(name for name in tensors if set(name.split(".")[-2:]) & set(names))
        assert set(beside_float16) == expected._keep_in_fp32_modules
    assert set(architecture.linear_subclasses) == linear_subclasses(expected)
    scaled = AWQ_SCALES_MAPPINGS.get(model_type)
    assert architecture.awq_scaled == ((scaled["layer_before_act"],) if scaled else ())


def test_mxfp4() -> None:
    from oracle.quantized import mxfp4
    from zoo.testing.small import small

    fields = small("gpt_oss")
    found = model("gpt_oss", "GptOssForCausalLM", fields, "bfloat16", {"quant_method": "mxfp4"}).weight_memory()
    assert found is not None
    assert found.bytes == mxfp4("gpt_oss", fields)


@needs_bitsandbytes
@pytest.mark.parametrize(
    "stated",
    [
        {"load_in_8bit": True},
        {"load_in_4bit": True, "bnb_4bit_quant_type": "nf4"},
        {"load_in_4bit": True, "bnb_4bit_use_double_quant": True},
        {"load_in_4bit": True, "llm_int8_skip_modules": ["q_proj", "self.query", "c_attn"]},
    ],
    ids=str,
)
@pytest.mark.parametrize("model_type", TYPES)
def test_bitsandbytes(model_type: str, stated: dict[str, Any], tmp_path: Path) -> None:
    bitsandbytes_agrees(tmp_path, model_type, stated, "float16")


@needs_bitsandbytes
@pytest.mark.parametrize("model_type", sorted(OWN_CLASS | FUSED_SINCE_5))
def test_bitsandbytes_where_what_is_not_known_stays_as_it_is(model_type: str, tmp_path: Path) -> None:
    import torch

    from oracle.quantized import bitsandbytes
    from zoo.testing.small import small

    fields, stated = small(model_type), {"load_in_4bit": True, "llm_int8_skip_modules": ["experts", "transformer"]}
    class_name = next(iter(manager.architecture(model_type).classes()))
    memory = model(model_type, class_name, fields, "float16", stated).weight_memory()
    assert memory is not None
    assert memory.bytes == bitsandbytes(tmp_path, class_name, model_type, fields, stated, torch.float16)


@needs_bitsandbytes
@pytest.mark.parametrize("model_type", ["t5", "deberta", "gpt_oss"])
def test_bitsandbytes_beside_bfloat16(model_type: str, tmp_path: Path) -> None:
    bitsandbytes_agrees(tmp_path, model_type, {"load_in_8bit": True}, "bfloat16")


def bitsandbytes_agrees(folder: Path, model_type: str, stated: dict[str, Any], dtype: str) -> None:
    import torch

    from oracle.quantized import bitsandbytes
    from zoo.testing.small import small

    fields = small(model_type)
    class_name = next(iter(manager.architecture(model_type).classes()))
    stated_in_full = {"quant_method": "bitsandbytes", **stated}
    memory = model(model_type, class_name, fields, dtype, stated_in_full).weight_memory()
    if model_type in OWN_CLASS | FUSED_SINCE_5:
        assert memory is None
    else:
        assert memory is not None
        expected = bitsandbytes(folder, class_name, model_type, fields, stated, getattr(torch, dtype))
        assert memory.bytes == expected


GROUPED = ["llama", "qwen2", "opt", "phi", "gpt_neox", "falcon", "bloom", "mpt", "gptj", "starcoder2"]


@pytest.mark.parametrize("group", [16, -1])
@pytest.mark.parametrize("method", ["gptq", "awq"])
@pytest.mark.parametrize("model_type", GROUPED)
def test_gptq_and_awq(model_type: str, method: str, group: int) -> None:
    from oracle.quantized import grouped
    from zoo.testing.small import small

    if method == "awq" and group == -1:
        pytest.skip("AutoAWQ has groups")
    fields = small(model_type)
    class_name = next(iter(manager.architecture(model_type).classes()))
    stated = {"quant_method": method, "bits": 4, "group_size": group}
    found = model(model_type, class_name, fields, "float16", stated).weight_memory()
    assert found is not None
    assert found.bytes == grouped(class_name, model_type, fields, method, 4, group)


OPTIMIZED = ["albert", "bert", "gpt2", "gpt_oss", "mamba", "opt", "qwen2_moe", "switch_transformers", "t5"]


@pytest.mark.parametrize("name", ["adamw", "adamw-fp32", "sgd", "sgd-momentum", "adafactor"])
@pytest.mark.parametrize("model_type", OPTIMIZED)
def test_optimizer_states(model_type: str, name: str) -> None:
    from oracle.optimizers import state_bytes, transformers_adafactor_bytes
    from zoo.testing.small import small

    fields = small(model_type)
    counted = zoo.load({**fields, "model_type": model_type})
    expected = counted.training_memory(name).optimizer_states
    assert expected == state_bytes(counted.class_name, model_type, fields, name)
    if name == "adafactor":
        assert expected == transformers_adafactor_bytes(counted.class_name, model_type, fields)


@needs_bitsandbytes
@pytest.mark.parametrize("model_type", OPTIMIZED)
def test_optimizer_states_in_eight_bits(model_type: str) -> None:
    from oracle.optimizers import eight_bit_bytes
    from zoo.testing.small import small

    fields = {**small(model_type), "vocab_size": 500}
    counted = zoo.load({**fields, "model_type": model_type})
    expected = eight_bit_bytes(counted.class_name, model_type, fields)
    assert counted.training_memory("adamw-8bit").optimizer_states == expected
