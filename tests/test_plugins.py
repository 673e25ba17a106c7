"""The plugin manager: built-in plugins have no privilege, and a broken one breaks nothing but its own types."""

import ast
import json
import os
import subprocess
import sys
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from zoo.errors import PluginError, PluginWarning
from zoo.manager import Manager

PLUGINS = Path(str(import_module("zoo_plugins").__file__)).parent

# What a third party may import.
PUBLIC = {
    f"zoo.{name}"
    for name in ("architecture", "blueprint", "common_keys", "config", "errors", "fields", "hookspecs", "text")
}


@pytest.mark.parametrize("module", sorted(PLUGINS.rglob("*.py")), ids=lambda path: str(path.relative_to(PLUGINS)))
def test_a_built_in_plugin_imports_only_what_a_third_party_may(module: Path) -> None:
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").startswith("zoo"):
            assert node.module in PUBLIC
            assert not any(name.name.startswith("_") for name in node.names)
        if isinstance(node, ast.Import):
            assert not any(name.name.startswith("zoo") for name in node.names)


def test_built_in_plugins_are_found_through_entry_points() -> None:
    found = {entry.name: entry.dist.name for entry in entry_points(group="zoo") if entry.dist}
    assert {found[name] for name in ("encoder-only", "decoder-only", "encoder-decoder")} == {"paramzoo"}


def test_importing_zoo_imports_no_architecture_and_nothing_heavy() -> None:
    code = (
        "import sys, zoo, zoo.cli, zoo.model, zoo.reports.comparison\n"
        "heavy = ('torch', 'transformers', 'huggingface_hub', 'tabulate', 'sympy', 'zoo_plugins')\n"
        "print([name for name in sys.modules if name.split('.')[0] in heavy])\n"
        "zoo.load({'model_type': 'bert'}).parameters\n"
        "print([name for name in sys.modules if name.startswith('zoo_plugins') and name.count('.') == 2])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    before, after = done.stdout.splitlines()
    assert before == "[]"
    assert set(ast.literal_eval(after)) <= {"zoo_plugins.encoder_only.bert", "zoo_plugins.encoder_only.encoder"}


GOOD = """
from zoo.architecture import Architecture
from zoo.blueprint import linear
from zoo.config import Config
from zoo.fields import dim
from zoo.hookspecs import hookimpl

class ToyConfig(Config):
    hidden_size: int = dim("H", 4)

class Toy(Architecture):
    config: ToyConfig
    prefix = "Toy"
    heads = {"Model": "model"}

    def model(self):
        yield linear("dense", self.config.hidden_size, self.config.hidden_size)

@hookimpl
def zoo_architectures():
    return {"toy": f"{__name__}:Toy"}
"""


def install(folder: Path, name: str, source: str, requires: str = "", points: str = "") -> None:
    """A distribution as pip would leave it: a module, and metadata with an entry point."""
    (folder / f"{name}.py").write_text(source)
    info = folder / f"zoo_{name}-1.2.dist-info"
    info.mkdir()
    needs = f"Requires-Dist: {requires}\n" if requires else ""
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: zoo-{name}\nVersion: 1.2\n{needs}")
    (info / "entry_points.txt").write_text(f"[zoo]\n{points or f'{name} = {name}'}\n")


def run(
    folder: Path, *arguments: str, cwd: Path | str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "zoo", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(folder), **environment},
        cwd=cwd,
        timeout=60,
    )


def listed(folder: Path, name: str, **environment: str) -> dict[str, Any]:
    """What `zoo plugins` says of a plugin."""
    done = run(folder, "plugins", "--format", "json", **environment)
    assert (done.returncode, done.stderr) == (0, "")
    (row,) = [row for row in json.loads(done.stdout) if row["plugin"] == name]
    assert isinstance(row, dict)
    return row


def toy(folder: Path, model_type: str = "toy") -> str:
    """A config.json of the type."""
    config = folder / f"{model_type}.json"
    config.write_text(json.dumps({"model_type": model_type}))
    return str(config)


