"""`zoo doctor`: whatever a plugin does in its own process is a finding, and disturbs nobody."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from broken.cases import GOOD, returning, starting

from zoo.diagnosis.protocol import Identity, Task, read

SECONDS = "5"


def doctor(*arguments: str, cwd: Path, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "zoo", "doctor", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        timeout=120,
    )


def parts(*lines: str) -> str:
    """A plugin whose model has other parts; all that there are may be used."""
    body = GOOD.replace("import linear", "import attend, linear, repeat, scope, tensor")
    return body.replace('yield linear("dense", self.config.hidden_size, self.config.hidden_size)', "; ".join(lines))


DIES = "import os; os.{}\n"
REGISTRY = """
[models.toy-big]
model_type = "toy"
class = "ToyModel"
config = { hidden_size = 9 }

[models.toy-odd]
model_type = "toy"
class = "ToyModel"
config = { hidden_size = "nine" }
"""
SHIPS = (
    GOOD
    + """

@hookimpl
def zoo_registries():
    from pathlib import Path
    return [Path(__file__).with_name("toys.toml")]
"""
)

# Each a plugin's source, its state, and words of each thing that is wrong with it.
PLUGINS: dict[str, tuple[str, str, Sequence[str]]] = {
    "good": (GOOD, "ok", ()),
    "hangs": ("import time; time.sleep(99)", "hangs", ("longer than 5 s when it is imported",)),
    "aborts": (DIES.format("abort()"), "crashes", ("SIGABRT when it is imported",)),
    "leaves": (DIES.format("_exit(0)"), "crashes", ("exit code 0 when it is imported",)),
    "leaves_later": (returning("import os; os._exit(7)"), "crashes", ("exit code 7 when it is imported",)),
    "leaves_when_counted": (
        parts("import os", "os._exit(7)"),
        "crashes",
        ("exit code 7 when its type 'toy' is counted",),
    ),
    "hangs_when_counted": (
        parts("import time", "time.sleep(99)"),
        "hangs",
        ("longer than 5 s when its type 'toy' is counted",),
    ),
    "never_ends": (
        starting("import threading, time", "threading.Thread(target=lambda: time.sleep(99)).start()"),
        "hangs",
        ("longer than 5 s when it ends",),
    ),
    "prints_without_end": (
        "import os\nwhile True: os.write(1, b'\\x1b[31m' * 10_000)",
        "left out",
        ("OSError: ", "prints: '\\x1b[31m"),
    ),
    "prints": (parts("print('printed')", "yield linear('a', 1, 1)"), "faulty", ("prints: 'printed",)),
    "takes_memory": ("x = bytearray(10**11)", "left out", ("MemoryError",)),
    "raises": ("1 / 0", "left out", ("ZeroDivisionError",)),
    "imports_torch": (starting("import torch"), "faulty", ("it imports torch when it is imported",)),
    "imports_torch_later": (
        returning("return {'toy': 'toy_of_torch:Toy'}"),
        "faulty",
        ("the module of its type 'toy' imports torch",),
    ),
    "misspelt": (
        GOOD + "\n\n@hookimpl\ndef zoo_colums():\n    return ()\n",
        "faulty",
        ("did you mean zoo_columns",),
    ),
    "bad_column": (
        GOOD + "\n\n@hookimpl\ndef zoo_columns():\n    return [7]\n",
        "faulty",
        ("zoo_columns",),
    ),
    "names_nothing": (returning("return {'toy': 'names_nothing:No'}"), "faulty", ("'toy': names_nothing:No: ",)),
    "negative": (parts("yield tensor('t', (-5, 3))"), "faulty", ("ToyModel: ",)),
    "scalar": (parts("yield tensor('scale')"), "ok", ()),
    "twice": (
        parts("yield linear('a', 1, 1), linear('a', 1, 1)"),
        "faulty",
        ("ToyModel: two tensors are called 'a.weight'", "ToyModel: it has"),
    ),
    "fails_at_cost": (
        parts("yield attend(heads=1, head_dim=4, pairs=lambda queries, keys: queries // 0), linear('a', 1, 1)"),
        "faulty",
        ("ToyModel: fails_at_cost:Toy: ZeroDivisionError: ",),
    ),
    "two_of_two_hundred": (
        returning("return {f'toy{i}': 'two_of_two_hundred:' + ('No' if i in (3, 99) else 'Toy') for i in range(200)}"),
        "faulty",
        ("'toy3': ", "'toy99': "),
    ),
    "all_of_two_hundred": (
        returning("return {f'top{i}': 'all_of_two_hundred:No' for i in range(200)}"),
        "faulty",
        (*(f"'top{i}': " for i in range(20)), "and 180 more"),
    ),
    "ships_models": (SHIPS, "faulty", ("toy-odd: ",)),
}
if hasattr(signal, "SIGRTMIN"):
    UNNAMED = signal.SIGRTMIN + 2
    PLUGINS["dies"] = (
        DIES.format(f"kill(os.getpid(), {UNNAMED})"),
        "crashes",
        (f"by signal {UNNAMED} when it is imp",),
    )


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """What is found of each of PLUGINS, all tried at once, and of zoo's own."""
    folder = tmp_path_factory.mktemp("plugins")
    for name, (source, _, _) in PLUGINS.items():
        (folder / f"{name}.py").write_text(source)
    (folder / "toys.toml").write_text(REGISTRY)
    beside = folder / "beside"
    beside.mkdir()
    (beside / "torch.py").write_text("")
    (beside / "toy_of_torch.py").write_text(starting("import torch"))
    options = [f"--plugin={folder / name}.py" for name in PLUGINS]
    options += ["--timeout", SECONDS, "--format", "json"]
    done = doctor(*options, cwd=folder, env={"PYTHONPATH": str(beside)})
    assert (done.returncode, done.stderr) == (1, "")
    return {row["plugin"]: row for row in json.loads(done.stdout)}


