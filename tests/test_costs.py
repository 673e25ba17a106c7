"""Costs as columns: under stated conditions, in every command and format, and unknown where nobody tells them."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from test_cli import Run, failed
from test_plugins import install, run

import zoo
from zoo.conditions import Conditions
from zoo.reports.columns import COLUMNS
from zoo.reports.costcolumns import COSTS
from zoo.reports.treecolumns import TREE_COLUMNS

MODELS = ("bert-base", "gpt3", "mixtral-8x7b", "deepseek-v3", "gemma-2-9b", "t5-base", "mamba-130m", "albert-base-v2")


def test_every_measure_is_a_column_of_compare_a_key_of_its_json_and_of_that_of_show() -> None:
    names = [column.name for column in COSTS]
    drawn = Run("compare", "llama-2-7b", "--columns", ",".join(COLUMNS), "--format", "csv", "--fits", "24GiB")
    (row,) = csv.DictReader(io.StringIO(drawn.out))
    (record,) = json.loads(Run("compare", "llama-2-7b", "--format", "json", "--fits", "24GiB").out)
    shown = json.loads(Run("show", "llama-2-7b", "--format", "json", "--fits", "24GiB").out)["costs"]
    for name in names:
        assert row[COLUMNS[name].key] == ("" if record[name] is None else str(record[name]))
        assert shown[name] == record[name]
    assert {"flops", "cache", "weights", "training", "lora", "fits", "longest", "rule_error"} <= set(names)


@pytest.mark.parametrize("name", MODELS)
def test_columns_say_what_the_methods_say(name: str) -> None:
    at = Conditions(length=128, batch=3, dtype="bf16", optimizer="sgd", zero=1, devices=4, fits=2**40, rank=4)
    model = zoo.load(name).under(at)
    flops, cache = model.flops(128), model.cache(128, batch=3, dtype="bfloat16")
    weights, fit = model.weight_memory("bf16"), model.fits("1TiB", 128, batch=3, dtype="bf16")
    assert flops is not None
    assert cache is not None
    assert weights is not None
    assert fit is not None
    told = {column.name: column.value(model) for column in COSTS}
    assert told["flops"] == flops.total == told["flops_weights"] + told["flops_scores"]  # type: ignore[operator]
    assert told["flops_training"] == 3 * flops.total
    assert (told["cache"], told["weights"]) == (cache.bytes, weights.bytes)
    assert told["training"] == zoo.load(name).training_memory("sgd", 1, 4).bytes
    assert (told["fits"], told["longest"]) == ("yes" if fit.fits else "no", fit.longest)
    assert told["length"] == 128


def test_a_length_is_the_models_own_where_none_is_stated() -> None:
    assert [model.flops() for model in [zoo.load("bert-base")]] == [zoo.load("bert-base").flops(512)]
    assert zoo.load("gpt2").under(Conditions(length=7)).flops() == zoo.load("gpt2").flops(7)
    (record,) = json.loads(Run("compare", "bert-base", "--format", "json").out)
    assert record["length"] == 512


def test_what_has_no_length_is_unknown_and_not_0() -> None:
    (record,) = json.loads(Run("compare", "mamba-130m", "--format", "json").out)
    assert record["flops"] is record["flops_per_token"] is record["length"] is None
    assert record["cache"] == record["state"]  # the same for any length
    assert record["weights"] == 4 * 129_135_360
    run = Run("compare", "mamba-130m", "--columns", "model,flops")
    assert "unknown" in run.out
    assert "state a length (--length)" in run.err
    assert "unknown" in Run("show", "mamba-130m", "--columns", "flops", "--depth", "1").out


def test_show_tells_costs_of_components_that_add_up() -> None:
    columns = "copies,parameters,active,flops,flops_weights,cache"
    done = Run("show", "mixtral-8x7b", "--columns", columns, "--length", "1000", "--format", "json")
    tree = json.loads(done.out)
    flops = zoo.load("mixtral-8x7b").flops(1000)
    assert flops is not None
    assert (tree["flops"], tree["flops_weights"]) == (flops.total, flops.weights)

    def check(node: dict[str, int]) -> None:
        if node["children"]:
            assert sum(child["flops_weights"] for child in node["children"]) == node["flops_weights"]  # type: ignore[attr-defined]
            for child in node["children"]:  # type: ignore[attr-defined]
                check(child)

    check(tree)
    assert tree["cache"] == tree["costs"]["cache"]


def test_show_tells_of_the_whole_model_above_the_tree() -> None:
    out = Run("show", "gpt2", "--columns", "share,length,rule_error", "--depth", "1").out
    assert "length: 1,024" in out
    assert "error of 12LH²+VH: -0.73%" in out
    assert "share" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["compare", "bert-base", "--length", "513"], "positions for 512"),
        (["compare", "bert-base", "--length", "0"], "length must be a whole number from 1"),
        (["compare", "bert-base", "--length", "many"], "--length"),
        (["compare", "bert-base", "--encoder-length", "9"], "nothing in the model reads an encoder's tokens"),
        (["compare", "gpt2", "--batch", "0"], "batch must be"),
        (["compare", "gpt2", "--dtype", "bf61"], "did you mean bf16"),
        (["compare", "gpt2", "--cache-dtype", "bf61"], "did you mean bf16"),
        (["compare", "gpt2", "--fits", "24G"], "24GiB"),
        (["compare", "gpt2", "--optimizer", "adam"], "optimizer"),
        (["compare", "gpt2", "--zero", "4"], "zero must be"),
        (["compare", "gpt2", "--devices", "0"], "devices must be"),
        (["compare", "gpt2", "--rank", "0"], "rank must be"),
        (["lora", "gpt2", "--rank", "769"], "at most 768"),
        (["compare", "gpt2", "--target", "c_atn"], "did you mean c_attn"),
        (["show", "gpt2", "--columns", "flps"], "did you mean flops"),
        (["show", "gpt2", "--columns", "flops,flops"], "twice"),
        (["show", "gpt2", "--columns", "flops", "--tensors"], "--columns"),
        (["show", "gpt2", "--length", "2000"], "positions for 1,024"),
        (["explain", "gpt2", "--format", "ltex"], "did you mean latex"),
        (["explain", "no-such-model"], "no-such-model"),
    ],
)
def test_a_condition_that_makes_no_sense_is_one_line(arguments: list[str], said: str) -> None:
    assert said in failed(*arguments)


SILENT = """
from zoo.architecture import Architecture
from zoo.blueprint import embedding, linear, repeat, tensor
from zoo.config import Config
from zoo.fields import dim
from zoo.hookspecs import hookimpl