def test_a_third_partys_plugin_counts_like_any_other(tmp_path: Path) -> None:
    install(tmp_path, "toy", GOOD)
    config = tmp_path / "config.json"
    config.write_text('{"model_type": "toy", "hidden_size": 5}')
    done = run(tmp_path, "compare", str(config), "bert-base", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    assert [record["parameters"] for record in json.loads(done.stdout)] == [30, 110_106_428]
    row = listed(tmp_path, "toy")
    assert (row["package"], row["version"], row["state"]) == ("zoo-toy", "1.2", "ok")
    assert (row["hooks"], row["types"]) == (["zoo_architectures"], ["toy"])


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        ("raise RuntimeError('broken\\nplugin')", "broken"),
        ("raise SystemExit(3)", "SystemExit"),
        ("import no_such_module", "no_such_module"),
        (GOOD.replace('return {"toy": f"{__name__}:Toy"}', "return 7"), "mapping"),
        (GOOD.replace('return {"toy": f"{__name__}:Toy"}', "1 / 0"), "ZeroDivisionError"),
    ],
)
def test_a_broken_plugin_is_left_out_with_one_line(tmp_path: Path, source: str, cause: str) -> None:
    install(tmp_path, "broken", source)
    done = run(tmp_path, "compare", "bert-base", "gpt3")
    assert done.returncode == 0
    assert "110,106,428" in done.stdout
    assert len(done.stderr.splitlines()) == 1
    assert cause in done.stderr
    assert "broken" in done.stderr
    assert "zoo-broken 1.2" in done.stderr
    assert "ZOO_DISABLE_PLUGINS=broken" in done.stderr
    row = listed(tmp_path, "broken")
    assert row["state"] == "left out"
    assert cause in row["cause"]


@pytest.mark.parametrize(
    ("target", "cause"),
    [
        ("toy:NoSuch", "NoSuch"),
        ("no_such_module:Toy", "no_such_module"),
        ("toy:ToyConfig", "not a zoo Architecture"),
        ("zoo.architecture:Architecture", "heads"),
        ("toy:Toy.layer", "layer"),
    ],
)
def test_a_type_that_cannot_be_imported_fails_only_who_asks_for_it(tmp_path: Path, target: str, cause: str) -> None:
    install(tmp_path, "toy", GOOD.replace('f"{__name__}:Toy"', repr(target)))
    config = tmp_path / "config.json"
    config.write_text('{"model_type": "toy"}')
    assert run(tmp_path, "compare", "bert-base").returncode == 0
    done = run(tmp_path, "compare", str(config))
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert cause in done.stderr
    assert run(tmp_path, "architectures").returncode == 0


MISSPELT = [
    (GOOD.replace("zoo_architectures", "zoo_architecture"), "did you mean zoo_architectures?"),
    (GOOD.replace("@hookimpl", ""), "zoo_architectures is not marked with @hookimpl"),
    (
        GOOD.replace("@hookimpl\n", "").replace("zoo_architectures", "zoo_architekturs"),
        "did you mean zoo_architectures?",
    ),
    (GOOD + "\n@hookimpl\ndef quite_another(): ...\n", "there is no hook 'quite_another'"),
    ("x = 1", "it has none of the hooks zoo_architectures"),
    (GOOD.replace("def zoo_architectures()", "def zoo_architectures(wrong)"), "wrong"),
]


@pytest.mark.parametrize(("source", "said"), MISSPELT, ids=range(len(MISSPELT)))
def test_a_misspelt_hook_is_told(tmp_path: Path, source: str, said: str) -> None:
    install(tmp_path, "toy", source)
    done = run(tmp_path, "compare", "bert-base")
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    assert said in done.stderr
    assert "zoo-toy 1.2" in done.stderr
    assert said in listed(tmp_path, "toy")["cause"]


def test_of_a_plugin_with_a_misspelt_hook_the_rest_is_used(tmp_path: Path) -> None:
    install(tmp_path, "toy", GOOD + "\n@hookimpl\ndef zoo_colums(): ...\n")
    done = run(tmp_path, "compare", toy(tmp_path))
    assert done.returncode == 0
    assert "did you mean zoo_columns" in done.stderr
    assert listed(tmp_path, "toy")["state"] == "faulty"


def test_what_a_plugin_imports_to_use_is_no_hook_of_its_own(tmp_path: Path) -> None:
    install(tmp_path, "toy", GOOD + "\nfrom zoo.hookspecs import zoo_columns, hookspec as zoo_column\n")
    assert run(tmp_path, "compare", "bert-base").stderr == ""


RIVAL = GOOD.replace('"toy"', '"bert"')