@pytest.mark.parametrize("name", PLUGINS)
def test_whatever_a_plugin_does_is_found(found: Mapping[str, Any], name: str) -> None:
    _, state, words = PLUGINS[name]
    row = found[name]
    assert row["state"] == state
    assert all(fault.isprintable() and len(fault) < 400 for fault in row["wrong"])
    assert len(row["wrong"]) == len(words)
    assert all(word in fault for word, fault in zip(words, row["wrong"], strict=True))


def test_what_is_well_is_told_too(found: Mapping[str, Any]) -> None:
    for name, types in (("encoder-only", "bert"), ("decoder-only", "gpt2"), ("encoder-decoder", "t5")):
        row = found[name]
        assert (row["state"], row["wrong"]) == ("ok", [])
        assert types in row["types"]
        assert row["models"] > 10
        assert 0 <= row["seconds"] < 60
    assert found["good"]["hooks"] == ["zoo_architectures"]
    assert found["ships_models"]["models"] == 2


def written(folder: Path, name: str, source: str) -> str:
    """The option that names a plugin of this source."""
    file = folder / f"{name}.py"
    file.write_text(source)
    return f"--plugin={file}"


def installed(folder: Path, name: str, points: Mapping[str, str], **modules: str) -> Mapping[str, str]:
    """The environment in which a distribution of that name is installed, too, with its entry points and modules."""
    for module, source in modules.items():
        (folder / f"{module}.py").write_text(source)
    info = folder / f"zoo_{name}-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: zoo-{name}\nVersion: 1.2\n")
    lines = [f"{point} = {value}\n" for point, value in points.items()]
    (info / "entry_points.txt").write_text("".join(["[zoo]\n", *lines]))
    return {"PYTHONPATH": str(folder)}


def wrong(done: subprocess.CompletedProcess[str]) -> Mapping[str, Sequence[str]]:
    """What is wrong, by the distribution of the plugin, or its file."""
    return {row["distribution"]: row["wrong"] for row in json.loads(done.stdout)}


