"""Columns, sets of them, and how a comparison is arranged: sorted, grouped, beside another model, transposed."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_cli import Run, failed
from test_plugins import GOOD, install, run

import zoo
from zoo.conditions import Conditions
from zoo.reports.columns import COLUMNS, known
from zoo.reports.columnsets import DEFAULT, RESERVED, SETS
from zoo.reports.comparison import facts
from zoo.reports.numbers import AMOUNTS, scale

MODELS = ("bert-base", "gpt3", "bert-large", "t5-base", "mixtral-8x7b")


def rows(*arguments: str) -> list[list[str]]:
    done = Run("compare", *arguments, "--format", "csv")
    assert done.code == 0
    return list(csv.reader(io.StringIO(done.out)))


# --- sets ------------------------------------------------------------------------------------------------------------


def test_every_set_is_of_columns_that_there_are_and_begins_with_the_model() -> None:
    for names in SETS.values():
        assert names[0] == "model"
        assert set(names) <= set(COLUMNS)
    assert not set(SETS) & set(COLUMNS)


@pytest.mark.parametrize("name", SETS)
def test_a_set_stands_for_its_columns(name: str) -> None:
    (header, *_) = rows("bert-base", "--columns", name)
    assert header == [COLUMNS[column].key for column in SETS[name]]


def test_all_is_every_column() -> None:
    (header, *_) = rows("bert-base", "--columns", "all")
    assert header == [column.key for column in known().values()]


def test_sets_and_columns_go_together_each_column_once() -> None:
    (header, *_) = rows("bert-base", "--columns", "hidden,size,parameters,flops")
    rest = [COLUMNS[name].key for name in SETS["size"]]
    assert header == ["hidden", *rest, "flops"]


def test_a_set_says_which_model_is_not_exact() -> None:
    doubtful = json.dumps({"model_type": "bert", "who_knows": 1}).encode()
    header = Run("compare", "-", "--columns", "shape", "--format", "csv", stdin=doubtful).out.splitlines()[0]
    assert header.endswith(",status")
    assert Run("compare", "-", "--columns", "model", "--format", "csv", stdin=doubtful).out.splitlines()[0] == "model"


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ("model,parameters,model", "'model' is named twice"),
        ("size,size", "'size' is named twice"),
        ("model,paramters", "did you mean parameters"),
        ("scores", "no column 'scores'"),
        ("model,\x1b[2J", "no column '\\x1b[2J'"),
        ("", "no column ''"),
    ],
)
def test_columns_that_make_no_sense(columns: str, told: str) -> None:
    assert told in failed("compare", "bert-base", "--columns", columns)


@pytest.mark.parametrize(
    ("option", "told"),
    [
        (("--sort", "paramters"), "did you mean parameters"),
        (("--group-by", "famly"), "did you mean family"),
        (("--difference-to", "bert-bse"), "did you mean bert-base"),
        (("--difference-to", "gpt3", "--columns", "model,hidden"), "no column shows any"),
        (("--numbers", "long"), "'exact'"),
        (("--format", "jsonlines"), "did you mean jsonl"),
    ],
)
def test_arrangements_that_make_no_sense(option: tuple[str, ...], told: str) -> None:
    assert told in failed("compare", "bert-base", *option)


def test_columns_are_listed_with_units_and_sets() -> None:
    listed = {row["column"]: row for row in json.loads(Run("columns", "--format", "json").out)}
    assert list(listed) == list(known())
    assert listed["cache"] == {"column": "cache", "header": "cache", "unit": "bytes", "sets": ["memory"]}


# --- the order -------------------------------------------------------------------------------------------------------


def test_sorted_by_several_columns_missing_values_last() -> None:
    names = [row[0] for row in rows(*MODELS, "--columns", "model", "--sort", "family,-parameters")[1:]]
    models = {name: zoo.load(name) for name in MODELS}
    assert names == sorted(models, key=lambda name: (models[name].model_type, -models[name].parameters))
    assert rows(*MODELS, "--columns", "model", "--sort", "-context")[-1] == ["t5-base"]
    assert rows(*MODELS, "--columns", "model", "--sort", "context")[-1] == ["t5-base"]


def test_numbers_come_before_texts(tmp_path: Path) -> None:
    value = "model.parameters if model.name != 'gpt3' else 'huge'"
    install(tmp_path, "more", COLUMN.replace("2 * model.parameters", value))
    done = run(tmp_path, "compare", "gpt3", "bert-large", "bert-base", "--columns", "model,twice", "--sort", "twice")
    assert [line.split()[0] for line in done.stdout.splitlines()[2:]] == ["bert-base", "bert-large", "gpt3"]


def test_grouped_by_family_in_the_order_of_the_sort() -> None:
    found = rows(*MODELS, "--columns", "model,parameters", "--sort", "-parameters", "--group-by", "family")
    assert found[0] == ["family", "model", "parameters"]
    assert [row[:2] for row in found[1:]] == [
        ["gpt2", "gpt3"],
        ["mixtral", "mixtral-8x7b"],
        ["bert", "bert-large"],
        ["bert", "bert-base"],
        ["t5", "t5-base"],
    ]


def test_patterns_stand_for_names_of_the_registry() -> None:
    names = [row[0] for row in rows("bert-b*", "gpt3", "--columns", "model")[1:]]
    assert {"bert-base-uncased", "bert-base-cased"} <= set(names)
    assert names[-1] == "gpt3"
    assert all("bert-b" in name for name in names[:-1])
    variants = [row[0] for row in rows("bert-b*,num_hidden_layers=2", "--columns", "model")[1:]]
    assert variants == [f"{name},num_hidden_layers=2" for name in names[:-1]]
    assert "no name of the registry fits 'brt-*'" in failed("compare", "brt-*")
    assert [model.name for model in zoo.compare("gpt2-[mlx]*").models] == ["gpt2-medium", "gpt2-large", "gpt2-xl"]


def test_a_file_with_the_signs_of_a_pattern_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "b*.json").write_text('{"model_type": "bert"}')
    assert len(Run("compare", "b*.json", "--format", "tsv", cwd=tmp_path).out.splitlines()) == 2


# --- differences -----------------------------------------------------------------------------------------------------


def test_differences_are_those_of_the_counts() -> None:
    columns = "model,parameters,hidden,cache,embedding"
    found = Run("compare", "gpt2", "gpt3", "--columns", columns, "--difference-to", "gpt2", "--format", "csv")
    gpt2, gpt3 = csv.DictReader(io.StringIO(found.out))
    small, large = zoo.load("gpt2"), zoo.load("gpt3")
    assert gpt2["parameters_difference"] == "0"
    assert int(gpt3["parameters_difference"]) == large.parameters - small.parameters
    assert float(gpt3["parameters_difference_percent"]) == pytest.approx(
        100 * (large.parameters / small.parameters - 1), abs=1e-4
    )
    assert int(gpt3["cache_difference_bytes"]) == large.cache().bytes - small.cache().bytes  # type: ignore[union-attr]
    assert not any(name.startswith(("hidden_d", "embedding_d")) for name in gpt3)


def test_a_difference_to_a_model_that_is_not_shown_and_is_smaller() -> None:
    shown = zoo.compare("bert-base", columns="model,parameters", difference_to="bert-large").render()
    difference = zoo.load("bert-base").parameters - zoo.load("bert-large").parameters
    assert f"{difference:,}" in shown
    assert difference < 0
    assert "vs bert-large (%)" in shown
    more = zoo.compare("bert-large", columns="model,parameters", difference_to="bert-base").render()
    assert f"+{-difference:,}" in more


def test_a_difference_is_written_like_what_it_is_a_difference_of() -> None:
    at = ("gpt2", "gpt3", "gpt2-xl", "--columns", "cache", "--difference-to", "gpt3", "--length", "64")
    header = Run("compare", *at, "--dtype", "bf16").out.splitlines()[0]
    units = re.findall(r"\((\w+), 64", header)
    assert len(units) == 2
    assert units[0] == units[1]


def test_no_percentage_of_nothing() -> None:
    found = Run("compare", "gpt2", "--columns", "model,cache", "--difference-to", "bert-base", "--format", "csv")
    (row,) = csv.DictReader(io.StringIO(found.out))
    assert row["cache_difference_bytes"] == row["cache_bytes"]
    assert row["cache_difference_percent"] == ""


def test_a_base_that_is_not_exact_is_told() -> None:
    doubtful = json.dumps({"model_type": "bert", "who_knows": 1}).encode()
    done = Run("compare", "bert-base", "--columns", "model,parameters", "--difference-to", "-", stdin=doubtful)
    assert done.code == 0
    assert "zoo: warning: -: unverified: it is not known whether 'who_knows' changes the count" in done.err


def test_a_base_is_one_model() -> None:
    assert "no model or file is named 'bert-*'" in failed("compare", "gpt2", "--difference-to", "bert-*")
    with pytest.raises(zoo.ZooError, match="no model or file is named"):
        zoo.compare("gpt2", difference_to="bert-*")
    assert "standard input (-) can be read only once" in failed("compare", "-", "--difference-to", "-", stdin=b"{}")


def test_there_is_something_to_compare() -> None:
    with pytest.raises(zoo.ZooError, match="there is no model to compare"):
        zoo.compare()


def test_from_python(tmp_path: Path) -> None:
    found = zoo.compare("gpt2", columns="model, parameters", sort=["-parameters"])
    assert repr(found) == str(found) == zoo.compare("gpt2", columns=("model", "parameters")).render()
    assert found._repr_html_() == found.render("html")
    with pytest.raises(zoo.ZooError, match="a model is named by a text"):
        zoo.compare(["gpt2", "gpt3"])  # type: ignore[arg-type]
    with pytest.raises(zoo.ZooError, match="columns are given by their names"):
        zoo.compare("gpt2", columns=[COLUMNS["model"]])  # type: ignore[list-item]
    (tmp_path / "scores.csv").write_text("model,x\ngpt2,5\n")
    assert zoo.compare("gpt2", results=str(tmp_path / "scores.csv")).records()[0]["x"] == 5
    (tmp_path / "own.toml").write_text('[models.own]\nmodel_type = "bert"\nclass = "BertModel"\n')
    assert zoo.compare("own", registries=str(tmp_path / "own.toml")).models[0].parameters == 109_482_240


def test_what_is_known_once_is_not_read_again_but_under_other_conditions() -> None:
    model = zoo.load("gpt2")
    assert model.flops() is model.flops()
    other = model.under(Conditions(length=8))
    assert other.flops() == model.flops(8) != model.flops()


def test_many_models_make_no_flood_of_notes() -> None:
    done = Run("compare", "*", "--columns", "all", "--format", "csv")
    assert done.code == 0
    assert len(done.err.splitlines()) < 20
    assert "more: no dtype is stated" in done.err


def test_headers_say_that_each_model_has_its_own_conditions() -> None:
    found = Run("compare", "gpt2", "gpt3", "--columns", "model,cache,weights,flops").out.splitlines()[0]
    assert re.split(" {2,}", found.strip()) == [
        "model",
        "cache (MiB, own length, own dtype)",
        "weights (MiB, own dtype)",
        "FLOPs (GFLOP, own length)",
    ]
    fits = Run("compare", "gpt2", "--columns", "fits", "--fits", "24GiB", "--dtype", "bf16", "--length", "9").out
    assert fits.splitlines()[0].strip() == "fits (24.00 GiB, 9 tokens, bf16)"


# --- models as columns -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", ["csv", "tsv"])
def test_transposed_rows_are_the_columns(style: str) -> None:
    def read(*options: str) -> list[list[str]]:
        done = Run("compare", *MODELS, "--columns", "default,flops", "--format", style, *options)
        return list(csv.reader(io.StringIO(done.out), delimiter="," if style == "csv" else "\t"))

    assert [list(column) for column in zip(*read(), strict=True)] == read("--transpose")


def test_transposed_for_a_person() -> None:
    header, _, *lines = Run("compare", "bert-base", "gpt3", "--columns", "size", "--transpose").out.splitlines()
    assert header.split() == ["model", "bert-base", "gpt3"]
    assert lines[0].split() == ["parameters", "110,106,428", "174,604,259,328"]


# --- numbers ---------------------------------------------------------------------------------------------------------


def test_the_header_has_the_unit_in_every_way_of_writing_numbers() -> None:
    at = ("llama-2-7b", "--length", "4096", "--dtype", "bf16", "--columns", "parameters,cache,flops,length")
    usual = Run("compare", *at).out.splitlines()
    assert re.split(r" {2,}", usual[0].strip()) == [
        "parameters",
        "cache (GiB, 4,096 tokens, bf16)",
        "FLOPs (TFLOP, 4,096 tokens)",
        "length (tokens)",
    ]
    assert usual[2].split() == ["6,738,415,616", "2.000", "62.921", "4,096"]
    short = Run("compare", *at, "--numbers", "short").out.splitlines()
    assert (re.split(r" {2,}", short[0].strip())[0], short[2].split()[0]) == ("parameters (B)", "6.738")
    exact = Run("compare", *at, "--numbers", "exact").out.splitlines()
    assert "cache (bytes, 4,096 tokens, bf16)" in exact[0]
    model = zoo.load("llama-2-7b").under(Conditions(length=4096, dtype="bf16"))
    assert exact[2].split()[1:3] == [f"{model.cache().bytes:,}", f"{model.flops().total:,}"]  # type: ignore[union-attr]


@given(
    st.lists(st.integers(-(10**24), 10**24), min_size=1), st.sampled_from(sorted(AMOUNTS)), st.sampled_from(["short"])
)
def test_a_short_number_is_the_exact_one_to_half_of_its_last_digit(values: list[int], unit: str, numbers: str) -> None:
    found = scale(values, unit, numbers)  # type: ignore[arg-type]
    for value in values:
        text = found.text(value)
        if text.startswith(("<", ">")):
            assert 0 < abs(value) < found.size * 0.0005
        else:
            assert abs(float(text.replace(",", "")) * found.size - value) <= found.size * 0.000501 + abs(value) * 1e-12


def test_every_row_is_in_every_machine_format() -> None:
    records = json.loads(Run("compare", *MODELS, "--format", "json").out)
    lines = Run("compare", *MODELS, "--format", "jsonl").out.splitlines()
    assert [json.loads(line) for line in lines] == records
    table = rows(*MODELS, "--columns", "model,parameters,active,cache,weights,training,flops,lora_bytes")
    for row, record in zip(table[1:], records, strict=True):
        names = ("model", "parameters", "active_parameters", "cache", "weights", "training", "flops", "lora_bytes")
        assert row == ["unknown" if record[name] is None else str(record[name]) for name in names]


@pytest.mark.parametrize("name", ["bert-base", "mixtral-8x7b", "t5-base"])
def test_a_tree_has_the_same_components_for_a_person_and_for_a_program(name: str) -> None:
    def components(style: str) -> list[str]:
        table = Run("show", name, "--columns", "parameters", "--format", style).out
        return [line.split("," if style == "csv" else "  ")[0] for line in table.splitlines() if line]

    drawn, full = components("plain"), components("csv")
    assert len(drawn) == len(full)
    for branch, path in zip(drawn, full, strict=True):
        assert path.endswith(branch.lstrip("│├└─ "))


def test_records_have_what_was_asked_for_by_the_names_that_were_typed() -> None:
    asked = ["family", "formula", "heads", "short", "revision", "embedding", "vocab", "parameters_difference"]
    options = ("--columns", ",".join(asked[:-1]) + ",parameters", "--difference-to", "gpt2", "--format", "json")
    (record,) = json.loads(Run("compare", "bert-base", *options).out)
    assert set(asked) <= set(record)
    assert (record["family"], record["vocab"], record["vocab_size"]) == ("bert", 30_522, 30_522)


def test_default_is_what_is_shown_where_nothing_is_asked() -> None:
    assert rows("bert-base") == rows("bert-base", "--columns", "default")
    assert len(DEFAULT) == len(rows("bert-base")[0])


# --- columns of plugins ----------------------------------------------------------------------------------------------

COLUMN = """
from zoo import Column
from zoo.hookspecs import hookimpl