def test_two_claims_to_a_type_are_an_error_only_when_it_is_used(tmp_path: Path) -> None:
    install(tmp_path, "rival", RIVAL)
    # A name of zoo's own registry means zoo's own architecture, changed or not.
    done = run(tmp_path, "compare", "gpt3", "bert-base", "bert-base,num_hidden_layers=12", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    assert [row["parameters"] for row in json.loads(done.stdout)] == [174_604_259_328, 110_106_428, 110_106_428]
    done = run(tmp_path, "compare", toy(tmp_path, "bert"), "gpt3")
    assert done.returncode == 2
    assert "174,604,259,328" in done.stdout
    (line,) = done.stderr.splitlines()
    assert "rival (zoo-rival 1.2)" in line
    assert "encoder-only (paramzoo" in line
    assert "--prefer bert=rival" in line


def _parameters(done: subprocess.CompletedProcess[str]) -> list[int]:
    assert (done.returncode, done.stderr) == (0, "")
    return [row["parameters"] for row in json.loads(done.stdout)]


def test_the_person_settles_two_claims(tmp_path: Path) -> None:
    install(tmp_path, "rival", RIVAL)
    asked = ("compare", toy(tmp_path, "bert"), "--format", "json")
    assert _parameters(run(tmp_path, *asked, "--prefer", "bert=rival")) == [20]
    assert _parameters(run(tmp_path, "--prefer", "bert=zoo-rival", *asked)) == [20]
    assert _parameters(run(tmp_path, *asked, "--prefer", "bert=paramzoo")) == [109_482_240]
    assert _parameters(run(tmp_path, *asked, "--prefer", "gpt2=paramzoo", "--prefer", "bert=encoder-only")) == [
        109_482_240
    ]
    assert _parameters(run(tmp_path, *asked, ZOO_DISABLE_PLUGINS="rival")) == [109_482_240]
    # Of a name of the registry, too, where the person says so: but that class is none of the rival's.
    done = run(tmp_path, "compare", "bert-base", "--prefer", "bert=rival")
    assert done.returncode == 2
    assert "ToyModel" in done.stderr
    place = tmp_path / "place"
    place.mkdir()
    (place / "zoo.toml").write_text('[prefer]\nbert = "zoo-rival"\n')
    assert _parameters(run(tmp_path, *asked, cwd=place)) == [20]
    assert _parameters(run(tmp_path, *asked, "--prefer", "bert=paramzoo", cwd=place)) == [109_482_240]
    (place / "zoo.toml").write_text("[prefer]\nbert = 3\n")
    done = run(tmp_path, *asked, cwd=place)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "zoo.toml" in done.stderr


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("bert", "TYPE=PLUGIN"),
        ("bert=", "TYPE=PLUGIN"),
        ("=rival", "TYPE=PLUGIN"),
        ("brt=rival", "did you mean bert"),
        ("bert=rivel", "does not count 'bert'"),
        ("bert=decoder-only", "does not count 'bert'"),
    ],
)
def test_a_preference_that_means_nothing_is_an_error(tmp_path: Path, word: str, said: str) -> None:
    install(tmp_path, "rival", RIVAL)
    done = run(tmp_path, "compare", toy(tmp_path, "bert"), "--prefer", word)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert said in done.stderr


def test_a_preference_for_a_plugin_that_is_gone_is_no_guess(tmp_path: Path) -> None:
    (tmp_path / "zoo.toml").write_text('[prefer]\nbert = "zoo-rival"\n')
    done = run(tmp_path, "compare", toy(tmp_path, "bert"), cwd=tmp_path)
    assert done.returncode == 2
    assert "zoo.toml: 'zoo-rival' does not count 'bert'" in done.stderr


def test_plugins_are_left_out_at_wish(tmp_path: Path) -> None:
    install(tmp_path, "toy", GOOD)
    install(tmp_path, "broken", "raise RuntimeError")
    for words in ("toy,broken", "zoo-toy , zoo-broken", "all"):
        done = run(tmp_path, "compare", toy(tmp_path), "bert-base", ZOO_DISABLE_PLUGINS=words)
        assert done.returncode == 2
        assert "110,106,428" in done.stdout
        (line,) = done.stderr.splitlines()
        assert "no plugin counts model_type 'toy'" in line
        assert "zoo plugins" in line
        assert listed(tmp_path, "broken", ZOO_DISABLE_PLUGINS=words)["state"] == "disabled"


def test_a_broken_plugin_is_an_error_where_the_person_is_strict(tmp_path: Path) -> None:
    install(tmp_path, "broken", "raise RuntimeError")
    for word in ("1", "true"):
        done = run(tmp_path, "compare", "bert-base", ZOO_STRICT_PLUGINS=word)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert "zoo-broken 1.2" in done.stderr
    assert listed(tmp_path, "broken", ZOO_STRICT_PLUGINS="1")["state"] == "left out"
    assert run(tmp_path, "compare", "bert-base", ZOO_STRICT_PLUGINS="0").returncode == 0
    done = run(tmp_path, "compare", "bert-base", ZOO_STRICT_PLUGINS="perhaps")
    assert (done.returncode, done.stderr) == (2, "zoo: ZOO_STRICT_PLUGINS must be 1 or 0, got 'perhaps'\n")


