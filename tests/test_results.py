"""Scores of benchmarks: read from the files that their makers write, joined onto models, and ranked."""

import itertools
import json
import math
import os
import random
import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hubcase import Case
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import zoo
from zoo.errors import ResultsError, ResultsWarning
from zoo.hub.repository import Origin, Repository
from zoo.model import Model
from zoo.reports.column import Column
from zoo.reports.comparison import arrange
from zoo.reports.layout import Layout
from zoo.results import Score, files, read

FOLDER = Path(__file__).parent / "results"

COMMIT, OTHER = "a" * 40, "b" * 40

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Puts text, bytes, or what JSON makes of anything else, into a file."""

    def writer(contents: object, name: str = "results") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(contents, bytes):
            path.write_bytes(contents)
        else:
            path.write_text(contents if isinstance(contents, str) else json.dumps(contents), encoding="utf-8")
        return path

    return writer


def loaded(*names: str) -> list[Model]:
    return [zoo.load(name) for name in names]


def columns(results: zoo.results.Results, models: Sequence[Model]) -> dict[str, Column]:
    return {column.name: column for column in results.columns(models)}


def values(results: zoo.results.Results, models: Sequence[Model]) -> dict[str, list[object]]:
    return {name: [column.value(model) for model in models] for name, column in columns(results, models).items()}


def refusal(*paths: Path | str) -> str:
    """The line with which results are refused."""
    with pytest.raises(ResultsError) as raised:
        read(paths)
    return checked(str(raised.value))


def checked(line: str) -> str:
    assert line.isprintable()
    assert len(line) < 900
    return line


def harness(model: str, results: dict[str, Any], **more: Any) -> dict[str, Any]:
    better = {task: dict.fromkeys([key.split(",")[0] for key in metrics], True) for task, metrics in results.items()}
    return {"results": results, "higher_is_better": better, "model_name": model, "config": {}, **more}


# --- lm-evaluation-harness -------------------------------------------------------------------------------------------


def test_the_harness_tells_each_metric_with_its_filter_and_shots() -> None:
    results = read([FOLDER / "harness"])
    one = [score for score in results.scores if score.model == "openai-community/gpt2"]
    # As lm_eval.utils.make_table (0.4.13) prints this very file, row by row.
    assert {(score.task, score.metric): (score.value, score.higher_is_better) for score in one} == {
        ("mmlu", "acc, 5-shot"): (0.2298, True),
        ("mmlu_humanities", "acc, 5-shot"): (0.2418, True),
        ("mmlu_philosophy", "acc, 5-shot"): (0.2418, True),
        ("mmlu_stem", "acc, 5-shot"): (0.2178, True),
        ("mmlu_abstract_algebra", "acc, 5-shot"): (0.2178, True),
        ("arc_challenge", "acc, 25-shot"): (0.1911, True),
        ("arc_challenge", "acc_norm, 25-shot"): (0.2273, True),
        ("gsm8k", "exact_match, flexible-extract, 5-shot"): (pytest.approx(0.0153), True),
        ("gsm8k", "exact_match, strict-match, 5-shot"): (0.0053, True),
        ("lambada_openai", "acc, 0-shot"): (0.3256, True),
        ("lambada_openai", "perplexity, 0-shot"): (40.06, False),
        ("wikitext", "word_perplexity, 0-shot"): (pytest.approx(48.072), False),
    }
    assert {score.revision for score in one} == {"607a30d783dfa663caf39e06633721c8d4cfcd7e"}
    assert len(results.scores) == 2 * len(one)


def test_what_the_harness_itself_wrote_is_read() -> None:
    scores = read([FOLDER / "harness_dummy.json"]).scores
    assert {(score.task, score.metric, score.group, score.setting) for score in scores} == {
        ("toy", "acc, 2-shot", "", "version 2"),
        ("toy_inner", "acc, 2-shot", "toy", "version 2"),
        ("toy_a", "acc, 2-shot", "toy", "version 1"),
        ("toy_a", "acc_norm, 2-shot", "toy", "version 1"),
        ("toy_b", "acc, 2-shot", "toy", "version 1"),
        ("toy_b", "acc_norm, 2-shot", "toy", "version 1"),
    }


def test_a_group_stands_for_its_parts_in_the_mean_and_before_them_in_the_table() -> None:
    models = loaded("gpt2", "gpt2-xl", "gpt2-medium")
    found = columns(read([FOLDER / "harness"]), models)
    assert list(found) == [
        "arc_challenge",
        "arc_challenge:acc_norm",
        "gsm8k",
        "gsm8k:exact_match_flexible-extract_5-shot",
        "lambada_openai",
        "lambada_openai:perplexity",
        "wikitext",
        "mmlu",
        "mmlu:mmlu_humanities",
        "mmlu:mmlu_philosophy",
        "mmlu:mmlu_stem",
        "mmlu:mmlu_abstract_algebra",
        "mean",
        "rank",
        "score_per_billion",
        "score_per_billion_active",
        "pareto",
    ]
    assert found["wikitext"].header == "wikitext (word_perplexity, 0-shot) ↓"
    assert found["mean"].header == "mean of 4 tasks, without those where lower is better"
    expected = (0.1911 + 0.0053 + 0.3256 + 0.2298) / 4
    assert found["mean"].value(models[0]) == pytest.approx(expected)
    assert found["score_per_billion"].value(models[0]) == pytest.approx(expected / 0.124439808)
    assert [found["rank"].value(model) for model in models] == [2, 1, None]
    assert [found["rank"].cell(model) for model in models] == ["2", "1", ""]


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ("pretrained=openai-community/gpt2,dtype=float32", "openai-community/gpt2"),
        ({"pretrained": "openai-community/gpt2", "dtype": "float32"}, "openai-community/gpt2"),
        ({"pretrained": "openai-community/gpt2", "peft": "me/lora"}, "openai-community/gpt2 with peft=me/lora"),
        ("path=org/a,load_in_4bit=True", "org/a with load_in_4bit=True"),
    ],
)
def test_a_model_without_a_name_is_told_by_its_arguments(write: Write, arguments: object, name: str) -> None:
    path = write(harness("", {"mmlu": {"acc,none": 0.3}}, config={"model_args": arguments}))
    assert [score.model for score in read([path]).scores] == [name]
    assert "does not say which model" in refusal(write(harness("", {"mmlu": {"acc,none": 0.3}})))


@pytest.mark.parametrize("value", ["N/A", " ", float("nan"), float("inf"), True, None, [1], {"a": 1}, "0.5", 1e200])
def test_what_is_no_number_is_no_score(write: Write, value: object) -> None:
    metrics = {"acc,none": value, "alias": "a", "acc_stderr,none": 0.1, "bypass,none": 999}
    assert "holds no scores" in refusal(write(harness("gpt2", {"a": metrics})))
    (score,) = read([write(harness("gpt2", {"a": {**metrics, "f1,none": 0.5}}))]).scores
    assert (score.metric, score.value) == ("f1", 0.5)


@pytest.mark.parametrize(
    "change",
    ["peft=me/lora", "delta=me/delta", "load_in_4bit=True", "load_in_8bit=1", "autogptq=x.bin", "gptqmodel=True",
     "gguf_file=x.gguf", "quantization=awq", "lora_local_path=here"],
)  # fmt: skip
@pytest.mark.parametrize("parsed", [True, False])
def test_a_run_with_an_adapter_or_quantized_is_of_another_model(write: Write, change: str, parsed: bool) -> None:
    key, _, value = change.partition("=")
    arguments: object = f"pretrained=gpt2,{change},dtype=bfloat16"
    if parsed:
        arguments = {"pretrained": "gpt2", key: True if value == "True" else value, "dtype": "bfloat16"}
    # The harness calls a model after its adapter, if it has one.
    called = value if key in ("peft", "delta") else "gpt2"
    path = write(harness(called, {"a": {"acc,none": 0.5}}, config={"model_args": arguments}))
    plain = write(harness("gpt2", {"a": {"acc,none": 0.4}}), "plain")
    models = loaded("gpt2")
    results = read([path, plain])
    assert values(results, models)["a"] == [0.4]
    assert results.unmatched(models) == (f"gpt2 with {change} ({path}) matches none of the models",)


@pytest.mark.parametrize("change", ["peft=", "peft=None", "load_in_4bit=False", "autogptq=false", "dtype=float16", ""])
def test_a_run_without_is_of_the_model_itself(write: Write, change: str) -> None:
    path = write(harness("gpt2", {"a": {"acc,none": 0.5}}, config={"model_args": f"pretrained=gpt2,{change}"}))
    assert values(read([path]), loaded("gpt2"))["a"] == [0.5]


def test_results_in_other_circumstances_stand_apart(write: Write) -> None:
    models = loaded("gpt2", "gpt2-medium", "gpt2-large", "gpt2-xl")
    paths = [
        write(harness("gpt2", {"a": {"acc,none": 0.1}}, **{"n-shot": {"a": 0}}), "1"),
        write(harness("gpt2-medium", {"a": {"acc,none": 0.2}}, **{"n-shot": {"a": 5}}), "2"),
        write(harness("gpt2-large", {"a": {"acc,none": 0.3}}, config={"limit": 10}, **{"n-shot": {"a": 5}}), "3"),
        write(harness("gpt2-xl", {"a": {"acc,none": 0.4}}, versions={"a": 2}, **{"n-shot": {"a": 5}}), "4"),
    ]
    found = columns(read(paths), models)
    assert {column.header for name, column in found.items() if name.startswith("a")} == {
        "a (acc, 0-shot)",
        "a (acc, 5-shot)",
        "a (acc, 5-shot, limit 10)",
        "a (acc, 5-shot; version 2)",
    }
    assert [found["mean"].value(model) for model in models] == [0.1, None, None, None]


@pytest.mark.parametrize("limit", [10, 0.5, "10", [10]])
def test_a_run_with_a_limit_is_in_no_mean(write: Write, limit: object) -> None:
    models = loaded("gpt2", "gpt2-xl")
    part = [
        write(
            harness(model.name, {"a": {"acc,none": 0.9}, "b": {"acc,none": 0.9}}, config={"limit": limit}), model.name
        )
        for model in models
    ]
    results = read(part)
    assert set(columns(results, models)) == {"a", "b"}
    assert results.notes(models) == ("there is no mean, as in each task only a part was measured",)
    # Whatever was measured in full has the name of the task, if of one model alone.
    results = read([*part, write(harness("gpt2", {"a": {"acc,none": 0.2}}))])
    found = columns(results, models)
    assert found["a"].header == "a (acc)"
    assert [found["mean"].value(model) for model in models] == [0.2, None]
    assert found["mean"].header == "mean of 1 task, without those where only a part was measured"
    assert results.notes(models) == ("gpt2-xl: no mean, as it lacks a",)


def test_models_that_have_but_details_have_no_mean(write: Write) -> None:
    many = {name: {"a": {"acc,none": 0.1}} for name in ("x", "y")}
    paths = [write(harness(name, one, **{"n-shot": {"a": 5}}), name) for name, one in many.items()]
    results = read([*paths, write(harness("gpt2", {"a": {"acc,none": 0.2}}, **{"n-shot": {"a": 0}}))])
    models = loaded("gpt2")
    assert values(results, models) == {"a:acc_0-shot": [0.2]}
    assert results.notes(models)[-1] == "there is no mean, as no model has the main measure of a task"


def test_another_metric_is_called_by_its_name_alone_where_that_tells_it_apart(write: Write) -> None:
    metrics = {"acc,none": 0.1, "acc_norm,none": 0.2, "f1,strict": 0.3, "f1,loose": 0.4}
    models = loaded("gpt2")
    found = values(read([write(harness("gpt2", {"a": metrics}, **{"n-shot": {"a": 5}}))]), models)
    assert {name: value for name, (value,) in found.items() if name[0] == "a"} == {
        "a": 0.1, "a:acc_norm": 0.2, "a:f1_strict_5-shot": 0.3, "a:f1_loose_5-shot": 0.4
    }  # fmt: skip


def test_groups_that_hold_each_other_come_to_an_end(write: Write) -> None:
    results = {"a": {"acc,none": 0.1}, "b": {"acc,none": 0.2}, "c": {"acc_stderr,none": 0.2}, "d": {"acc,none": 0.3}}
    cycle = {"a": ["b"], "b": ["a", 7], "c": ["c", "d"], "none": [None], "x": 3}
    models = loaded("gpt2")
    assert values(read([write(harness("gpt2", results, group_subtasks=cycle))]), models)["mean"] == [
        pytest.approx((0.1 + 0.2 + 0.3) / 3)
    ]


# --- mteb ------------------------------------------------------------------------------------------------------------


def test_mteb_tells_the_mean_over_subsets_of_each_split() -> None:
    scores = read([FOLDER / "mteb"]).scores
    # As mteb's own TaskResult.from_disk(file).get_score(splits=[split]) (2.26) says.
    assert {(score.model, score.task, score.metric): pytest.approx(score.value) for score in scores} == {
        ("google-bert/bert-base-uncased", "Banking77Classification", "main score, test"): 0.634416,
        ("google-bert/bert-base-uncased", "AmazonCounterfactualClassification", "main score, test, en, ja"): 0.678549,
        (
            "google-bert/bert-base-uncased",
            "AmazonCounterfactualClassification",
            "main score, validation, en, ja",
        ): 0.6708955,
        ("google-bert/bert-large-uncased", "Banking77Classification", "main score, test"): 0.6512,
        ("google-bert/bert-large-uncased", "AmazonCounterfactualClassification", "main score, test, ja"): 0.7,
    }


def test_mteb_over_other_subsets_is_no_score_of_the_same_task() -> None:
    models = loaded("bert-base", "bert-large")
    found = values(read([FOLDER / "mteb"]), models)
    assert found["Banking77Classification"] == [0.634416, 0.6512]
    assert found["AmazonCounterfactualClassification"] == [pytest.approx(0.678549), None]
    assert found["AmazonCounterfactualClassification:main_score_test_ja"] == [None, 0.7]
    assert found["mean"] == [pytest.approx((0.634416 + 0.678549) / 2), None]


@pytest.mark.parametrize(
    "place",
    [
        "mteb",
        "mteb/results/google-bert__bert-base-uncased",
        "mteb/results/google-bert__bert-base-uncased/86b5e0934494bd15c9632b12f734a8a67f723594",
        "mteb/results/google-bert__bert-base-uncased/86b5e0934494bd15c9632b12f734a8a67f723594/"
        "Banking77Classification.json",
    ],
)
def test_any_folder_of_mteb_or_a_file_may_be_named(place: str) -> None:
    ours = [score for score in read([FOLDER / place]).scores if score.model == "google-bert/bert-base-uncased"]
    assert {score.revision for score in ours} == {"86b5e0934494bd15c9632b12f734a8a67f723594"}
    assert "Banking77Classification" in {score.task for score in ours}


def test_the_model_is_told_by_the_folders_where_no_other_file_tells(write: Write) -> None:
    task = {"task_name": "T", "scores": {"test": [{"main_score": 0.5, "hf_subset": "default"}]}}
    (score,) = read([write(task, f"org__name/{COMMIT}/T.json")]).scores
    assert (score.model, score.revision) == ("org/name", COMMIT)
    (score,) = read([write(task, "org__other/no_revision_available/T.json")]).scores
    assert (score.model, score.revision) == ("org/other", "")
    assert "of which model" in refusal(write(task, "here/there/T.json"))


def test_many_folders_of_old_mteb_are_no_flood(write: Write) -> None:
    for at in range(12):
        folder = write({"mteb_dataset_name": "T"}, f"old/org__m{at:02}/no_revision_available/T.json").parents[2]
    told = read([folder]).notes(loaded("gpt2"))
    assert len(told) == 11
    assert told[10] == "and 2 more folders with such files"


def test_mteb_of_old_is_told_to_be_left_out() -> None:
    results = read([FOLDER / "mteb"])
    line, _ = results.notes(loaded("bert-base", "bert-large"))
    assert "no_revision_available: 1 file of mteb before 1.11" in line
    file = FOLDER / "mteb/results/google-bert__bert-large-uncased/no_revision_available/Banking77Classification.json"
    assert "before 1.11" in refusal(file)


@pytest.mark.parametrize("missing", [None, float("nan")])
def test_a_split_without_one_main_score_has_none(write: Write, missing: object) -> None:
    entries = [{"main_score": 0.5, "hf_subset": "en"}, {"main_score": missing, "hf_subset": "de"}]
    task = {"task_name": "T", "scores": {"test": entries, "dev": entries[:1], "train": []}}
    scores = read([write(task, "org__name/1/T.json")]).scores
    assert [score.metric for score in scores] == ["main score, dev, en"]


# --- plain -----------------------------------------------------------------------------------------------------------


def test_a_csv_of_ones_own() -> None:
    models = loaded("gpt2", "gpt2-xl", "bert-base")
    results = read([FOLDER / "plain.csv"])
    found = values(results, models)
    assert found["mmlu"] == [25.92, 30.1, None]
    assert found["hellaswag"] == [31.14, 50.89, 40.47]
    assert found["wikitext"] == [37.37, None, 12]
    assert found["mean"] == [pytest.approx((25.92 + 31.14) / 2), pytest.approx((30.1 + 50.89) / 2), None]
    assert columns(results, models)["wikitext"].header == "wikitext ↓"
    assert results.unmatched(models) == (
        f"facebook/opt-125m ({FOLDER / 'plain.csv'}, line 5) matches none of the models",
    )


def test_json_of_ones_own() -> None:
    models = loaded("gpt2", "gpt2-xl")
    assert values(read([FOLDER / "plain.json"]), models)["mmlu"] == [0.2592, 0.301]
    assert values(read([FOLDER / "records.json"]), models)["mmlu"] == [0.2592, 0.301]


@pytest.mark.parametrize(
    "contents", ["[]", "{}", '{"gpt2": {}}', '{"gpt2": {"a": null}}', "model,a\n", "model,a\ngpt2,\n"]
)
def test_a_file_without_a_score_is_told_for_it(write: Write, contents: str) -> None:
    path = write(contents)
    assert refusal(path) == f"{path}: holds no scores"


def test_a_folder_without_a_score_is_told_for_it(write: Write) -> None:
    folder = write(harness("gpt2", {"a": {"acc,none": "N/A"}}), "m/1.json").parent
    assert refusal(folder) == f"{folder}: holds no scores"
    write(harness("gpt2", {"a": {"acc,none": 0.5}}), "m/2.json")
    assert len(read([folder]).scores) == 1


def test_rows_with_the_same_tasks_share_what_is_told_of_these(write: Write) -> None:
    table = "a,model,b ↓\n" + "".join(f"{at % 7},m{at},\n" for at in range(1000))
    (sheet,) = read([write(table)]).sheets
    assert [(one.task, one.higher_is_better) for one in sheet.measured] == [("a", True), ("b", False)]
    assert [(run.model, *run.values) for run in sheet.runs] == [(f"m{at}", at % 7, None) for at in range(1000)]
    rows = {"m1": {"a": 1, "b": 2}, "m2": {"b": 3}, "m3": {"a": 4, "b": None}, "m4": {"a": None}}
    assert [len(sheet.runs) for sheet in read([write(rows)]).sheets] == [2, 1]


def test_the_same_table_in_each_format_reads_the_same(write: Write) -> None:
    rows = {"gpt2": {"a": 0.5, "b": None, "c": -3}, "bert-base": {"a": None, "b": 7.25e-3, "c": 12}}
    table = "\ufeffmodel,a,b,c\r\n" + "".join(
        f"{model},{','.join('' if value is None else str(value) for value in tasks.values())}\r\n\r\n"
        for model, tasks in rows.items()
    )
    told = [
        [score._replace(where="") for score in read([path]).scores]
        for path in (
            write(table, "table.json"),  # what it is called does not matter
            write(rows, "rows.csv"),
            write([{"model": model, **tasks} for model, tasks in rows.items()], "records"),
        )
    ]
    assert told[0] == told[1] == told[2]
    assert len(told[0]) == 4


@pytest.mark.parametrize(
    ("contents", "said"),
    [
        ("", "empty"),
        ("<html></html>", "HTML"),
        ("version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        (b"\x1f\x8b\x08", "compressed"),
        ("model\na\n", "neither JSON nor CSV"),
        ("name,mmlu\ngpt2,1\n", "column 'model'"),
        ("null", "neither JSON nor CSV"),
        ("model,a,a\n", "'a' is there twice"),
        ("model,a\ngpt2\n", "line 2: has 1 cells"),
        ("model,a\ngpt2,1,2\n", "line 2: has 3 cells"),
        ("model,a\n,1\n", "the model must be a name"),
        ("model,\ngpt2,1\n", "a task must be a name"),
        ('model,a\ngpt2,"1', "is not CSV"),
        ("model,a\ngpt2,nan\n", "line 2: 'a' of 'gpt2' must be a number, got 'nan'"),
        ("model,a\ngpt2,inf\n", "must be a number"),
        ("model,a\ngpt2,57%\n", "must be a number"),
        ("model,a\ngpt2,1_000\n", "must be a number"),
        ("model,a\ngpt2,True\n", "must be a number"),
        ("model,a\ngpt2,١\n", "must be a number"),
        ("model,a\ngpt2,1e999\n", "must be a number"),
        (f"model,a\ngpt2,{'9' * 5000}\n", "must be a number"),
        ("model,a\n" + "x" * 301 + ",1\n", "longer than 300"),
        ("mödel,a\n".encode("latin-1"), "not UTF-8"),
        ('{"gpt2": {"a": NaN}}', "must be a number, got nan"),
        ('{"gpt2": {"a": Infinity}}', "must be a number"),
        ('{"gpt2": {"a": true}}', "must be a number, got true"),
        ('{"gpt2": {"a": "0.5"}}', "must be a number, got '0.5'"),
        ('{"gpt2": {"a": 1, "a": 2}}', "'a' is given twice"),
        ('{"gpt2": {"a": 1}, "gpt2": {"a": 1}}', "'gpt2' is given twice"),
        ('{"gpt2": 0.5}', "nor an object of models"),
        ('{"gpt2": {"": 1}}', "a task must be a name"),
        ('{"gpt2": {"↓": 1}}', "a task must be a name"),
        ("[1]", "record 1: must be an object"),
        ('[{"model": "gpt2"}, {"mmlu": 1}]', "record 2: must be an object with a key 'model'"),
        ('[{"model": 7, "a": 1}]', "must be a name, got 7"),
        ('{"gpt2": {"a": 1}', "not JSON"),
        ('{"gpt2": {"a": %s}}' % ("9" * 5000), "digits"),
        ("[" * 100_000, "nested deeper"),
        ({"results": {"mmlu": {"acc": 0.5}}, "model_name": "gpt2"}, "acc,none"),
        ({"results": {"mmlu": 0.5}, "model_name": "gpt2"}, "must be an object of metrics"),
        ({"results": {}, "model_name": ["gpt2"]}, "the model in model_name or model_args must be a name"),
    ],
)
def test_what_is_no_results_is_told_for_what_it_is(write: Write, contents: object, said: str) -> None:
    path = write(contents)
    line = refusal(path)
    assert said in line
    assert str(path) in line


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ({"scores": 3}, "scores must be an object of splits"),
        ({"scores": {"test": 3}}, "must be a list of objects"),
        ({"scores": {"test": [3]}}, "must be a list of objects"),
        ({"scores": {"test": [{"main_score": "0.5", "hf_subset": "en"}]}}, "must be a number, got '0.5'"),
        ({"scores": {"test": [{"main_score": True, "hf_subset": "en"}]}}, "must be a number"),
        ({"scores": {"test": [{"main_score": 1e999, "hf_subset": "en"}]}}, "must be a number"),
        ({"scores": {"test": [{"main_score": 0.5}]}}, "hf_subset must be a name"),
        ({"task_name": None, "scores": {}}, "task_name must be a name"),
    ],
)
def test_a_file_of_mteb_that_is_not_what_it_says(write: Write, task: dict[str, Any], said: str) -> None:
    path = write({"task_name": "T", **task}, "org__name/1/T.json")
    assert said in refusal(path)
    assert said in refusal(path.parent)


def test_paths_that_lead_nowhere(tmp_path: Path, write: Write) -> None:
    assert "no such file" in refusal(tmp_path / "none")
    assert "cannot be" in refusal("a\0b")
    assert "cannot be read" in refusal("x" * 300)
    assert "is no regular file" in refusal("/dev/zero")
    large = tmp_path / "large"
    with large.open("wb") as stream:
        stream.truncate(files.LARGEST_FILE + 1)
    assert "larger than 16,384 KiB" in refusal(large)
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "no results" in refusal(empty)
    write({"hidden_size": 3}, "other/config.json")
    assert "no results" in refusal(tmp_path / "other")


def test_a_pipe_that_nobody_writes_to_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    assert refusal(pipe) == f"{pipe}: is no regular file"


# --- folders ---------------------------------------------------------------------------------------------------------


def test_a_folder_is_walked_no_further_than_it_need_be(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "there"
    for name in ("m/run.json", "m/.hidden/run.json", "m/experiments/x/run.json", "1/2/3/4/5/run.json", "m/run.txt"):
        write(harness(name, {"a": {"acc,none": 0.1}}), f"there/{name}")
    outside = write(harness("outside", {"a": {"acc,none": 0.1}}), "outside/run.json")
    (there / "link.json").symlink_to(outside)
    (there / "linked").symlink_to(outside.parent)
    (there / "round").symlink_to(there)
    (there / "list.json").write_text("[1]")
    (there / "m" / "folder.json").mkdir()
    assert {score.model for score in read([there]).scores} == {"m/run.json"}
    monkeypatch.setattr(files, "MOST_FILES", 1)
    assert "more than 1 JSON files" in refusal(there)


def test_a_link_to_a_description_of_the_model_is_not_followed(write: Write, tmp_path: Path) -> None:
    task = {"task_name": "T", "scores": {"test": [{"main_score": 0.5, "hf_subset": "default"}]}}
    path = write(task, "org__name/1/T.json")
    path.with_name("model_meta.json").symlink_to(write({"name": "org/secret", "revision": "2"}, "meta"))
    assert [score.model for score in read([path]).scores] == ["org/name"]


# --- which score is of which model -----------------------------------------------------------------------------------


def of_the_hub(name: str, revision: str, commit: str) -> Model:
    """A model that was loaded from the Hub."""
    model = zoo.load("gpt2")
    model.entry = None
    model.name = str(Repository(name, revision))
    model.found = model.found._replace(origin=Origin(Repository(name, revision), commit, b"{}"), entry=None, changes=())
    return model


@pytest.mark.parametrize(
    "name",
    [
        "bert-base",
        "bert-base-uncased",
        "BERT-Base",
        "google-bert/bert-base-uncased",
        "Google-BERT/bert-base-uncased",
        "google-bert__bert-base-uncased",
        "google-bert/bert-base-uncased@main",
        f"google-bert/bert-base-uncased@{COMMIT}",
    ],
)
def test_names_under_which_a_model_of_the_registry_is_found(write: Write, name: str) -> None:
    models = loaded("bert-base")
    results = read([write({name: {"a": 1}})])
    assert values(results, models)["a"] == [1]
    assert results.unmatched(models) == ()


@pytest.mark.parametrize("name", ["bert", "bert-base-", "bert-base-uncased/bert-base", "x/bert-base-uncased", "*"])
def test_names_under_which_it_is_not(write: Write, name: str) -> None:
    models = loaded("bert-base")
    path = write({name: {"a": 1}})
    assert "a" not in columns(read([path]), models)
    assert read([path]).unmatched(models) == (f"{name} ({path}) matches none of the models",)


def test_a_variant_has_the_results_that_name_it_and_no_others(write: Write) -> None:
    models = loaded("gpt2", "gpt2,n_layer=6")
    path = write('model,a\ngpt2,1\n"gpt2,n_layer=6",2\nopenai-community/gpt2,1\n')
    assert values(read([path]), models)["a"] == [1, 2]


def test_a_variant_of_a_repository_has_not_the_results_of_the_repository(write: Write) -> None:
    model = of_the_hub("org/name", "main", COMMIT)
    model.name, model.found = "org/name,n_layer=6", model.found._replace(changes=({"n_layer": 6},))
    path = write('model,a\norg/name,1\n"org/name,n_layer=6",2\n')
    assert values(read([path]), [model])["a"] == [2]


def test_a_path_is_matched_as_it_is_written(write: Write, tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    config.write_text('{"model_type": "gpt2"}')
    models = loaded(str(config))
    assert values(read([write({str(config): {"a": 1}})]), models)["a"] == [1]
    assert "a" not in columns(read([write({str(config).upper(): {"a": 1}})]), models)


@pytest.mark.parametrize(
    ("asked", "said", "matched"),
    [
        ("main", "", True),
        ("main", COMMIT, True),
        ("main", OTHER, True),  # the row is not pinned
        (COMMIT, "", True),
        (COMMIT, COMMIT, True),
        (COMMIT, OTHER, False),
        (COMMIT, "v1", False),
        ("v1", "v1", True),
        ("v1", COMMIT, True),
        ("v1", OTHER, False),
    ],
)
def test_a_pinned_model_has_no_results_of_another_revision(write: Write, asked: str, said: str, matched: bool) -> None:
    models = [of_the_hub("Org/Name", asked, COMMIT)]
    document = harness("org/name", {"a": {"acc,none": 0.5}}, config={"model_sha": said, "model_revision": "main"})
    path = write(document)
    results = read([path])
    assert ("a" in columns(results, models)) == matched
    told = f"org/name@{said} ({path}) is of another revision than {models[0].name}, which is pinned to "
    assert [line.startswith(told) for line in results.unmatched(models)] == ([] if matched else [True])
    plain = read([write({f"org/name@{said}" if said else "org/name": {"a": 0.5}})])
    assert ("a" in columns(plain, models)) == matched


def test_an_entry_that_is_pinned_has_no_results_of_another_revision(write: Write, tmp_path: Path) -> None:
    registry = tmp_path / "zoo.toml"
    registry.write_text(
        f'[models.mine]\nmodel_type = "gpt2"\nclass = "GPT2LMHeadModel"\nhub = "org/mine"\nrevision = "{COMMIT}"\n'
    )
    models = [zoo.load("mine", registries=[registry])]
    path = write(harness("mine", {"a": {"acc,none": 0.5}}, config={"model_sha": OTHER}))
    assert "a" not in columns(read([path]), models)
    assert read([path]).unmatched(models) == (
        f"mine@{OTHER} ({path}) is of another revision than mine, which is pinned to {COMMIT}",
    )
    path = write(harness("org/mine", {"a": {"acc,none": 0.5}}, config={"model_sha": COMMIT}))
    assert values(read([path]), models)["a"] == [0.5]


def test_rows_that_match_nothing_are_listed_once_in_order(write: Write) -> None:
    one = write("model,a,b\nzebra,2,2\ngpt2,2,2\nzebra,2,2\n", "1.csv")
    two = write({"Ape": {"a": 1}}, "2.json")
    results = read([one, two])
    assert results.unmatched(loaded("gpt2")) == (
        f"Ape ({two}) matches none of the models",
        f"zebra ({one}, line 2 and 1 more) matches none of the models",
    )
    assert len(results.unmatched([])) == 3


# --- results that contradict each other ------------------------------------------------------------------------------


def contradiction(results: zoo.results.Results, models: Sequence[Model]) -> str:
    with pytest.raises(ResultsError) as raised:
        results.columns(models)
    return checked(str(raised.value))


def test_two_results_that_differ_name_both_files(write: Write) -> None:
    one, two = write({"gpt2": {"a": 1}}, "1.json"), write({"openai-community/gpt2": {"a": 2}}, "2.json")
    line = contradiction(read([one, two]), loaded("gpt2"))
    assert f"1 in {one}" in line
    assert f"2 in {two}" in line
    assert "leave one out" in line
    read([one, two]).columns(loaded("bert-base"))  # nobody asks
    read([one, one]).columns(loaded("gpt2"))  # the same twice contradicts nothing


def test_two_rows_of_a_file_that_differ_are_both_named(write: Write) -> None:
    line = contradiction(read([write("model,a\ngpt2,1\nGPT2,2\n")]), loaded("gpt2"))
    assert "line 2 and 2 in" in line
    assert "line 3" in line


def test_of_two_revisions_that_differ_the_model_has_to_be_pinned_to_one(write: Write) -> None:
    paths = [
        write(harness("org/name", {"a": {"acc,none": value}}, config={"model_sha": commit}), commit)
        for commit, value in ((COMMIT, 0.1), (OTHER, 0.2))
    ]
    line = contradiction(read(paths), [of_the_hub("org/name", "main", COMMIT)])
    assert "pin the model" in line
    assert COMMIT in line
    assert OTHER in line
    assert values(read(paths), [of_the_hub("org/name", OTHER, OTHER)])["a"] == [0.2]


# --- runs of one model at different times ----------------------------------------------------------------------------


def run_at(date: object, value: float, **more: Any) -> dict[str, Any]:
    return harness("gpt2", {"a": {"acc,none": value}}, date=date, **more)


@pytest.mark.parametrize("later", ["results_2024-05-01T10-00-00.json", "results_2025-05-01T10-00-00.json"])
def test_of_dated_runs_the_later_counts_whatever_the_files_are_called(write: Write, later: str) -> None:
    both = {"a": {"acc,none": 0.1}, "b": {"acc,none": 0.3}}
    folder = write(harness("gpt2", both, date=1714557600.5), "gpt2/results_2024-11-01T10-00-00.json").parent
    path = write(run_at(1746093600.25, 0.2), f"gpt2/{later}")
    models = loaded("gpt2")
    for paths in ([folder], [path, folder], [folder, path]):
        found = values(read(paths), models)
        assert (found["a"], found["b"]) == ([0.2], [0.3])  # what the later run did not measure stays
        assert found["mean"] == [pytest.approx(0.25)]
        assert read(paths).unmatched(models) == ()


@pytest.mark.parametrize("dates", [(5, 5), (5, None), (None, 5), (None, None), (5, "6"), (5, True), (5, math.nan)])
def test_where_no_run_is_the_later_results_that_differ_are_an_error(write: Write, dates: tuple[object, object]) -> None:
    paths = [write(run_at(date, value), str(value)) for date, value in zip(dates, (0.1, 0.2), strict=True)]
    line = contradiction(read(paths), loaded("gpt2"))
    assert str(paths[0]) in line
    assert str(paths[1]) in line
    earlier, later = write(run_at(4, 0.7), "earlier"), write(run_at(6, 0.8), "later")
    contradiction(read([*paths, earlier]), loaded("gpt2"))
    if dates == (5, 5):
        assert values(read([later, *paths, earlier]), loaded("gpt2"))["a"] == [0.8]


def test_a_later_run_of_another_revision_or_setting_replaces_nothing(write: Write) -> None:
    early = write(run_at(1, 0.1, config={"model_sha": COMMIT}, versions={"a": 1}), "early")
    late = write(run_at(2, 0.2, config={"model_sha": OTHER}, versions={"a": 1}), "late")
    assert "pin the model to one of the revisions" in contradiction(read([early, late]), loaded("gpt2"))
    other = write(run_at(2, 0.2, config={"model_sha": COMMIT}, versions={"a": 2}), "other")
    found = columns(read([early, other]), loaded("gpt2"))
    assert [found[name].header for name in found if name[0] == "a"] == ["a (acc; version 1)", "a (acc; version 2)"]


# --- fractions and percentages ---------------------------------------------------------------------------------------

MIXED = "model,mmlu,quiz\ngpt2,0.25,0.5\ngpt2-xl,0.3,50.89\n"
NO_MEAN = (
    "there is no mean: scores of 'mmlu' are within 1, those of 'quiz' go up to 50.89 "
    "(bring them onto one scale, of fractions or of percentages)"
)


def test_of_fractions_and_percentages_there_is_no_mean_and_it_is_told_why(write: Write) -> None:
    models = loaded("gpt2", "gpt2-xl")
    results = read([write(MIXED)])
    found = values(results, models)
    assert found.pop("mmlu") == [0.25, 0.3]
    assert found.pop("quiz") == [0.5, 50.89]
    assert found == {name: [None, None] for name in DERIVED}
    assert results.notes(models) == (NO_MEAN,)
    # What a task is told in is so for all models of the results, whichever are shown.
    assert values(results, models[:1])["mean"] == [None]
    assert results.notes(models[:1])[1:] == (NO_MEAN,)


DERIVED = ("mean", "rank", "score_per_billion", "score_per_billion_active", "pareto")


@pytest.mark.parametrize(
    ("table", "mean"),
    [
        ("model,a,b\ngpt2,0.2,1.5\n", 0.85),
        ("model,a,b\ngpt2,0,50\n", 25),  # of 0 nobody knows
        ("model,a,b\ngpt2,30,50\ngpt2-xl,0.5,60\n", 40),
        ("model,a,b ↓\ngpt2,0.2,50\n", 0.2),  # in no mean
        ("model,a,b\ngpt2,0.2,\nother,,50\n", 0.2),  # of no model that is shown
        ("model,a,b\ngpt2,-0.2,50\n", None),
        ("model,a,b\ngpt2,0.2,-50\n", None),
        ("model,a,b\ngpt2,1,1.6\n", None),
    ],
)
def test_scales_are_told_by_the_largest_score(write: Write, table: str, mean: float | None) -> None:
    models = loaded("gpt2")
    results = read([write(table)])
    assert values(results, models)["mean"] == [mean if mean is None else pytest.approx(mean)]
    assert any("there is no mean" in line for line in results.notes(models)) == (mean is None)


# --- told of, from Python and on the command line --------------------------------------------------------------------


@pytest.mark.parametrize("ask", [zoo.compare, partial(zoo.plot, x="parameters", y="mmlu")])
def test_python_warns_of_what_is_in_no_column(write: Write, ask: Callable[..., object]) -> None:
    path = write(MIXED)
    with pytest.warns(ResultsWarning) as told:
        ask("gpt2", "bert-base", results=[path])
    assert [str(one.message) for one in told] == [f"gpt2-xl ({path}, line 3) matches none of the models", NO_MEAN]
    assert {one.filename for one in told} == {__file__}
    ask("gpt2", "gpt2-xl", results=[str(FOLDER / "harness")])  # nothing to warn of


@pytest.mark.parametrize("command", [("compare",), ("compare", "--columns", "rank"), ("plot",)])
def test_commands_say_the_same_in_a_line_each(case: Case, command: tuple[str, ...]) -> None:
    path = case.put("scores.csv", MIXED.encode())
    run = case.zoo(*command, "gpt2", "bert-base", "--results", str(path))
    assert run.code == 0
    assert run.err == f"zoo: note: gpt2-xl ({path}, line 3) matches none of the models\nzoo: note: {NO_MEAN}\n"


def test_rows_that_match_nothing_are_no_flood(case: Case) -> None:
    rows = "".join(f"m{at:02},1\n" for at in range(1, 18))
    path = case.put("scores.csv", f"model,a\n{rows}gpt2,1\n".encode())
    lines = case.zoo("compare", "gpt2", "--results", str(path)).err.splitlines()
    assert len(lines) == 11
    assert lines[0] == f"zoo: note: m01 ({path}, line 2) matches none of the models"
    assert lines[10] == "zoo: note: and 7 more rows that match none of the models"
    assert len(read([path]).unmatched(loaded("gpt2"))) == 17
    path = case.put("scores.csv", b"model,a\ngpt2,1\n" + rows.encode()[: 6 * 11])
    assert case.zoo("compare", "gpt2", "--results", str(path)).err.endswith(
        "and 1 more row that matches none of the models\n"
    )


def test_where_nothing_is_of_the_models_that_is_said(case: Case) -> None:
    path = case.put("scores.csv", b"model,a\ngpt3,1\n")
    run = case.zoo("compare", "gpt2", "--results", str(path))
    assert run.code == 0
    assert run.err.splitlines() == [
        "zoo: note: none of the scores is of a model that is shown",
        f"zoo: note: gpt3 ({path}, line 2) matches none of the models",
    ]
    run = case.zoo("compare", "gpt2", "--results", str(path), "--columns", "model,scores")
    assert run.code == 2
    assert run.err.splitlines()[-1] == (
        "zoo: no column 'scores': no results are given, or they have none of a model that is shown"
    )


def test_a_column_that_is_not_there_is_told_with_those_of_scores(case: Case) -> None:
    results = ("--results", str(FOLDER / "harness"))
    for option in ("--columns", "--sort"):
        run = case.zoo("compare", "gpt2", "gpt2-xl", *results, option, "acc_norm")
        assert run.code == 2
        assert "; columns of scores: arc_challenge, arc_challenge:acc_norm, gsm8k, " in run.err
        assert run.err.endswith("mmlu:mmlu_philosophy and 7 more)\n")
        run = case.zoo("compare", "gpt2", "gpt2-xl", *results, option, "lambada_openai:ppl")
        assert "or lambada_openai:perplexity?" in run.err
    assert "columns of scores" not in case.zoo("compare", "gpt2", "--columns", "acc_norm").err


def test_models_without_a_mean_are_told_with_what_they_lack(write: Write) -> None:
    models = loaded(*SIZES, "gpt3")
    path = write(
        "model,a,b,c,d,e,f ↓\ngpt2,1,,1,1,1,\ngpt2-medium,1,,,,,\ngpt2-large,1,,,,,2\n"
        "gpt2-xl,1,1,1,1,1,\nbert-base,,,,,,1\n"
    )
    results = read([path])
    assert values(results, models)["mean"] == [None, None, None, 1, None, None, None]
    assert columns(results, models)["mean"].header == "mean of 5 tasks, without those where lower is better"
    # Of a model without any score it is plain to see.
    assert results.notes(models) == (
        "gpt2: no mean, as it lacks b",
        "gpt2-medium, gpt2-large: no mean, as they lack b, c, d and 1 more",
        "bert-base: no mean, as it lacks a, b, c and 2 more",
    )


def test_where_each_lacks_some_all_are_told_up_to_a_cap(write: Write) -> None:
    names = [f"gpt2,n_layer={layers}" for layers in range(1, 15)]
    tasks = {f"t{at}": 1 for at in range(14)}
    path = write({name: {task: 1 for task in tasks if task != f"t{at}"} for at, name in enumerate(names)})
    models = loaded(*names)
    assert set(values(read([path]), models)["mean"]) == {None}
    told = read([path]).notes(models)
    assert told[0] == "gpt2,n_layer=1: no mean, as it lacks t0"
    assert told[10:] == ("and 4 more models without a mean, as tasks are lacking",)


# --- rank, mean and front --------------------------------------------------------------------------------------------

SIZES = ("gpt2", "gpt2-medium", "gpt2-large", "gpt2-xl", "bert-base", "bert-large")


def test_equal_means_have_equal_ranks(write: Write) -> None:
    models = loaded(*SIZES[:5])
    path = write({name: {"a": value} for name, value in zip(SIZES, (0.1, 0.3, 0.2, 0.3), strict=False)})
    assert values(read([path]), models)["rank"] == [4, 1, 3, 1, None]


@pytest.mark.parametrize("seed", range(20))
def test_the_front_is_what_pairs_leave(write: Write, seed: int) -> None:
    draw = random.Random(seed)
    names = draw.choices(SIZES, k=5)  # a model may be there twice: neither of the two is better
    reached = {name: {"a": draw.choice([0.1, 0.2, 0.3]), "b": draw.choice([0.1, 0.2])} for name in set(names)}
    reached.pop(draw.choice(names))
    models = loaded(*names)
    mean = {name: sum(tasks.values()) / 2 for name, tasks in reached.items()}
    worse = {
        one.name
        for one, other in itertools.product(models, models)
        if one.name in mean and other.name in mean
        if other.parameters <= one.parameters and mean[other.name] >= mean[one.name]
        if other.parameters < one.parameters or mean[other.name] > mean[one.name]
    }
    expected = [None if name not in mean else "" if name in worse else "yes" for name in names]
    found = values(read([write({**reached, "other": {"a": 1, "b": 1}})]), models)
    assert found.get("pareto", [None] * len(models)) == expected  # where none has a score, there is no such column


def test_only_active_parameters_count_for_a_score_per_billion_active(write: Write) -> None:
    models = loaded("mixtral-8x7b")
    found = values(read([write({"mixtral-8x7b": {"a": 0.7}})]), models)
    assert found["score_per_billion"] == [pytest.approx(0.7 / 46.702792704)]
    assert found["score_per_billion_active"] == [pytest.approx(0.7 / 12.879925248)]


def test_where_lower_is_better_or_nothing_is_known_there_is_no_mean(write: Write) -> None:
    document = harness("gpt2", {"a": {"ppl,none": 9}, "b": {"x,none": 1}}, higher_is_better={"a": {"ppl": False}})
    found = columns(read([write(document)]), loaded("gpt2"))
    assert {name: column.header for name, column in found.items()} == {"a": "a (ppl) ↓", "b": "b (x)"}
    assert read([write(document)]).notes(loaded("gpt2")) == (
        "there is no mean, as in each task lower is better or it is not known whether higher is better",
    )


def test_a_model_beside_those_of_the_table_is_told_against_them(write: Write) -> None:
    path = write({"gpt2": {"a": 1}, "gpt2-xl": {"a": 2}, "bert-base": {"a": 3}})
    small, large, other = loaded("gpt2", "gpt2-xl", "bert-base")
    found = columns(read([path]), [small, large])
    assert (found["a"].value(other), found["rank"].value(other)) == (3, 1)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.57707138, "0.5771"), (0.5, "0.5000"), (89.156, "89.16"), (65, "65"), (123456, "123,456"), (0.0, "0.000"),
     (1234.5678, "1,235"), (1.5e20, "1.500e+20"), (-0.25, "-0.2500"), (7e-9, "7.000e-09")],
)  # fmt: skip
def test_a_person_reads_four_digits_and_a_program_all(write: Write, value: float, text: str) -> None:
    (model,) = loaded("gpt2")
    column = columns(read([write({"gpt2": {"a": value}})]), [model])["a"]
    assert column.cell(model) == text
    assert column.value(model) == value


def test_numbers_of_a_column_have_as_many_decimals(write: Write) -> None:
    models = loaded("gpt2", "gpt2-medium", "gpt2-xl")
    scores = {"gpt2": {"a": 12, "b": 0.5, "c": 1}, "gpt2-medium": {"a": 37.375, "b": 0.25, "c": 2}}
    found = columns(read([write({**scores, "gpt2-xl": {"a": 1.5, "b": 1e-7, "c": 3}})]), models)
    assert [found["a"].cell(model) for model in models] == ["12.00", "37.38", "1.50"]
    assert [found["b"].cell(model) for model in models] == ["0.5000", "0.2500", "1.000e-07"]
    assert [found["c"].cell(model) for model in models] == ["1", "2", "3"]


# --- in a table ------------------------------------------------------------------------------------------------------


def test_scores_in_a_comparison() -> None:
    models = loaded("gpt2", "gpt2-xl", "gpt3")
    more = read([FOLDER / "plain.csv"]).columns(models)
    layout = Layout(columns=("model", "mmlu", "rank", "pareto"), sort=("-mean",))
    drawn = arrange(models, layout, more=more)
    assert drawn.render("csv").splitlines() == [
        "model,mmlu,rank,pareto",
        "gpt2-xl,30.1,1,yes",
        "gpt2,25.92,2,yes",
        "gpt3,,,",
    ]
    assert "mean of 2 tasks" in arrange(models, more=more).render()


def test_a_task_called_like_a_column_gets_another_name(write: Write) -> None:
    (model,) = loaded("gpt2")
    tasks = ("parameters", "mean", "default", "scores", "hidden_size", "a,b", "a;b", "-a", "↓ ↓ a", "é:", "=1+1", "a b")
    path = write([{"model": "gpt2", **{task: at for at, task in enumerate(tasks, 2)}}])
    found = columns(read([path]), [model])
    assert list(found)[:12] == [
        "parameters_2", "mean_2", "default_2", "scores_2", "hidden_size_2", "a_b", "a_b_2", "a", "a_2", "é", "1+1",
        "a_b_3",
    ]  # fmt: skip
    for name, column in found.items():
        assert column.name == name
        assert re.fullmatch(r"[^\s,]+", name)
        assert not name.startswith("-")
    assert found["mean"].value(model) == pytest.approx(sum(range(2, 14)) / 12)


def test_a_task_with_the_header_of_another_column_is_told_to_be_a_score(write: Write) -> None:
    models = loaded("gpt2")
    path = write({"gpt2": {"parameters": 1, "rank": 2, "size": 3, "Pareto front": 4, "mmlu": 5}})
    more = read([path]).columns(models)
    assert [(column.name, column.header) for column in more[:5]] == [
        ("parameters_2", "parameters (score)"),
        ("rank_2", "rank (score)"),
        ("size_2", "size (score)"),
        ("Pareto_front", "Pareto front (score)"),
        ("mmlu", "mmlu"),
    ]
    layout = Layout(columns=("model", "size", "scores"))
    headers = [column.header for column in arrange(models, layout, more=more).columns]
    assert len(headers) == len(set(headers))


HOSTILE = ("\x1b[2J", "a\nb", "a\u202eb", "\ud800", "<script>", "=cmd()", "|", "\\input{x}", "../../etc", "\0")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_harmless(write: Write, name: str) -> None:
    (model,) = loaded("gpt2")
    path = write({"gpt2": {f"x{name}": 1}, f"y{name}": {"a": 1}})
    results = read([path])
    assert all(line.isprintable() for line in (*results.unmatched([model]), *results.notes([model])))
    for column in results.columns([model]):
        assert column.header.isprintable()
        assert column.name.isprintable()
    other = write({"gpt2": {f"x{name}": 2}}, "other")
    contradiction(read([path, other]), [model])


def test_many_tasks_take_no_longer_than_they_should(write: Write) -> None:
    tasks = {f"é{'!' * (at % 7)}{'?' * (at // 7 % 97)}{at % 3}": at for at in range(2, 2002)}
    (model,) = loaded("gpt2")
    found = columns(read([write({"gpt2": tasks})]), [model])
    assert len(found) == len(tasks) + 5


SOME_KEYS = """
    results model_name config n-shot higher_is_better group_subtasks groups versions task_name scores test main_score
    hf_subset model acc,none acc_stderr,none mmlu gpt2 pretrained model_args model_sha mteb_dataset_name
