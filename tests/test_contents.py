"""What a checkpoint holds, told by its header: which tensors are parameters, how many numbers packed ones stand for,
and the tree that their names make.
"""

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from math import prod
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import zoo
from zoo.blueprint import Repeat, Tensor
from zoo.checkpoints.checkpoint import Checkpoint, Stored
from zoo.checkpoints.contents import Content, contents, totals
from zoo.checkpoints.parts import DEEPEST, parts
from zoo.measures.counts import Component, breakdown, count, tensors

Header = Mapping[str, tuple[str, tuple[int, ...]]]


def checkpoint(header: Header) -> Checkpoint:
    stored = {name: Stored(name, dtype, shape) for name, (dtype, shape) in header.items()}
    return Checkpoint("here", stored, ("model.safetensors",), {})


def found(header: Header, quantization: Any = None) -> dict[str, Content]:
    return contents(checkpoint(header), quantization)


def kinds(header: Header, quantization: Any = None) -> dict[str, str]:
    return {name: content.kind for name, content in found(header, quantization).items()}


def only(header: Header, quantization: Any = None) -> Content:
    """The one packed weight."""
    [packed] = [content for content in found(header, quantization).values() if content.kind == "packed"]
    return packed


def of_model(reference: Any, dtype: str = "F32") -> dict[str, tuple[str, tuple[int, ...]]]:
    """The header that a file of the model has, but for buffers."""
    return {name: (dtype, shape) for name, shape, tied_to in zoo.load(reference).tensors() if tied_to is None}


def names(components: Iterable[Component]) -> list[str]:
    return [component.name for component in components]


# --- published files -------------------------------------------------------------------------------------------------


def test_gpt2_holds_masks_that_are_no_parameters() -> None:
    # The Hub shows 137,022,720 for openai-community/gpt2.
    masks = {f"h.{layer}.attn.bias": ("F32", (1, 1, 1024, 1024)) for layer in range(12)}
    header = checkpoint({**of_model({"model_type": "gpt2", "architectures": ["GPT2Model"]}), **masks})
    told = contents(header, None)
    sums = totals(header, told)
    assert sums.parameters == 124_439_808
    assert sums.by_kind["buffer"] == (12, 12_582_912)
    assert sums.parameters + sums.by_kind["buffer"].elements == 137_022_720
    assert sums.by_dtype == {"F32": 124_439_808}
    assert sums.unknown == 0
    assert told["h.0.attn.bias"].note == "causal mask"
    [layers] = [part for part in parts(header, told) if isinstance(part, Repeat)]
    assert [(group.numbers, group.layers) for group in layers.groups] == [(range(12), 12)]


def test_llama_with_rotary_frequencies_that_transformers_no_longer_stores() -> None:
    rotary = {f"model.layers.{layer}.self_attn.rotary_emb.inv_freq": ("F32", (64,)) for layer in range(32)}
    header = checkpoint({**of_model("llama-2-7b", "F16"), **rotary})
    told = contents(header, None)
    assert totals(header, told).parameters == 6_738_415_616
    assert count(parts(header, told)).parameters == 6_738_415_616
    assert totals(header, told).by_kind["buffer"] == (32, 2048)


