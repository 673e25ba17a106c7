"""Everything that README and CONTRIBUTING show is run, and must come out as shown."""

import doctest
import gzip
import importlib.metadata
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hubcase import bytes_of
from hubserver import Hub
from test_plugins import install, run

import zoo
from zoo.registries.registry import registry

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """Where the README's commands run: a folder with a small Mixtral as transformers saved it and the scores that it
    shows, and the environment of a Hub that has the models they name.
    """
    folder = tmp_path_factory.mktemp("place")
    _saved("mixtral", "MixtralForCausalLM", folder / "tiny-mixtral")
    (scores,) = blocks(README, "csv")
    (folder / "scores.csv").write_text(scores)
    with Hub() as hub:
        for name, class_name in (("bert-base-uncased", "BertForMaskedLM"), ("qwen3-0.6b", "Qwen3ForCausalLM")):
            entry = registry()[name]
            config = {**entry.config, "model_type": entry.model_type, "architectures": [class_name]}
            hub.add(str(entry.hub), {"config.json": json.dumps(config).encode()})
        yield folder, {**os.environ, **hub.environment, "HF_HOME": str(folder / "home")}


def _saved(model_type: str, class_name: str, folder: Path) -> None:
    """A recorded checkpoint as a folder, its numbers all zero."""
    recorded = json.loads(gzip.decompress((ROOT / f"tests/oracle/headers/{model_type}.json.gz").read_bytes()))
    saved = next(one for one in recorded["saved"] if one["class"] == class_name)
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(saved["config"]))
    (folder / "model.safetensors").write_bytes(bytes_of(saved["tensors"]))


EXAMPLES = [block.removeprefix("$ ").split("\n", 1) for block in blocks(README, "console")]


@pytest.mark.parametrize(("command", "output"), EXAMPLES, ids=[command for command, _ in EXAMPLES])
def test_a_command_of_the_readme_prints_what_is_shown(
    command: str, output: str, place: tuple[Path, dict[str, str]]
) -> None:
    name, *arguments = shlex.split(command)
    assert name == "zoo"
    folder, environment = place
    done = subprocess.run(
        [sys.executable, "-m", "zoo", *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
        env=environment,
    )
    assert done.stdout == output
    assert done.stderr == ""


def test_python_of_the_readme_answers_what_is_shown() -> None:
    sessions = "\n".join(block for block in blocks(README, "python") if ">>>" in block)
    test = doctest.DocTestParser().get_doctest(sessions, {}, "README.md", "README.md", 0)
    assert len(test.examples) > 5
    assert doctest.DocTestRunner().run(test).failed == 0


def test_code_quoted_in_the_readme_is_the_code() -> None:
    sources = [path.read_text("utf-8") for path in (ROOT / "plugins").rglob("*.py")]
    quoted = [block for block in blocks(README, "python") if ">>>" not in block]
    assert quoted
    for block in quoted:
        assert any(block in source for source in sources)


def test_the_readme_counts_types_and_classes_rightly() -> None:
    from test_truth import TYPES, recorded

    classes = sum(len(recorded(name)["classes"]) for name in TYPES)
    assert f"each of {len(TYPES)} types and {classes} classes" in " ".join(README.split())


def test_the_readme_counts_checkpoints_rightly() -> None:
    files = (ROOT / "tests/oracle/headers").glob("*.json.gz")
    saved = sum(len(json.loads(gzip.decompress(file.read_bytes()))["saved"]) for file in files)
    assert f"every tensor of {saved} checkpoints" in " ".join(README.split())


def test_the_changelog_counts_rightly() -> None:
    from test_registry import ENTRIES
    from test_truth import TYPES

    assert f"A registry of {len(ENTRIES)} named models" in CHANGELOG
    assert f"- {len(TYPES)} types" in CHANGELOG
    assert f"## {importlib.metadata.version('paramzoo')}" in CHANGELOG


def test_links_lead_somewhere() -> None:
    for text in (README, CONTRIBUTING):
        for target in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (ROOT / target).exists()
        for module in re.findall(r"`((?:zoo|plugins|tests)/[\w./]+)`", text):
            assert (ROOT / module).exists(), module


def test_the_plugin_of_contributing_counts(tmp_path: Path) -> None:
    (source,) = blocks(CONTRIBUTING, "python")
    (project,) = blocks(CONTRIBUTING, "toml")
    declared = tomllib.loads(project)
    (tmp_path / "my_arch.py").write_text(source)
    # What pip leaves of such a project; .ci/run installs it in earnest.
    info = tmp_path / "zoo_qwen9-0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {declared['project']['name']}\nVersion: 0.1\n")
    points = declared["project"]["entry-points"]["zoo"]
    (info / "entry_points.txt").write_text("[zoo]\n" + "".join(f"{name} = {value}\n" for name, value in points.items()))
    config = tmp_path / "config.json"
    config.write_text('{"model_type": "qwen9", "num_hidden_layers": 2, "rope_theta": 1e6}')
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}

    def zoo(*arguments: str) -> str:
        command = [sys.executable, "-m", "zoo", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout

    (record,) = json.loads(zoo("compare", str(config), "--format", "json"))
    layer = 2 * 1024 * 1024 + 2 * 1024 * 256 + 3 * 1024 * 4096 + 2 * 1024
    assert (record["parameters"], record["status"]) == (32_000 * 1024 + 2 * layer + 1024, "exact")
    assert "zoo-qwen9 0.1" in zoo("plugins")
    assert "Qwen9ForCausalLM" in zoo("architectures", "qwen9")


def test_the_column_of_contributing_is_told(tmp_path: Path) -> None:
    (source,) = blocks(CONTRIBUTING, "py")
    install(tmp_path, "per_layer", source)
    done = run(tmp_path, "compare", "bert-base", "mamba-130m", "--columns", "model,per_layer", "--format", "csv")
    assert (done.returncode, done.stderr) == (0, "")
    bert = zoo.load("bert-base")
    assert done.stdout.splitlines()[:2] == ["model,per_layer", f"bert-base,{bert.non_embedding_parameters // 12}"]


def test_the_picture_of_the_readme_shows_the_counts() -> None:
    (file,) = re.findall(r"!\[[^]]+\]\((docs/\w+\.svg)\)", README)
    drawn = (ROOT / file).read_text("utf-8")
    for name in ("bert-base", "gpt3", "mixtral-8x7b", "t5-base", "mamba-130m"):
        for role, parameters in zoo.load(name).roles().items():
            assert f'"{name}: {role}: {parameters:,} parameters (' in drawn


def test_the_tables_of_the_readme_hold() -> None:
    assert README.count("<!-- zoo:begin") > 2
    done = run(ROOT, "table", "--check", "README.md", cwd=ROOT)
    assert (done.returncode, done.stdout) == (0, "2 tables: all hold\n")
