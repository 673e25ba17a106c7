"""What LoRA trains, against published figures and against arithmetic of its own; PEFT judges in tests/oracle."""

import json

import pytest
from click.testing import CliRunner

import zoo
from zoo.commands.lora import command
from zoo.conditions import MeasureError
from zoo.manager import manager

Q_V = ("q_proj", "v_proj")


def run(*arguments: str) -> str:
    result = CliRunner().invoke(command, arguments, standalone_mode=False)
    if result.exception:
        raise result.exception
    return result.stdout


@pytest.mark.parametrize("rank", [8, 16])
def test_llama_2_7b_on_queries_and_values(rank: int) -> None:
    lora = zoo.load("llama-2-7b").lora(rank)
    assert lora.targets == Q_V
    assert lora.parameters == 32 * 2 * rank * (4096 + 4096)
    assert lora.total == 6_738_415_616 + lora.parameters
    assert lora.modules == 64
    assert not lora.in_full


def test_llama_2_7b_prints_what_peft_prints() -> None:
    """trainable params: 4,194,304 || all params: 6,742,609,920 || trainable%: 0.0622 (as many guides quote it)"""
    lora = zoo.load("llama-2-7b").lora(8, ["q_proj", "v_proj"])
    assert (lora.parameters, lora.total, f"{lora.percent:.4f}") == (4_194_304, 6_742_609_920, "0.0622")
    assert lora.bytes() == 4 * 4_194_304
    assert lora.bytes("bf16") == 2 * 4_194_304


def test_mt0_large_prints_what_peft_prints() -> None:
    """trainable params: 2359296 || all params: 1231940608 || trainable%: 0.1915 (PEFT's quicktour)"""
    lora = zoo.load("mt5-large").lora(8)
    assert lora.targets == ("q", "v")
    assert lora.parameters == (24 + 2 * 24) * 2 * 8 * (1024 + 1024) == 2_359_296
    assert (lora.total, f"{lora.percent:.4f}") == (1_231_940_608, "0.1915")


def test_gpt2_whose_matrices_are_stored_the_other_way() -> None:
    assert zoo.load("gpt2").lora(8).parameters == 12 * 8 * (768 + 3 * 768) == 294_912


def test_a_head_that_labels_is_trained_in_full() -> None:
    lora = zoo.load("roberta-large", as_="RobertaForSequenceClassification").lora(8)
    head = (1024 * 1024 + 1024) + (1024 * 2 + 2)
    assert lora.parameters == 24 * 2 * 8 * (1024 + 1024) + head == 1_838_082
    assert [(trained.name, trained.parameters) for trained in lora.in_full] == [("classifier", head)]
    assert lora.total == 355_361_794 + 1_838_082  # the head as it was is kept beside the one that is trained
    bert = zoo.load("bert-base-uncased", as_="BertForSequenceClassification").lora(16)
    assert bert.parameters == 12 * 2 * 16 * (768 + 768) + (768 * 2 + 2)


def test_all_linear_is_all_but_the_output() -> None:
    lora = zoo.load("llama-2-7b").lora(4, "all-linear")
    H, F = 4096, 11_008
    assert lora.parameters == 32 * 4 * (4 * (H + H) + 3 * (H + F))
    assert not any("lm_head" in trained.name for trained in lora.adapted)
    # The same, named one by one, and then with the output matrix.
    names = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    assert zoo.load("llama-2-7b").lora(4, names).adapted == lora.adapted
    assert zoo.load("llama-2-7b").lora(4, [*names, "lm_head"]).parameters == lora.parameters + 4 * (H + 32_000)


def test_tables_and_tied_matrices_have_adapters_of_their_own() -> None:
    gpt2 = zoo.load("gpt2")
    assert gpt2.lora(4, "wte").parameters == 4 * (50_257 + 768)
    assert gpt2.lora(4, "wte,lm_head").parameters == 2 * 4 * (50_257 + 768)
    assert gpt2.lora(4, "wpe").parameters == 4 * (1_024 + 768)


def test_each_expert_of_a_fused_tensor_has_an_adapter() -> None:
    """Mixtral: PEFT knows the three matrices of an expert by their old names, and two of them are one tensor now."""
    H, F, E, L, rank = 4096, 14_336, 8, 32, 4
    lora = zoo.load("mixtral-8x7b").lora(rank, "w1,w2,w3")
    assert lora.parameters == L * E * rank * (2 * (H + 2 * F) + (F + H))
    everywhere = zoo.load("mixtral-8x7b").lora(rank, "all-linear").parameters
    attention = 2 * (H + H) + 2 * (H + 1024)
    assert everywhere == lora.parameters + L * rank * (attention + (H + E))


def test_experts_that_are_modules_are_adapted_one_by_one() -> None:
    config = {"model_type": "switch_transformers", "num_layers": 4, "num_sparse_encoder_layers": 2, "num_experts": 8,
              "num_decoder_layers": 4, "num_sparse_decoder_layers": 2}  # fmt: skip
    model = zoo.load(config)
    each = 3 * (768 + 2_048)
    assert model.lora(3, "experts.expert_5.wi").parameters == 4 * each
    assert model.lora(3, "experts.expert_5.wi,experts.expert_6.wi").modules == 8
    assert model.lora(3, "encoder.block.1.layer.1.mlp.experts.expert_5.wi").parameters == each
    assert model.lora(3, "wi").modules == 4 * 8 + 4  # sparse layers, dense ones


