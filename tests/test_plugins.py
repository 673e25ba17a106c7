"""The plugin manager: built-in plugins have no privilege, and a broken one breaks nothing but its own types."""

import ast
import json
import os
import subprocess
import sys
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

import pytest

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


def install(folder: Path, name: str, source: str) -> None:
    """A distribution as pip would leave it: a module, and metadata with an entry point."""
    (folder / f"{name}.py").write_text(source)
    info = folder / f"zoo_{name}-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: zoo-{name}\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(f"[zoo]\n{name} = {name}\n")


def run(folder: Path, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "zoo", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(folder)},
        cwd=cwd,
        timeout=60,
    )


def test_a_third_partys_plugin_counts_like_any_other(tmp_path: Path) -> None:
    install(tmp_path, "toy", GOOD)
    config = tmp_path / "config.json"
    config.write_text('{"model_type": "toy", "hidden_size": 5}')
    done = run(tmp_path, "compare", str(config), "bert-base", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    assert [record["parameters"] for record in json.loads(done.stdout)] == [30, 110_106_428]
    assert "zoo-toy 1.2" in run(tmp_path, "plugins").stdout


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
    listed = run(tmp_path, "plugins", "--format", "json")
    (row,) = [row for row in json.loads(listed.stdout) if row["plugin"] == "broken"]
    assert cause in row["state"]


@pytest.mark.parametrize(
    ("target", "cause"),
    [
        ("toy:NoSuch", "NoSuch"),
        ("no_such_module:Toy", "no_such_module"),
        ("toy:ToyConfig", "not a zoo Architecture"),
        ("zoo.architecture:Architecture", "heads"),
        ("toy", "toy"),
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


def test_a_plugin_whose_hook_is_not_marked_is_told_to_count_nothing(tmp_path: Path) -> None:
    install(tmp_path, "toy", GOOD.replace("@hookimpl", ""))
    (row,) = [row for row in json.loads(run(tmp_path, "plugins", "--format", "json").stdout) if row["plugin"] == "toy"]
    assert "hookimpl" in row["state"]


def test_two_claims_to_a_type_are_an_error_only_when_it_is_used(tmp_path: Path) -> None:
    install(tmp_path, "rival", GOOD.replace('"toy"', '"bert"'))
    assert run(tmp_path, "compare", "gpt3").returncode == 0
    done = run(tmp_path, "compare", "bert-base")
    assert done.returncode == 2
    assert "zoo-rival 1.2" in done.stderr
    assert "paramzoo" in done.stderr


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
