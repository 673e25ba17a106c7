"""What `zoo flops` prints, by arithmetic of its own; that the operations are right is shown in tests/oracle."""

import csv
import io
import json
from typing import Any

import pytest
from test_cli import Run, failed

import zoo
from zoo.conditions import Conditions, MeasureError
from zoo.reports.flops import FlopsReport, flops_report


def report(name: str, d: int | None = None, **conditions: Any) -> FlopsReport:
    return flops_report(zoo.load(name).under(Conditions(**conditions)), d)


def rows(found: FlopsReport) -> dict[str, dict[str, Any]]:
    return {row["operations"]: row for row in (*found.exact(), *found.rules())}


# Llama-2-7B: 32 layers of 4 H² and 3 HF, and the output matrix; attention multiplies each query with each key, and each
# weight with each value.
H, F, L, V = 4_096, 11_008, 32, 32_000
MATRICES = L * (4 * H * H + 3 * H * F) + V * H
PARAMETERS = MATRICES + V * H + (2 * L + 1) * H


def test_split_by_hand() -> None:
    length = 1_000
    found = rows(report("llama-2-7b", length=length))
    weights, scores, everything = found["text: matmul weights"], found["text: attention scores"], found["all"]
    assert weights["forward"] == 2 * MATRICES * length
    assert scores["forward"] == 2 * 2 * L * H * length * length
    assert everything["forward"] == weights["forward"] + scores["forward"]
    assert everything["training"] == 3 * everything["forward"]
    assert everything["per_token"] == everything["forward"] / length
    assert {row["tokens"] for row in found.values()} == {length}


def test_rules_by_hand() -> None:
    length, d = 1_000, 2_000_000
    found = rows(report("llama-2-7b", d, length=length))
    exact = found["all"]["forward"]
    for which, n in (("all", PARAMETERS), ("non-embedding", PARAMETERS - V * H)):
        rule = found[f"2N, 6ND: N {which}"]
        assert (rule["n"], rule["per_token"], rule["forward"]) == (n, 2 * n, 2 * n * length)
        assert rule["training"] == 6 * n * length
        assert rule["training_d"] == 6 * n * d
        assert rule["error"] == pytest.approx(2 * n * length / exact - 1)
    assert found["all"]["training_d"] == 3 * exact * d // length


def test_training_tokens_need_not_fill_the_last_text() -> None:
    found = rows(report("llama-2-7b", 7, length=1_000))["all"]
    assert found["training_d"] == round(found["training"] * 7 / 1_000)


def test_training_tokens_of_today() -> None:
    # As many as Llama 3 was trained on (arXiv:2407.21783).
    run = Run("flops", "llama-3-8b", "--length", "8192", "--tokens", str(15 * 10**12))
    assert (run.code, run.err) == (0, "")
    rule = 6 * zoo.load("llama-3-8b").parameters * 15 * 10**12
    assert f"{rule / 1e21:.1f} ZFLOP" in run.out


def test_experts_are_counted_in_full_and_as_they_are_used() -> None:
    model = zoo.load("mixtral-8x7b")
    found = {row["operations"]: row["n"] for row in report("mixtral-8x7b", length=64).rules()}
    assert found == {
        "2N, 6ND: N all": model.parameters,
        "2N, 6ND: N non-embedding": model.parameters - model.embedding_parameters,
        "2N, 6ND: N active": 12_879_925_248,
        "2N, 6ND: N active non-embedding": 12_879_925_248 - 32_000 * 4_096,
    }
    assert len(report("llama-2-7b", length=64).rules()) == 2


def test_without_attention_it_is_states_that_cost_beside_weights() -> None:
    found = rows(report("mamba-130m", length=64))
    # 24 layers of 1,536 channels, each of which reads out 16 states for each token.
    assert found["text: recurrent states"]["forward"] == 2 * 24 * 1_536 * 16 * 64
    assert "text: attention scores" not in found


def test_encoder_and_decoder_apart() -> None:
    found = report("t5-base", length=100, encoder_length=300)
    assert [(side.name, side.tokens) for side in found.sides] == [("decoder", 100), ("encoder", 300)]
    exact = rows(found)
    split = [row for name, row in exact.items() if name.startswith(("decoder", "encoder"))]
    assert len(split) == 4
    assert exact["all"]["forward"] == sum(row["forward"] for row in split)
    assert exact["all"]["tokens"] == 400
    # 12 layers of 12 heads of 64, three kinds of attention: of the encoder, of the decoder, and across.
    heads = 2 * 2 * 12 * 12 * 64
    assert exact["encoder: attention scores"]["forward"] == heads * 300 * 300
    assert exact["decoder: attention scores"]["forward"] == heads * (100 * 100 + 100 * 300)


def test_unknown_is_never_0() -> None:
    found = FlopsReport(zoo.load("llama-2-7b"), None, 1_000)
    (everything,) = found.exact()
    assert [everything[name] for name in ("forward", "per_token", "training", "training_d")] == [None] * 4
    assert all(row["error"] is None and row["forward"] is None for row in found.rules())
    assert "unknown" in str(found)
    assert found.render("csv").splitlines()[1] == "all,,unknown,unknown,unknown,unknown,unknown,"
    assert json.loads(found.render("json"))["exact"][0]["forward"] is None


# --- zoo flops -------------------------------------------------------------------------------------------------------


def test_table() -> None:
    run = Run("flops", "llama-2-7b", "--length", "1000")
    assert (run.code, run.err) == (0, "")
    heading, conditions, _, header, _, *lines = run.out.splitlines()
    assert heading.startswith("llama-2-7b: LlamaForCausalLM")
    assert "1,000 tokens" in conditions
    assert "training is 3 x forward" in conditions
    assert "training on D" not in header
    exact = 2 * MATRICES + 2 * 2 * L * H * 1_000
    everything, rule, _ = lines[-3:]
    assert f"{exact / 1e9:.2f} GFLOP" in everything
    assert rule.endswith(f"{2 * PARAMETERS / exact - 1:+.1%}")


def test_json_and_csv_are_raw_and_the_same() -> None:
    arguments = ("flops", "t5-base", "--length", "8", "--encoder-length", "9", "--tokens", "1700", "--format")
    record = json.loads(Run(*arguments, "json").out)
    assert (record["length"], record["encoder_length"], record["d"]) == (8, 9, 1_700)
    lines = list(csv.DictReader(io.StringIO(Run(*arguments, "csv").out)))
    expected = [*record["exact"], *record["rules"]]
    assert [{key: "" if value is None else str(value) for key, value in row.items()} for row in expected] == lines


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--length", "0"), "length must be a whole number from 1"),
        (("--length", "9" * 30), "length must be a whole number from 1"),
        (("--length", "1k"), "--length"),
        (("--tokens", "0"), "training tokens must be a number from 1"),
        (("--tokens", "-5"), "training tokens must be a number from 1"),
        (("--tokens", "9" * 30), "training tokens must be a number from 1"),
        (("--tokens", "2Q"), "training tokens must be a number"),
        (("--batch", "2"), "--batch"),
        (("--format", "jsn"), "no format"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_bad_input_is_one_line(arguments: tuple[str, ...], says: str) -> None:
    assert says in failed("flops", "llama-2-7b", *arguments)


def test_more_than_there_are_positions_for() -> None:
    assert "1,024" in failed("flops", "gpt2", "--length", "1025")
    with pytest.raises(MeasureError, match="training tokens"):
        flops_report(zoo.load("gpt2"), 0)
