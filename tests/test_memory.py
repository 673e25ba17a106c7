"""Memory to run and to train a model, whether it fits, and the report of it."""

import csv
import io
import json
from typing import Any

import pytest
from click.testing import CliRunner

import zoo
from zoo.commands.memory import command
from zoo.conditions import MeasureError
from zoo.measures import sizes
from zoo.measures.memory import longest
from zoo.measures.training import OPTIMIZERS
from zoo.reports.memory import memory_report, optimizers

LLAMA_2_7B = 6_738_415_616


# --- weights ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "asked", "expected"),
    [
        ({}, None, ("float32", 4)),
        ({"torch_dtype": "bfloat16"}, None, ("bfloat16", 2)),
        ({"dtype": "float16"}, None, ("float16", 2)),
        ({"dtype": "torch.float16"}, "int8", ("int8", 1)),
        ({}, "fp8", ("float8_e4m3fn", 1)),
    ],
)
def test_weights_by_dtype(given: dict[str, Any], asked: str | None, expected: tuple[str, int]) -> None:
    found = zoo.load({"model_type": "llama", **given}).weight_memory(asked)
    assert found is not None
    assert (found.dtype, found.bytes) == (expected[0], expected[1] * LLAMA_2_7B)


def test_four_bits_are_half_a_byte_and_a_tied_tensor_counts_once() -> None:
    model = zoo.load("gpt2")
    found = model.weight_memory("int4")
    assert found is not None
    assert found.bytes == (124_439_808 + 1) // 2


def test_the_registry_tells_the_dtype_that_is_published() -> None:
    assert {name: zoo.load(name).dtype for name in ("llama-2-7b", "mistral-7b", "olmo-2-7b")} == {
        "llama-2-7b": "float16",
        "mistral-7b": "bfloat16",
        "olmo-2-7b": "float32",
    }
    assert "dtype" not in zoo.load("llama-2-7b").given


@pytest.mark.parametrize("wrong", ["bf15", "auto"])
def test_a_dtype_that_there_is_not(wrong: str) -> None:
    with pytest.raises(MeasureError, match="no dtype"):
        zoo.load("gpt2").weight_memory(wrong)


# --- training --------------------------------------------------------------------------------------------------------


def test_zero_as_its_paper_prints_it() -> None:
    """Figure 1 of arXiv:1910.02054: 7.5 B parameters, 64 devices, AdamW in mixed precision."""
    wide = {"vocab_size": 1, "hidden_size": 1, "intermediate_size": 1, "num_attention_heads": 1}
    layers = zoo.load({"model_type": "gpt2", **wide, "num_hidden_layers": 1})
    more = zoo.load({"model_type": "gpt2", **wide, "num_hidden_layers": 2})
    each = more.parameters - layers.parameters
    model = zoo.load({"model_type": "gpt2", **wide, "num_hidden_layers": 7_500_000_000 // each})
    figure = {0: 120.0, 1: 31.4, 2: 16.6, 3: 1.9}
    found = {zero: model.training_memory("adamw", zero, 64).bytes / 1e9 for zero in figure}
    assert {zero: round(size, 1) for zero, size in found.items()} == figure


def test_terms_of_training() -> None:
    model = zoo.load("llama-2-7b")
    N = model.parameters
    assert model.training_memory()[3:] == (2 * N, 4 * N, 2 * N, 8 * N)
    assert model.training_memory("adamw-fp32")[3:] == (4 * N, 0, 4 * N, 8 * N)
    assert model.training_memory("sgd")[3:] == (4 * N, 0, 4 * N, 0)
    assert model.training_memory("sgd-momentum")[3:] == (4 * N, 0, 4 * N, 4 * N)


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("devices", [1, 3, 64])
def test_what_is_shared_out_is_rounded_up_and_nothing_is_lost(name: str, devices: int) -> None:
    model = zoo.load("bert-base")
    whole = model.training_memory(name)
    shared = {1: {"master_weights", "optimizer_states"}, 2: {"gradients"}, 3: {"weights"}}
    out: set[str] = set()
    for zero in range(4):
        out |= shared.get(zero, set())
        part = model.training_memory(name, zero, devices)._asdict()
        for term in ("weights", "master_weights", "gradients", "optimizer_states"):
            size = getattr(whole, term)
            expected = -(-size // devices) if term in out else size
            assert part[term] == expected


def test_training_costs_the_same_for_any_number_of_layers() -> None:
    one, ten = (
        zoo.load({"model_type": "llama", "num_hidden_layers": n}).training_memory("adafactor").optimizer_states
        for n in (10**9, 2 * 10**9)
    )
    layer = (ten - one) // 10**9
    assert layer == 4 * (4 * (4096 + 4096) + 3 * (4096 + 11008) + 2 * 4096)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("adam",), "no optimizer 'adam'; did you mean adamw"),
        (("adamw", 4), "zero must be 0, 1, 2 or 3, got 4"),
        (("adamw", True), "zero must be"),
        (("adamw", 1, 0), "devices must be a whole number from 1"),
    ],
)
def test_training_that_makes_no_sense(arguments: tuple[Any, ...], said: str) -> None:
    with pytest.raises(MeasureError, match=said):
        zoo.load("gpt2").training_memory(*arguments)