def test_a_table_has_a_row_for_each_thing_that_is_wrong(tmp_path: Path) -> None:
    source = starting("print('\\x1b[31mred')") + "\n\n@hookimpl\ndef zoo_colums():\n    return ()\n"
    done = doctor("toy", written(tmp_path, "toy", source), "--format", "csv", cwd=tmp_path)
    header, *rows = done.stdout.splitlines()
    assert done.returncode == 1
    assert header == "plugin,distribution,state,types,models,what is wrong"
    assert len(rows) == 2
    assert "\x1b" not in done.stdout
    well = doctor("encoder-only", cwd=tmp_path)
    assert (well.returncode, well.stderr) == (0, "")
    name, distribution, _, state, *_, wrong = well.stdout.splitlines()[-1].split()
    assert (name, distribution, state, wrong) == ("encoder-only", "paramzoo", "ok", "-")
    assert doctor("encoder-only", "--format", "csv", cwd=tmp_path).stdout.splitlines()[-1].endswith(",")


def test_what_others_count_too_is_wrong_until_somebody_is_preferred(tmp_path: Path) -> None:
    source = returning("return {'bert': 'rival:Toy'}")
    env = installed(tmp_path, "rival", {"rival": "rival"}, rival=source)
    for names in (("rival",), ("rival", "encoder-only")):
        done = doctor(*names, "--format", "json", cwd=tmp_path, env=env)
        found = {row["plugin"]: row["wrong"] for row in json.loads(done.stdout)}
        assert done.returncode == 1
        (line,) = found.pop("rival")
        assert "'bert'" in line
        assert "encoder-only" in line
        assert not any(found.values())
    assert doctor("rival", "--prefer", "bert=rival", cwd=tmp_path, env=env).returncode == 0
    assert doctor("rival", cwd=tmp_path, env={**env, "ZOO_DISABLE_PLUGINS": "encoder-only"}).returncode == 0
    (tmp_path / "zoo.toml").write_text('[prefer]\nbert = "encoder-only"\n')
    assert doctor("rival", cwd=tmp_path, env=env).returncode == 0


def test_a_file_that_the_person_names_is_preferred(tmp_path: Path) -> None:
    env = installed(tmp_path, "toy", {"toy": "toy"}, toy=GOOD)
    other = tmp_path / "other"
    other.mkdir()
    rival = returning("return {'bert': f'{__name__}:Toy', 'toy': f'{__name__}:Toy'}")
    assert doctor("rival", "toy", written(other, "rival", rival), cwd=tmp_path, env=env).returncode == 0
    same = doctor("toy", "--plugin=toy.py", "--format", "json", cwd=tmp_path, env=env)
    assert same.returncode == 0
    assert {row["distribution"]: row["state"] for row in json.loads(same.stdout)} == {
        "zoo-toy 1.2": "disabled",
        "toy.py": "ok",
    }


def test_of_two_packages_with_one_module_the_second_is_left_out(tmp_path: Path) -> None:
    for name in ("one", "two"):
        env = installed(tmp_path, name, {name: "shared"}, shared=GOOD)
    done = doctor("one", "two", "--format", "json", cwd=tmp_path, env=env)
    states = {row["distribution"]: row["state"] for row in json.loads(done.stdout)}
    listed = subprocess.run(
        [sys.executable, "-m", "zoo", "plugins", "--format", "json"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, **env},
    )
    used = {row["plugin"]: row["state"] for row in json.loads(listed.stdout)}
    assert states == {f"zoo-{name} 1.2": used[name] for name in ("one", "two")}
    assert sorted(states.values()) == ["left out", "ok"]
    (line,) = [fault for faults in wrong(done).values() for fault in faults]
    assert "module shared is that of" in line


def test_a_plugin_may_ask_zoo_while_it_is_imported(tmp_path: Path) -> None:
    source = starting("import zoo", "assert zoo.load('bert-base').parameters == 110_106_428")
    env = installed(tmp_path, "toy", {"toy": "toy"}, toy=source)
    # It must not wait for itself, for which zoo gives it a minute.
    done = doctor("toy", "--format", "json", cwd=tmp_path, env={**env, "ZOO_PLUGIN_TIMEOUT": "60"})
    assert (done.returncode, wrong(done)) == (0, {"zoo-toy 1.2": []})