def test_strictness_is_raised_again_and_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "failing", "raise RuntimeError")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("ZOO_STRICT_PLUGINS", "1")
    strict = Manager()
    for _ in range(2):
        with pytest.raises(PluginError, match=r"zoo-failing 1\.2"):
            strict.architecture("bert")


@pytest.mark.parametrize(
    ("requires", "refused"),
    [
        ("paramzoo>=99", True),
        ("ParamZoo (>=99)", True),
        ("paramzoo[plot]<0.1", True),
        ("paramzoo>=0.1,<99", False),
        ("paramzoo", False),
        ("paramzoo>=99; extra == 'new'", False),
        ("paramzoo>=99; python_version < '3'", False),
        ("paramzoo-other>=99", False),
        ("paramzoo>=what", False),
    ],
)
def test_compatibility_is_judged_before_the_import(tmp_path: Path, requires: str, refused: bool) -> None:
    trace = tmp_path / "trace"
    install(tmp_path, "toy", f"open({str(trace)!r}, 'w').close()\n{GOOD}", requires)
    done = run(tmp_path, "compare", "bert-base")
    assert done.returncode == 0
    assert trace.exists() is not refused
    row = listed(tmp_path, "toy")
    assert row["state"] == ("left out" if refused else "ok")
    if refused:
        assert row["requires"] in done.stderr
        assert "this is paramzoo" in done.stderr
    else:
        assert done.stderr == ""


@pytest.mark.parametrize("where", ["import", "hook", "generator", "type"])
def test_a_plugin_that_hangs_is_waited_for_no_longer_than_is_said(tmp_path: Path, where: str) -> None:
    hang = "import time; time.sleep(600)"
    source = {
        "import": hang,
        "hook": GOOD.replace("    return {", f"    {hang}\n    return {{"),
        "generator": GOOD.replace("    return {", f"    {hang}\n    yield {{"),
        "type": GOOD.replace('f"{__name__}:Toy"', '"slow:Toy"'),
    }[where]
    install(tmp_path, "toy", source)
    (tmp_path / "slow.py").write_text(hang)
    done = run(tmp_path, "compare", toy(tmp_path), "bert-base", ZOO_PLUGIN_TIMEOUT="0.5")
    assert done.returncode == 2
    assert "110,106,428" in done.stdout
    assert "took longer than 0.5 s" in done.stderr
    assert done.stderr.count("\n") == (1 if where == "type" else 2)


def test_what_a_plugin_prints_is_not_in_the_table(tmp_path: Path) -> None:
    noise = "import os; print('n\\x1boise'); os.write(1, b'noise'); os.system('echo noise')\n"
    install(tmp_path, "toy", noise + GOOD.replace("    return {", "    print('more')\n    return {"))
    done = run(tmp_path, "compare", toy(tmp_path), "--format", "json")
    assert [row["parameters"] for row in json.loads(done.stdout)] == [20]
    (line,) = done.stderr.splitlines()
    assert "prints" in line
    assert "\x1b" not in line
    assert listed(tmp_path, "toy")["state"] == "faulty"


def test_a_plugin_may_ask_zoo_while_it_is_imported(tmp_path: Path) -> None:
    install(tmp_path, "toy", "import zoo\nassert zoo.load('bert-base').parameters == 110_106_428\n" + GOOD)
    done = run(tmp_path, "compare", toy(tmp_path), "gpt3", "--format", "json")
    assert _parameters(done) == [20, 174_604_259_328]


def test_a_plugin_does_not_change_which_warnings_are_errors(tmp_path: Path) -> None:
    install(tmp_path, "toy", "import warnings; warnings.simplefilter('error'); warnings.warn('x', stacklevel=1)\n")
    done = run(tmp_path, "compare", "bert-base")
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)


@pytest.mark.parametrize("points", ["toy = ", "toy = a b", "toy = os:environ", "toy = toy:nothing", "toy = os:name.x"])
def test_an_entry_point_that_leads_to_no_plugin(tmp_path: Path, points: str) -> None:
    install(tmp_path, "toy", GOOD + "\nnothing = None\n", points=points)
    done = run(tmp_path, "compare", "bert-base")
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    assert "plugin toy (zoo-toy 1.2)" in done.stderr


def test_metadata_that_cannot_be_read_hides_no_other(tmp_path: Path) -> None:
    install(tmp_path, "toy", GOOD)
    install(tmp_path, "torn", GOOD, points="torn")
    assert run(tmp_path, "compare", toy(tmp_path), "bert-base").returncode == 0


