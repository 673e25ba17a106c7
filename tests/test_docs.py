"""The documentation: every command that it shows is run, and must give what is shown."""

import ast
import re
from pathlib import Path

import pytest
from documents import ROOT, follow, holds, steps
from terminal import Shell, here

import zoo
from zoo.discovery.hooks import names
from zoo.testing import ArchitectureSuite

DOCS = ROOT / "docs"
PAGES = sorted(path.name for path in DOCS.glob("*.md"))


def page(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


@pytest.mark.parametrize("name", [name for name in PAGES if any(steps(page(name)))])
def test_commands_of_a_page_give_what_it_shows(
    name: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with Shell(tmp_path, here(tmp_path_factory.mktemp("aside"))) as shell:
        for command, given in follow(page(name), shell):
            assert holds(command, given), f"$ {command.line}\n{given.output}"


def test_what_built_in_plugins_import_is_in_the_reference() -> None:
    imported = {
        f"{node.module}.{name.name}"
        for module in (ROOT / "plugins").rglob("*.py")
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("zoo.")
        for name in node.names
    }
    documented = set(re.findall(r"^::: (\S+)$", page("protocol.md"), re.MULTILINE))
    assert imported - {"zoo.hookspecs.hookimpl"} <= documented


def test_what_hooks_give_is_in_the_reference() -> None:
    documented = page("protocol.md")
    for hook in names():
        assert f"::: zoo.hookspecs.{hook}\n" in documented
    for given in (zoo.Column, zoo.Format, zoo.Source):
        assert f"::: {given.__module__}.{given.__name__}\n" in documented


def test_every_check_of_the_kit_is_told() -> None:
    told = page("testing.md")
    for family in ArchitectureSuite.__mro__:
        for check in vars(family).get("checks", ()):
            assert f"| `{check}` |" in told


def test_every_page_is_in_the_navigation() -> None:
    listed = re.findall(r"^ +- (\w+\.md)$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.MULTILINE)
    assert sorted(listed) == PAGES