class SilentConfig(Config):
    hidden_size: int = dim("H", 4)
    max_position_embeddings: int = dim("P", 16)

class Silent(Architecture):
    config: SilentConfig
    prefix = "Silent"
    heads = {"Model": "model"}

    def model(self):
        H = self.config.hidden_size
        yield embedding("words", 10, H), repeat("layers", 3, [linear("dense", H, H), tensor("mixing", H, H)])

@hookimpl
def zoo_architectures():
    return {"silent": f"{__name__}:Silent"}
"""
"""A plugin that tells no cost: layers without attention, and a matrix that has no use."""


def test_what_a_plugin_does_not_tell_is_unknown_and_null(tmp_path: Path) -> None:
    install(tmp_path, "silent", SILENT)
    (tmp_path / "config.json").write_text('{"model_type": "silent"}')
    config = str(tmp_path / "config.json")

    def out(command: str, *options: str) -> str:
        done = run(tmp_path, command, config, *options)
        assert done.returncode == 0
        assert "flops, cache unknown: a part of the model does not tell" in done.stderr or "unknown" not in done.stderr
        return done.stdout

    (record,) = json.loads(out("compare", "--format", "json"))
    assert record["parameters"] == 40 + 3 * (20 + 16)
    assert record["weights"] == 4 * record["parameters"]
    for name in ("flops", "flops_per_token", "flops_training", "cache", "cache_per_token", "state", "lora"):
        assert record[name] is None
    table = out("compare", "--columns", "parameters,flops,cache").splitlines()[-1].split()
    assert table == ["148", "unknown", "unknown"]
    assert out("compare", "--columns", "flops,cache", "--format", "csv").splitlines()[-1] == "unknown,unknown"
    tree = json.loads(out("show", "--columns", "parameters,flops,cache", "--format", "json"))
    layers = next(child for child in tree["children"] if "layers" in child["name"])
    for part in (tree, layers, *layers["children"]):
        assert part["flops"] is part["cache"] is None
    assert tree["children"][0]["flops"] == 0  # a look into a table
    assert "unknown" in out("show", "--columns", "parameters,flops,cache")
    assert "unknown" in out("flops")
    assert all(row["forward"] is None for row in json.loads(out("flops", "--format", "json"))["exact"])
    assert "unknown" in out("cache")
    explained = out("explain")  # the count is, all the same; what is attention and what MLP nobody knows
    assert "H²" in explained
    assert "MLP (" not in explained


def test_none_of_it_is_imported_before_it_is_asked_for() -> None:
    code = (
        "import sys\n"
        "from zoo.cli import main\n"
        "try: main(['compare', 'bert-base', 'gpt3'])\n"
        "except SystemExit: pass\n"
        "print(sorted(name for name in sys.modules if name.startswith(('zoo.measures.', 'zoo.solving', 'zoo.dims'))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == str(["zoo.measures.counts", "zoo.measures.dtypes", "zoo.measures.lengths"])


def test_tree_columns_are_named_as_those_of_a_comparison() -> None:
    assert set(TREE_COLUMNS) - set(COLUMNS) == {"copies", "share", "note"}


def test_conditions_stand_in_the_headers_and_what_was_taken_for_granted_in_a_note() -> None:
    stated = Run(
        "compare", "gpt2", "bert-base", "--columns", "cache,flops,weights,training", "--length", "9", "--dtype", "BF16"
    )
    header = stated.out.splitlines()[0]
    for told in (
        "cache (KiB, 9 tokens, BF16)",
        "FLOPs (GFLOP, 9 tokens)",
        "weights (MiB, BF16)",
        "training (GiB, adamw)",
    ):
        assert told in header
    assert stated.err == ""
    silent = Run("compare", "gpt2", "bert-base", "--columns", "cache,weights").err
    assert "each model has its own: gpt2 1,024, bert-base 512" in silent
    assert "gpt2, bert-base: no dtype is stated, so it is float32" in silent
    assert Run("compare", "gpt2", "bert-base").err == ""
    assert "more than the 2,048" in Run("flops", "pythia-70m", "--length", "4096").err


def test_non_embedding_parameters() -> None:
    model = zoo.load("mixtral-8x7b")
    assert model.non_embedding_parameters == model.parameters - 32_000 * 4096
    assert model.active_non_embedding_parameters == 12_879_925_248 - 32_000 * 4096
    (record,) = json.loads(Run("compare", "mixtral-8x7b", "--format", "json").out)
    assert record["non_embedding_parameters"] == model.non_embedding_parameters
    assert record["token_bits"] == 15
    assert record["conditions"]["batch"] == 1