@hookimpl
def zoo_columns():
    yield Column("twice", "twice as much", lambda model: 2 * model.parameters, unit="parameters")
    yield Column("initial", "initial", lambda model: model.name[0], numeric=False)
"""


def test_a_plugin_adds_columns_to_all_that_have_any(tmp_path: Path) -> None:
    install(tmp_path, "more", COLUMN)
    done = run(tmp_path, "compare", "gpt3", "bert-base", "--columns", "model,twice,initial", "--sort", "twice")
    assert (done.returncode, done.stderr) == (0, "")
    header, _, bert, *_ = done.stdout.splitlines()
    assert re.split(" {2,}", header.strip()) == ["model", "twice as much", "initial"]
    assert bert.split() == ["bert-base", "220,212,856", "b"]
    records = json.loads(run(tmp_path, "compare", "bert-base", "--columns", "twice", "--format", "json").stdout)
    assert records[0]["twice"] == 220_212_856
    everything = run(tmp_path, "compare", "bert-base", "--columns", "all", "--format", "csv").stdout
    assert everything.splitlines()[0].endswith(",twice,initial")
    assert run(tmp_path, "show", "bert-base", "--columns", "twice").stdout.count("220,212,856") == 1
    state = next(line for line in run(tmp_path, "plugins").stdout.splitlines() if line.startswith("more"))
    assert state.split()[:3] == ["more", "zoo-more", "1.2"]
    assert "ok" in state.split()


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("    return [1]", "must give columns (zoo.Column), got 1"),
        ("    return [Column('Two words', '', len)]", "'Two words' is no name"),
        ("    return [Column('parameters', '', len)]", "there is a column or a set parameters already"),
        ("    return [Column('size', '', len)]", "there is a column or a set size already"),
        ("    return 5", "must give a list, got 5"),
        ("    return [Column('source', '', len)]", "there is a column or a set source already"),
        ("    return [Column('pareto', '', len)]", "there is a column or a set pareto already"),
        ("    return [Column('x', '', len), Column('x', '', len)]", "there is a column or a set x already"),
        ("    return [Column('x', 5, len)]", "column x: header cannot be 5"),
        ("    return [Column('x', '', 5)]", "column x: value cannot be 5"),
        ("    return [Column('x', '', len, at=('foo',))]", "column x: at cannot be ('foo',)"),
        ("    return [Column('x', '', len, at=([],))]", "column x: at cannot be ([],)"),
        ("    return [Column(type('Name', (str,), {'__hash__': None})('x'), '', len)]", "TypeError: unhashable type"),
        ("    return [type('Odd', (), {'__repr__': None})()]", "TypeError: "),
        ("    return [Column('x', '', len, unit=[])]", "column x: unit cannot be []"),
        ("    return [Column('x', '', len, unit='miles')]", "column x: unit cannot be 'miles'"),
        ("    raise SystemExit('no')", "SystemExit: no"),
    ],
)
def test_what_a_plugin_gives_for_columns_is_checked(tmp_path: Path, body: str, told: str) -> None:
    source = "from zoo import Column\nfrom zoo.hookspecs import hookimpl\n\n@hookimpl\ndef zoo_columns():\n"
    install(tmp_path, "more", source + body + "\n")
    done = run(tmp_path, "compare", "bert-base", "--columns", "model,parameters")
    assert done.returncode == 0
    assert done.stdout.splitlines()[2].split() == ["bert-base", "110,106,428"]
    (line,) = done.stderr.splitlines()
    assert line.startswith("zoo: plugin more (zoo-more 1.2): zoo_columns left out: ")
    assert told in line


def test_two_plugins_with_one_column(tmp_path: Path) -> None:
    install(tmp_path, "more", COLUMN)
    install(tmp_path, "most", COLUMN)
    done = run(tmp_path, "compare", "bert-base", "--columns", "twice")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "column twice is given by more (zoo-more 1.2) and most (zoo-most 1.2): leave one out" in done.stderr
    done = run(tmp_path, "compare", "bert-base", "--columns", "all")
    assert (done.returncode, done.stderr) == (
        0,
        run(tmp_path / "none", "compare", "bert-base", "--columns", "all").stderr,
    )
    assert run(tmp_path, "compare", "bert-base", "--columns", "twice", ZOO_DISABLE_PLUGINS="most").returncode == 0


def test_no_column_of_a_plugin_hides_what_a_record_has() -> None:
    assert set(facts(zoo.load("bert-base"))) <= {*COLUMNS, *RESERVED}


@pytest.mark.parametrize(
    "value",
    [
        "1 / 0",
        "[1]",
        "float('nan')",
        "True",
        "10**400",
        "exit('gone')",
        "5, text=lambda value: 5",
        "5, text=lambda value: value.no",
        "5, order=lambda model: 'a'",
        "None, why=lambda model: 1 / 0",
    ],
)
def test_a_column_that_fails_of_a_model_is_told_and_hides_no_other(tmp_path: Path, value: str) -> None:
    install(tmp_path, "more", COLUMN.replace("2 * model.parameters", value))
    done = run(tmp_path, "compare", "bert-base", "--columns", "model,parameters,twice")
    assert done.returncode == 0
    assert done.stdout.splitlines()[2].split() == ["bert-base", "110,106,428", "-"]
    assert "bert-base: twice unknown: plugin more (zoo-more 1.2): column twice: " in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_column_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOO_PLUGIN_TIMEOUT", "1")
    asked = tmp_path / "asked"
    sleeping = f"open({str(asked)!r}, 'a').write('x') and __import__('time').sleep(60)"
    install(tmp_path, "more", COLUMN.replace("2 * model.parameters", sleeping))
    done = run(tmp_path, "compare", "bert-base", "gpt2", "gpt3", "--columns", "twice,initial")
    assert done.returncode == 0
    assert [line.split() for line in done.stdout.splitlines()[2:]] == [["-", "b"], ["-", "g"], ["-", "g"]]
    assert asked.read_text() == "x"  # of one model, for the next would take as long
    assert (
        "twice unknown: plugin more (zoo-more 1.2): column twice: took longer than 1 s, "
        "of which ZOO_PLUGIN_TIMEOUT may allow more"
    ) in done.stderr


@pytest.mark.parametrize("style", ["json", "csv", "plain"])
def test_what_the_functions_of_a_column_print_is_kept_apart(tmp_path: Path, style: str) -> None:
    command = ("compare", "bert-base", "gpt2", "--columns", "model,twice", "--sort", "twice", "--format", style)
    quiet = "value, text=str, order=lambda model: -value(model), why=lambda model: None)\n"
    loud = "said(value), text=said(str), order=said(lambda model: -value(model)), why=said(lambda model: None))\n"
    functions = """
