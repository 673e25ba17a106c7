"""Bits of tokens and of vectors by their own arithmetic; order and exponents of the whole registry."""

import csv
import io
import json
import subprocess
import sys
from fractions import Fraction
from itertools import pairwise
from math import ceil, log, log2
from pathlib import Path

import pytest

import zoo
from zoo.conditions import Conditions, MeasureError
from zoo.manager import manager
from zoo.measures.dtypes import BITS
from zoo.registries.registry import registry
from zoo.reports.width import FEWEST, Exponent, exponents, width

NAMES = [entry.name for entry in registry()]


def test_bert_needs_15_bits_and_holds_24576() -> None:
    found = zoo.load("bert-base").width()
    assert (found.token_bits, found.vector_bits) == (15, 768 * 32)
    assert found.ratio == 768 * 32 / 15
    assert (found.hidden_per_layer, found.head_dim) == (768 / 12, 64)
    assert found.embedding_share == (30_522 + 512 + 2) * 768 / 110_106_428
    assert (found.parameters, found.hidden_size, found.vocab_size, found.layers) == (110_106_428, 768, 30_522, 12)


def test_dtype_is_that_of_the_call_of_the_conditions_or_of_the_config() -> None:
    model = zoo.load({"model_type": "bert", "dtype": "float16"})
    assert (model.width().dtype, model.width().vector_bits) == ("float16", 768 * 16)
    half = model.under(Conditions(dtype="fp8"))
    assert half.width().vector_bits == 768 * 8
    assert half.width("int4").vector_bits == 768 * 4
    with pytest.raises(MeasureError, match="no dtype 'float13'"):
        model.width("float13")


@pytest.mark.parametrize("name", NAMES)
def test_every_name_has_a_width_of_its_own_arithmetic(name: str) -> None:
    model = zoo.load(name)
    config, found = model.config, model.width()
    assert found.token_bits == ceil(log2(config.vocab_size))
    half = "16" in str(model.stated("dtype")) or name == "gpt-oss-20b"  # MXFP4, of which the rest is in bfloat16
    assert found.vector_bits == config.hidden_size * (16 if half else 32)
    assert found.ratio == config.hidden_size * BITS[found.dtype] / ceil(log2(config.vocab_size))
    assert found.hidden_per_layer == config.hidden_size / sum(model.depths)
    assert found.embedding_share is not None
    assert Fraction(found.embedding_share).limit_denominator(10**13) == pytest.approx(
        Fraction(model.embedding_parameters, model.parameters)
    )
    assert (found.head_dim is None) == (model.model_type == "mamba")


@pytest.mark.parametrize("model_type", [model_type for model_type, _ in manager])
def test_every_type_has_a_width(model_type: str) -> None:
    found = zoo.load({"model_type": model_type}).width()
    assert None not in found._replace(head_dim=0)  # not every type attends


@pytest.mark.parametrize(("vocab_size", "bits"), [(1, 0), (2, 1), (3, 2), (4, 2), (1024, 10), (1025, 11)])
def test_bits_of_small_vocabularies(vocab_size: int, bits: int) -> None:
    found = zoo.load({"model_type": "bert", "vocab_size": vocab_size}).width()
    assert found.token_bits == bits
    assert found.ratio == (768 * 32 / bits if bits else None)


def test_encoder_and_decoder_are_one_depth() -> None:
    found = zoo.load({"model_type": "bart", "encoder_layers": 3, "decoder_layers": 5}).width()
    assert (found.layers, found.hidden_per_layer) == (8, 1024 / 8)


def test_the_registry_is_shown_by_size_each_model_once() -> None:
    found = width("bert-large", registry=True)
    assert sorted(model.name for model in found.models) == sorted({*NAMES, "bert-large"})
    sizes = [model.parameters for model in found.models]
    assert sizes == sorted(sizes)
    assert found.problems == ()


def test_exponents_solve_the_normal_equations() -> None:
    """Least squares: what is left over is orthogonal to what is fitted."""
    models = width(registry=True).models
    families: dict[str, set[tuple[int, int]]] = {}
    for model in models:
        families.setdefault(model.model_type, set()).add((model.parameters, model.config.hidden_size))
    found = exponents(models)
    assert [exponent.model_type for exponent in found] == sorted(families)
    for family, number, slope in found:
        sizes = families[family]
        assert number == len(sizes)
        assert (slope is None) == (len({parameters for parameters, _ in sizes}) < FEWEST)
        if slope is not None:
            x, y = [log(parameters) for parameters, _ in sizes], [log(hidden) for _, hidden in sizes]
            intercept = sum(y) / number - slope * sum(x) / number
            rest = [b - intercept - slope * a for a, b in zip(x, y, strict=True)]
            assert sum(rest) == pytest.approx(0, abs=1e-9)
            assert sum(r * a for r, a in zip(rest, x, strict=True)) == pytest.approx(0, abs=1e-8)
            assert 0 < slope < 1


