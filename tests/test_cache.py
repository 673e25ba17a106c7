"""What models keep of a text: published figures by their own arithmetic, and what `zoo cache` prints of it."""

import csv
import io
import json
from typing import Any

import pytest
from test_cli import Run, failed

import zoo
from zoo.blueprint import attend, experts, linear, repeat, scope, state, stream
from zoo.conditions import Conditions, MeasureError
from zoo.manager import manager
from zoo.measures.cache import Cache, cache, component_bytes
from zoo.measures.flops import UnknownCostError
from zoo.measures.lengths import Lengths
from zoo.reports.cache import CacheReport
from zoo.text import binary

GIB = 2**30


def kept(name: str, length: int | None = None, **more: Any) -> Cache:
    found = zoo.load(name).cache(length, **more)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "numbers", "gib"),
    [
        # Keys and values, layers, heads x head_dim; at 4,096 tokens.
        ("llama-2-7b", 2 * 32 * (32 * 128) * 4_096, 2.0),
        # 4 key and value heads of 128 each, though 2,048 / 32 is 64.
        ("qwen3-30b-a3b", 2 * 48 * (4 * 128) * 4_096, 0.375),
        # Every other layer has a window of 4,096, which is just full.
        ("gemma-2-9b", 2 * 42 * (8 * 256) * 4_096, 1.3125),
        # 512 numbers for the keys and values of all heads, and a rotary key of 64 that they share.
        ("deepseek-v3", 61 * (512 + 64) * 4_096, None),
    ],
)
def test_known_figures_at_4096_tokens_in_16_bit(name: str, numbers: int, gib: float | None) -> None:
    found = kept(name, 4_096, dtype="bf16")
    assert found.bytes == 2 * numbers
    assert found.bytes_per_token == 2 * numbers / 4_096
    if gib is None:
        assert f"{found.bytes / GIB:.3f}" == "0.268"
    else:
        assert found.bytes / GIB == gib


def test_one_key_and_value_head_for_all_queries() -> None:
    assert kept("falcon-7b", 1_000, dtype="float16").bytes == 2 * (2 * 32 * 64) * 1_000


def test_a_window_caps_its_layers_and_no_others() -> None:
    per_token_and_half = 2 * (2 * 21 * (8 * 256))
    for length, windowed in ((100, 100), (4_095, 4_095), (4_096, 4_096), (4_097, 4_096), (8_192, 4_096)):
        assert kept("gemma-2-9b", length, dtype="bf16").bytes == per_token_and_half * (length + windowed)


def test_window_in_every_layer() -> None:
    full = kept("mistral-7b-v0.1", 4_096, dtype="bf16").bytes
    assert full == 2 * (2 * 32 * (8 * 128)) * 4_096
    assert kept("mistral-7b-v0.1", 32_768, dtype="bf16").bytes == full