import os
def value(model):
    return 2 * model.parameters

def said(function):
    def saying(argument):
        print("NOISE")
        os.system("echo NOISE")
        return function(argument)
    return saying
"""
    for name, plugin in (("quiet", quiet), ("loud", loud)):
        head, _, _ = COLUMN.partition('    yield Column("initial"')
        source = functions + head.replace('lambda model: 2 * model.parameters, unit="parameters")\n', plugin)
        (tmp_path / name).mkdir()
        install(tmp_path / name, "more", source)
    found = [run(tmp_path / name, *command) for name in ("quiet", "loud")]
    assert found[0].stdout == found[1].stdout
    assert "220" in found[0].stdout
    assert [done.stderr for done in found] == ["", ""]


@pytest.mark.parametrize("options", [(), ("--sort", "twice"), ("--group-by", "twice"), ("--difference-to", "gpt2")])
def test_a_column_is_asked_once_of_a_model(tmp_path: Path, options: tuple[str, ...]) -> None:
    asked = tmp_path / "asked"
    noting = f"open({str(asked)!r}, 'a').write(model.name + ' ') and 2 * model.parameters"
    install(tmp_path, "more", COLUMN.replace("2 * model.parameters", noting))
    done = run(tmp_path, "compare", "bert-base", "gpt3", "--columns", "parameters,twice", *options)
    assert done.returncode == 0
    assert "220,212,856" in done.stdout
    names = asked.read_text().split()
    assert sorted(names) == sorted({"bert-base", "gpt3", *(["gpt2"] if "gpt2" in options else [])})


def test_a_part_that_fails_hides_no_other_model(tmp_path: Path) -> None:
    wrong = "attend(heads=1, head_dim=4, pairs=lambda queries, keys: queries // 0)"
    source = GOOD.replace("import linear", "import attend, linear")
    install(tmp_path, "toy", source.replace('yield linear("dense"', f'yield {wrong}\n        yield linear("dense"'))
    config = tmp_path / "config.json"
    config.write_text('{"model_type": "toy"}')
    done = run(tmp_path, "compare", str(config), "bert-base", "--columns", "model,flops", "--length", "8")
    assert done.returncode == 2
    assert "ZeroDivisionError" in done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()[2:]] == ["bert-base"]