@pytest.mark.skipif(os.name != "posix", reason="sessions are POSIX's")
def test_a_process_that_outlives_the_plugin_is_not_waited_for(tmp_path: Path) -> None:
    sleeping = f"subprocess.Popen([{sys.executable!r}, '-c', 'import time; time.sleep(99)'], start_new_session=True)"
    source = starting("import subprocess", f"open({str(tmp_path / 'child')!r}, 'w').write(str({sleeping}.pid))")
    done = doctor("toy", written(tmp_path, "toy", source), "--format", "json", cwd=tmp_path)
    child = int((tmp_path / "child").read_text())
    assert is_running(child)
    os.kill(child, signal.SIGKILL)
    assert (done.returncode, list(wrong(done).values())) == (0, [[]])


def test_what_zoo_would_not_wait_for_is_wrong(tmp_path: Path) -> None:
    sleeping = "import time; time.sleep(0.7)"
    env = installed(tmp_path, "slow", {"slow": "slow"}, slow=starting(sleeping))
    later = returning("return {'late': 'late_type:Toy'}")
    env = installed(tmp_path, "late", {"late": "late"}, late=later, late_type=starting(sleeping))
    limit = {"ZOO_PLUGIN_TIMEOUT": "0.6"}
    found = wrong(doctor("slow", "late", "--format", "json", cwd=tmp_path, env={**env, **limit}))
    assert "it takes 0." in found["zoo-slow 1.2"][0]
    assert "ZOO_PLUGIN_TIMEOUT" in found["zoo-slow 1.2"][0]
    assert "the module of its type 'late' takes" in found["zoo-late 1.2"][-1]
    assert doctor("slow", "late", cwd=tmp_path, env={**env, "ZOO_PLUGIN_TIMEOUT": "60"}).returncode == 0


def test_what_hangs_beside_it_is_not_its_fault(tmp_path: Path) -> None:
    (tmp_path / "toys.toml").write_text('[models.kind-big]\nmodel_type = "kind"\nclass = "ToyModel"\nconfig = {}\n')
    points = {"toy": "toy", "kind": "kind", "bad": "bad"}
    kind = returning("return {'kind': 'kind:Toy'}")
    env = installed(tmp_path, "toy", points, toy=SHIPS, kind=kind, bad="import time; time.sleep(99)")
    done = doctor("toy", "--timeout", "9", "--format", "json", cwd=tmp_path, env={**env, "ZOO_PLUGIN_TIMEOUT": "60"})
    (row,) = json.loads(done.stdout)
    assert (done.returncode, row["wrong"], row["models"]) == (0, [], 1)


def test_what_zoo_finds_by_a_relative_path_is_tried(tmp_path: Path) -> None:
    source = tmp_path / "src"
    source.mkdir()
    installed(source, "toy", {"toy": "toy"}, toy=GOOD)
    for path in ("src", os.pathsep.join(["", "src"])):
        done = doctor("toy", "--format", "json", cwd=tmp_path, env={"PYTHONPATH": path})
        assert (done.returncode, wrong(done)) == (0, {"zoo-toy 1.2": []})


def test_a_format_that_there_is_not_is_told_before_all_is_tried(tmp_path: Path) -> None:
    toy = written(tmp_path, "toy", starting(f"open({str(tmp_path / 'trace')!r}, 'w').close()"))
    env = {"ZOO_DISABLE_PLUGINS": "toy"}  # it is imported by a trial alone
    done = doctor("toy", toy, "--format", "tabel", cwd=tmp_path, env=env)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "did you mean table" in done.stderr
    assert not (tmp_path / "trace").exists()
    assert doctor("toy", toy, cwd=tmp_path, env=env).returncode == 0
    assert (tmp_path / "trace").exists()


