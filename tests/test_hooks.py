"""Hooks: what a third party's plugin gives by each is used, what it does wrong is told, and each is documented."""

import csv
import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from documents import ROOT, File, steps
from hubcase import bytes_of
from test_plugins import GOOD, install, run

import zoo
from zoo import hookspecs
from zoo.discovery.hooks import names
from zoo.formats.pluginformats import _harmless
from zoo.registries.registry import Registry, registry
from zoo.registries.shipped import Shipped

PAGE = (ROOT / "docs" / "hooks.md").read_text("utf-8")

IMPORTS = """
from pathlib import Path
import zoo
from zoo.hookspecs import hookimpl
"""
TOY_MODELS = """
[models.toy-7]
aliases = ["t7"]
model_type = "toy"
class = "ToyModel"
config = { hidden_size = 7 }
"""


class Exercise(NamedTuple):
    """A hook's function in a plugin, a command that needs what it gives, and what is printed then."""

    function: str
    command: tuple[str, ...]
    shows: str


EXERCISES: Mapping[str, Exercise] = {
    "zoo_architectures": Exercise(
        '@hookimpl\ndef zoo_architectures():\n    return {"toy": f"{__name__}:Toy"}\n',
        ("compare", "config.json", "--columns", "model,parameters", "--format", "csv"),
        "config.json,30\n",
    ),
    "zoo_registries": Exercise(
        '@hookimpl\ndef zoo_registries():\n    return [Path(__file__).with_name("models.toml")]\n',
        ("compare", "house-tiny", "--columns", "model,parameters", "--format", "csv"),
        "house-tiny,14707968\n",
    ),
    "zoo_columns": Exercise(
        '@hookimpl\ndef zoo_columns():\n    yield zoo.Column("initial", "begins", lambda model: model.name[0])\n',
        ("compare", "bert-base", "--columns", "model,initial", "--format", "csv"),
        "bert-base,b\n",
    ),
    "zoo_formats": Exercise(
        "@hookimpl\ndef zoo_formats():\n"
        '    yield zoo.Format("slashes", lambda headers, rows, numeric: "/".join(map("/".join, [headers, *rows])))\n',
        ("compare", "bert-base", "--columns", "model,parameters", "--format", "slashes"),
        "model/parameters/bert-base/110,106,428\n",
    ),
    "zoo_sources": Exercise(
        "@hookimpl\ndef zoo_sources():\n"
        '    yield zoo.Source("layers", lambda rest: {"model_type": "gpt2", "n_layer": int(rest)})\n',
        ("compare", "layers:1", "layers:1,n_layer=12", "--columns", "model,layers", "--format", "csv"),
        'layers:1,1\n"layers:1,n_layer=12",12\n',
    ),
}
"""For each hook a plugin that has no other; the test below fails for a hook that is not here."""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where commands run, beside what the plugins ship."""
    (tmp_path / "config.json").write_text('{"model_type": "toy", "hidden_size": 5}')
    (tmp_path / "models.toml").write_text(
        '[models.house-tiny]\nmodel_type = "gpt2"\nclass = "GPT2LMHeadModel"\n'
        "config = { n_layer = 2, n_embd = 256, n_head = 4 }\n"
    )
    return tmp_path


@pytest.mark.parametrize("hook", names())
def test_a_third_partys_plugin_has_the_hook(hook: str, place: Path) -> None:
    source = GOOD.partition("@hookimpl")[0] + IMPORTS + EXERCISES[hook].function
    install(place, "without", source.replace("@hookimpl\n", "").replace(f"def {hook}", "def other"))
    without = run(place, *EXERCISES[hook].command, cwd=place)
    assert EXERCISES[hook].shows not in without.stdout
    install(place, "third", source)
    done = run(place, *EXERCISES[hook].command, cwd=place)
    assert done.returncode == 0
    assert EXERCISES[hook].shows in done.stdout
    assert "zoo-third" not in done.stderr


@pytest.mark.parametrize("hook", names())
def test_a_hook_is_documented_with_an_example(hook: str) -> None:
    """That the example gives what is shown tests/test_docs.py finds out."""
    assert (vars(hookspecs)[hook].__doc__ or "").strip()
    _, heading, rest = PAGE.partition(f"\n## {hook}\n")
    assert heading
    section = rest.partition("\n## ")[0]
    (file,) = [step for step in steps(section) if isinstance(step, File) and f"@hookimpl\ndef {hook}()" in step.text]
    assert any(f"--plugin {file.path}" in step.line for step in steps(section) if not isinstance(step, File))
    assert f"[`{hook}`](#{hook})" in PAGE


def test_what_the_examples_import_is_in_the_protocol() -> None:
    protocol = (ROOT / "docs" / "protocol.md").read_text("utf-8")
    imported = {name for line in re.findall(r"^from zoo import (.+)$", PAGE, re.M) for name in line.split(", ")}
    assert "Model" in imported
    for name in imported:
        assert re.search(rf"^::: zoo\.[\w.]+\.{name}$", protocol, re.M), name


def test_each_example_of_the_page_needs_its_plugin(tmp_path: Path) -> None:
    for step in steps(PAGE):
        if isinstance(step, File):
            (tmp_path / step.path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / step.path).write_text(step.text)
        elif "misspelt" not in step.line:
            words = re.sub(r" --plugin \S+", "", step.line).split()[1:]
            assert run(tmp_path, *words, cwd=tmp_path).stdout != step.output


# --- what a hook gives that it must not ------------------------------------------------------------------------------

# The function's body, and what the line says of it. Also of a function that works at first.
WRONG = [
    ("return 7", "must give a list, got 7"),
    ("return None", "must give a list, got null"),
    ("return 'text'", "must give a list, got 'text'"),
    ("return [7]", "must give "),
    ("return [None]", "must give "),
    ("raise RuntimeError('two\\nlines')", "RuntimeError: two\\nlines"),
    ("raise SystemExit('gone')", "SystemExit: gone"),
    ("yield from ()\n    1 / 0", "ZeroDivisionError"),
    ("import time\n    time.sleep(60)", "took longer than 1 s"),
]
WRONG_OF_ONE = {
    "zoo_registries": [
        ("return ['models.toml']", "must give absolute paths"),
        ("return [Path('models.toml')]", "must give absolute paths"),
        ("return Path(__file__)", "must give a list"),
        ("return [Path(__file__).parent]", "cannot be read"),
        ("return [Path('/there/is/no/such.toml')]", "cannot be read"),
        ("return [Path('/a\\0b')]", "cannot be read"),
        ("return [Path(__file__)]", "is not TOML"),
    ],
    "zoo_columns": [
        ("return [zoo.Column('parameters', '', len)]", "there is a column or a set parameters already"),
        ("return [zoo.Column('x', '', len), 7]", "must give columns (zoo.Column), got 7"),
    ],
    "zoo_formats": [
        ("return [zoo.Format('markdown', len)]", "there is a format markdown already"),
        ("return [zoo.Format('jsonl', len)]", "there is a format jsonl already"),
        ("return [zoo.Format('x', len), zoo.Format('x', len)]", "there is a format x already"),
        ("return [zoo.Format('Two words', len)]", "'Two words' is no name"),
        ("return [zoo.Format(7, len)]", "7 is no name"),
        ("return [zoo.Format('x', 'draw')]", "format x: draw cannot be 'draw'"),
        ("return [zoo.Format('x', len, line='%')]", "format x: line cannot be '%'"),
        ("return [zoo.Format('x', len, raw='no')]", "format x: raw cannot be 'no'"),
    ],
    "zoo_sources": [
        ("return [zoo.Source('hf', len)]", "there is a scheme hf already"),
        ("return [zoo.Source('xy', len), zoo.Source('xy', len)]", "there is a scheme xy already"),
        ("return [zoo.Source('c', len)]", "'c' is no scheme"),
        ("return [zoo.Source('xy:', len)]", "'xy:' is no scheme"),
        ("return [zoo.Source('Big', len)]", "'Big' is no scheme"),
        ("return [zoo.Source(b'xy', len)]", "b'xy' is no scheme"),
        ("return [zoo.Source('xy', 'find')]", "source xy: find cannot be 'find'"),
        ("return [zoo.Source('xy', len, 'yes')]", "source xy: remote cannot be 'yes'"),
    ],
}
# What has the hooks asked, each with one that needs all that is given by it.
NEEDS = {
    "zoo_registries": ("models", "toy"),
    "zoo_columns": ("columns",),
    "zoo_formats": ("compare", "bert-base", "--format", "nothing"),
    "zoo_sources": ("compare", "nowhere:x"),
}


@pytest.mark.parametrize(
    ("hook", "body", "told"),
    [(hook, *wrong) for hook in NEEDS for wrong in (*WRONG, *WRONG_OF_ONE[hook])],
)
def test_what_a_hook_must_not_give_is_blamed_in_one_line(
    hook: str, body: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZOO_PLUGIN_TIMEOUT", "1")
    install(tmp_path, "wrong", f"{IMPORTS}\n@hookimpl\ndef {hook}():\n    {body}\n")
    lines = [line for line in run(tmp_path, *NEEDS[hook]).stderr.splitlines() if "zoo-wrong" in line]
    (line,) = lines
    assert line.startswith(f"zoo: plugin wrong (zoo-wrong 1.2): {hook} left out: ")
    assert told in line
    assert "ZOO_DISABLE_PLUGINS=wrong" in line


@pytest.mark.parametrize("hook", NEEDS)
def test_a_broken_hook_breaks_nothing_else(hook: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = "".join(f"\n@hookimpl\ndef {other}():\n    return 7\n" for other in NEEDS)
    install(tmp_path, "bad", IMPORTS + bad)
    install(tmp_path, "toy", GOOD + IMPORTS + EXERCISES[hook].function)
    (tmp_path / "models.toml").write_text('[models.house-tiny]\nmodel_type = "gpt2"\nclass = "GPT2LMHeadModel"\n')
    done = run(tmp_path, "compare", "bert-base", "gpt3", "--columns", "model,parameters", "--format", "csv")
    assert (done.returncode, done.stdout) == (0, "model,parameters\nbert-base,110106428\ngpt3,174604259328\n")
    assert all("zoo-bad 1.2" in line for line in done.stderr.splitlines())
    told = run(tmp_path, *EXERCISES[hook].command[:-2], "--format", "jsonl", cwd=tmp_path)
    if hook != "zoo_formats":
        assert told.returncode == 0
    listed = json.loads(run(tmp_path, "plugins", "--format", "json").stdout)
    states = {row["plugin"]: row["state"] for row in listed}
    assert states["bad"] == "faulty"
    assert states["toy"] == "ok"
    monkeypatch.setenv("ZOO_STRICT_PLUGINS", "1")
    strict = run(tmp_path, *NEEDS[hook])
    assert strict.returncode == 2
    assert "zoo-bad 1.2" in strict.stderr.splitlines()[-1]


# --- registries ------------------------------------------------------------------------------------------------------

REGISTRY = EXERCISES["zoo_registries"].function


def ship(folder: Path, name: str, models: str, source: str = "") -> None:
    """Installs a plugin that ships these models."""
    (folder / f"{name}.toml").write_text(models)
    install(folder, name, source + IMPORTS + REGISTRY.replace("models.toml", f"{name}.toml"))


def compared(folder: Path, *references: str, columns: str = "model,parameters") -> list[list[str]]:
    done = run(folder, "compare", *references, "--columns", columns, "--format", "csv", cwd=folder)
    assert done.returncode == 0, done.stderr
    return list(csv.reader(io.StringIO(done.stdout)))[1:]


def test_models_of_a_plugin_are_named_like_any_other(tmp_path: Path) -> None:
    ship(tmp_path, "toy", TOY_MODELS, GOOD)
    found = compared(tmp_path, "toy-7", "t7", "t7,hidden_size=2", "toy-*")
    assert found == [["toy-7", "56"], ["t7", "56"], ["t7,hidden_size=2", "6"]]
    (row,) = json.loads(run(tmp_path, "models", "toy", "--format", "json").stdout)
    assert (row["model"], row["aliases"], row["parameters"], row["registry"]) == ("toy-7", ["t7"], 56, "zoo-toy 1.2")
    (record,) = json.loads(run(tmp_path, "compare", "t7", "--format", "json").stdout)
    assert record["registry"] == "zoo-toy 1.2"
    assert "did you mean toy-7" in run(tmp_path, "compare", "toy7").stderr
    (listed,) = [
        row for row in json.loads(run(tmp_path, "plugins", "--format", "json").stdout) if row["plugin"] == "toy"
    ]
    assert "zoo_registries" in listed["hooks"]


def test_the_persons_files_and_zoos_own_come_before(tmp_path: Path) -> None:
    entry = '\n[models.{}]\nmodel_type = "toy"\nclass = "ToyModel"\nconfig = {{ hidden_size = {} }}\n'
    ship(tmp_path, "toy", TOY_MODELS + entry.format("gpt3", 9) + entry.format("bert-tiny", 9), GOOD)
    done = run(tmp_path, "compare", "gpt3", "--columns", "parameters", "--format", "csv")
    assert done.stdout == "parameters\n174604259328\n"
    assert done.stderr == "zoo: note: gpt3: taken from built-in, overriding the one of zoo-toy 1.2\n"
    quiet = run(tmp_path, "compare", "bert-base", "--columns", "parameters", "--format", "csv")
    assert quiet.stderr == ""
    (tmp_path / "zoo.toml").write_text(entry.format("toy-7", 3))
    assert compared(tmp_path, "toy-7", "t7") == [["toy-7", "12"], ["t7", "12"]]
    own = run(tmp_path, "compare", "t7", cwd=tmp_path)
    assert own.stderr == "zoo: note: t7: taken from zoo.toml, overriding the one of zoo-toy 1.2\n"
    (tmp_path / "mine.toml").write_text(entry.format("toy-7", 4))
    assert compared(tmp_path, "toy-7", "--registry", "mine.toml") == [["toy-7", "20"]]


def test_a_name_of_two_plugins_is_an_error_only_when_it_is_used(tmp_path: Path) -> None:
    ship(tmp_path, "toy", TOY_MODELS, GOOD)
    ship(tmp_path, "rival", TOY_MODELS.replace("7", "8").replace("toy-8", "toy-7"))
    own = run(tmp_path, "compare", "t7", "t8", "--columns", "model,parameters", "--format", "csv")
    assert (own.returncode, own.stdout, own.stderr) == (0, "model,parameters\nt7,56\nt8,72\n", "")
    fine = run(tmp_path, "compare", "bert-base", "gpt3")
    assert (fine.returncode, fine.stderr) == (0, "")
    done = run(tmp_path, "compare", "toy-7")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    for word in ("toy-7", "zoo-toy 1.2", "zoo-rival 1.2", "ZOO_DISABLE_PLUGINS=", "zoo.toml"):
        assert word in line
    listed = run(tmp_path, "models", "toy-7", "--format", "json")
    assert (listed.returncode, listed.stderr) == (0, "")
    (row,) = json.loads(listed.stdout)
    assert {*row["registry"].split(" and ")} == {"zoo-toy 1.2", "zoo-rival 1.2"}
    (tmp_path / "zoo.toml").write_text(TOY_MODELS)
    assert compared(tmp_path, "toy-7") == [["toy-7", "56"]]


def test_two_entry_points_may_ship_one_file(tmp_path: Path) -> None:
    ship(tmp_path, "toy", TOY_MODELS, GOOD)
    (tmp_path / "again.py").write_text(IMPORTS + REGISTRY.replace("models.toml", "toy.toml"))
    (tmp_path / "zoo_toy-1.2.dist-info" / "entry_points.txt").write_text("[zoo]\ntoy = toy\nagain = again\n")
    assert compared(tmp_path, "toy-7") == [["toy-7", "56"]]


@pytest.mark.parametrize(
    ("models", "told"),
    [
        ("[models.toy-7", "is not TOML"),
        ("models = 7 # toy-7", "models must be a table"),
        ('[models."toy-7 x"]', "is not a model name"),
        ("[models]\ntoy-7 = 7", "models.toy-7 must be a table"),
        ('[models.toy-7]\naliases = ["b"]\n[models.x]\naliases = ["b"]', "names two models"),
        ("#" * 3000 + "toy-7", "longer than"),
        ("# toy-7\n" * 100_000, "larger than"),
        ("a.b.c = " + "[" * 3000 + "# toy-7", "longer than"),
    ],
)
def test_a_bad_registry_file_is_blamed_on_its_plugin(tmp_path: Path, models: str, told: str) -> None:
    ship(tmp_path, "toy", models, GOOD)
    done = run(tmp_path, "compare", "bert-base", "toy-7", "--columns", "model,parameters", "--format", "csv")
    assert done.stdout == "model,parameters\nbert-base,110106428\n"
    blamed, unknown = done.stderr.splitlines()
    assert blamed.startswith("zoo: plugin toy (zoo-toy 1.2): zoo_registries left out: ")
    assert told in blamed
    assert "toy-7" in unknown
    assert run(tmp_path, "compare", "gpt3").stderr.count("zoo-toy") <= 1


def test_a_bad_entry_fails_only_who_asks_for_it(tmp_path: Path) -> None:
    ship(tmp_path, "toy", TOY_MODELS + '\n[models.bad]\nmodel_type = "toy"\n', GOOD)
    assert compared(tmp_path, "toy-7") == [["toy-7", "56"]]
    done = run(tmp_path, "compare", "bad")
    assert (done.returncode, done.stderr) == (2, "zoo: zoo-toy 1.2: models.bad: class is missing\n")


def test_a_file_is_parsed_only_for_a_word_that_may_be_in_it(tmp_path: Path) -> None:
    ship(tmp_path, "toy", "[models.toy-7\n", GOOD)  # no TOML, which would be told
    done = run(tmp_path, "compare", "bert-base", "gpt3")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_name_that_is_spelt_with_an_escape_is_found(tmp_path: Path) -> None:
    ship(tmp_path, "toy", TOY_MODELS.replace("toy-7", '"to\\u0079-7"').replace("t7", "t\\u0037"), GOOD)
    assert compared(tmp_path, "toy-7", "t7") == [["toy-7", "56"], ["t7", "56"]]


def test_an_entry_tells_whose_registry_it_is_of(tmp_path: Path) -> None:
    file = tmp_path / "zoo.toml"
    file.write_text(TOY_MODELS)
    assert (registry()["gpt3"].plugin, registry()["gpt3"].origin) == ("paramzoo", "built-in")
    assert registry(file)["toy-7"].plugin is None
    plugin = zoo.manager.Plugin(next(iter(zoo.manager.manager.plugins)).entry_point)
    found = Registry([], ROOT / "registry.toml", [Shipped(plugin, file)])["t7"]
    assert (found.name, found.plugin, found.origin) == ("toy-7", "paramzoo", plugin.distribution)


def test_the_models_of_a_plugin_are_not_fetched_unasked(tmp_path: Path) -> None:
    ship(tmp_path, "toy", TOY_MODELS + 'hub = "house/toy-7"\n', GOOD)
    done = run(tmp_path, "fetch", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("zoo: nothing to fetch")


def test_a_plugins_name_means_its_own_architecture(tmp_path: Path) -> None:
    ship(tmp_path, "toy", TOY_MODELS, GOOD)
    install(tmp_path, "rival", GOOD.replace("yield linear(", "yield linear('more', 1, 1)\n        yield linear("))
    assert compared(tmp_path, "toy-7", "t7,hidden_size=2") == [["toy-7", "56"], ["t7,hidden_size=2", "6"]]


# --- formats ---------------------------------------------------------------------------------------------------------

FORMAT = """
@hookimpl
def zoo_formats():
    yield zoo.Format("mine", draw, LINE, RAW)
