"""Solved widths: against every width there is, sizes that are published, and what must stay as it was."""

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import zoo
from zoo.conditions import MeasureError
from zoo.manager import manager
from zoo.registries.registry import registry
from zoo.solving.scaling import Family
from zoo.solving.solution import Solution, number, solve

TYPES = [model_type for model_type, _ in manager]
NAMES = [entry.name for entry in registry()]

# Layers are written out here, and so go with one number of them.
PATTERNS: dict[str, dict[str, Any]] = {"gpt_neo": {"attention_types": [[["global", "local"], 4]]}}

INNER = ("intermediate_size", "decoder_ffn_dim", "moe_intermediate_size", "shared_expert_intermediate_size")
HEADS = ("num_attention_heads", "num_key_value_heads", "decoder_attention_heads")
# What follows from the width in some types.
FOLLOWING = {"embedding_size", "pooler_hidden_size", "word_embed_proj_dim", "time_step_rank"}


def counted(config: dict[str, Any]) -> zoo.Model:
    """The model of a config as it is read from a file."""
    return zoo.load(json.loads(json.dumps(config)))


def gap(found: Solution) -> int:
    return abs(found.parameters - found.asked)


def nearest(start: zoo.Model, found: Solution, **options: Any) -> int:
    """By how many parameters the best of all widths misses, up to twice that of the solution."""
    family = Family(start, **options)
    widths = range(found.step, 2 * found.model.config.hidden_size + 1, found.step)
    return min(abs(counted(family.config(width)).parameters - found.asked) for width in widths)


@pytest.mark.parametrize("model_type", TYPES)
@pytest.mark.parametrize("layers", [None, 8])
def test_no_other_width_comes_closer(model_type: str, layers: int | None) -> None:
    start = zoo.load({"model_type": model_type})
    options: dict[str, Any] = {"layers": layers, "fix": PATTERNS.get(model_type) if layers else None}
    for part in (Fraction(1, 2), Fraction(17, 10)):
        found = solve(model_type, int(part * start.parameters), **options)
        assert gap(found) == nearest(start, found, **options)
        model = counted(found.config)
        assert (model.parameters, model.status, model.class_name) == (found.parameters, "exact", start.class_name)
        assert set(model.depths) == (set(start.depths) if layers is None else {8})
        assert found.error == pytest.approx(found.parameters / found.asked - 1)


def test_nor_where_a_wider_model_is_smaller() -> None:
    # At the width of the words, the matrices between words and layers go.
    reference = {"model_type": "opt", "word_embed_proj_dim": 512, "num_hidden_layers": 1, "ffn_dim": 64}
    start = zoo.load(reference)
    family = Family(start)
    sizes = [counted(family.config(width)).parameters for width in (448, 512, 576)]
    assert sizes[1] < sizes[0] < sizes[2]
    for asked in range(min(sizes) - 100_000, max(sizes) + 100_000, 50_000):
        found = solve(reference, asked)
        assert gap(found) == nearest(start, found)


@pytest.mark.parametrize("name", NAMES)
def test_a_known_model_is_the_solution_for_its_own_size(name: str) -> None:
    model = zoo.load(name)
    found = solve(name, model.parameters)
    assert found.error == 0
    assert list(counted(found.config).tensors()) == list(model.tensors())


# Touvron et al., 2023, arXiv:2302.13971, table 2: parameters, dimension, heads, layers.
@pytest.mark.parametrize(
    ("parameters", "width", "heads", "layers", "name"),
    [
        ("6.7B", 4096, 32, 32, "llama-7b"),
        ("13.0B", 5120, 40, 40, "llama-13b"),
        (32.5e9, 6656, 52, 60, "llama-30b"),
        ("65.2e9", 8192, 64, 80, "llama-65b"),
    ],
)
def test_llama_is_found_again(parameters: float | str, width: int, heads: int, layers: int, name: str) -> None:
    config = solve("llama", parameters, layers=layers).model.config
    assert (config.hidden_size, config.num_attention_heads, config.num_hidden_layers) == (width, heads, layers)
    assert config.intermediate_size == zoo.load(name).config.intermediate_size


@pytest.mark.parametrize("name", [*TYPES, *NAMES])
def test_proportions_stay_and_all_else_too(name: str) -> None:
    start = zoo.load({"model_type": name} if name in TYPES else name)
    for times in (2, 5):
        model = solve(name, times * start.parameters).model
        assert {attention.head_dim for attention in model.attentions()} == {
            attention.head_dim for attention in start.attentions()
        }
        before, after = vars(start.config), vars(model.config)
        share = Fraction(after["hidden_size"], before["hidden_size"])
        for field in INNER:
            if field in before:
                assert abs(after[field] - before[field] * share) <= 128
        for field in HEADS:
            # One key and value for all queries stays one.
            if field in before and (field != "num_key_value_heads" or before[field] != 1):
                assert after[field] == before[field] * share
        same = before.keys() - FOLLOWING - {"hidden_size", *INNER, *HEADS}
        assert {field: after[field] for field in same} == {field: before[field] for field in same}