def test_gpt_oss_in_mxfp4() -> None:
    header = dict[str, tuple[str, tuple[int, ...]]]()
    for name, (dtype, shape) in of_model("gpt-oss-20b", "BF16").items():
        if name.endswith(("experts.gate_up_proj", "experts.down_proj")):
            number, inputs, outputs = shape
            header[f"{name}_blocks"] = ("U8", (number, outputs, inputs // 32, 16))
            header[f"{name}_scales"] = ("U8", (number, outputs, inputs // 32))
        else:
            header[name] = (dtype, shape)
    stored = checkpoint(header)
    told = contents(stored, {"quant_method": "mxfp4"})
    assert count(parts(stored, told)).parameters == zoo.load("gpt-oss-20b").parameters
    assert told["model.layers.0.mlp.experts.gate_up_proj_blocks"] == Content(
        "packed", 32 * 5760 * 2880, (32, 5760, 2880), "model.layers.0.mlp.experts.gate_up_proj", "MXFP4"
    )
    assert told["model.layers.0.mlp.experts.gate_up_proj_scales"].of == "model.layers.0.mlp.experts.gate_up_proj"
    assert told["model.layers.0.mlp.experts.gate_up_proj_bias"].kind == "parameter"


def test_deepseek_v3_in_fp8_with_an_expert_a_tensor() -> None:
    header = dict[str, tuple[str, tuple[int, ...]]]()
    for name, (_, shape) in of_model({"model_type": "deepseek_v3", "num_hidden_layers": 5}).items():
        module = name.removesuffix(".weight")
        if name.endswith(("experts.gate_up_proj", "experts.down_proj")):
            for expert in range(shape[0]):
                rows, columns = shape[1:]
                header[f"{module.rpartition('.')[0]}.{expert}.{module.rpartition('.')[2]}.weight"] = (
                    "F8_E4M3",
                    shape[1:],
                )
                scale = (-(-rows // 128), -(-columns // 128))
                header[f"{module.rpartition('.')[0]}.{expert}.{module.rpartition('.')[2]}.weight_scale_inv"] = (
                    "F32",
                    scale,
                )
        else:
            header[name] = ("BF16", shape)
    header |= {f"model.layers.{layer}.mlp.gate.e_score_correction_bias": ("F32", (256,)) for layer in (3, 4)}
    stored = checkpoint(header)
    told = contents(stored, {"quant_method": "fp8", "weight_block_size": [128, 128]})
    sums = totals(stored, told)
    assert sums.parameters == zoo.load({"model_type": "deepseek_v3", "num_hidden_layers": 5}).parameters
    assert sums.by_kind["scale"].tensors == 2 * 256 * 2
    assert sums.by_kind["buffer"] == (2, 512)
    assert told["model.layers.3.mlp.experts.0.down_proj.weight_scale_inv"] == Content(
        "scale", 0, None, "model.layers.3.mlp.experts.0.down_proj.weight", "FP8 block scale"
    )
    [model, _] = breakdown(parts(stored, told))
    assert names(model.children) == ["embed_tokens", "layers.0-2", "layers.3-4", "norm"]
    [mlp] = [part for part in model.children[2].children if part.name == "mlp"]
    assert "experts.0-255" in names(mlp.children)


# --- buffers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "dtype", "shape"),
    [
        ("transformer.h.0.attn.bias", "U8", (1, 1, 8, 8)),
        ("transformer.h.0.attn.bias", "BOOL", (1, 1, 8, 8)),
        ("h.0.crossattention.bias", "F16", (1, 1, 8, 8)),
        ("transformer.h.0.attn.attention.bias", "BOOL", (1, 1, 8, 8)),
        ("gpt_neox.layers.0.attention.bias", "BOOL", (1, 1, 8, 8)),
        ("gpt_neox.layers.0.attention.masked_bias", "F32", ()),
        ("transformer.h.0.attn.masked_bias", "F32", (1,)),
        ("embeddings.position_ids", "I64", (1, 512)),
        ("embeddings.token_type_ids", "I64", (1, 512)),
        ("text_model.embeddings.position_ids", "F16", (1, 77)),
        ("rotary_emb.inv_freq", "F32", (64,)),
        ("rotary_emb.original_inv_freq", "F32", (64,)),
        ("inv_freq", "F32", (64,)),
        ("rotary_emb.cos_cached", "F16", (1, 1, 2048, 64)),
        ("bn.running_mean", "F32", (64,)),
        ("bn.running_var", "F32", (64,)),
        ("bn.num_batches_tracked", "I64", ()),
        ("final_logits_bias", "F32", (1, 50265)),
        ("attention.self.relative_position_index", "I64", (49, 49)),
        ("mlp.gate.e_score_correction_bias", "F32", (256,)),
    ],
)
def test_buffers(name: str, dtype: str, shape: tuple[int, ...]) -> None:
    content = found({name: (dtype, shape)})[name]
    assert content[:4] == ("buffer", 0, None, name)
    assert content.note


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("h.0.attn.bias", (768,)),
        ("h.0.attn.bias", (1, 12, 8, 8)),
        ("h.0.attn.bias", (1, 1, 8, 9)),
        ("conv.bias", (1, 1, 8, 8)),
        ("position_ids.weight", (512, 768)),
        ("final_logits_bias", (50265,)),
        ("moe_statics.e_score_correction_bias", (1, 64)),
        ("logit_scale", ()),
        ("layers.0.scale", (768,)),
        ("layers.0.scales", (768,)),
        ("self_attn.k_scale", (1,)),
        ("proj.weight_scale", (768,)),
        ("proj.qweight", (768, 768)),
        ("running_mean.weight", (3,)),
    ],
)
def test_what_is_called_like_a_buffer_or_a_scale_and_is_a_parameter(name: str, shape: tuple[int, ...]) -> None:
    header: Header = {name: ("BF16", shape), "proj.weight": ("BF16", (768, 768))}
    assert found(header)[name] == Content("parameter", prod(shape), shape, name)


@pytest.mark.parametrize("dtype", ["I64", "I32", "I16", "I8", "U8", "U32", "BOOL", "F8_E8M0", "C64", "I128"])
def test_what_nothing_explains_is_unknown(dtype: str) -> None:
    stored = checkpoint({"a.weight": (dtype, (4, 4)), "b.weight": ("F32", (3,))})
    told = contents(stored, None)
    assert told["a.weight"] == Content("unknown", None, None, "a.weight")
    assert totals(stored, told)[:2] == (3, 1)
    assert [tensor.name for tensor in tensors(parts(stored, told))] == ["b.weight"]


def test_adapters_are_parameters() -> None:
    header: Header = {
        "base_model.model.q_proj.lora_A.weight": ("F32", (8, 64)),
        "base_model.model.q_proj.lora_B.weight": ("F32", (48, 8)),
        "base_model.model.q_proj.lora_magnitude_vector": ("F32", (48,)),
        "base_model.model.embed.lora_embedding_A": ("F32", (8, 100)),
    }
    assert {(content.kind, content.note) for content in found(header).values()} == {("parameter", "LoRA")}
    assert totals(checkpoint(header), found(header)).parameters == 8 * 64 + 48 * 8 + 48 + 800


# --- quantized weights -----------------------------------------------------------------------------------------------


def gptq(inputs: int, outputs: int, bits: int, group: int) -> dict[str, tuple[str, tuple[int, ...]]]:
    return {
        "q.qweight": ("I32", (inputs * bits // 32, outputs)),
        "q.qzeros": ("I32", (inputs // group, outputs * bits // 32)),
        "q.scales": ("F16", (inputs // group, outputs)),
        "q.g_idx": ("I32", (inputs,)),
        "q.bias": ("F16", (outputs,)),
    }


@pytest.mark.parametrize("bits", [2, 3, 4, 8])
@pytest.mark.parametrize("left_out", [set(), {"q.g_idx"}, {"q.qzeros"}, {"q.g_idx", "q.qzeros"}])
def test_gptq(bits: int, left_out: set[str]) -> None:
    header = {name: value for name, value in gptq(256, 96, bits, 64).items() if name not in left_out}
    stated = {"bits": bits, "quant_method": "gptq"}
    told = found(header, stated)
    assert told["q.qweight"] == Content("packed", 256 * 96, (96, 256), "q.weight", f"GPTQ, {bits} bits")
    assert found(header)["q.qweight"].numbers == (None if len(left_out) == 2 else 256 * 96)
    of = {content.of for name, content in told.items() if name != "q.bias"}
    assert of == {"q.weight"}
    assert set(kinds(header).values()) <= {"packed", "scale", "zero point", "order", "parameter"}
    assert kinds(header)["q.bias"] == "parameter"


@pytest.mark.parametrize("group", [32, 128, 256])
def test_awq(group: int) -> None:
    header: Header = {
        "q.qweight": ("I32", (256, 12)),
        "q.qzeros": ("I32", (256 // group, 12)),
        "q.scales": ("F16", (256 // group, 96)),
    }
    assert only(header) == Content("packed", 256 * 96, (96, 256), "q.weight", "AWQ, 4 bits")
    assert kinds(header) == {"q.qweight": "packed", "q.qzeros": "zero point", "q.scales": "scale"}


@pytest.mark.parametrize(
    "changed",
    [
        {"q.scales": ("F16", (4, 95)), "q.qzeros": ("I32", (4, 12))},
        {"q.scales": ("F16", (96,))},
        {"q.qweight": ("I32", (96,))},
        {"q.qweight": ("U8", (32, 96))},
        {"q.g_idx": ("I32", (300,))},
    ],
)
def test_a_packed_weight_whose_shapes_do_not_agree_is_of_no_known_size(changed: Header) -> None:
    header = {**gptq(256, 96, 4, 64), **changed}
    packed = found(header, {"bits": 4})["q.qweight"]
    assert (packed.kind, packed.numbers, packed.shape, packed.of) == ("packed", None, None, "q.weight")
    assert packed.note.endswith("how many numbers is not known")
    assert totals(checkpoint(header), found(header, {"bits": 4})).unknown == 1


@pytest.mark.parametrize(("dtype", "rows"), [("U8", 1536), ("BF16", 768), ("F32", 384)])
def test_bitsandbytes_4_bits_however_stored(dtype: str, rows: int) -> None:
    header: Header = {
        "q.weight": (dtype, (rows, 1)),
        "q.weight.absmax": ("U8", (48,)),
        "q.weight.nested_absmax": ("F32", (1,)),
        "q.weight.quant_map": ("F32", (16,)),
        "q.weight.nested_quant_map": ("F32", (256,)),
        "q.weight.quant_state.bitsandbytes__nf4": ("U8", (167,)),
    }
    assert only(header) == Content("packed", 64 * 48, None, "q.weight", "bitsandbytes nf4, 4 bits")
    assert list(kinds(header).values()) == ["packed", "scale", "scale", "table", "table", "description"]
    assert {content.of for content in found(header).values()} == {"q.weight"}
    stored = checkpoint(header)
    # Not a vector, though one dimension is all that is known.
    [scope] = parts(stored, contents(stored, None))
    assert [(tensor.name, tensor.shape) for tensor in tensors((scope,))] == [("q.weight", (3072,))]
    assert {part.use for part in scope.parts if isinstance(part, Tensor)} == {"unknown"}  # type: ignore[attr-defined]


def test_int8_of_bitsandbytes_and_compressed_tensors() -> None:
    header: Header = {"q.weight": ("I8", (48, 64)), "q.SCB": ("F32", (48,)), "q.weight_format": ("U8", ())}
    assert kinds(header) == {"q.weight": "packed", "q.SCB": "scale", "q.weight_format": "description"}
    assert only(header).shape == (48, 64)
    header = {"q.weight": ("I8", (48, 64)), "q.weight_scale": ("BF16", (48, 1)), "q.input_scale": ("F32", ())}
    assert kinds(header) == {"q.weight": "packed", "q.weight_scale": "scale", "q.input_scale": "scale"}
    assert only(header).shape == (48, 64)


@pytest.mark.parametrize("weight", [("I8", (48, 64)), ("I8", (8, 48, 64)), ("U8", (48, 64))])
@pytest.mark.parametrize(("scale", "block"), [("F8_E4M3", 16), ("F8_E8M0", 32), ("U8", 32)])
@pytest.mark.parametrize("name", ["q.weight_scale", "q.weight_scale_inv", "q.scale"])
def test_two_numbers_of_four_bits_in_a_byte(
    weight: tuple[str, tuple[int, ...]], scale: str, block: int, name: str
) -> None:
    *lead, columns = weight[1]
    header: Header = {
        "q.weight": weight,
        name: (scale, (*lead, columns * 2 // block)),
        "q.weight_scale_2": ("F32", ()),
        "q.input_scale": ("F32", ()),
    }
    assert only(header).shape == (*lead, columns * 2)
    assert list(kinds(header).values()) == ["packed", "scale", "scale", "scale"]


def test_bytes_that_may_be_one_number_or_two() -> None:
    assert only({"q.weight": ("I8", (48, 64)), "q.weight_scale_inv": ("F32", (48, 4))}).numbers is None
    assert only({"q.weight": ("U8", (48, 64)), "q.weight_scale": ("F32", (48, 4))}).numbers is None


def test_compressed_tensors_packed() -> None:
    def stated(**weights: Any) -> dict[str, Any]:
        return {"config_groups": {"group_0": {"weights": {"num_bits": 4, "type": "int", **weights}}}}

    header: Header = {
        "q.weight_packed": ("I32", (96, 32)),
        "q.weight_scale": ("BF16", (96, 2)),
        "q.weight_zero_point": ("I32", (12, 2)),
        "q.weight_g_idx": ("I32", (256,)),
        "q.weight_shape": ("I64", (2,)),
    }
    assert only(header, stated(group_size=128)) == Content(
        "packed", 96 * 256, (96, 256), "q.weight", "compressed-tensors, 4 bits"
    )
    assert list(kinds(header, stated()).values()) == ["packed", "scale", "zero point", "order", "description"]
    # Ten numbers of three bits in a word, and the last word not full: only what stands beside it tells.
    three: Header = {**header, "q.weight_packed": ("I32", (96, 26))}
    assert only(three, stated(num_bits=3)).shape == (96, 256)
    del three["q.weight_g_idx"]  # type: ignore[attr-defined]
    assert only(three, stated(num_bits=3, group_size=128)).shape == (96, 256)
    assert only(three, stated(num_bits=3)).numbers is None
    channel: Header = {"q.weight_packed": ("I32", (96, 32)), "q.weight_scale": ("BF16", (96, 1))}
    assert only(channel, stated(group_size=None)).shape == (96, 256)
    unhelpful: list[Any] = [None, {}, [], stated(num_bits="4"), stated(type="float"), stated(num_bits=True)]
    assert [only(channel, said).numbers for said in unhelpful] == [None] * 6
    fp4: Header = {
        "q.weight_packed": ("U8", (96, 128)),
        "q.weight_scale": ("F8_E4M3", (96, 16)),
        "q.weight_global_scale": ("F32", (1,)),
        "q.input_global_scale": ("F32", (1,)),
    }
    assert only(fp4) == Content("packed", 96 * 256, (96, 256), "q.weight", "NVFP4")
    assert list(kinds(fp4).values()) == ["packed", "scale", "scale", "scale"]


@pytest.mark.parametrize("bits", [2, 3, 4, 5, 6, 8])
def test_mlx_as_its_config_says_for_all_or_for_one_module(bits: int) -> None:
    header: Header = {
        "model.q.weight": ("U32", (96, 256 * bits // 32)),
        "model.q.scales": ("BF16", (96, 4)),
        "model.q.biases": ("BF16", (96, 4)),
        "model.q.bias": ("BF16", (96,)),
    }
    said = {"bits": bits, "group_size": 64}
    for stated in (said, {"bits": 1, "group_size": 1, "model.q": said}):
        assert only(header, stated) == Content("packed", 96 * 256, (96, 256), "model.q.weight", f"MLX, {bits} bits")
    assert list(kinds(header, said).values()) == ["packed", "scale", "zero point", "parameter"]
    for wrong in (None, {"bits": bits}, {"bits": bits, "group_size": 32}, {"bits": bits, "group_size": "64"}):
        assert only(header, wrong).numbers is None


def test_bitnet_torchao_and_quanto() -> None:
    bitnet: Header = {"q.weight": ("U8", (24, 64)), "q.weight_scale": ("BF16", (1,))}
    assert only(bitnet, {"quant_method": "bitnet"}).shape == (96, 64)
    assert only(bitnet).numbers is None
    torchao: Header = {"q._weight_qdata": ("F8_E4M3", (96, 64)), "q._weight_scale": ("F32", (96, 1))}
    assert found(torchao)["q._weight_qdata"] == Content("packed", 6144, (96, 64), "q.weight", "torchao FP8")
    assert found(torchao)["q._weight_scale"][:4] == ("scale", 0, None, "q.weight")
    quanto: Header = {
        "q.weight._data": ("I8", (96, 64)),
        "q.weight._scale": ("BF16", (96, 1)),
        "q.input_scale": ("BF16", ()),
    }
    assert only(quanto).shape == (96, 64)
    assert {content.of for content in found(quanto).values()} == {"q.weight"}
    assert only({"q.weight._data._data": ("U8", (48, 64)), "q.weight._scale": ("F32", (1,))}).numbers is None


def test_scales_of_fp8_and_of_the_cache() -> None:
    header: Header = {
        "self_attn.k_proj.weight": ("F8_E4M3", (96, 64)),
        "self_attn.k_proj.weight_scale": ("F32", ()),
        "self_attn.k_proj.input_scale": ("F32", ()),
        "self_attn.k_proj.k_scale": ("F32", ()),
        "self_attn.k_scale": ("F32", (1,)),
        "self_attn.k_norm.weight": ("BF16", (64,)),
        "experts.down_proj": ("F8_E4M3", (8, 64, 64)),
        "experts.down_proj_scale": ("F32", (8, 1, 64)),
        "experts.down_proj_activation_scale": ("F32", (8,)),
    }
    told = found(header)
    assert [name for name, content in told.items() if content.kind == "parameter"] == [
        "self_attn.k_proj.weight",
        "self_attn.k_norm.weight",
        "experts.down_proj",
    ]
    assert {content.kind for content in told.values()} == {"parameter", "scale"}
    assert told["experts.down_proj_scale"].of == told["experts.down_proj_activation_scale"].of == "experts.down_proj"
    assert told["self_attn.k_proj.weight_scale"].note == "FP8 scale"


def test_elements_of_f4_are_numbers() -> None:
    assert found({"q.weight": ("F4", (96, 64))})["q.weight"][:3] == ("parameter", 6144, (96, 64))


def test_integers_with_a_scale_in_a_format_that_is_not_known() -> None:
    # AQLM: codes of codebooks.
    header: Header = {
        "q.codes": ("I16", (96, 8, 2)),
        "q.codebooks": ("F16", (2, 65536, 1, 8)),
        "q.scales": ("F16", (96, 1, 1, 1)),
    }
    assert list(kinds(header).values()) == ["packed", "table", "scale"]
    assert totals(checkpoint(header), found(header))[:2] == (0, 1)


def test_no_two_weights_are_of_the_same_name() -> None:
    header: Header = {
        **gptq(256, 96, 4, 64),
        "q.weight": ("F16", (96, 256)),
        "p.qweight": ("I32", (1, 1)),
        "p.weight_packed": ("I32", (1, 1)),
    }
    held = [content.of for content in found(header).values() if content.kind in ("parameter", "packed")]
    assert len(set(held)) == len(held)
    assert "q.qweight" in held


# --- the tree --------------------------------------------------------------------------------------------------------


def plain(*tensors: str) -> Checkpoint:
    return checkpoint(dict.fromkeys(tensors, ("F32", (2, 3))))


def listed(stored: Checkpoint) -> list[str]:
    return [name for name, _, _ in tensors(parts(stored, contents(stored, None)))]


def shown(stored: Checkpoint) -> list[str]:
    return names(breakdown(parts(stored, contents(stored, None))))


def test_equal_layers_are_one_whatever_the_order_of_their_tensors() -> None:
    assert shown(plain("h.0.a", "h.0.b", "h.1.b", "h.1.a", "h.2.a", "h.10.a", "h.norm")) == ["h.0-1", "h.2,10", "h"]


def test_numbers_at_the_top_and_right_below_a_number() -> None:
    assert shown(plain("0.w", "1.w", "2.x.w", "b")) == ["b", "0-1", "2"]
    [h] = breakdown(parts(stored := plain("h.0.0.w", "h.0.1.w", "h.1.0.w", "h.1.1.w"), contents(stored, None)))
    assert (h.name, names(h.children), h.times, h.children[0].times) == ("h.0-1", ["0-1"], 2, 4)


@pytest.mark.parametrize("number", ["00", "1e5", "-1", "+1", "1_0", "٣", "²", " 1", "9" * 30, ""])
def test_what_is_no_number_of_a_layer(number: str) -> None:
    assert shown(stored := plain(f"h.{number}.w")) == ["h"]
    assert listed(stored) == [f"h.{number}.w"]


@pytest.mark.parametrize(
    "hostile",
    [
        ["", ".", "..", "a..b", ".a", "a.", "a..", "a", "a.b", "a.b.c"],
        ["{}.0.w", "a{}.0.w", "a{}.1.w", "{}", "{}.{}.0.0.w", "0.{}.1.w"],
        ["0", "0.0", "0.0.0", "1.0", "h.0", "h.1", "h.0.w"],
        [".".join("x" * 10_000), ".".join("x" * 10_001), "." * 10_000, "0." * 10_000, "1." * 10_000],
        ["\0", "\x1b[2J", "\ud800", "a\nb.c"],
    ],
)
def test_every_name_is_listed_once(hostile: list[str]) -> None:
    stored = plain(*hostile)
    assert sorted(listed(stored)) == sorted(hostile)
    assert count(parts(stored, contents(stored, None))).parameters == 6 * len(hostile)


def depth(components: Iterable[Component]) -> int:
    return max((1 + depth(component.children) for component in components), default=0)


def test_the_tree_is_no_deeper_than_the_cap() -> None:
    stored = plain(*("a." * n + "b" for n in range(100)))
    assert depth(breakdown(parts(stored, contents(stored, None)))) <= DEEPEST + 1


def test_what_only_wraps_takes_one_row() -> None:
    wrapped = [f"base_model.model.model.layers.{layer}.q.lora_A" for layer in range(4)]
    assert shown(plain(*wrapped)) == ["base_model.model.model.layers.0-3"]
    assert shown(plain(*wrapped, "base_model.model.model.norm")) == ["base_model.model.model"]
    assert shown(plain("intermediate.dense.weight")) == ["intermediate"]


def size(components: Iterable[Component]) -> int:
    return sum(1 + size(component.children) for component in components)


def test_a_tree_is_not_much_larger_than_its_leaves_are_many() -> None:
    stored = checkpoint({f"{n:x}." + "a." * 60 + end: ("F32", (n, 3)) for n in range(1000) for end in "wv"})
    assert size(breakdown(parts(stored, contents(stored, None)))) < 2 * len(stored.tensors)


def test_a_hundred_thousand_tensors() -> None:
    header: dict[str, tuple[str, tuple[int, ...]]] = {}
    for layer in range(60):
        for expert in range(280):
            for name in ("gate_proj", "up_proj", "down_proj"):
                module = f"model.layers.{layer}.mlp.experts.{expert}.{name}"
                header[f"{module}.weight"] = ("F8_E4M3", (256, 256))
                header[f"{module}.weight_scale_inv"] = ("F32", (2, 2))
    stored = checkpoint(header)
    start = time.process_time()
    told = contents(stored, None)
    tree = parts(stored, told)
    taken = time.process_time() - start
    assert len(header) > 100_000
    assert count(tree).parameters == totals(stored, told).parameters == 60 * 280 * 3 * 256**2
    assert taken < 10  # about one second on a quiet machine


STEPS = st.sampled_from(["", "0", "1", "2", "10", "00", "a", "b", "{}", "weight", "experts", "qweight", "lora_A"])
NAMES = st.lists(STEPS, min_size=1, max_size=5).map(".".join) | st.text(st.sampled_from("a.0{}"), max_size=8)
SHAPES = st.lists(st.integers(0, 4), max_size=3).map(tuple)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(NAMES, SHAPES, max_size=30))
def test_the_tree_lists_what_is_stored(shapes: dict[str, tuple[int, ...]]) -> None:
    stored = checkpoint({name: ("F32", shape) for name, shape in shapes.items()})
    told = contents(stored, None)
    tree = parts(stored, told)
    held = {name: shape for name, shape in shapes.items() if told[name].kind == "parameter"}
    assert Counter((name, shape) for name, shape, _ in tensors(tree)) == Counter(held.items())
    total = sum(map(prod, held.values()))
    assert count(tree).parameters == totals(stored, told).parameters == total
    assert sum(component.parameters for component in breakdown(tree)) == total


DTYPES = st.sampled_from(["F32", "BF16", "F8_E4M3", "F8_E8M0", "F4", "I8", "U8", "I32", "U32", "I64", "BOOL", "new"])
LASTS = """
    weight qweight qzeros scales g_idx weight_packed weight_scale weight_g_idx weight_shape weight_scale_inv SCB bias
    biases weight_scale_2 w_blocks w_scales weight.absmax weight.quant_state.bitsandbytes__nf4 _weight_qdata scale
    _weight_scale weight._data weight._scale weight._data._data meta k_scale codes position_ids
"""
QUANTIZED = st.dictionaries(
    st.tuples(st.sampled_from(["", "a.", "0."]), st.sampled_from(LASTS.split())).map("".join),
    st.tuples(DTYPES, st.lists(st.sampled_from([0, 1, 2, 4, 8, 16, 32, 64]), max_size=3).map(tuple)),
    max_size=12,
)
VALUES = st.none() | st.booleans() | st.integers(-1, 64) | st.floats() | st.text(max_size=3)
KEYS = st.sampled_from(["bits", "group_size", "num_bits", "type", "weights", "config_groups", "quant_method", "a", "0"])
JSON = st.recursive(
    VALUES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            KEYS | st.text(),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(QUANTIZED, JSON)
def test_any_header_and_any_config_give_contents_that_agree(header: dict[str, Any], quantization: Any) -> None:
    stored = checkpoint(header)
    told = contents(stored, quantization)
    assert list(told) == list(header)
    tree = parts(stored, told)
    known = [content for content in told.values() if content.kind in ("parameter", "packed")]
    for content in told.values():
        assert content.shape is None or prod(content.shape) == content.numbers
        assert content.kind in ("parameter", "packed", "unknown") or content.numbers == 0
        assert content.kind != "unknown" or content.numbers is None
    assert Counter(tensor.name for tensor in tensors(tree)) == Counter(
        content.of for content in known if content.numbers is not None
    )
    assert count(tree).parameters == totals(stored, told).parameters
