"""Toy architectures with a mistake each, and what the kit says of them in a pytest of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from test_plugins import install

HOOKS = """
from zoo.hookspecs import hookimpl

@hookimpl
def zoo_architectures():
    return {"NAME": "NAME_model:Toy"}
"""


class Mistake(NamedTuple):
    """What is put in the place of what, in which file of the toy; the check that fails for it, and what it says."""

    check: str
    said: tuple[str, ...]
    model: Mapping[str, str] = {}
    hooks: Mapping[str, str] = {}
    suite: Mapping[str, str] = {}


def replaced(source: str, changes: Mapping[str, str], name: str) -> str:
    for old, new in changes.items():
        assert old in source
        source = source.replace(old, new)
    return source.replace("NAME", name)


def write(folder: Path, toys: Mapping[str, Mistake], model: str, suite: str, head: str) -> None:
    """The toys as installed plugins, and the suites of all in one file, below `head`."""
    suites = [head]
    for name, mistake in toys.items():
        install(folder, name, replaced(HOOKS, mistake.hooks, name))
        (folder / f"{name}_model.py").write_text(replaced(model, mistake.model, name))
        suites.append(replaced(suite, mistake.suite, name))
    (folder / "test_toys.py").write_text("".join(suites))


PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")


class Outcomes(NamedTuple):
    """By the name of the toy, and by test, what each test says that fails, and each that is skipped."""

    failed: dict[str, dict[str, str]]
    skipped: dict[str, dict[str, str]]


def run(folder: Path, toys: Mapping[str, Mistake], *options: str) -> Outcomes:
    """What becomes of the suites in the folder."""
    subprocess.run(
        [*PYTEST, "--junitxml=found.xml", *options, "test_toys.py"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        check=False,
        timeout=300,
    )
    found = Outcomes({name: {} for name in toys}, {name: {} for name in toys})
    for case in ElementTree.parse(folder / "found.xml").getroot().iter("testcase"):
        name = case.attrib["classname"].rpartition("Test_")[2]
        for failure in case.iter("failure"):
            found.failed[name][case.attrib["name"]] = failure.text or ""
        for skip in case.iter("skipped"):
            found.skipped[name][case.attrib["name"]] = skip.attrib["message"]
    return found
