"""With any broken plugin installed, zoo does what it does without it; and says in one line what is wrong."""

import json
import os
import re
from collections.abc import Callable

import pytest
from broken.cases import BROKEN, COUNTED, TRACE, Broken
from broken.installing import Installed, install, install_once

COMPARE = ("compare", "bert-base", "gpt3")
REMEDY = re.compile("uninstall|ZOO_DISABLE_PLUGINS|upgrade|install|correct")

STATES = ("raises", "prints", "claims_bert", "output", "several_at_once")
"""A few of BROKEN, among which is one in every state that there is."""

Installer = Callable[[Broken], Installed]


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installer:
    """Installs a broken plugin in a venv of its own, once."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    return lambda case: install_once(shared / case.name, case.packages)


@pytest.fixture(scope="session")
def table(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What is printed where no plugin but zoo's own is installed."""
    done = install(tmp_path_factory.mktemp("none")).zoo(*COMPARE)
    assert (done.returncode, done.stderr) == (0, "")
    assert "110,106,428" in done.stdout
    assert "174,604,259,328" in done.stdout
    return done.stdout


def one_line(text: str) -> str:
    (line,) = text.splitlines()
    assert line.isprintable()
    assert "Traceback" not in line
    return line


@pytest.mark.parametrize("case", BROKEN.values(), ids=lambda case: case.name)
def test_the_table_is_right_and_one_line_tells_what_is_wrong(case: Broken, installed: Installer, table: str) -> None:
    zoo = installed(case).zoo
    done = zoo(*COMPARE, env=case.env)
    assert (done.returncode, done.stdout) == (0, table)
    if case.told:
        line = one_line(done.stderr)
        assert any(f"{package.distribution} 1.2" in line for package in case.packages)
        assert all(word in line for word in case.told)
        assert REMEDY.search(line)
        assert len(line) < 400
    else:
        assert done.stderr == ""
    strict = zoo(*COMPARE, env={**case.env, "ZOO_STRICT_PLUGINS": "1"})
    if case.told:
        assert (strict.returncode, strict.stdout) == (2, "")
        assert all(word in one_line(strict.stderr) for word in case.told)
    else:
        assert (strict.returncode, strict.stdout, strict.stderr) == (0, table, "")
    names = ",".join(package.distribution for package in case.packages)
    without = zoo(*COMPARE, env={**case.env, "ZOO_DISABLE_PLUGINS": names})
    assert (without.returncode, without.stdout, without.stderr) == (0, table, "")
    assert not (installed(case).folder / TRACE).exists()


@pytest.mark.parametrize("case", BROKEN.values(), ids=lambda case: case.name)
def test_a_request_that_needs_it_fails_in_one_line_and_others_go_on(case: Broken, installed: Installer) -> None:
    at = installed(case)
    for model_type, words in case.asked.items():
        done = at.zoo("compare", "bert-base", at.config(model_type), "--columns", "parameters", env=case.env)
        lines = done.stderr.splitlines()
        assert "110,106,428" in done.stdout
        if words[0] == COUNTED:
            assert done.returncode == 0
            assert done.stdout.split()[-1] == COUNTED
            assert len(lines) == bool(case.told) + bool(words[1:])
            assert all(word in done.stderr for word in words[1:])
        else:
            assert done.returncode == 2
            assert len(lines) == 1 + bool(case.told)
            assert all(line.isprintable() and "Traceback" not in line for line in lines)
            assert all(word in lines[-1] for word in words)


@pytest.mark.parametrize("case", BROKEN.values(), ids=lambda case: case.name)
def test_what_there_is_is_listed_in_every_state(case: Broken, installed: Installer) -> None:
    zoo = installed(case).zoo
    listed = zoo("plugins", "--format", "json", env=case.env)
    assert listed.returncode == 0
    rows = json.loads(listed.stdout)
    packages = {package.distribution for package in case.packages}
    of_packages = [row for row in rows if row["package"] in packages]
    assert {row["package"] for row in of_packages} == packages
    assert {row["version"] for row in of_packages} == {"1.2"}
    assert case.state in {row["state"] for row in of_packages} <= {case.state, "ok"}
    assert all(word in " ".join(row["cause"] for row in of_packages) for word in case.told)
    assert {"encoder-only", "decoder-only"} <= {row["plugin"] for row in rows}


def test_there_is_an_example_of_every_state() -> None:
    assert {BROKEN[name].state for name in STATES} == {case.state for case in BROKEN.values()}


@pytest.mark.parametrize("name", STATES)
def test_zoo_works_in_every_state(name: str, installed: Installer, table: str) -> None:
    zoo = installed(BROKEN[name]).zoo
    for arguments in (("plugins",), ("--help",), ("which", "gpt2")):
        done = zoo(*arguments)
        assert done.returncode == 0
        assert "Traceback" not in done.stderr
        assert all(line.isprintable() for line in (done.stdout + done.stderr).splitlines())
    without = zoo(*COMPARE, env={"ZOO_DISABLE_PLUGINS": "all"})
    assert (without.returncode, without.stdout, without.stderr) == (0, table, "")
    own = zoo("doctor", "encoder-only")
    assert (own.returncode, own.stderr) == (0, "")


@pytest.mark.parametrize("case", BROKEN.values(), ids=lambda case: case.name)
def test_the_doctor_finds_what_is_wrong(case: Broken, installed: Installer) -> None:
    zoo = installed(case).zoo
    # Every one of 200 plugins has a process of its own, which would take a while.
    packages = [package.distribution for package in case.packages]
    names = ["toy0", "toy1"] if case.name == "many_plugins" else packages
    timeout = "1" if case.env else "60"
    done = zoo("doctor", *names, "--timeout", timeout, "--format", "json", env=case.env)
    assert done.stderr == ""
    rows = {row["plugin"]: row for row in json.loads(done.stdout)}
    wrong = "\n".join(fault for row in rows.values() for fault in row["wrong"])
    assert done.returncode == bool(wrong)
    assert all(word in wrong for word in case.found)
    assert bool(wrong) == bool(case.found)
    assert not (installed(case).folder / TRACE).exists()


def test_a_name_of_the_registry_means_the_built_in_type_whoever_else_claims_it(installed: Installer) -> None:
    at = installed(BROKEN["claims_bert"])
    config = at.config("bert")
    done = at.zoo("compare", config)
    assert (done.returncode, done.stdout) == (2, "")
    line = one_line(done.stderr)
    assert "zoo-rival 1.2" in line
    assert "paramzoo" in line
    assert "prefer" in line
    for name, parameters in (("zoo-rival", COUNTED), ("rival", COUNTED), ("encoder-only", "109,482,240")):
        settled = at.zoo("compare", config, "--columns", "parameters", "--prefer", f"bert={name}")
        assert (settled.returncode, settled.stderr) == (0, "")
        assert settled.stdout.split()[-1] == parameters
    (at.folder / "zoo.toml").write_text('[prefer]\nbert = "zoo-rival"\n')
    try:
        settled = at.zoo("compare", config, "--columns", "parameters")
    finally:
        (at.folder / "zoo.toml").unlink()
    assert settled.stdout.split()[-1] == COUNTED
    which = at.zoo("which", "bert")
    assert "zoo-rival 1.2" in which.stdout + which.stderr
    assert "Traceback" not in which.stderr