"""
DRAW = 'def draw(headers, rows, numeric):\n    return "\\n".join("|".join(row) for row in [headers, *rows])\n'


def formatting(draw: str = DRAW, line: str = "None", raw: str = "False") -> str:
    return IMPORTS + draw + FORMAT.replace("LINE", line).replace("RAW", raw)


def test_every_table_can_be_drawn_in_a_plugins_format(tmp_path: Path) -> None:
    install(tmp_path, "mine", formatting(line="lambda text: f'# {text}'"))
    (tmp_path / "zoo.toml").write_text("")
    # For each command, whether its blocks are lines of text or tables, in their order.
    blocks = {
        "compare": "t",
        "show": "t",
        "flops": "##t",
        "cache": "###t",
        "memory": "#####t",
        "lora": "###t",
        "width": "tt#",
    }
    for command, wanted in blocks.items():
        length = () if command in ("lora", "width") else ("--length", "8")
        done = run(tmp_path, command, "bert-base", *length, "--format", "mine", cwd=tmp_path)
        assert (command, done.returncode, done.stderr) == (command, 0, "")
        found = [block.splitlines() for block in done.stdout.split("\n\n")]
        assert "".join("#" if block[0].startswith("# ") else "t" for block in found) == wanted
        for block in found:
            if block[0].startswith("# "):
                assert len(block) == 1
            else:
                (bars,) = {line.count("|") for line in block}
                assert bars
    flops = run(tmp_path, "flops", "bert-base", "--format", "mine").stdout
    assert re.match(r"# bert-base: BertForPreTraining, .*\n\n# .*\n\noperations\|", flops)
    for listing in ("models", "architectures", "columns", "plugins"):
        done = run(tmp_path, listing, "--format", "mine")
        assert (done.returncode, done.stdout.count("|") > 10) == (0, True)


def test_a_format_without_lines_has_none(tmp_path: Path) -> None:
    install(tmp_path, "mine", formatting())
    assert run(tmp_path, "flops", "bert-base", "--format", "mine").stdout.startswith("operations|")


def test_a_raw_format_gets_what_csv_gets(tmp_path: Path) -> None:
    install(tmp_path, "mine", formatting(raw="True"))
    for command in (("compare", "bert-base", "gpt2"), ("memory", "gpt2"), ("flops", "gpt2"), ("models", "bert")):
        mine, csv_ = (run(tmp_path, *command, "--format", style).stdout for style in ("mine", "csv"))
        assert [line.split("|") for line in mine.splitlines()] == list(csv.reader(io.StringIO(csv_)))


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("return None", "draw must give a text, got null"),
        ("return b'text'", "draw must give a text, got b'text'"),
        ("1 / 0", "draw: ZeroDivisionError"),
        ("raise SystemExit('gone')", "draw: SystemExit: gone"),
        ("raise zoo.ZooError('no')", "draw: ZooError: no"),
        ("import time\n    time.sleep(60)", "draw: took longer than 1 s, of which ZOO_PLUGIN_TIMEOUT may allow more;"),
    ],
)
def test_a_format_that_fails_is_blamed_in_one_line(
    tmp_path: Path, body: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZOO_PLUGIN_TIMEOUT", "1")
    install(tmp_path, "mine", formatting(f"def draw(headers, rows, numeric):\n    {body}\n"))
    done = run(tmp_path, "compare", "bert-base", "--format", "mine")
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("zoo: plugin mine (zoo-mine 1.2): format mine: ")
    assert told in line
    assert run(tmp_path, "compare", "bert-base").stderr == ""


@pytest.mark.parametrize("line", ["lambda text: 1 / 0", "lambda text: 7"])
def test_a_line_that_fails_is_blamed(tmp_path: Path, line: str) -> None:
    install(tmp_path, "mine", formatting(line=line))
    done = run(tmp_path, "flops", "bert-base", "--format", "mine")
    assert (done.returncode, done.stdout) == (2, "")
    (said,) = done.stderr.splitlines()
    assert said.startswith("zoo: plugin mine (zoo-mine 1.2): format mine: line")


def test_what_a_format_gives_steers_no_terminal_and_what_it_prints_is_lost(tmp_path: Path) -> None:
    text = r"a\tb\r\nc\x1b[2J\rd\x00\u202e\xa0e\ud800"
    draw = f"def draw(headers, rows, numeric):\n    print('aside')\n    return '{text}'\n"
    install(tmp_path, "mine", formatting(draw))
    done = run(tmp_path, "compare", "bert-base", "--format", "mine")
    assert done.stdout == "a\tb\nc\\x1b[2J\\rd\\x00\\u202e\xa0e\\ud800\n"


def test_signs_that_are_kept_and_escaped() -> None:
    for code in range(0x3000):
        sign = chr(code)
        if code < 0x20 or 0x7F <= code < 0xA0:
            assert (_harmless(sign) == sign) == (sign in "\n\t")
        elif sign.isalnum() or code < 0x7F:
            assert _harmless(sign) == sign
    assert _harmless("\u202e\u2028") == "\\u202e\\u2028"


def test_a_cell_that_a_format_gets_is_printable(tmp_path: Path) -> None:
    draw = "def draw(headers, rows, numeric):\n    return str([cell.isprintable() for row in rows for cell in row])\n"
    install(tmp_path, "mine", formatting(draw))
    odd = tmp_path / "odd\x1b[2J\nname.json"
    odd.write_text('{"model_type": "bert"}')
    done = run(tmp_path, "compare", str(odd), "--columns", "model", "--format", "mine")
    assert done.stdout == "[True]\n"


def test_a_format_of_two_plugins_is_an_error_only_when_it_is_used(tmp_path: Path) -> None:
    install(tmp_path, "mine", formatting())
    install(tmp_path, "other", formatting())
    assert run(tmp_path, "compare", "bert-base").stderr == ""
    done = run(tmp_path, "compare", "bert-base", "--format", "mine")
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert "zoo-mine 1.2" in line
    assert "zoo-other 1.2" in line
    assert "ZOO_DISABLE_PLUGINS=" in line


def test_a_misspelt_format_is_told_with_near_names(tmp_path: Path) -> None:
    install(tmp_path, "mine", formatting().replace('"mine"', '"cuneiform"'))
    done = run(tmp_path, "compare", "bert-base", "--format", "cuneifrom")
    assert "no format 'cuneifrom'; did you mean cuneiform?" in done.stderr


BEGIN = '<!-- zoo:begin models="bert-base" columns="model,parameters" format="mine" -->\n'


def test_a_table_in_a_document_is_kept_true_in_a_plugins_format(tmp_path: Path) -> None:
    install(tmp_path, "mine", formatting())
    page = tmp_path / "page.md"
    page.write_text(f"{BEGIN}<!-- zoo:end -->\n")
    assert run(tmp_path, "table", "page.md", "--write", cwd=tmp_path).returncode == 0
    assert page.read_text() == f"{BEGIN}\nmodel|parameters\nbert-base|110,106,428\n\n<!-- zoo:end -->\n"
    assert run(tmp_path, "table", "--check", cwd=tmp_path).returncode == 0
    page.write_text(page.read_text().replace("110", "111"))
    done = run(tmp_path, "table", "--check", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "page.md:1: the table is another one (edited by hand)\n")
    page.write_text(page.read_text().replace("mine", "mein"))
    assert "format: is markdown or html or mine, got 'mein'" in run(tmp_path, "table", "--check", cwd=tmp_path).stderr


@pytest.mark.parametrize(
    "text", ["<!-- zoo:end -->", "```", "<!--", "x <!-- zoo:end -->", '<!-- zoo:begin models="gpt3" -->', "~~~\nx"]
)
def test_a_format_cannot_end_a_region_or_hide_its_end(tmp_path: Path, text: str) -> None:
    install(tmp_path, "mine", formatting(f"def draw(headers, rows, numeric):\n    return {text!r}\n"))
    page = tmp_path / "page.md"
    page.write_text(f"{BEGIN}<!-- zoo:end -->\n")
    done = run(tmp_path, "table", "page.md", "--write", cwd=tmp_path)
    assert (done.returncode, page.read_text()) == (2, f"{BEGIN}<!-- zoo:end -->\n")
    (line,) = done.stderr.splitlines()
    assert line.startswith("zoo: page.md:1: format mine: what its plugin draws")


# --- sources ---------------------------------------------------------------------------------------------------------


def finding(body: str, scheme: str = "toy", remote: bool = False) -> str:
    found = f'\n@hookimpl\ndef zoo_sources():\n    return [zoo.Source("{scheme}", find, {remote})]\n'
    return f"{IMPORTS}def find(rest):\n    {body}\n{found}"


@pytest.mark.parametrize(
    ("body", "reference", "parameters"),
    [
        ("return {'model_type': 'gpt2', 'n_layer': len(rest)}", "toy:ab", 53_561_088),
        ("return {'model_type': 'gpt2', 'n_layer': len(rest)}", "toy:ab,n_layer=1", 46_473_216),
        ("return {'model_type': 'gpt2', 'n_layer': 2, 'id2label': {0: 'a', 1: 'b'}}", "toy:x:y/../z", 53_561_088),
        ("return {'model_type': 'gpt2', 'n_layer': 2, 'initializer_range': float('nan')}", "toy:", 53_561_088),
        ("import types\n    return types.MappingProxyType({'model_type': 'gpt2', 'n_layer': 2})", "toy:a", 53_561_088),
        ("return Path(__file__).with_name('small')", "toy:a", 53_561_088),
        ("return Path(__file__).with_name('small') / 'config.json'", "toy:a,n_layer=1", 46_473_216),
        ("print('aside')\n    return {'model_type': 'gpt2', 'n_layer': 2}", "toy:a", 53_561_088),
        ("return {'model_type': 'gpt2', 'n_layer': zoo.load(rest).depths[0] - 10}", "toy:bert-base", 53_561_088),
    ],
)
def test_a_source_finds_configs(tmp_path: Path, body: str, reference: str, parameters: int) -> None:
    install(tmp_path, "toysource", finding(body))
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "config.json").write_text('{"model_type": "gpt2", "n_layer": 2}')
    assert compared(tmp_path, reference) == [[reference, str(parameters)]]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("return 7", "find must give a config or a Path, got 7"),
        ("return None", "find must give a config or a Path, got null"),
        ("return 'config.json'", "find must give a config or a Path, got 'config.json'"),
        ("return {7: 'model_type'}", "find must give a config or a Path, got {7:"),
        ("return {'model_type': {'a', 'b'}}", "a config holds what JSON does"),
        ("return {'model_type': b'gpt2'}", "a config holds what JSON does"),
        ("return {'model_type': {('a',): 1}}", "TypeError"),
        ("return {'n_layer': 10**5000}", "ValueError"),
        ("found = {}\n    found['a'] = found\n    return found", "ValueError"),
        ("found = {}\n    for _ in range(100): found = {'a': found}\n    return found", "nested deeper than 64"),
        ("found = {}\n    for _ in range(9**5): found = {'a': found}\n    return found", "RecursionError"),
        ("return {'a': {'1': 2, 1: 2}}", "key '1' is given twice"),
        ("return {'a': 'b' * 10**7}", "larger than"),
        ("1 / 0", "ZeroDivisionError"),
        ("raise SystemExit('gone')", "SystemExit: gone"),
        ("import time\n    time.sleep(60)", "took longer than 1 s, of which --timeout may allow more;"),
    ],
)
def test_what_a_source_does_wrong_is_blamed_in_one_line(tmp_path: Path, body: str, told: str) -> None:
    install(tmp_path, "toysource", finding(body))
    done = run(tmp_path, "compare", "bert-base", "toy:a", "--timeout", "1", "--columns", "model", "--format", "csv")
    assert (done.returncode, done.stdout) == (2, "model\nbert-base\n")
    (line,) = done.stderr.splitlines()
    assert line.startswith("zoo: plugin toysource (zoo-toysource 1.2): toy:a: ")
    assert told in line


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("raise zoo.HubError(f'{rest}: no such\\nthing (try another)')", "zoo: a: no such\\nthing (try another)"),
        ("return {'model_type': 'gpt2', 'n_layer': -1}", "zoo: toy:a: n_layer must be at least "),
        ("return {'model_type': 'gqt2'}", "zoo: toy:a: no plugin counts model_type 'gqt2'"),
        ("return {'model_type': '../\\x1b[2J'}", "zoo: toy:a: no plugin counts model_type '../\\x1b[2J'"),
        ("return Path('/there/is/none.json')", "zoo: toy:a: /there/is/none.json: no such file"),
        ("return Path('/a\\0b.json')", "zoo: toy:a: "),
        ("return Path('x' * 10000)", "zoo: toy:a: cannot be read"),
    ],
)
def test_what_a_source_finds_is_judged_as_a_strangers(tmp_path: Path, body: str, told: str) -> None:
    install(tmp_path, "toysource", finding(body))
    done = run(tmp_path, "compare", "toy:a")
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(told)


def test_a_source_may_find_weights(tmp_path: Path) -> None:
    install(tmp_path, "toysource", finding("return Path(__file__).parent / rest"))
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "model.safetensors").write_bytes(bytes_of({"a": ("F32", (3, 5)), "b": ("BF16", (4,))}))
    found = compared(tmp_path, "toy:weights", "toy:weights/model.safetensors", columns="parameters,status")
    assert found == [["19", "from checkpoint"]] * 2


def test_files_come_before_sources(tmp_path: Path) -> None:
    install(tmp_path, "toysource", finding("1 / 0"))
    (tmp_path / "toy:a").write_text('{"model_type": "gpt2", "n_layer": 2}')
    assert compared(tmp_path, "toy:a") == [["toy:a", "53561088"]]


def test_an_unknown_scheme_is_told_with_near_ones(tmp_path: Path) -> None:
    install(tmp_path, "toysource", finding("1 / 0", "ollama"))
    for reference in ("olama:x", "olama:x,n_layer=2"):
        done = run(tmp_path, "compare", reference)
        assert done.returncode == 2
        assert "no model or file is named 'olama:x', and no plugin reads olama:; did you mean ollama?" in done.stderr


def test_a_scheme_of_two_plugins_is_an_error_only_when_it_is_used(tmp_path: Path) -> None:
    install(tmp_path, "one", finding("return {'model_type': 'gpt2'}"))
    install(tmp_path, "two", finding("return {'model_type': 'gpt2'}"))
    assert run(tmp_path, "compare", "bert-base").stderr == ""
    done = run(tmp_path, "compare", "toy:a")
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    for word in ("toy:a", "zoo-one 1.2", "zoo-two 1.2", "ZOO_DISABLE_PLUGINS="):
        assert word in line


def test_a_source_that_asks_the_network_is_not_asked_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "toysource", finding("return {'model_type': 'gpt2', 'n_layer': 2}", remote=True))
    assert compared(tmp_path, "toy:a") == [["toy:a", "53561088"]]
    done = run(tmp_path, "compare", "toy:a", "--offline")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("zoo: toy:a: is asked for over the network, and offline nobody is")
    page = tmp_path / "page.md"
    page.write_text('<!-- zoo:begin models="toy:a" -->\n<!-- zoo:end -->\n')
    refused = run(tmp_path, "table", "page.md", "--write", cwd=tmp_path)
    assert refused.returncode == 2
    assert refused.stderr.startswith("zoo: page.md:1: toy:a: a table, which is to come out the same in CI, takes no ")
    assert "--offline" not in refused.stderr
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert run(tmp_path, "compare", "toy:a").returncode == 2


def test_a_table_in_a_document_has_what_a_source_finds(tmp_path: Path) -> None:
    install(tmp_path, "toysource", finding("return {'model_type': 'gpt2', 'n_layer': len(rest)}"))
    page = tmp_path / "page.md"
    page.write_text('<!-- zoo:begin models="toy:ab,toy:ab,n_layer=1" columns="model,layers" -->\n<!-- zoo:end -->\n')
    assert run(tmp_path, "table", "page.md", "--write", cwd=tmp_path).returncode == 0
    assert re.search(r"\| toy:ab +\| +2 \|\n\| toy:ab,n_layer=1 +\| +1 \|", page.read_text().replace("\\", ""))
    assert run(tmp_path, "table", "--check", cwd=tmp_path).returncode == 0