# --- sizes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("24GiB", 24 * 2**30),
        ("24 GB", 24 * 10**9),
        ("1.5 tib", 3 * 2**39),
        ("80kb", 80_000),
        ("512 B", 512),
        ("12345", 12345),
    ],
)
def test_sizes(text: str, expected: int) -> None:
    assert sizes.parse(text) == expected


@pytest.mark.parametrize("text", ["24G", "24m", "1.5t", "2k"])
def test_half_a_unit_is_asked_about(text: str) -> None:
    with pytest.raises(MeasureError, match=r"GB or .*GiB|MB or .*MiB|TB or .*TiB|kB or .*KiB"):
        sizes.parse(text)


@pytest.mark.parametrize(
    "text", ["", "GiB", "0", "-1GB", "1e3", "1GiBB", "٣GB", "9" * 21, "9999999999GiB", "24\x1b[2JGB"]
)
def test_what_is_no_size_is_one_line(text: str) -> None:
    with pytest.raises(MeasureError, match="size") as raised:
        sizes.parse(text)
    assert str(raised.value).isprintable()


@pytest.mark.parametrize("size", [0, -1, True, 2**63, 1.5])
def test_what_is_no_number_of_bytes(size: Any) -> None:
    with pytest.raises(MeasureError, match="memory must be"):
        sizes.size(size)


def test_decimal() -> None:
    assert list(map(sizes.decimal, (0, 999, 1000, 2_147_483_648, 999_999_999))) == [
        "0 B",
        "999 B",
        "1.00 kB",
        "2.15 GB",
        "1.00 GB",
    ]


# --- fit -------------------------------------------------------------------------------------------------------------


def test_whether_it_fits_and_how_long_a_text_does() -> None:
    fit = zoo.load("llama-2-7b").fits("24GiB")
    assert fit is not None
    assert (fit.weights, fit.cache, fit.length) == (2 * LLAMA_2_7B, 2**31, 4096)
    assert fit.fits
    assert fit.left == 24 * 2**30 - 2 * LLAMA_2_7B - 2**31
    # 512 KiB for each token, in what the weights leave.
    assert fit.longest == (24 * 2**30 - 2 * LLAMA_2_7B) // 2**19


@pytest.mark.parametrize("memory", [10**9, 13 * 10**9, 14 * 10**9, 15 * 10**9, 100 * 10**9])
@pytest.mark.parametrize("name", ["mistral-7b", "gemma-2-2b", "gpt2"])
def test_the_longest_text_fits_and_one_token_more_does_not(name: str, memory: int) -> None:
    model = zoo.load(name)
    fit = model.fits(memory, 1, batch=7, dtype="bf16")
    assert fit is not None
    if fit.longest:
        at = model.fits(memory, fit.longest, batch=7, dtype="bf16")
        assert at is not None
        assert at.fits
    if fit.longest < fit.limit:
        beyond = model.fits(memory, fit.longest + 1, batch=7, dtype="bf16")
        assert beyond is not None
        assert not beyond.fits


def test_positions_and_what_does_not_grow_bound_nothing_else() -> None:
    gpt2, mamba = zoo.load("gpt2").fits("1TB"), zoo.load("mamba-130m").fits("1GB")
    assert gpt2 is not None
    assert mamba is not None
    assert gpt2.longest == gpt2.limit == 1024
    assert mamba.longest == mamba.limit == 10**12
    assert mamba.length is None