def test_an_exponent_that_is_known_beforehand() -> None:
    """Of one BERT layer with nothing but matrices to speak of, N is nearly 12·H²: the exponent of H is 1/2."""
    config = {"model_type": "bert", "vocab_size": 1, "max_position_embeddings": 1, "num_hidden_layers": 1}
    models = [
        zoo.load({**config, "hidden_size": 2**n, "intermediate_size": 4 * 2**n, "num_attention_heads": 1})
        for n in (14, 16, 18)
    ]
    ((family, number, slope),) = exponents(models)
    assert (family, number) == ("bert", 3)
    assert slope == pytest.approx(0.5, abs=1e-4)
    assert exponents([*models, *models]) == exponents(models)
    assert exponents(models[:2]) == (Exponent("bert", 2, None),)


def test_columns_sort_and_conditions_are_those_of_compare() -> None:
    found = width("bert-base", "gpt3", columns=["model", "token_bits", "heads"], sort="-hidden", dtype="bf16")
    assert [model.name for model in found.models] == ["gpt3", "bert-base"]
    assert list(csv.reader(io.StringIO(found.render("csv")))) == [
        ["model", "token_bits", "heads"],
        ["gpt3", "16", "96/96"],
        ["bert-base", "15", "12/12"],
    ]
    assert {record["vector_bits"] for record in found.records()} == {768 * 16, 12_288 * 16}
    assert zoo.compare("bert-base", columns=["vector_bits", "bits_ratio"]).render("csv").split() == [
        "vector_bits,bits_ratio",
        "24576,1638.4",
    ]
    with pytest.raises(zoo.ZooError, match="no column 'tokenbits'; did you mean token_bits"):
        width("bert-base", columns=["tokenbits"])


def test_what_cannot_be_told_is_named_with_its_reason(tmp_path: Path) -> None:
    entries = tmp_path / "mine.toml"
    entries.write_text(
        '[models.odd]\nmodel_type = "bert"\nclass = "BertModel"\nconfig = { dtype = "float13" }\n'
        '[models.bad]\nmodel_type = "bert"\nclass = "BertModel"\nconfig = { hidden_size = 7 }\n'
    )
    found = width(registry=True, registries=[entries])
    assert sorted(problem.split("no dtype")[0].split("hidden_size")[0] for problem in found.problems) == [
        f"{entries}: bad: ",
        "odd: ",
    ]
    assert {model.name for model in found.models} == {*NAMES}


# --- the command -----------------------------------------------------------------------------------------------------


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "zoo", "width", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def test_the_command_shows_models_exponents_and_why() -> None:
    done = run("gpt3", "bert-base")
    assert (done.returncode, done.stderr) == (0, "")
    bert, gpt3 = done.stdout.splitlines()[2:4]
    assert {"bert-base", "110,106,428", "30,522", "15", "768", "24,576", "1,638", "64.0", "64", "21.6%"} <= {
        *bert.split()
    }
    assert gpt3.startswith("gpt3")
    assert "none: too few sizes" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("15 to 16 bits would do")


def test_the_command_tells_of_the_whole_registry() -> None:
    found = json.loads(run("--registry", "--format", "json").stdout)
    assert {record["model"] for record in found["models"]} == {*NAMES}
    assert all(a["parameters"] <= b["parameters"] for a, b in pairwise(found["models"]))
    assert found["exponents"] == [exponent._asdict() for exponent in width(registry=True).exponents]
    assert found["problems"] == []


@pytest.mark.parametrize("style", ["table", "markdown", "latex", "html", "plain"])
def test_every_format_has_models_and_exponents(style: str) -> None:
    done = run("gpt2", "gpt2-medium", "gpt2-large", "--format", style, "--columns", "model,hidden")
    assert done.returncode == 0
    assert done.stdout.count("1,024") == done.stdout.count("gpt2-large") == 1
    (exponent,) = width("gpt2", "gpt2-medium", "gpt2-large").exponents
    assert f"{exponent.exponent:.3f}" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name a model, or all of them with --registry"),
        (["bert-base", "--columns", "wide"], "no column 'wide'"),
        (["bert-base", "--dtype", "float13"], "no dtype 'float13'"),
        (["bert-base", "--format", "tabel"], "no format 'tabel'"),
        (["bertt"], "no model or file is named 'bertt'"),
        (["-", "-"], "standard input (-) can be read only once"),
    ],
)
def test_the_command_fails_in_one_line(arguments: list[str], message: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert message in done.stderr