def test_two_packages_with_one_entry_point_name_are_two_plugins(tmp_path: Path) -> None:
    install(tmp_path, "toy", GOOD)
    install(tmp_path, "other", GOOD.replace('"toy"', '"another"'), points="toy = other")
    for model_type in ("toy", "another"):
        assert run(tmp_path, "compare", toy(tmp_path, model_type)).stderr == ""


def test_two_packages_with_one_module_are_told(tmp_path: Path) -> None:
    install(tmp_path, "toy", GOOD)
    install(tmp_path, "other", GOOD, points="other = toy")
    done = run(tmp_path, "compare", toy(tmp_path))
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    assert "zoo-toy 1.2" in done.stderr
    assert "zoo-other 1.2" in done.stderr


def test_a_negative_shape_is_the_plugins_fault(tmp_path: Path) -> None:
    for wrong in ("-4", "self.config.hidden_size / 2", "'4'"):
        (tmp_path / "wrong.py").write_text(GOOD.replace("self.config.hidden_size)", f"{wrong})"))
        done = run(tmp_path, "compare", toy(tmp_path), "bert-base", "--plugin", str(tmp_path / "wrong.py"))
        assert done.returncode == 2
        assert "110,106,428" in done.stdout
        (line,) = done.stderr.splitlines()
        assert "wrong:Toy: ValueError: weight: no tensor has the shape" in line


# --- modules in no package ---


def test_a_module_is_tried_without_a_package(tmp_path: Path) -> None:
    file = tmp_path / "place" / "my_arch.py"
    file.parent.mkdir()
    file.write_text(GOOD)
    asked = ("compare", toy(tmp_path), "--format", "json")
    for arguments in (
        ("--plugin", str(file), *asked),
        (*asked, "--plugin", str(file)),
        (*asked, "--plugin", "my_arch.py"),
    ):
        assert _parameters(run(tmp_path, *arguments, cwd=file.parent)) == [20]
    assert _parameters(run(tmp_path, *asked, cwd=file.parent, ZOO_PLUGINS="./my_arch.py")) == [20]
    done = run(tmp_path, "which", "toy", "--plugin", str(file), "--format", "json")
    (row,) = json.loads(done.stdout)
    assert (row["file"], row["line"], row["counts"]) == (
        str(file),
        1 + GOOD.splitlines().index("class Toy(Architecture):"),
        "yes",
    )
    assert run(tmp_path, *asked).returncode == 2


def test_the_folder_of_a_package_is_tried_likewise(tmp_path: Path) -> None:
    folder = tmp_path / "place" / "my_arch"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("from my_arch.toy import Toy, zoo_architectures\n")
    (folder / "toy.py").write_text(GOOD)
    assert _parameters(run(tmp_path, "compare", toy(tmp_path), "--plugin", str(folder), "--format", "json")) == [20]


def test_a_named_module_counts_before_what_is_installed(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(RIVAL)
    done = run(tmp_path / "nowhere", "compare", toy(tmp_path, "bert"), "--plugin", str(file), "--format", "json")
    assert _parameters(done) == [20]


def test_a_module_that_is_installed_too_is_one_plugin(tmp_path: Path) -> None:
    install(tmp_path, "toy", GOOD)
    done = run(tmp_path, "compare", toy(tmp_path), "--plugin", str(tmp_path / "toy.py"), "--format", "json")
    assert _parameters(done) == [20]


@pytest.mark.parametrize(
    ("name", "source", "said"),
    [
        ("json.py", GOOD, "another module json"),
        ("click.py", GOOD, "another module click"),
        ("my arch.py", GOOD, "can be no module's name"),
        ("toy.txt", GOOD, "no such module"),
        ("broken.py", "1 / 0", "ZeroDivisionError: division by zero (broken.py, line 1)"),
        ("wrong.py", "def (", "SyntaxError"),
    ],
)
def test_a_module_that_cannot_be_tried(tmp_path: Path, name: str, source: str, said: str) -> None:
    (tmp_path / name).write_text(source)
    done = run(tmp_path / "nowhere", "compare", toy(tmp_path), "--plugin", str(tmp_path / name))
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["no/such.py", "\x1b[2J.py", "", "~nobody/x.py", "a" * 5000])
def test_a_module_that_is_not_there(tmp_path: Path, name: str) -> None:
    done = run(tmp_path, "compare", "bert-base", "--plugin", name)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "\x1b" not in done.stderr


# --- which ---