"""
NAMES = st.sampled_from(SOME_KEYS.split())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(max_size=3), inner, max_size=5),
    max_leaves=20,
)
quick = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
GPT2 = zoo.load("gpt2")


def reads_or_refuses(path: Path) -> None:
    try:
        results = read([path])
        for column in results.columns([GPT2]):
            column.cell(GPT2)
            column.title(GPT2.conditions)
        results.notes([GPT2])
        assert all(isinstance(score, Score) and math.isfinite(score.value) for score in results.scores)
    except ResultsError as error:
        checked(str(error))


@quick
@given(st.binary(max_size=120))
@example(b"model,a\r")
@example(b"\xef\xbb\xbf")
@example(b"{}")
@example(b"[]")
@example(b'{"results": {}}')
def test_any_bytes_give_scores_or_a_refusal(write: Write, data: bytes) -> None:
    reads_or_refuses(write(data))


@quick
@given(st.text(alphabet='model,gpt2\n\r";01.e-', max_size=40))
def test_any_table_gives_scores_or_a_refusal(write: Write, rows: str) -> None:
    reads_or_refuses(write("model,a,b\n" + rows))


@quick
@given(JSON)
def test_any_json_gives_scores_or_a_refusal(write: Write, document: object) -> None:
    reads_or_refuses(write(json.dumps(document), "org__name/1/T.json"))


@quick
@given(st.dictionaries(NAMES, JSON), st.dictionaries(NAMES, st.dictionaries(NAMES, st.floats() | JSON), min_size=1))
def test_anything_beside_scores_of_the_harness(write: Write, beside: dict[str, Any], results: dict[str, Any]) -> None:
    reads_or_refuses(write(json.dumps({"model_name": "gpt2", **beside, "results": results})))


@quick
@given(st.dictionaries(NAMES, JSON), st.lists(st.dictionaries(NAMES, st.floats() | JSON)))
def test_anything_beside_scores_of_mteb(write: Write, beside: dict[str, Any], entries: list[Any]) -> None:
    document = {**beside, "task_name": "T", "scores": {"test": entries}}
    reads_or_refuses(write(json.dumps(document), "org__name/1/T.json").parent)
