"""Everything that README and CONTRIBUTING show is run, and must come out as shown."""

import doctest
import gzip
import importlib.metadata
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from documents import ROOT, Command, blocks, commands, holds
from hubcase import bytes_of
from hubserver import Hub
from terminal import Shell, here
from test_plugins import run

import zoo
from zoo.registries.registry import registry

README = (ROOT / "README.md").read_text("utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """Where the README's commands are typed: in a folder with a small Mixtral as transformers saved it and the scores
    that it shows, and beside a Hub that has the models they name.
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
        person = here(tmp_path_factory.mktemp("aside"))
        with Shell(folder, {**person, **hub.environment, "HF_HOME": str(folder / "home")}) as shell:
            yield shell


def _saved(model_type: str, class_name: str, folder: Path) -> None:
    """A recorded checkpoint as a folder, its numbers all zero."""
    recorded = json.loads(gzip.decompress((ROOT / f"tests/oracle/headers/{model_type}.json.gz").read_bytes()))
    saved = next(one for one in recorded["saved"] if one["class"] == class_name)
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(saved["config"]))
    (folder / "model.safetensors").write_bytes(bytes_of(saved["tensors"]))


EXAMPLES = [command for block in blocks(README, "console") for command in commands(block)]


@pytest.mark.parametrize("command", EXAMPLES, ids=[command.line for command in EXAMPLES])
def test_a_command_of_the_readme_prints_what_is_shown(command: Command, place: Shell) -> None:
    given = place.typed(command.line)
    assert holds(command, given), given.output
    assert given.code == 0


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
    from architectures.truth import TYPES, recorded

    classes = sum(len(recorded(name).classes) for name in TYPES)
    assert f"each of {len(TYPES)} types and {classes} classes" in " ".join(README.split())


def test_the_readme_counts_checkpoints_rightly() -> None:
    files = (ROOT / "tests/oracle/headers").glob("*.json.gz")
    saved = sum(len(json.loads(gzip.decompress(file.read_bytes()))["saved"]) for file in files)
    assert f"every tensor of {saved} checkpoints" in " ".join(README.split())


def test_the_changelog_counts_rightly() -> None:
    from architectures.truth import TYPES
    from test_registry import ENTRIES

    assert f"A registry of {len(ENTRIES)} named models" in CHANGELOG
    assert f"- {len(TYPES)} types" in CHANGELOG
    assert f"## {importlib.metadata.version('paramzoo')}" in CHANGELOG


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text("utf-8")
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (page.parent / target).exists(), target
    for path in re.findall(r"`((?:zoo|plugins|tests)/[\w./]+)`", text) if page.parent == ROOT else ():
        assert (ROOT / path).exists(), path


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