def test_what_a_trial_tells_is_told_once(tmp_path: Path) -> None:
    source = returning("return {f'top{i}': 'toy:' + ('No' if i in (3, 99) else 'Toy') for i in range(200)}")
    written(tmp_path, "toy", source)
    task = Task(Identity("toy", "toy", "", str(tmp_path / "toy.py")), (), 30)
    command = [sys.executable, "-P", "-m", "zoo.diagnosis.trial", task.line()]
    told = subprocess.run(command, capture_output=True, check=True, cwd=tmp_path, timeout=60).stdout
    assert told.count(b'"top199"') == 1
    assert told.count(b"toy:No") == 2
    lines = told.splitlines(keepends=True)
    found = read(lines)
    assert found.types == [f"top{i}" for i in range(200)]
    assert (found.state, len(found.faults)) == ("faulty", 2)
    assert read([*lines[:2], lines[2][:9]]) == read(lines[:2])  # it may be ended at any time
    assert read(lines[:2]).step == "it is imported"


def test_plugins_that_the_person_disables_are_tried_only_if_named(tmp_path: Path) -> None:
    toy = written(tmp_path, "toy", "1 / 0")
    disabled = {"ZOO_DISABLE_PLUGINS": "toy"}
    done = doctor(toy, "--format", "json", cwd=tmp_path, env=disabled)
    (row,) = [row for row in json.loads(done.stdout) if row["plugin"] == "toy"]
    assert (done.returncode, row["state"], row["wrong"]) == (0, "disabled", [])
    assert doctor("toy", toy, cwd=tmp_path, env=disabled).returncode == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("no-such",), "no plugin is called 'no-such'"),
        (("encoder-onyl",), "did you mean encoder-only"),
        (("--timeout", "0"), "--timeout"),
        (("--timeout", "nan"), "--timeout"),
        (("--plugin", "no_such.py"), "no_such.py"),
    ],
)
def test_what_cannot_be_tried_is_one_line(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    done = doctor(*arguments, cwd=tmp_path)
    (line,) = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (2, "")
    assert words in line


def test_nothing_of_the_working_directory_is_imported_or_read(tmp_path: Path) -> None:
    for name in ("json", "click", "zoo_plugins"):
        (tmp_path / f"{name}.py").write_text("open('trace', 'w').close(); 1 / 0")
    (tmp_path / "registry.toml").write_text("no registry")
    script = [str(Path(sys.executable).with_name("zoo")), "doctor", "encoder-only"]
    done = subprocess.run(script, capture_output=True, text=True, check=False, cwd=tmp_path, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert not (tmp_path / "trace").exists()


@pytest.mark.skipif(os.name != "posix", reason="processes are ended one by one elsewhere")
@pytest.mark.parametrize("interrupted", [False, True])
def test_no_process_is_left_behind(tmp_path: Path, interrupted: bool) -> None:
    source = (
        "import subprocess, time\n"
        f"child = subprocess.Popen([{sys.executable!r}, '-c', 'import time; time.sleep(99)'])\n"
        f"open({str(tmp_path / 'child.new')!r}, 'w').write(str(child.pid))\n"
        f"import os; os.rename({str(tmp_path / 'child.new')!r}, {str(tmp_path / 'child')!r})\n"
        "time.sleep(99)\n"
    )
    command = [sys.executable, "-m", "zoo", "doctor", "toy", written(tmp_path, "toy", source)]
    timeout = "60" if interrupted else "2"
    with subprocess.Popen(
        [*command, "--timeout", timeout],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # who runs the tests may have it ignored
    ) as process:
        until(lambda: (tmp_path / "child").exists())
        if interrupted:
            process.send_signal(signal.SIGINT)
        assert process.wait(30) == (130 if interrupted else 1)
    child = int((tmp_path / "child").read_text())
    until(lambda: not is_running(child))


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def is_running(process: int) -> bool:
    """Whether it runs; one that has ended and that nobody has asked about does not."""
    try:
        os.kill(process, 0)
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