@pytest.mark.parametrize(
    ("reference", "fix"),
    [
        ("llama", {"vocab_size": 128_256, "head_dim": 80, "intermediate_size": 11_008}),
        ("llama", {"num_attention_heads": 30}),
        ("llama-3-8b", {"num_key_value_heads": 8}),
        ("llama-3-8b", {"num_attention_heads": 30, "num_key_value_heads": 10}),
        ("gemma2", {"head_dim": 128}),
        ("mistral", {"sliding_window": None, "num_key_value_heads": 1}),
        ("deepseek_v3", {"q_lora_rank": None, "n_routed_experts": 16, "moe_intermediate_size": 100}),
        ("gpt2", {"n_inner": 1000, "n_positions": 4096}),
        ("bart", {"decoder_attention_heads": 8, "decoder_layers": 2, "encoder_ffn_dim": 77}),
        ("t5", {"d_kv": 32, "num_heads": 3}),
        ("mamba", {"expand": 3, "time_step_rank": 11}),
    ],
)
def test_what_is_fixed_is_as_it_was_asked_for(reference: str, fix: dict[str, Any]) -> None:
    start = zoo.load({"model_type": reference} if reference in TYPES else reference)
    found = solve(reference, start.parameters, fix=fix)
    assert fix.items() <= found.config.items()
    model = counted(found.config)
    assert model.status == "exact"
    assert gap(found) == nearest(start, found, fix=fix)
    assert all(
        model.config.hidden_size % model.config.dimension("num_attention_heads") == 0 for _ in model.attentions()
    )


def test_keys_that_change_no_shape_may_be_fixed_to_anything() -> None:
    fix = {"head_dim": "wide", "num_key_value_heads": 3, "rope_theta": 1e6}
    config = solve("deepseek_v2", "3B", fix=fix).config
    assert config == {**solve("deepseek_v2", "3B").config, **fix}


def test_key_heads_that_change_no_shape_are_as_many_as_query_heads() -> None:
    config = solve("deepseek_v3", "3B", layers=4).config
    assert config["num_key_value_heads"] == config["num_attention_heads"]


def test_heads_fixed_in_width_are_as_many_as_before_for_the_same_width() -> None:
    start = zoo.load("llama-7b")
    config = solve("llama-7b", start.parameters, fix={"head_dim": 64}).model.config
    assert (config.hidden_size, config.num_attention_heads) == (4096, 64)


def test_layers_are_those_of_both_stacks_unless_one_is_fixed() -> None:
    assert solve("t5", 1e8, layers=3).model.depths == (3, 3)
    assert solve("bart", 1e8, layers=3).model.depths == (3, 3)
    assert solve("bart", 1e8, layers=3, fix={"decoder_layers": 5}).model.depths == (3, 5)
    assert solve("llama", 1e9, layers=3, fix={"num_hidden_layers": 3}).model.depths == (3,)


def test_what_a_file_says_is_kept_in_the_keys_that_are_read(tmp_path: Path) -> None:
    given = {
        "_name_or_path": "/home/me/gpt2",
        "model_type": "gpt2",
        "architectures": ["GPT2Model"],
        "n_embd": 256.0,
        "n_head": 4,
        "n_layer": 2,
        "n_inner": None,
        "intermediate_size": 1024,  # transformers does not read this
        "activation_function": "gelu",
        "dtype": "bfloat16",
    }
    (tmp_path / "config.json").write_text(json.dumps(given))
    found = solve(tmp_path, "5M")
    assert found.config == {
        "model_type": "gpt2",
        "architectures": ["GPT2Model"],
        "vocab_size": 50_257,
        "n_embd": 64,
        "n_layer": 2,
        "n_head": 1,
        "n_positions": 1_024,
        "activation_function": "gelu",
        "dtype": "bfloat16",
    }
    assert found.model.status == "exact"


def test_what_is_listed_for_each_layer_goes_on() -> None:
    sliding, full = "sliding_attention", "full_attention"
    config = {"model_type": "gemma2", "num_hidden_layers": 6, "layer_types": [sliding, sliding, full] * 2}
    assert solve(config, 1e9, layers=8).config["layer_types"] == [
        sliding,
        sliding,
        full,
        sliding,
        sliding,
        full,
        sliding,
        sliding,
    ]
    assert solve(config, 1e9, layers=2).config["layer_types"] == [sliding, sliding]
    assert (
        solve({"model_type": "led", "attention_window": [64] * 12}, 1e8, layers=3).config["attention_window"]
        == [64] * 3
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [("7e9", 7 * 10**9), ("7B", 7 * 10**9), ("7b", 7 * 10**9), ("110M", 110 * 10**6), ("1.5T", 15 * 10**11),
     ("7,000,000,000", 7 * 10**9), ("7000000000", 7 * 10**9), (" 6.7B ", 67 * 10**8), (7e9, 7 * 10**9), (5, 5)],
)  # fmt: skip
def test_parameters_as_people_write_them(text: float | str, value: int) -> None:
    assert number(text) == value