def test_a_target_may_number_a_layer() -> None:
    model = zoo.load("llama-2-7b")
    assert model.lora(8, "layers.3.self_attn.q_proj").modules == 1
    assert model.lora(8, "model.layers.3.self_attn.q_proj").modules == 1
    both = model.lora(8, ["3.self_attn.q_proj", "31.self_attn.q_proj", "v_proj"])
    assert both.modules == 2 + 32
    assert model.lora(8, ["q_proj", "layers.3.self_attn.q_proj"]).modules == 32


@pytest.mark.parametrize("layers", [6, 10**9])
def test_the_number_of_layers_costs_nothing(layers: int) -> None:
    model = zoo.load({"model_type": "llama", "num_hidden_layers": layers})
    assert model.lora(8, "q_proj,layers.5.self_attn.v_proj").parameters == (layers + 1) * 8 * (4096 + 4096)
    assert len(model.lora(8, "all-linear").adapted) == 7


@pytest.mark.parametrize(
    ("model", "rank", "targets", "words"),
    [
        ("gpt2", 0, None, "rank must be a whole number from 1 to 1,000,000, got 0"),
        ("gpt2", -1, None, "got -1"),
        ("gpt2", 10**6 + 1, None, "rank must be"),
        ("gpt2", True, None, "rank must be"),
        ("gpt2", 8, "", "targets must be names"),
        ("gpt2", 8, [], "targets must be names"),
        ("gpt2", 8, ["c_attn", ""], "targets must be names"),
        ("gpt2", 8, 7, "targets must be names"),
        ("gpt2", 8, [str(number) for number in range(1_001)], "too many"),
        ("gpt2", 8, "c_atn", "no module 'c_atn' to adapt; did you mean c_attn"),
        ("gpt2", 8, "c_attn,q_proj", "no module 'q_proj'"),
        ("gpt2", 8, "zzz\x1b[2J", r"no module 'zzz\x1b[2J' to adapt (linear are c_attn, c_proj, c_fc)"),
        ("gpt2", 8, ["h.*.attn.c_attn"], "no module"),
        ("gpt2", 8, "h.12.attn.c_attn", "no module"),
        ("gpt2", 8, "h.01.attn.c_attn", "no module"),
        ("gpt2", 8, "attn", "names transformer.h.*.attn, which is no linear layer"),
        ("gpt2", 8, "ln_1", "which is no linear layer"),
        ("gpt2", 8, "h", "which is no linear layer"),
        ("bert-base-uncased", 8, "attention", "which is no linear layer"),
        ("qwen3-30b-a3b", 8, None, "no default targets for model_type qwen3_moe"),
        ("qwen3-30b-a3b", 8, "gate_proj", "goes only with up_proj"),
        ("mixtral-8x7b", 8, "down_proj", "PEFT knows it as w2"),
        ("gpt-oss-20b", 8, "gate_up_proj", "is a tensor, and no module"),
        ("gpt-oss-20b", 8, "router", "which is no linear layer"),
        ("mamba-130m", 8, "all-linear", "PEFT adapts no out_proj in model_type mamba"),
        ("mamba-130m", 8, "conv1d", "PEFT adapts no conv1d in model_type mamba"),
    ],
)
def test_what_makes_no_sense_is_told_in_one_line(model: str, rank: int, targets: list[str], words: str) -> None:
    with pytest.raises(MeasureError) as caught:
        zoo.load(model).lora(rank, targets)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_type_without_default_targets_names_candidates_that_go() -> None:
    for model_type, _ in manager:
        model = zoo.load({"model_type": model_type})
        if model.architecture.lora_targets:
            assert model.lora(1).parameters
            continue
        with pytest.raises(MeasureError, match=r"--target or targets= \(") as caught:
            model.lora(1)
        candidates = str(caught.value).partition("(")[2].partition(")")[0].split(", ")
        assert model.lora(1, [name for name in candidates if name not in model.architecture.lora_refused]).parameters


def test_a_head_cannot_be_a_target() -> None:
    model = zoo.load("roberta-large", as_="RobertaForSequenceClassification")
    with pytest.raises(MeasureError, match="classifier is a head, and trained in full"):
        model.lora(8, "classifier")


def test_the_command_prints_what_python_says() -> None:
    record = json.loads(run("gpt2", "--rank", "8", "--format", "json"))
    assert list(record.items())[:3] == [("model", "gpt2"), ("model_type", "gpt2"), ("class", "GPT2LMHeadModel")]
    assert record["trainable_parameters"] == 294_912
    assert record["all_parameters"] == 124_439_808 + 294_912
    assert record["bytes"] == 4 * 294_912
    assert record["percent"] == pytest.approx(100 * 294_912 / 124_734_720, abs=1e-6)
    assert record["adapted"] == [
        {"name": "transformer.h.*.attn.c_attn", "shape": [768, 2304], "modules": 12, "parameters": 294_912, "rank": 8}
    ]
    text = run("gpt2", "--rank", "8", "--target", "c_attn, wte", "--dtype", "fp16")
    assert f"{294_912 + 8 * (50_257 + 768):,} of" in text
    assert "float16" in text
    lines = run("gpt2", "--rank", "8", "--format", "csv").splitlines()
    assert lines[0] == "module,trained,weight,modules,parameters"
    assert lines[-1] == "all that is trained,,,12,294912"


@pytest.mark.parametrize(
    "arguments", [("gpt2", "--dtype", "fp12"), ("gpt2", "--format", "no"), ("gpt2", "--rank", "0")], ids=str
)
def test_the_command_refuses_what_makes_no_sense(arguments: tuple[str, ...]) -> None:
    with pytest.raises(zoo.ZooError):
        run(*arguments)