def test_longest_by_trying_all() -> None:
    def cache(length: int) -> int:
        return min(length, 10) * 3 + length // 4

    for room in range(-2, 60):
        tried = [length for length in range(1, 101) if cache(length) <= room]
        assert longest(room, cache, 100) == (max(tried) if tried else 0)


def test_no_memory_is_stated() -> None:
    with pytest.raises(MeasureError, match="state the memory"):
        zoo.load("gpt2").fits()


# --- the report ------------------------------------------------------------------------------------------------------


def run(*arguments: str) -> str:
    done = CliRunner().invoke(command, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


def test_the_table_says_which_units_and_what_is_not_counted() -> None:
    text = run("llama-2-7b", "--fits", "24GiB", "--zero", "1", "--devices", "8")
    for words in ("activations", "1 GiB is 2^30 bytes", "12.55 GiB", "13.48 GB", "2.00 GiB", "ZeRO stage 1", "4,096"):
        assert words in text
    assert "fits 24.00 GiB (25.77 GB) at 4,096 tokens: 9.45 GiB left" in text
    assert "longest text that does: 23,446 tokens" in text
    assert "not stated" not in text
    assert "float32 (not stated: PyTorch's default)" in run("bert-base")


def test_rows_are_those_of_the_readings() -> None:
    model = zoo.load("gpt2").under(zoo.load("gpt2").conditions._replace(zero=2, devices=4))
    rows = list(csv.reader(io.StringIO(run("gpt2", "--zero=2", "--devices=4", "--optimizer=all", "--format=csv"))))
    assert rows[0] == ["part", "term", "bytes"]
    totals = {part: int(size) for part, term, size in rows[1:] if term == "total"}
    assert totals.pop("weights") == 4 * model.parameters
    assert totals.pop("cache") == 4 * 12 * 2 * 768 * 1024
    assert totals == {f"training, {name}": model.training_memory(name).bytes for name in OPTIMIZERS}


def test_json_has_raw_integers_and_null_for_what_is_not_known() -> None:
    record = json.loads(run("gpt2", "--dtype", "bf16", "--fits", "1GB", "--batch", "2", "--format", "json"))
    assert record["weights"]["bytes"] == 2 * record["parameters"]
    assert record["cache"] == {
        "length": 1024,
        "encoder_length": None,
        "batch": 2,
        "dtype": "bfloat16",
        "bytes": 2 * 2 * 12 * 2 * 768 * 1024,
    }
    assert record["fit"]["left"] == 10**9 - record["weights"]["bytes"] - record["cache"]["bytes"]
    assert record["training"][0]["optimizer"] == "adamw"
    unknown = memory_report(zoo.load({"model_type": "llama", "quantization_config": {"quant_method": "aqlm"}}))
    assert unknown.record()["weights"] is None
    assert "unknown" in unknown.render()
    assert '"aqlm"' in str(unknown) or "'aqlm'" in str(unknown)


def test_a_cache_without_a_length_is_unknown() -> None:
    text = run("t5-base")
    assert "unknown: cache: the config names no longest text" in text
    assert "75,497,472" in run("t5-base", "--length", "512", "--encoder-length", "512")


def test_quantized_weights_are_told_term_by_term(tmp_path: Any) -> None:
    config = {"model_type": "llama", "dtype": "float16", "quantization_config": {"load_in_4bit": True}}
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config))
    text = run(str(path))
    for words in ("bitsandbytes fp4", "packed weights", "scales", "zero points and tables", "not quantized"):
        assert words in text


def test_optimizers_of_a_list() -> None:
    assert optimizers("sgd, adamw,sgd") == ("sgd", "adamw")
    assert optimizers("all") == tuple(OPTIMIZERS)
    for wrong in ("", ",", "adamw,nadam"):
        with pytest.raises(MeasureError, match="no optimizer"):
            optimizers(wrong)


def test_the_registry_knows_how_gpt_oss_is_stored() -> None:
    model = zoo.load("gpt-oss-20b")
    taken = model.weight_memory()
    assert taken is not None
    # The size of the published file, as its index tells it; what is no expert is in bfloat16, though no key says so.
    assert (taken.quantization, taken.dtype, taken.bytes) == ("MXFP4", "bfloat16", 13_761_264_768)
    assert model.says_dtype
    assert model.under(zoo.Conditions(dtype="fp32")).weight_memory() == model.weight_memory("float32")
