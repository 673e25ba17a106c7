"""Quantized weights: sizes of published files, which modules stay as they are, and configs that make no sense."""

import time
from typing import Any

import pytest

import zoo
from zoo.conditions import MeasureError
from zoo.measures.memory import WeightMemory

LLAMA_2_13B = {"hidden_size": 5120, "intermediate_size": 13824, "num_hidden_layers": 40, "num_attention_heads": 40}
LLAMA_2_70B = {
    "hidden_size": 8192,
    "intermediate_size": 28672,
    "num_hidden_layers": 80,
    "num_attention_heads": 64,
    "num_key_value_heads": 8,
}
LLAMA_3_8B = {"vocab_size": 128_256, "intermediate_size": 14336, "num_key_value_heads": 8}


def weights(model_type: str, quantization: Any, **fields: Any) -> WeightMemory | None:
    fields = {"dtype": "float16", **fields, "model_type": model_type, "quantization_config": quantization}
    return zoo.load(fields).weight_memory()


def known(model_type: str, quantization: Any, **fields: Any) -> WeightMemory:
    found = weights(model_type, quantization, **fields)
    assert found is not None
    return found


# --- sizes of published files ----------------------------------------------------------------------------------------


def test_mxfp4_is_the_size_that_is_published() -> None:
    """Total size of openai/gpt-oss-20b, model.safetensors.index.json."""
    experts = {"num_hidden_layers": 24, "num_experts": 32, "dtype": "bfloat16"}
    names = ["model.layers.*.self_attn", "model.layers.*.mlp.router", "model.embed_tokens", "lm_head"]
    found = known("gpt_oss", {"quant_method": "mxfp4", "modules_to_not_convert": names}, **experts)
    assert found.bytes == 13_761_264_768
    assert found == known("gpt_oss", {"quant_method": "mxfp4"}, **experts)
    assert known("gpt_oss", {"quant_method": "mxfp4", "modules_to_not_convert": ["experts"]}, **experts).packed == 0


def test_int8_is_the_size_that_is_published() -> None:
    """Total size of a Meta-Llama-3.1-8B in 8 bits (jeevanchaps/Meta-Llama3.1-8B-Instruct-assessment). The files hold a
    byte for each of the 224 matrices, which names its format.
    """
    found = known("llama", {"quant_method": "bitsandbytes", "load_in_8bit": True}, **LLAMA_3_8B)
    assert found.bytes + 32 * 7 == 9_086_705_888


def test_nf4_is_the_size_that_is_published_but_for_the_headers() -> None:
    """Total size of a Llama-2-13B in NF4 with double quantization (IrfanUruchi/Llama-2-13B-Computer-Engineering-). The
    files hold a header in JSON for each matrix, in which the offset stands as a number.
    """
    stated = {"quant_method": "bitsandbytes", "load_in_4bit": True, "bnb_4bit_quant_type": "nf4"}
    found = known("llama", {**stated, "bnb_4bit_use_double_quant": True}, **LLAMA_2_13B)
    matrices = 40 * 7
    header = (
        '{"quant_type": "nf4", "blocksize": 64, "dtype": "float16", "shape": [5120, 5120], "nested_blocksize": 256, '
    )
    header += '"nested_dtype": "float32", "nested_offset": 0.0}'
    left = 7_201_770_923 - (found.bytes - 4 * matrices)
    # An offset has up to 20 digits, and the larger side of a matrix five.
    assert matrices * len(header) < left < matrices * (len(header) + 20)


# Sizes in GB as the cards of TheBloke's GPTQ files print them. These files were written by versions of AutoGPTQ that
# stored a bias of zeros for each matrix.
CARDS = [
    ("llama", {}, 4, 128, 3.90),
    ("llama", {}, 4, 64, 4.02),
    ("llama", {}, 4, 32, 4.28),
    ("llama", LLAMA_2_13B, 4, 128, 7.26),
    ("llama", LLAMA_2_13B, 4, 64, 7.51),
    ("llama", LLAMA_2_13B, 4, 32, 8.00),
    ("llama", LLAMA_2_70B, 4, -1, 35.33),
    ("llama", LLAMA_2_70B, 4, 128, 36.65),
    ("llama", LLAMA_2_70B, 4, 64, 37.99),
    ("llama", LLAMA_2_70B, 4, 32, 40.66),
    ("llama", LLAMA_2_70B, 3, -1, 26.77),
    ("mistral", {}, 4, 128, 4.16),
    ("mistral", {}, 4, 32, 4.57),
    ("mistral", {}, 8, -1, 7.52),
    ("mixtral", {}, 4, -1, 23.81),
    ("mixtral", {}, 4, 128, 24.70),
    ("mixtral", {}, 4, 32, 27.42),
]