NO_NUMBERS = (
    *("", "B", "seven", "7X", "-7B", "-1", "0", "0.3", "nan", "inf", "1e400", "1e19", "9" * 400 + "B"),
    *(0, -1, True, float("nan"), float("inf"), 10**400, None, [7]),
)


@pytest.mark.parametrize("text", NO_NUMBERS, ids=lambda text: repr(text)[:9])
def test_what_is_no_number_of_parameters(text: Any) -> None:
    with pytest.raises(MeasureError, match=r"^parameters must be a number"):
        number(text)


@pytest.mark.parametrize(
    ("reference", "parameters", "options", "message"),
    [
        ("llama", 1_000, {}, "too few: at the least hidden_size, 128, there are 13,443,200 already"),
        ("llama", 7e9, {"layers": 0}, "layers must be a whole number from 1"),
        ("llama", 7e9, {"layers": -1}, "layers must be a whole number from 1"),
        ("llama", 7e9, {"layers": 2.5}, "layers must be a whole number from 1"),
        ("llama", 7e9, {"fix": {"hidden_size": 4096}}, "hidden_size is what is solved for"),
        ("gpt2", 7e9, {"fix": {"n_embd": 4096}}, "n_embd is what is solved for"),
        ("llama", 7e9, {"fix": {"hiden_size": 1}}, "no field 'hiden_size'; did you mean hidden_size"),
        ("llama", 7e9, {"fix": {"head_dim": 0}}, "head_dim must be at least 1"),
        ("llama", 7e9, {"fix": {"head_dim": "wide"}}, "head_dim must be a whole number"),
        ("llama", 7e9, {"fix": {"num_key_value_heads": None}}, "num_key_value_heads must be a whole number"),
        ("bloom", 7e9, {"fix": {"intermediate_size": 1}}, "transformers reads no intermediate_size in a config of"),
        ("gpt2", 7e9, {"fix": {"n_head": 4, "num_attention_heads": 4}}, "num_attention_heads is fixed twice"),
        ("llama", 7e9, {"layers": 5, "fix": {"num_hidden_layers": 4}}, "fixed at 4, but layers is 5"),
        ("llama-3-8b", 7e9, {"fix": {"num_attention_heads": 30}}, "not a multiple of 4, as its grouping in llama-3-8b"),
        ("llama", 7e9, {"fix": {"num_attention_heads": 6, "num_key_value_heads": 4}}, "6 is not a multiple of"),
        ("gpt_neo", 7e9, {"layers": 12}, "attention_types lists 24 layers, but the model has 12"),
        (
            {"model_type": "gemma2", "layer_types": ["full_attention"] * 26},
            7e9,
            {"layers": 10**12},
            "layer_types lists each",
        ),
        ("llam", 7e9, {}, "no model or file is named 'llam'"),
        ("llama", 7e9, {"as_": "BertModel"}, "class 'BertModel' is none"),
    ],
)
def test_what_has_no_solution_is_told_in_a_line(
    reference: Any, parameters: float, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(zoo.ZooError, match=message) as raised:
        solve(reference, parameters, **options)
    assert "\n" not in str(raised.value)


def run(*arguments: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "zoo", *arguments], input=stdin, capture_output=True, text=True, check=False, timeout=60
    )


def test_the_command_prints_what_zoo_show_counts() -> None:
    done = run("solve", "llama", "--parameters", "7e9", "--layers", "32", "--fix", "vocab_size=50000")
    assert done.returncode == 0
    config = json.loads(done.stdout)
    assert config["vocab_size"] == 50_000
    parameters = f"{zoo.load(config).parameters:,}"
    assert parameters in done.stderr
    assert done.stderr.count("\n") == 1
    assert parameters in run("show", "-", stdin=done.stdout).stdout
    assert json.loads(run("solve", "-", "--parameters", "7e9", stdin=done.stdout).stdout) == config


@pytest.mark.parametrize(
    "options",
    [
        ["--parameters", "1"],
        ["--parameters", "seven"],
        ["--parameters", "7B", "--layers", "0"],
        ["--parameters", "7B", "--fix", "head_dim"],
        ["--parameters", "7B", "--fix", "=1"],
        ["--parameters", "7B", "--fix", "head_dim=64", "--fix", "head_dim=128"],
        ["--parameters", "7B", "--fix", "hidden_size=64"],
        [],
    ],
)
def test_the_command_fails_in_one_line(options: list[str]) -> None:
    done = run("solve", "llama", *options)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("zoo: ")