def test_which_tells_package_file_and_line(tmp_path: Path) -> None:
    install(tmp_path, "rival", RIVAL)
    done = run(tmp_path, "which", "bert", "--format", "json")
    assert done.returncode == 2
    assert "--prefer" in done.stderr
    own, rival = json.loads(done.stdout)
    assert (own["package"], own["class"], own["counts"]) == ("paramzoo", "zoo_plugins.encoder_only.bert:Bert", "no")
    assert Path(own["file"]).read_text().splitlines()[own["line"] - 1].startswith("class Bert(")
    assert (rival["package"], rival["version"], rival["file"]) == ("zoo-rival", "1.2", str(tmp_path / "rival.py"))
    done = run(tmp_path, "which", "bert", "--prefer", "bert=rival", "--format", "json")
    assert [row["counts"] for row in json.loads(done.stdout)] == ["no", "yes"]
    done = run(tmp_path, "which", "brt")
    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean bert" in done.stderr


def test_which_tells_why_a_type_cannot_be_imported(tmp_path: Path) -> None:
    install(tmp_path, "toy", GOOD.replace('f"{__name__}:Toy"', '"no_such:Toy"'))
    (row,) = json.loads(run(tmp_path, "which", "toy", "--format", "json").stdout)
    assert "no_such" in row["file"]
    assert (row["line"], row["counts"]) == (None, "no")


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        (GOOD.replace("yield linear(", "yield lnear("), "lnear"),
        (GOOD.replace('dim("H", 4)', 'dim("H", 4)\n    unread = frozenset({"lnear"})'), "lnear"),
        (GOOD.replace("yield linear(", "yield 'lnear', linear("), "toy"),
    ],
)
def test_a_plugin_whose_method_fails_is_blamed_in_one_line(tmp_path: Path, source: str, cause: str) -> None:
    install(tmp_path, "toy", source)
    config = tmp_path / "config.json"
    config.write_text('{"model_type": "toy", "lnear": 3}')
    done = run(tmp_path, "compare", str(config), "bert-base")
    assert done.returncode == 2
    assert "110,106,428" in done.stdout
    assert len(done.stderr.splitlines()) == 1
    assert "toy" in done.stderr
    assert cause in done.stderr


ATTENDING = GOOD.replace("import linear", "import attend, linear, products, repeat, stream").replace(
    "        yield linear(", "        yield PART\n        yield linear("
)
FUNCTIONS = [
    "attend(heads=1, head_dim=4, pairs=lambda queries, keys: queries // 0)",
    "attend(heads=1, head_dim=4, value_pairs=lambda queries, keys: keys.wrong)",
    "products(lambda tokens: {}[tokens])",
    "stream(lambda tokens: tokens // 0, linear('across', 4, 4), attend(heads=1, head_dim=4))",
    "repeat('layers', 2, [attend(heads=1, head_dim=4), products(lambda: 0)])",
]


@pytest.mark.parametrize("part", FUNCTIONS)
@pytest.mark.parametrize(
    "arguments",
    [("show", "--columns", "flops"), ("compare", "--columns", "flops"), ("flops",)],
    ids=lambda words: words[0],
)
def test_a_function_of_a_plugin_that_fails_is_blamed_in_one_line(
    tmp_path: Path, part: str, arguments: tuple[str, ...]
) -> None:
    install(tmp_path, "toy", ATTENDING.replace("PART", part))
    config = tmp_path / "config.json"
    config.write_text('{"model_type": "toy"}')
    command, *options = arguments
    done = run(tmp_path, command, str(config), *options, "--length", "8")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "toy:Toy: " in line
    assert "Error: " in line
    assert run(tmp_path, "show", str(config)).returncode == 0


def test_what_a_plugins_function_does_wrong_is_blamed_in_the_cache_and_what_fits(tmp_path: Path) -> None:
    install(tmp_path, "toy", ATTENDING.replace("PART", FUNCTIONS[3]))
    config = tmp_path / "config.json"
    config.write_text('{"model_type": "toy"}')
    for command in (("cache",), ("memory",), ("memory", "--fits", "1GiB"), ("show", "--columns", "cache")):
        done = run(tmp_path, command[0], str(config), *command[1:], "--length", "8", "--dtype", "fp32")
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
        assert "toy:Toy: ZeroDivisionError: " in done.stderr


# --- what a plugin is made of is somebody's code, too ---