def test_latent_attention_by_the_arithmetic_of_its_paper() -> None:
    # arXiv:2405.04434, table 1: per token (d_c + d_R) l = 9/2 d_h l numbers where MHA has 2 n_h d_h l.
    layers, heads, head_dim = 60, 128, 128
    found = kept("deepseek-v2", 1_000, dtype="bf16")
    assert found.bytes_per_token == 2 * (9 * head_dim // 2) * layers
    assert found.compressed
    # Keys of all heads are wider than the paper's MHA by the rotary part.
    assert found.uncompressed_bytes == 2 * layers * heads * (head_dim + 64 + head_dim) * 1_000


def test_what_is_not_compressed_is_the_same_uncompressed() -> None:
    for name in ("llama-2-7b", "gemma-2-9b", "mamba-130m"):
        found = kept(name, 5_000, dtype="bf16")
        assert not found.compressed
        assert found.uncompressed_bytes == found.bytes


def test_decoder_to_an_encoder_keeps_both_texts() -> None:
    found = kept("t5-base", 100, encoder_length=37, dtype="float32")
    per_token = 4 * 2 * 12 * (12 * 64)
    assert found.bytes == per_token * (100 + 37)
    assert found.bytes_per_token == per_token
    assert {row.what: row.layers for row in found.kept} == {"keys and values": 12, "cross-attention": 12}


def test_states_are_of_the_same_size_for_every_text() -> None:
    # mamba-130m: 24 layers, 1,536 channels, a convolution over 4 tokens and 16 states.
    short, long = kept("mamba-130m", 1, dtype="float32"), kept("mamba-130m", 10**9, dtype="float32")
    assert short.bytes == long.bytes == short.state_bytes == 4 * 24 * (1_536 * 4 + 1_536 * 16)
    assert short.bytes_per_token == 0
    assert kept("mamba-130m", batch=3, dtype="float32").bytes == 3 * short.bytes


def test_states_need_no_length() -> None:
    model = zoo.load({"model_type": "mamba", "num_hidden_layers": 2})
    found = model.cache(dtype="float32")
    assert found is not None
    assert found.bytes > 0


def test_an_encoder_keeps_nothing_and_that_is_known() -> None:
    for name in ("bert-base", "modernbert-base", "deberta-v3-base"):
        found = kept(name)
        assert (found.bytes, found.bytes_per_token, found.kept) == (0, 0, ())


BUILT_IN = [model_type for model_type, plugin in manager if plugin.distribution.startswith("paramzoo ")]


@pytest.mark.parametrize("model_type", BUILT_IN)
def test_every_class_tells_what_it_keeps(model_type: str) -> None:
    for class_name in manager.architecture(model_type).classes():
        found = zoo.load({"model_type": model_type, "architectures": [class_name]}).cache(16)
        assert found is not None, class_name


@pytest.mark.parametrize(("dtype", "bits"), [("fp32", 32), ("float16", 16), ("torch.bfloat16", 16), ("fp8", 8)])
def test_batch_and_format(dtype: str, bits: int) -> None:
    assert kept("llama-2-7b", 10, batch=3, dtype=dtype).bytes == 3 * 10 * (2 * 32 * 4_096) * bits // 8


def test_numbers_of_half_a_byte_are_rounded_up_once() -> None:
    parts = (repeat("h", 3, attend(heads=1, head_dim=1, value_dim=2)),)
    assert cache(parts, Lengths(1, None), 1, "int4").bytes == 5  # 9 numbers


def test_the_format_is_by_default_the_config_s_own() -> None:
    config = {"model_type": "llama", "num_hidden_layers": 2}
    for dtype in ("float16", "float64"):
        found = zoo.load({**config, "dtype": dtype}).cache(7)
        assert found is not None
        assert found.dtype == dtype


def test_layers_that_do_not_tell_how_tokens_see_each_other_are_unknown() -> None:
    silent = repeat("layers", 2, linear("mix", 4, 4))
    for parts in ((silent,), (scope("model", silent),), (stream("encoder", silent), repeat("h", 1, state("s", 2)))):
        with pytest.raises(UnknownCostError, match="layers"):
            cache(parts, Lengths(8, 8), 1, "float32")


def test_attention_within_experts_is_unknown() -> None:
    parts = (repeat("h", 2, experts("experts", 4, 2, attend(heads=2, head_dim=4))),)
    with pytest.raises(UnknownCostError, match="experts"):
        cache(parts, Lengths(8, None), 1, "float32")


def test_layers_that_are_passed_again_keep_again() -> None:
    parts = (repeat("h", 1, attend(heads=2, head_dim=4), passes=5),)
    assert cache(parts, Lengths(8, None), 1, "float32").bytes == 4 * 5 * 2 * 2 * 4 * 8


def test_fewer_vectors_pass_a_shorter_stream() -> None:
    parts = (stream(lambda tokens: tokens // 4, repeat("h", 1, attend(heads=2, head_dim=4))),)
    assert cache(parts, Lengths(8, None), 1, "float32").bytes == 4 * 2 * 2 * 4 * 2


def test_the_number_of_layers_costs_no_time() -> None:
    found = zoo.load({"model_type": "gemma2", "num_hidden_layers": 10**9}).cache(8_192, dtype="bf16")
    assert found is not None
    assert sum(row.layers for row in found.kept) == 10**9


@pytest.mark.parametrize("name", ["llama-2-7b", "gemma-2-9b", "deepseek-v3", "t5-base", "bert-base"])
def test_components_add_up(name: str) -> None:
    model = zoo.load(name)
    whole = kept(name, 512, encoder_length=300 if name == "t5-base" else None)
    tree = model.breakdown([lambda parts, place: component_bytes(parts, place, whole)])
    assert tree.costs == (whole.bytes,)
    seen = [tree]
    for component in seen:
        below = sum(child.costs[0] or 0 for child in component.children)
        # Attention is no component: what it keeps is its module's, and nothing below it.
        assert below == component.costs[0] or (below == 0 and "heads of" in component.note)
        seen += component.children


BAD: list[tuple[dict[str, Any], str]] = [
    ({"length": 0}, "length must be a whole number from 1"),
    ({"length": -4}, "length must be a whole number from 1"),
    ({"length": 10**13}, "length must be a whole number from 1"),
    ({"length": 10**5000}, "length must be a whole number from 1"),
    ({"length": True}, "length must be a whole number from 1"),
    ({"encoder_length": 0}, "encoder length must be a whole number from 1"),
    ({"batch": 0}, "batch must be a whole number from 1"),
    ({"batch": -1}, "batch must be a whole number from 1"),
    ({"dtype": "bf61"}, "no dtype"),
]


@pytest.mark.parametrize(
    ("conditions", "says"), BAD, ids=lambda value: next(iter(value)) if isinstance(value, dict) else ""
)
def test_conditions_that_make_no_sense(conditions: dict[str, Any], says: str) -> None:
    with pytest.raises(MeasureError, match=says):
        zoo.load("t5-base").cache(**{"length": 8, "encoder_length": 8} | conditions)


# --- zoo cache -------------------------------------------------------------------------------------------------------


def test_table() -> None:
    run = Run("cache", "gemma-2-9b", "--length", "8192", "--dtype", "bf16", "--batch", "2")
    assert (run.code, run.err) == (0, "")
    heading, conditions, total, _, header, _, *rows = run.out.splitlines()
    assert heading.startswith("gemma-2-9b: Gemma2ForCausalLM")
    assert "8,192 tokens, batch 2, bfloat16" in conditions
    assert "2^30" in conditions
    assert total.startswith(f"{2 * 2 * (2 * 21 * 2_048) * (8_192 + 4_096):,} bytes")
    assert header.split()[:3] == ["kept", "layers", "window"]
    windowed, full, last = (row.split() for row in rows)
    assert windowed == ["keys", "and", "values", "21", "4,096", "4,096", "4,096", "1.31", "GiB"]
    assert full == ["keys", "and", "values", "21", "4,096", "8,192", "2.62", "GiB"]
    assert last == ["total", "3.94", "GiB"]


def test_json_is_raw_and_adds_up() -> None:
    arguments = ("cache", "deepseek-v3", "--length", "4096", "--dtype", "bf16", "--format", "json")
    record = json.loads(Run(*arguments).out)
    assert (record["length"], record["encoder_length"], record["batch"], record["dtype"]) == (
        4_096,
        None,
        1,
        "bfloat16",
    )
    assert record["bytes"] == sum(row["bytes"] for row in record["kept"]) == 2 * 61 * 576 * 4_096
    assert record["uncompressed_bytes"] == 2 * 61 * 128 * (192 + 128) * 4_096
    assert record["bytes_per_token"] == 2 * 61 * 576
    (row,) = record["kept"]
    assert (row["kept"], row["layers"], row["numbers"], row["tokens"], row["window"]) == (
        "latent",
        61,
        576,
        4_096,
        None,
    )


def test_uncompressed_is_told_where_there_is_latent_attention_and_only_there() -> None:
    latent, other = (str(Run("cache", name, "--length", "64").out) for name in ("deepseek-v3", "llama-2-7b"))
    assert "uncompressed" in latent
    assert "uncompressed" not in other


def test_csv_has_the_names_of_json() -> None:
    arguments = ("cache", "t5-base", "--length", "10", "--encoder-length", "20", "--dtype", "fp32", "--format")
    *rows, total = csv.DictReader(io.StringIO(Run(*arguments, "csv").out))
    record = json.loads(Run(*arguments, "json").out)
    assert [{key: str(value or "") for key, value in row.items()} for row in record["kept"]] == rows
    assert (total["kept"], total["bytes"]) == ("total", str(record["bytes"]))
    assert record["encoder_length"] == 20


@pytest.mark.parametrize("style", ["markdown", "latex", "html", "tsv"])
def test_other_styles(style: str) -> None:
    run = Run("cache", "mamba-130m", "--format", style)
    assert (run.code, run.err) == (0, "")
    assert "state ssm" in run.out


def test_an_encoder_in_words_and_numbers() -> None:
    assert "nothing" in Run("cache", "bert-base").out
    record = json.loads(Run("cache", "bert-base", "--format", "json").out)
    assert (record["kept"], record["bytes"]) == ([], 0)


def test_unknown_is_never_0() -> None:
    report = CacheReport(zoo.load("llama-2-7b").under(Conditions(length=64)), None)
    record = report.record()
    assert {record[name] for name in ("kept", "bytes", "bytes_per_token", "state_bytes", "uncompressed_bytes")} == {
        None
    }
    for text in (str(report), report.render("csv"), report.render("markdown")):
        assert "unknown" in text
        assert "0" not in text.replace("llama-2-7b", "")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--length", "0"), "length must be a whole number from 1"),
        (("--length", "-4096"), "length must be a whole number from 1"),
        (("--length", "4k"), "--length"),
        (("--length", "9" * 30), "length must be a whole number from 1"),
        (("--length", "9" * 6_000), "--length"),
        (("--encoder-length", "9"), "nothing in the model reads an encoder's tokens"),
        (("--batch", "0"), "batch must be a whole number from 1"),
        (("--batch", "1.5"), "--batch"),
        (("--dtype", "bf61"), "no dtype"),
        (("--format", "tabel"), "no format"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_bad_input_is_one_line(arguments: tuple[str, ...], says: str) -> None:
    assert says in failed("cache", "llama-2-7b", *arguments)


@pytest.mark.parametrize(
    ("size", "shows"),
    [
        (0, "0 B"),
        (1_023, "1023 B"),
        (1_024, "1.00 KiB"),
        (2**31, "2.00 GiB"),
        (2**30 - 1, "1.00 GiB"),
        (3 * 2**29, "1.50 GiB"),
        (2**60, "1.00 EiB"),
        (2**73, "8,192.00 EiB"),
    ],
)
def test_bytes_in_powers_of_two(size: int, shows: str) -> None:
    assert binary(size) == shows
