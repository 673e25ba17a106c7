"""What zoo reads off the names, types and shapes of tensors, against the modules that hold them.

Which are buffers: PyTorch tells of each model that transformers builds. How many numbers packed weights stand for: the
modules before bitsandbytes, transformers or PEFT changed them, and what their own code unpacks.
"""

import json
from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest

import zoo
from zoo.checkpoints.checkpoint import Checkpoint, Stored
from zoo.checkpoints.contents import Content, contents, totals
from zoo.checkpoints.parts import parts
from zoo.manager import manager
from zoo.measures.counts import count, tensors

if not (find_spec("torch") and find_spec("transformers")):
    pytest.skip("needs the oracle extra: pip install '.[oracle]'", allow_module_level=True)

TYPES = sorted(model_type for model_type, plugin in manager if plugin.distribution.startswith("paramzoo "))
TINY = {"hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 3, "num_attention_heads": 4, "vocab_size": 120}

pytestmark = pytest.mark.filterwarnings("default")  # those of torch, transformers and PEFT are not zoo's


def stored(held: Iterable[tuple[str, Any]]) -> Checkpoint:
    """The header that a file of these tensors has."""
    import torch

    names = {
        torch.float32: "F32",
        torch.float16: "F16",
        torch.bfloat16: "BF16",
        torch.float8_e4m3fn: "F8_E4M3",
        torch.float8_e8m0fnu: "F8_E8M0",
        torch.int64: "I64",
        torch.int8: "I8",
        torch.uint8: "U8",
        torch.bool: "BOOL",
    }
    found = {name: Stored(name, names[tensor.dtype], tuple(tensor.shape)) for name, tensor in held}
    return Checkpoint("here", found, ("model.safetensors",), {})


def read(held: Iterable[tuple[str, Any]]) -> tuple[dict[str, Content], int, int]:
    """What the tensors are, how many parameters in all, and how many tensors are of unknown size."""
    checkpoint = stored(held)
    told = contents(checkpoint, None)
    sums = totals(checkpoint, told)
    assert count(parts(checkpoint, told)).parameters == sums.parameters
    return told, sums.parameters, sums.unknown


def linears(model: Any) -> dict[str, Any]:
    from torch import nn

    return {name: module for name, module in model.named_modules() if isinstance(module, nn.Linear)}


@pytest.mark.parametrize("model_type", TYPES)
def test_parameters_and_buffers_of_a_model(model_type: str) -> None:
    from oracle.quantized import built

    model = built(zoo.load({"model_type": model_type}).class_name, model_type, {})
    parameters = dict(model.named_parameters())
    held = {**dict(model.named_buffers()), **parameters}  # also those that only older versions stored
    told, total, unknown = read(held.items())
    assert {name for name, content in told.items() if content.kind != "buffer"} == parameters.keys()
    assert total == sum(parameter.numel() for parameter in parameters.values())
    assert unknown == 0


@pytest.mark.parametrize("storage", ["uint8", "bfloat16", "float32"])
@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("kind", ["nf4", "fp4"])
def test_four_bits_of_bitsandbytes(kind: str, nested: bool, storage: str) -> None:
    import torch
    from torch import nn

    from oracle.quantized import built

    bitsandbytes: Any = import_module("bitsandbytes")
    model = built("LlamaForCausalLM", "llama", TINY, "cpu")
    before = sum(parameter.numel() for parameter in model.parameters())
    for name, linear in linears(model).items():
        if name == "lm_head":
            continue
        packed = bitsandbytes.nn.Linear4bit(
            linear.in_features,
            linear.out_features,
            bias=False,
            compress_statistics=nested,
            quant_type=kind,
            quant_storage=getattr(torch, storage),
        )
        packed.load_state_dict(nn.Linear.state_dict(linear))
        model.set_submodule(name, packed.to("cpu"))
    told, total, unknown = read(model.state_dict().items())
    assert sum(content.kind == "packed" for content in told.values()) == 3 * 7
    assert (total, unknown) == (before, 0)


def test_eight_bits_of_bitsandbytes() -> None:
    from torch import nn

    from oracle.quantized import built

    bitsandbytes: Any = import_module("bitsandbytes")
    model = built("OPTForCausalLM", "opt", {**TINY, "ffn_dim": 96, "word_embed_proj_dim": 64}, "cpu")
    before = {name: tuple(parameter.shape) for name, parameter in model.named_parameters()}
    for name, linear in linears(model).items():
        if name != "lm_head":
            packed = bitsandbytes.nn.Linear8bitLt(linear.in_features, linear.out_features, has_fp16_weights=False)
            packed.load_state_dict(nn.Linear.state_dict(linear))
            model.set_submodule(name, packed.to("cpu"))
    held = {name: tensor for name, tensor in model.state_dict().items() if name != "lm_head.weight"}
    checkpoint = stored(held.items())
    told = contents(checkpoint, None)
    assert {name: shape for name, shape, _ in tensors(parts(checkpoint, told))} == before
    assert {content.kind for content in told.values()} == {"parameter", "packed", "scale", "description"}


@pytest.mark.parametrize("scheme", ["dynamic", "static"])
@pytest.mark.parametrize("model_type", ["llama", "mixtral"])
def test_fp8_of_transformers(model_type: str, scheme: str) -> None:
    import transformers
    from transformers.integrations.finegrained_fp8 import replace_with_fp8_linear

    from oracle.quantized import built

    fields = {**TINY, "num_key_value_heads": 2}
    model = built(zoo.load({"model_type": model_type}).class_name, model_type, fields)
    before = {name: tuple(parameter.shape) for name, parameter in model.named_parameters()}
    stated = transformers.FineGrainedFP8Config(activation_scheme=scheme, weight_block_size=(32, 32))
    model = replace_with_fp8_linear(model, ["lm_head"], stated, pre_quantized=True)
    checkpoint = stored(model.state_dict().items())
    told = contents(checkpoint, None)
    assert {name: shape for name, shape, _ in tensors(parts(checkpoint, told))} == before
    assert sum(content.kind == "scale" for content in told.values()) > 0


def test_blocks_of_mxfp4() -> None:
    import torch

    mxfp4: Any = import_module("transformers.integrations.mxfp4")
    blocks = torch.zeros(2, 48, 3, 16, dtype=torch.uint8)
    scales = torch.full((2, 48, 3), 127, dtype=torch.uint8)
    held = {"experts.down_proj_blocks": blocks, "experts.down_proj_scales": scales}
    told, total, unknown = read(held.items())
    unpacked = mxfp4.convert_moe_packed_tensors(blocks, scales)
    assert (total, unknown) == (unpacked.numel(), 0)
    assert told["experts.down_proj_blocks"].shape == tuple(unpacked.transpose(1, 2).shape)


def test_pairs_of_four_bits_in_i8() -> None:
    import torch

    fp8: Any = import_module("transformers.integrations.finegrained_fp8")
    weight = torch.zeros(48, 64, dtype=torch.int8)
    held = {"w1.weight": weight, "w1.scale": torch.zeros(48, 4, dtype=torch.float8_e8m0fnu)}
    told, total, unknown = read(held.items())
    unpacked = fp8.Fp8Dequantize(None)._unpack_fp4(weight)
    assert (total, unknown) == (unpacked.numel(), 0)
    assert told["w1.weight"].shape == tuple(unpacked.shape)


@pytest.mark.skipif(not find_spec("peft"), reason="needs PEFT")
@pytest.mark.parametrize("dora", [False, True])
def test_an_adapter_of_peft(dora: bool) -> None:
    import peft

    from oracle.quantized import built

    model = built("LlamaForCausalLM", "llama", TINY, "cpu")
    adapted = peft.get_peft_model(
        model, peft.LoraConfig(r=4, target_modules=["q_proj", "embed_tokens"], use_dora=dora, task_type="CAUSAL_LM")
    )
    trained = sum(parameter.numel() for parameter in adapted.parameters() if parameter.requires_grad)
    told, total, unknown = read(peft.get_peft_model_state_dict(adapted, save_embedding_layers=False).items())
    assert (total, unknown) == (trained, 0)
    assert {(content.kind, content.note) for content in told.values()} == {("parameter", "LoRA")}


def test_a_file_as_safetensors_writes_it() -> None:
    import safetensors.torch

    from oracle.quantized import built

    model = built("GPT2LMHeadModel", "gpt2", {"n_embd": 16, "n_layer": 2, "n_head": 2, "vocab_size": 30}, "cpu")
    parameters = dict(model.named_parameters())
    data = safetensors.torch.save({name: tensor.detach().clone() for name, tensor in parameters.items()})
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    found = {name: Stored(name, entry["dtype"], tuple(entry["shape"])) for name, entry in header.items()}
    checkpoint = Checkpoint("here", found, ("model.safetensors",), {})
    tree = parts(checkpoint, contents(checkpoint, None))
    assert {name for name, _, _ in tensors(tree)} == parameters.keys()
    assert count(tree).parameters == sum(parameter.numel() for parameter in parameters.values())