RETURNS = 'return {"toy": f"{__name__}:Toy"}'
HOSTILE = {
    "an attribute that raises": (
        GOOD
        + "\nclass Lazy:\n    def __getattr__(self, name):\n        raise RuntimeError('no context')\nlazy = Lazy()\n",
        "",
    ),
    "a wrapper": (
        GOOD.replace("@hookimpl", "@hookimpl(wrapper=True)").replace(RETURNS, "return (yield)"),
        "zoo_architectures is a wrapper",
    ),
    "a mapping that raises": (
        GOOD.replace(RETURNS, "return Wrong()")
        + "\nfrom collections import UserDict\nclass Wrong(UserDict):\n    def __iter__(self): raise OSError\n",
        "OSError",
    ),
    "a mock": (GOOD + "\nfrom unittest.mock import call\n", ""),
    "a handler of logs": ("import logging, faulthandler, sys\nlogging.basicConfig()\n" + GOOD, ""),
    "a stream that is set up": ("import sys\nsys.stdout.reconfigure(errors='replace')\n" + GOOD, ""),
    "another standard output": ("import sys, io\nsys.stdout = io.StringIO()\n" + GOOD, ""),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_that_a_plugin_is_made_of_breaks_another(tmp_path: Path, name: str) -> None:
    source, said = HOSTILE[name]
    install(tmp_path, "toy", source)
    done = run(tmp_path, "compare", "bert-base", "--format", "json")
    assert [row["parameters"] for row in json.loads(done.stdout)] == [110_106_428]
    assert done.returncode == 0
    assert said in done.stderr
    assert bool(done.stderr) is bool(said)
    row = listed(tmp_path, "toy")
    assert row["types"] == ([] if said else ["toy"])


def test_an_object_is_a_plugin_whatever_its_methods_are(tmp_path: Path) -> None:
    hook = '    @hookimpl\n    def zoo_architectures(self):\n        return {"toy": "toy:Toy"}\n'
    head = GOOD.partition("@hookimpl")[0]
    static = hook.replace("    @hookimpl", "    @staticmethod\n    @hookimpl").replace("self", "")
    for number, (kind, point) in enumerate(((hook, "plugin"), (static, "plugin"), (static, "Plugin"))):
        place = tmp_path / str(number)
        place.mkdir()
        install(place, "toy", f"{head}\nclass Plugin:\n{kind}\nplugin = Plugin()\n", points=f"toy = toy:{point}")
        assert _parameters(run(place, "compare", toy(place), "--format", "json")) == [20]


def test_metadata_that_is_no_text_leaves_the_plugin_out(tmp_path: Path) -> None:
    install(tmp_path, "toy", GOOD)
    (tmp_path / "zoo_toy-1.2.dist-info" / "METADATA").write_bytes(b"Name: zoo-toy\nVersion: 1.2\nAuthor: Andr\xe9\n")
    done = run(tmp_path, "compare", "bert-base")
    assert (done.returncode, "110,106,428" in done.stdout) == (0, True)
    assert "Traceback" not in done.stderr
    assert run(tmp_path, "plugins").returncode == 0


def test_an_entry_point_that_is_torn_is_told_and_doubles_none(tmp_path: Path) -> None:
    torn, twin = tmp_path / "torn", tmp_path / "twin"
    for folder in (torn, twin):
        folder.mkdir()
        install(folder, "toy", GOOD)
    install(torn, "broken", GOOD, points="broken")
    # GPT-Neo's config has a list, which pydantic reads, which has plugins of its own.
    done = run(torn, "compare", toy(torn), "gpt-neo-125m", PYTHONPATH=f"{torn}{os.pathsep}{twin}")
    assert done.returncode == 0
    (line,) = done.stderr.splitlines()
    assert "zoo-broken 1.2" in line
    assert "entry_points.txt cannot be read" in line


def test_aliases_that_are_none_are_the_plugins_fault(tmp_path: Path) -> None:
    install(tmp_path, "toy", GOOD.replace('    prefix = "Toy"', '    prefix = "Toy"\n    aliases = None'))
    config = tmp_path / "config.json"
    config.write_text('{"architectures": ["BertModel"]}')
    assert "109,482,240" in run(tmp_path, "compare", str(config)).stdout
    done = run(tmp_path, "compare", toy(tmp_path))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_a_class_that_two_types_have_is_no_guess(tmp_path: Path) -> None:
    install(tmp_path, "toy", GOOD.replace('prefix = "Toy"', 'prefix = "Bert"'))
    config = tmp_path / "config.json"
    config.write_text('{"architectures": ["BertModel"]}')
    done = run(tmp_path, "compare", str(config))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "'bert' of encoder-only (paramzoo" in done.stderr
    assert "'toy' of toy (zoo-toy 1.2)" in done.stderr


def test_two_files_that_claim_one_type_are_no_guess(tmp_path: Path) -> None:
    for name in ("one.py", "two.py"):
        (tmp_path / name).write_text(GOOD)
    both = ("compare", toy(tmp_path), "--plugin", str(tmp_path / "one.py"), "--plugin", str(tmp_path / "two.py"))
    done = run(tmp_path / "nowhere", *both)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "one.py and " in done.stderr
    assert _parameters(run(tmp_path / "nowhere", *both, "--prefer", "toy=two", "--format", "json")) == [20]


def test_of_two_plugins_of_one_name_the_package_is_the_word(tmp_path: Path) -> None:
    install(tmp_path, "one", GOOD, points="toy = one")
    install(tmp_path, "two", GOOD, points="toy = two")
    done = run(tmp_path, "compare", toy(tmp_path))
    assert "--prefer toy=zoo-two" in done.stderr or "--prefer toy=zoo-one" in done.stderr
    assert _parameters(run(tmp_path, "compare", toy(tmp_path), "--prefer", "toy=Zoo_Two", "--format", "json")) == [20]
    assert "zoo-one" in run(tmp_path, "compare", toy(tmp_path), "--prefer", "toy=toy").stderr


def test_a_name_that_disables_nothing_is_told(tmp_path: Path) -> None:
    done = run(tmp_path, "compare", "bert-base", ZOO_DISABLE_PLUGINS="encoder-onli")
    assert done.returncode == 0
    assert "no plugin is called 'encoder-onli'; did you mean encoder-only" in done.stderr


def test_a_folder_called_zoo_toml_prefers_nothing(tmp_path: Path) -> None:
    (tmp_path / "zoo.toml").mkdir()
    assert run(tmp_path, "compare", toy(tmp_path, "bert"), cwd=tmp_path).returncode == 0


def test_a_file_of_the_environment_that_is_not_there_is_left_out(tmp_path: Path) -> None:
    done = run(tmp_path, "compare", "bert-base", ZOO_PLUGINS="no/such.py")
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    assert "no/such.py" in done.stderr
    assert listed(tmp_path, "such", ZOO_PLUGINS="no/such.py")["state"] == "left out"


def test_a_folder_without_a_module_is_no_other_module(tmp_path: Path) -> None:
    (tmp_path / "place" / "mine").mkdir(parents=True)
    file = tmp_path / "mine.py"
    file.write_text(GOOD)
    done = run(tmp_path / "place", "compare", toy(tmp_path), "--plugin", str(file), "--format", "json")
    assert _parameters(done) == [20]


def test_what_a_method_prints_is_not_in_the_table(tmp_path: Path) -> None:
    install(tmp_path, "toy", GOOD.replace("        yield linear(", "        print('noise')\n        yield linear("))
    done = run(tmp_path, "compare", toy(tmp_path), "--format", "json")
    assert [row["parameters"] for row in json.loads(done.stdout)] == [20]
    assert "noise" in done.stderr


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("yield linear(", "yield self.config.hiden_size, linear(", "(toy.py, line 17)"),
        ('    hidden_size: int = dim("H", 4)', '    hidden_size = dim("H", 4)', "hidden_size needs an annotation"),
        (
            'dim("H", 4)',
            'dim("H", 4)\n    spellings = {"d": "hiden_size"}',
            "no field 'hiden_size'; did you mean hidden_size?",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    (tmp_path / "toy.py").write_text(GOOD.replace(old, new))
    done = run(tmp_path, "compare", toy(tmp_path), "bert-base", ZOO_PLUGINS=str(tmp_path / "toy.py"))
    assert said in done.stderr
    assert "110,106,428" in done.stdout
    assert all(len(line) < 400 for line in done.stderr.splitlines())


def test_what_a_host_prints_meanwhile_is_its_own(tmp_path: Path) -> None:
    install(tmp_path, "toy", "import time; time.sleep(0.5); print('mine')\n" + GOOD)
    code = (
        "import sys, threading, warnings, zoo\n"
        "path, stop = sys.path, threading.Event()\n"
        "def chat():\n"
        "    while not stop.wait(0.01): print('host')\n"
        "thread = threading.Thread(target=chat); thread.start()\n"
        "with warnings.catch_warnings(record=True) as told:\n"
        "    warnings.simplefilter('always')\n"
        "    zoo.load('bert-base')\n"
        "stop.set(); thread.join()\n"
        "assert sys.path is path\n"
        "assert len(told) == 1 and \"'mine'\" in str(told[0].message) and 'host' not in str(told[0].message)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["host"] * len(done.stdout.split())
    assert len(done.stdout.split()) > 10


def test_faults_are_told_after_they_were_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "failing", "raise RuntimeError")
    monkeypatch.syspath_prepend(tmp_path)
    manager = Manager()
    with manager.quietly():
        assert [plugin.state for plugin in manager.installed if plugin.name == "failing"] == ["left out"]
        assert manager.plugins
    with pytest.warns(PluginWarning, match="zoo-failing"):
        assert manager.plugins