@pytest.mark.parametrize(("model_type", "fields", "bits", "group", "card"), CARDS)
def test_gptq_is_the_size_that_is_published(
    model_type: str, fields: dict[str, Any], bits: int, group: int, card: float
) -> None:
    stated = {"quant_method": "gptq", "bits": bits, "group_size": group}
    found = known(model_type, stated, **fields)
    # One scale for each output, and as many numbers of the same width in a bias.
    biases = known(model_type, {**stated, "group_size": -1}, **fields).scales
    assert round((found.bytes + biases) / 1e9, 2) == card


def test_fp8_is_the_size_that_is_published() -> None:
    """Size of the files of deepseek-ai/DeepSeek-R1, which is that of DeepSeek-V3's. They hold another layer, which
    predicts a second token, with an embedding and an output matrix of its own; and names, places and shapes of 91,991
    tensors in their headers.
    """
    fp8 = {"quant_method": "fp8", "weight_block_size": [128, 128], "activation_scheme": "dynamic", "fmt": "e4m3"}
    found = known("deepseek_v3", fp8, dtype="bfloat16").bytes
    layer = known("deepseek_v3", fp8, dtype="bfloat16", num_hidden_layers=62).bytes - found
    V, H = 129_280, 7_168
    second = layer + 2 * (2 * V * H + 2 * H * H + 3 * H)
    headers = 688_586_727_753 - found - second
    assert 91_991 * 100 < headers < 91_991 * 200


# --- by hand ---------------------------------------------------------------------------------------------------------

