"""Formulas against what they stand for. That they give the count of every type, tests/architectures proves."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from zoo.blueprint import repeat, tensor
from zoo.dims import Dim, constant, formula, python, shares, text, traced, written
from zoo.errors import ZooError
from zoo.measures.counts import count
from zoo.reports.explanation import explain

MODELS = ("bert-base", "gpt3", "mixtral-8x7b", "deepseek-v3", "t5-base", "albert-base-v2", "falcon-40b", "mamba-130m")


def test_bert_as_its_paper_is_read() -> None:
    record = explain("bert-base").record()
    layer = next(part for part in record["components"] if part["times"] == "L")
    terms = {term["label"]: term["formula"] for term in layer["terms"]}
    assert terms["attention"] == "4*H**2"
    assert terms["MLP (intermediate, output)"] == "2*H*F"
    assert layer["formula"] == "4*H**2 + 2*H*F + 9*H + F"
    rule = record["rule_of_thumb"]
    assert rule["formula"] == "12*L*H**2 + V*H"
    assert rule["parameters"] == 12 * 12 * 768**2 + 30_522 * 768
    assert rule["error"] == rule["parameters"] / 110_106_428 - 1
    left_out = {term["label"]: term["parameters"] for term in rule["left_out"]}
    assert left_out["bert.embeddings.position_embeddings"] == 512 * 768
    assert left_out["bert.pooler.dense"] == 768**2
    really = sum(term["really"]["parameters"] for term in rule["terms"])
    assert really + sum(left_out.values()) == 110_106_428


@pytest.mark.parametrize("name", MODELS)
def test_rule_and_rest_make_up_the_count(name: str) -> None:
    record = explain(name).record()
    rule = record["rule_of_thumb"]
    really = [term["really"]["parameters"] for term in rule["terms"]]
    assert sum(really) + sum(term["parameters"] for term in rule["left_out"]) == record["parameters"]
    assert sum(term["parameters"] for term in rule["terms"]) == rule["parameters"]


def test_grouped_heads_tied_heads_and_kinds_of_layers() -> None:
    record = explain("deepseek-v3").record()
    dense, sparse = [part for part in record["components"] if ".layers." in part["module"]]
    assert (dense["times"], sparse["times"]) == ("n_1", "L - n_1")
    assert {"symbol": "n_1", "field": None, "key": None, "value": 3, "origin": "layers 0-2 of L"} in record["symbols"]
    mixtral = explain("mixtral-8x7b").record()
    attention = next(term for part in mixtral["components"] for term in part["terms"] if term["role"] == "attention")
    assert attention["formula"] == "2*H*A*D + 2*H*K*D"
    gpt3 = explain("gpt3").record()
    assert gpt3["components"][-1]["terms"][0]["note"] == "tied to transformer.wte.weight"
    # Windows change no count, so that all layers of Gemma 2 are one component.
    assert [part["times"] for part in explain("gemma-2-9b").record()["components"]].count("L") == 1


def test_the_legend_tells_what_was_given_and_what_follows(tmp_path: Path) -> None:
    config = {"model_type": "llama", "num_hidden_layers": 3, "num_attention_heads": 16}
    legend = {symbol["symbol"]: symbol for symbol in explain(config).record()["symbols"]}
    given = {"symbol": "L", "field": "num_hidden_layers", "key": "num_hidden_layers", "value": 3, "origin": "given"}
    assert legend["L"] == given
    assert legend["H"]["origin"] == "default"
    assert (legend["D"]["value"], legend["D"]["origin"]) == (256, "default, H/A")
    assert legend["K"]["origin"] == "default, A"
    # What its own config.json calls a field stands beside the standard name.
    assert "d_model (hidden_size)" in explain("t5-base").render()


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex (Debian: texlive-latex-base)")
@pytest.mark.parametrize("name", MODELS)
def test_the_latex_compiles(name: str, tmp_path: Path) -> None:
    body = explain(name).render("latex")
    document = rf"\documentclass{{article}}\begin{{document}}{chr(10)}{body}{chr(10)}\end{{document}}"
    (tmp_path / "x.tex").write_text(document, "utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "x.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "x.pdf").stat().st_size > 1000


def test_latex_escapes_what_a_stranger_named(tmp_path: Path) -> None:
    folder = tmp_path / "a_b&c%d#e$f{g}^~"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "bert"}')
    title = explain(folder).render("latex").splitlines()[0]
    for sign in "_&%#${}":
        assert f"\\{sign}" in title


@pytest.mark.parametrize("style", ["text", "markdown", "latex"])
def test_every_style_carries_the_total_and_the_rule(style: str) -> None:
    drawn = explain("bert-base").render(style)
    assert drawn.count("110,106,428") == 2
    assert "-1.57" in drawn


def test_an_unknown_style() -> None:
    with pytest.raises(ZooError, match="did you mean latex"):
        explain("bert-base").render("latx")


def test_json_of_the_command_evaluates() -> None:
    record = json.loads(explain("gpt2").render("json"))
    values = {symbol["symbol"]: symbol["value"] for symbol in record["symbols"]}
    assert eval(record["formula"], {"__builtins__": {}}, values) == 124_439_808


# --- dimensions ------------------------------------------------------------------------------------------------------

H = traced("H", "hidden_size", 12, 0)
A = traced("A", "num_attention_heads", 3, 1)
OTHER = traced("F", "intermediate_size", 12, 2)


def shown(value: int) -> str:
    names = {atom: getattr(atom, "symbol", "n") for atom in formula(value).atoms()}
    return written(formula(value), text(names))


@pytest.mark.parametrize(
    ("value", "plain", "said"),
    [
        (H + 1, 13, "H + 1"),
        (1 + H, 13, "H + 1"),
        (H - A, 9, "H − A"),
        (5 - A, 2, "−A + 5"),
        (-H, -12, "−H"),
        (2 * H * H, 288, "2·H²"),
        (H**3, 1728, "H³"),
        ((A + 2) * H, 60, "A·H + 2·H"),
        (H // A, 4, "H/A"),
        (H // A * A, 12, "H"),
        (H * H // H, 12, "H"),
        (H // 5, 2, "⌊(H)/(5)⌋"),
        (H // 5 * 2, 4, "2·⌊(H)/(5)⌋"),
        (100 // H, 8, "⌊(100)/(H)⌋"),
        (H - H, 0, "0"),
        (4 * H * A, 144, "4·H·A"),
    ],
)
def test_dimensions_remember_what_was_done_to_them(value: int, plain: int, said: str) -> None:
    assert value == plain
    assert shown(value).replace("A·H", "H·A") == said.replace("A·H", "H·A")
    assert formula(value).at(lambda atom: atom.value) == plain


def test_dimensions_are_ints_in_all_else() -> None:
    assert list(range(A)) == [0, 1, 2]
    assert H == OTHER == 12
    assert f"{H:,} {H}" == "12 12"
    assert H % 5 == 2
    assert isinstance(H, int)
    assert hash(H) == hash(12)


def test_equal_dimensions_of_other_fields_stay_apart() -> None:
    assert shown(H * H + OTHER) == "H² + F"
    assert shown(H // OTHER) == "H/F"


def test_layers_whose_widths_only_happen_to_be_equal_are_of_two_kinds() -> None:
    layers = traced("L", "num_hidden_layers", 2, 3)
    stack = repeat("layers", layers, [H, OTHER], lambda width: tensor("x", width))
    assert len(stack.groups) == 2
    assert shown(count((stack,)).parameters) == "n·F + H·L − n·H"
    assert len(repeat("layers", 2, [12, 12], lambda width: tensor("x", width)).groups) == 1


def test_shares_of_layers_add_up() -> None:
    first, rest = shares(H, [range(3), range(3, 12)])
    assert (first, rest) == (3, 9)
    assert formula(first + rest) == formula(H)
    (whole,) = shares(H, [range(12)])
    assert formula(whole) == formula(H)


def test_a_plain_number_is_a_constant() -> None:
    assert formula(7) == constant(7)
    assert isinstance(H + 0, Dim)
    assert written(formula(H * 0), python({})) == "0"


def test_what_is_no_whole_number_makes_of_a_dimension_what_it_makes_of_any() -> None:
    assert int(H) * 2.5 == H * 2.5
    assert ["conv"] * int(H) == ["conv"] * H
    assert int(H) - 0.5 == H - 0.5
    assert not isinstance(H * 2.5, Dim)