TINY = {
    "vocab_size": 100,
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
}
MATRICES = 3 * (4 * 64 * 64 + 3 * 64 * 96)
OUTPUTS = 3 * (4 * 64 + 2 * 96 + 64)
REST = 2 * (2 * 100 * 64 + 7 * 64)


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({"quant_method": "bitsandbytes", "load_in_8bit": True}, (MATRICES, 4 * OUTPUTS, 0, REST)),
        ({"load_in_4bit": True}, (MATRICES // 2, 4 * MATRICES // 64, 21 * 64, REST)),
        ({"quant_method": "fp8", "weight_block_size": None}, (MATRICES, 4 * 21, 0, REST)),
        ({"quant_method": "fp8", "activation_scheme": "static"}, (MATRICES, 4 * 21, 4 * 21, REST)),
        ({"quant_method": "fp8", "weight_block_size": [32, 32]}, (MATRICES, 4 * MATRICES // 1024, 0, REST)),
        ({"quant_method": "fp8", "scale_fmt": "ue8m0"}, (MATRICES, 21, 0, REST)),
        ({"quant_method": "awq", "bits": 4, "group_size": 32}, (MATRICES // 2, MATRICES // 16, MATRICES // 64, REST)),
        # The order of the inputs: 64 of each matrix but the last, which has 96.
        (
            {"quant_method": "gptq", "bits": 8, "group_size": 32},
            (MATRICES, MATRICES // 16, MATRICES // 32 + 4 * 3 * (6 * 64 + 96), REST),
        ),
        ({"quant_method": "mxfp4"}, (0, 0, 0, REST + 2 * MATRICES)),
    ],
    ids=str,
)
def test_terms(stated: dict[str, Any], expected: tuple[int, ...]) -> None:
    assert known("llama", stated, **TINY)[2:] == expected


def test_a_dtype_that_is_asked_for_comes_before_the_quantization() -> None:
    model = zoo.load({**TINY, "model_type": "llama", "quantization_config": {"load_in_4bit": True}})
    asked = model.weight_memory("bf16")
    assert asked == WeightMemory("bfloat16", None, 0, 0, 0, 2 * model.parameters)
    assert model.under(model.conditions._replace(dtype="bf16")).weight_memory() == asked


# --- what stays as it is ---------------------------------------------------------------------------------------------

Q, MLP = 64 * 64, 3 * 64 * 96


@pytest.mark.parametrize(
    ("names", "kept"),
    [
        (None, 100 * 64),
        ([], 0),
        (["lm_head"], 100 * 64),
        (["q_proj"], 3 * Q),
        (["proj"], MATRICES),
        (["model.layers.1"], 4 * Q + MLP),
        (["layers.1"], 0),  # neither a beginning nor an end of a name
        (["model.layers.1.", "model.layers.1.mlp"], 4 * Q + MLP),
        (["model.layers.1.mlp", "model.layers.2.self_attn.q_proj", "model.layers.7"], MLP + Q),
        (["model.layers.*.mlp"], 3 * MLP),
        (["model.*"], MATRICES),
        (["model.layers.*.self_attn.*_proj"], 3 * 4 * Q),
        ([f"model.layers.{n}.self_attn.k_proj" for n in range(3)], 3 * Q),
        (["1.mlp.up_proj"], None),  # is that layer 11, too?
        (["model.layers.1.*"], None),
        (["(a+)+$"], None),
        (["layers.[01]"], None),
        (["*.mlp"], None),
    ],
    ids=str,
)
def test_modules_that_are_not_converted(names: list[str] | None, kept: int | None) -> None:
    found = weights("llama", {"quant_method": "fp8", "modules_to_not_convert": names}, **TINY)
    if kept is None:
        assert found is None
    else:
        assert found is not None
        assert found.packed == MATRICES + 100 * 64 - kept


@pytest.mark.parametrize("stated", [{"load_in_8bit": True}, {"quant_method": "fp8"}], ids=str)
def test_what_transformers_keeps_in_float32_takes_four_bytes_beside_float16_alone(stated: dict[str, Any]) -> None:
    """T5-base: in 12 blocks each of encoder and decoder the matrix that leads back, of 3072 x 768."""
    base = {"d_model": 768, "d_ff": 3072, "num_layers": 12, "num_heads": 12}
    half, brain = (known("t5", stated, **base, dtype=dtype) for dtype in ("float16", "bfloat16"))
    assert half.unquantized - brain.unquantized == 2 * 24 * 3072 * 768
    assert half.packed == brain.packed == 12 * (4 + 8) * 768 * 768 + 24 * 768 * 3072
    plain = zoo.load({**base, "model_type": "t5", "dtype": "float16"})
    assert plain.weight_memory() == WeightMemory("float16", None, 0, 0, 0, 2 * plain.parameters)


def test_awq_leaves_the_output_matrix_too_and_gptq_all_that_is_in_no_layer() -> None:
    groups = {"bits": 4, "group_size": 32}
    awq = known("llama", {**groups, "quant_method": "awq", "modules_to_not_convert": ["up_proj"]}, **TINY)
    assert awq.unquantized == REST + 2 * 3 * 64 * 96
    assert known("llama", {**groups, "quant_method": "gptq"}, **TINY).unquantized == REST


def test_routers_stay_and_experts_are_quantized() -> None:
    fields = {"hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 1, "num_attention_heads": 4}
    fields |= {"num_key_value_heads": 4, "vocab_size": 100, "num_experts": 4}
    experts, attention, router = 4 * 3 * 64 * 96, 4 * 64 * 64, 4 * 64
    for stated in ({"quant_method": "fp8"}, {"quant_method": "gptq", "bits": 8, "group_size": 32}):
        found = known("mixtral", stated, **fields)
        assert found.packed == experts + attention
        assert found.unquantized == 2 * (2 * 100 * 64 + 3 * 64 + router)


def test_the_cost_does_not_grow_with_the_layers() -> None:
    names = [f"model.layers.{number}.mlp" for number in range(50)]
    stated = {"quant_method": "fp8", "modules_to_not_convert": names}
    tall = {**TINY, "num_hidden_layers": 10**9}
    start = time.process_time()
    found = known("llama", stated, **tall)
    assert time.process_time() - start < 5
    assert found.packed == 10**9 * MATRICES // 3 - 50 * MLP + 100 * 64


LAYERS = [f"model.layers.{number}.mlp" for number in range(9_900)]
PATTERNS = [f"model.*.layers.*.{'x' * number}.*.y" for number in range(1, 99)]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (LAYERS, None),
        ([*PATTERNS, *LAYERS], "more layers apart"),
        ([f"m{number}" for number in range(100_000)], "more than 10,000 modules"),
    ],
    ids=["layers", "layers and patterns", "names"],
)
def test_a_long_list_takes_bounded_time(names: list[str], said: str | None) -> None:
    start = time.process_time()
    tall = {**TINY, "num_hidden_layers": 10**9}
    stated = {"quant_method": "fp8", "modules_to_not_convert": names}
    if said is None:
        assert known("llama", stated, **tall).packed == 10**9 * MATRICES // 3 - 9_900 * MLP + 100 * 64
    else:
        with pytest.raises(MeasureError, match=said):
            weights("llama", stated, **tall)
    assert time.process_time() - start < 20


# --- what is not known, and what makes no sense ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "stated",
    [
        {},
        {"quant_method": "aqlm"},
        {"bits": 4, "group_size": 64},  # as MLX writes it
        {"quant_method": "gptq", "bits": 4, "checkpoint_format": "marlin"},
        {"quant_method": "gptq", "bits": 4, "dynamic": {"-:.*": {}}},
        {"quant_method": "gptq", "bits": 4, "lm_head": True},
        {"quant_method": "awq", "bits": 4, "version": "gemv"},
        {"quant_method": "awq", "bits": 4, "group_size": 48},
        {"quant_method": "fp8", "modules_to_convert": ["embed_tokens"]},
        {"quant_method": "fp8", "expert_dtype": "fp4"},
        {"quant_method": "bitsandbytes", "load_in_8bit": True, "llm_int8_has_fp16_weight": True},
    ],
    ids=str,
)
def test_a_format_that_is_not_known_is_unknown_and_not_zero(stated: dict[str, Any]) -> None:
    assert weights("llama", stated, **TINY) is None
    assert zoo.load({**TINY, "model_type": "llama", "quantization_config": stated}).fits("1GiB", length=1) is None


def test_what_a_format_does_to_a_layer_may_be_unknown() -> None:
    assert weights("gpt2", {"quant_method": "fp8"}) is None
    assert weights("gpt2", {"quant_method": "awq", "bits": 4}) is None
    assert weights("gpt2", {"load_in_4bit": True}) is not None
    assert weights("gpt_oss", {"quant_method": "fp8"}) is None
    assert weights("llama", {"quant_method": "gptq", "bits": 4}, **{**TINY, "intermediate_size": 90}) is None
    assert weights("mixtral", {"quant_method": "mxfp4"}) is None
    assert weights("gpt_oss", {"quant_method": "gptq", "bits": 4}) is None


@pytest.mark.parametrize("method", ["gptq", "awq"])
def test_which_layers_of_two_stacks_or_of_an_encoder_are_converted_is_unknown(method: str) -> None:
    stated = {"quant_method": method, "bits": 4}
    assert weights("t5", stated) is None
    assert weights("bert", stated) is None
    assert weights("falcon", stated, hidden_size=512, num_attention_heads=8) is not None


@pytest.mark.parametrize("stated", [{"load_in_8bit": True}, {"load_in_4bit": True}], ids=str)
@pytest.mark.parametrize(("model_type", "module"), [("falcon", "transformer.h"), ("mixtral", "experts")])
def test_where_transformers_4_and_5_differ_is_unknown_unless_it_is_skipped(
    model_type: str, module: str, stated: dict[str, Any]
) -> None:
    assert weights(model_type, stated) is None
    assert weights(model_type, {**stated, "llm_int8_skip_modules": [module]}) is not None


def test_a_tied_output_matrix_that_a_list_leaves_out_is_unknown_in_fp8() -> None:
    stated = {"quant_method": "fp8", "modules_to_not_convert": ["q_proj"]}
    assert weights("llama", stated, tie_word_embeddings=True, **TINY) is None
    assert weights("llama", stated, **TINY) is not None
    stated["modules_to_not_convert"] = ["lm_head"]
    assert weights("llama", stated, tie_word_embeddings=True, **TINY) is not None


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ("fp8", "must be an object"),
        ({"quant_method": 8}, "quant_method must be a string"),
        ({"quant_method": "gptq"}, "bits must be a positive whole number or -1, but is missing"),
        ({"quant_method": "gptq", "bits": "4"}, "bits must be"),
        ({"quant_method": "gptq", "bits": 5}, "2, 3, 4 or 8"),
        ({"quant_method": "gptq", "bits": 4, "group_size": 0}, "group_size must be"),
        ({"quant_method": "awq", "bits": 8}, "bits must be 4"),
        ({"quant_method": "fp8", "weight_block_size": [128]}, "two whole numbers"),
        ({"quant_method": "fp8", "weight_block_size": [128, True]}, "two whole numbers"),
        ({"quant_method": "fp8", "weight_block_size": 128}, "two whole numbers"),
        ({"quant_method": "fp8", "modules_to_not_convert": "lm_head"}, "a list of names"),
        ({"quant_method": "fp8", "modules_to_not_convert": [3]}, "a list of names"),
        ({"load_in_4bit": True, "load_in_8bit": True}, "one of load_in_4bit and load_in_8bit"),
        ({"load_in_4bit": 1}, "load_in_4bit must be true or false"),
        ({"load_in_4bit": True, "bnb_4bit_quant_type": "int4"}, "fp4 or nf4"),
    ],
    ids=str,
)
def test_a_value_that_cannot_be_is_one_line(stated: Any, said: str) -> None:
    with pytest.raises(MeasureError, match=said) as raised:
        weights("llama", stated, **TINY)
    assert str(raised.value).isprintable()
