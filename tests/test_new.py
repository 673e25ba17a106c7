"""`zoo new`: what it writes is a package that works as it is; of a stranger's config nothing becomes code or a path."""

import ast
import gzip
import json
import keyword
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from math import prod
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any

import pytest
from hubcase import Case, bytes_of
from hypothesis import given, settings
from hypothesis import strategies as st

import zoo
import zoo.cli
from zoo.architecture import Architecture
from zoo.config import Config
from zoo.custom_code import adopted
from zoo.errors import ZooError
from zoo.hub.repository import Origin, Repository
from zoo.manager import manager
from zoo.registries import registryfile
from zoo.scaffold import folder as folders
from zoo.scaffold import literals
from zoo.scaffold.given import Given
from zoo.scaffold.package import Package, package
from zoo.scaffold.requirements import bounded
from zoo.text import printable

yaml = import_module("yaml")  # without types

HEADERS = Path(__file__).parent / "oracle" / "headers"
RECORDED = Path(__file__).parent / "oracle" / "recorded"
CORE = Path(str(zoo.__file__)).parent
TYPES = sorted(path.name.removesuffix(".json.gz") for path in HEADERS.glob("*.json.gz"))
"""The built-in types of which transformers saved checkpoints."""

QWEN9: dict[str, Any] = {
    "model_type": "qwen9",
    "architectures": ["Qwen9ForCausalLM"],
    "vocab_size": 152_064,
    "hidden_size": 5_120,
    "intermediate_size": 25_600,
    "num_hidden_layers": 64,
    "num_attention_heads": 40,
    "num_key_value_heads": 8,
    "dtype": "bfloat16",
}
WRITTEN = {
    "pyproject.toml",
    "README.md",
    ".gitignore",
    ".github/workflows/tests.yml",
    "src/zoo_qwen9/__init__.py",
    "src/zoo_qwen9/py.typed",
    "src/zoo_qwen9/qwen9.py",
    "src/zoo_qwen9/registry.toml",
    "tests/config.json",
    "tests/test_qwen9.py",
}


def saved(model_type: str) -> list[dict[str, Any]]:
    """Checkpoints that transformers saved of the classes of a type: `class`, `config`, `tensors`."""
    found: list[dict[str, Any]] = json.loads(gzip.decompress((HEADERS / f"{model_type}.json.gz").read_bytes()))["saved"]
    return found


def source(made: Package) -> str:
    """The module of the architecture."""
    return made.files[PurePosixPath("src", made.names.package, f"{made.names.module}.py")].decode()


def file_of(made: Package, path: str) -> str:
    return made.files[PurePosixPath(path)].decode()


@pytest.fixture
def imported(monkeypatch: pytest.MonkeyPatch) -> Callable[[Package], type[Architecture]]:
    def importing(made: Package) -> type[Architecture]:
        module = ModuleType(f"{made.names.package}.{made.names.module}")
        monkeypatch.setitem(sys.modules, module.__name__, module)
        exec(source(made), vars(module))
        found: type[Architecture] = vars(module)[made.names.architecture]
        return found

    return importing


def run(*arguments: str, cwd: Path, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **({"PYTHONPATH": str(path)} if path else {})}
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=environment,
        timeout=300,
    )


def install(folder: Path, site: Path) -> None:
    """What pip would leave of the package: its modules, and metadata."""
    about = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
    shutil.copytree(folder / "src", site, dirs_exist_ok=True)
    info = site / f"{about['name'].replace('-', '_')}-{about['version']}.dist-info"
    info.mkdir()
    required = "".join(f"Requires-Dist: {one}\n" for one in about["dependencies"])
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {about['name']}\nVersion: {about['version']}\n{required}"
    )
    entries = "".join(f"{name} = {target}\n" for name, target in about["entry-points"]["zoo"].items())
    (info / "entry_points.txt").write_text(f"[zoo]\n{entries}")


# --- the command -----------------------------------------------------------------------------------------------------


def test_it_says_what_it_wrote_and_what_to_do_next(case: Case) -> None:
    done = case.apart("new", "qwen9", "--base", "llama")
    told = "the tests fail until a truth is stated: tests/test_qwen9.py tells how"
    assert (done.code, done.err) == (0, f"zoo: note: {told}\n")
    first, *listed, start, enter, install_it, test_it = done.out.splitlines()
    assert first == "zoo-qwen9: qwen9, zoo_qwen9.qwen9:Qwen9"
    assert {line.strip() for line in listed} == WRITTEN
    assert [start, enter, install_it, test_it] == ["next:", "  cd zoo-qwen9", "  pip install -e '.[test]'", "  pytest"]
    there = {str(path.relative_to("zoo-qwen9")) for path in Path("zoo-qwen9").rglob("*") if path.is_file()}
    assert there == WRITTEN
    shutil.rmtree("zoo-qwen9")


@pytest.fixture
def new(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs `zoo new` in this process, and gives its one line of failure, or the notes of one that succeeds."""
    monkeypatch.chdir(tmp_path)

    def running(*arguments: str, code: int = 0) -> str:
        with pytest.raises(SystemExit) as ended:
            zoo.cli.main(["new", *arguments])
        out, err = capsys.readouterr()
        assert (ended.value.code or 0) == code, err
        if code:
            assert (out, len(err.splitlines())) == ("", 1)
            assert list(tmp_path.rglob("*.py")) == []
        return err.strip()

    return running


@pytest.mark.parametrize(
    "model_type", ["../x", "a b", "Ünï", "/etc/passwd", "", ".", "..", "x/", "x\ny", "${x}", "-", "x" * 41, '"', "zoo-"]
)
def test_a_type_that_no_package_can_be_named_after_is_refused(new: Callable[..., str], model_type: str) -> None:
    assert "letters, digits" in new("--", model_type, code=2)


def test_a_type_whose_package_would_take_the_place_of_one_of_zoos_is_refused(new: Callable[..., str]) -> None:
    project = tomllib.loads(Path(__file__).parents[1].joinpath("pyproject.toml").read_text("utf-8"))
    packages = project["tool"]["setuptools"]["packages"]
    own = {name for name in packages if name.startswith("zoo_") and "." not in name}
    assert own
    for name in own:
        for model_type in (name.removeprefix("zoo_"), name.removeprefix("zoo_").capitalize()):
            assert f"its package would be {name}" in new(model_type, code=2)
            assert f"its package would be {name}" in new(model_type, "--base", "llama", code=2)


@pytest.mark.parametrize(
    ("model_type", "module", "architecture"),
    [
        ("class", "class_", "Class"),
        ("none", "none", "NoneType"),
        ("1bit", "model_1bit", "Model1bit"),
        ("qwen2.5-VL", "qwen2_5_vl", "Qwen25VL"),
        ("openai-gpt-9", "openai_gpt_9", "OpenaiGpt9"),
        ("Llama", "llama", "LlamaType"),
        ("hookimpl", "hookimpl_", "Hookimpl"),
        ("zoo_architectures", "zoo_architectures_", "ZooArchitectures"),
        ("registry", "registry", "Registry"),
    ],
)
def test_any_other_type_has_a_package(
    model_type: str, module: str, architecture: str, tmp_path: Path, imported: Callable[[Package], type[Architecture]]
) -> None:
    made = package(model_type, "llama")
    assert (made.names.module, made.names.architecture) == (module, architecture)
    assert made.names.package.isidentifier()
    assert not keyword.iskeyword(module)
    assert imported(made).__name__ == architecture
    folders.write(tmp_path / "made", made.files)
    install(tmp_path / "made", tmp_path)
    done = run("zoo", "show", str(tmp_path / "made/tests/config.json"), cwd=tmp_path, path=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "6,738,415,616" in done.stdout


def test_a_type_that_is_counted_already_is_refused(new: Callable[..., str]) -> None:
    told = new("bert", code=2)
    assert "counted already" in told
    assert f"paramzoo {version('paramzoo')}" in told


def test_a_base_that_nobody_counts_is_refused(new: Callable[..., str]) -> None:
    assert "did you mean llama" in new("qwen9", "--base", "lama", code=2)


def test_a_base_in_no_package_is_refused(new: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> None:
    single = tmp_path_factory.mktemp("single") / "toy.py"
    made = package("toy")
    hook = "\n\nfrom zoo.hookspecs import hookimpl\n\n\n@hookimpl\ndef zoo_architectures():\n    return"
    single.write_text(source(made) + f'{hook} {{"toy": f"{{__name__}}:Toy"}}\n')
    assert "in no installed package" in new("qwen9", "--base", "toy", "--plugin", str(single), code=2)


def test_a_type_of_another_package_may_be_a_base(tmp_path: Path) -> None:
    folders.write(tmp_path / "zoo-toy", package("toy").files)
    install(tmp_path / "zoo-toy", tmp_path)
    done = run("zoo", "new", "toy2", "--base", "toy", cwd=tmp_path, path=tmp_path)
    assert done.returncode == 0, done.stderr
    about = tomllib.loads((tmp_path / "zoo-toy2/pyproject.toml").read_text("utf-8"))["project"]
    assert about["dependencies"] == [bounded("paramzoo", version("paramzoo")), "zoo-toy>=0.1,<0.2"]
    install(tmp_path / "zoo-toy2", tmp_path)
    configs = [str(tmp_path / name / "tests/config.json") for name in ("zoo-toy", "zoo-toy2")]
    shown = run("zoo", "compare", *configs, "--format", "json", cwd=tmp_path, path=tmp_path)
    one, other = json.loads(shown.stdout)
    assert (one["class"], other["class"]) == ("ToyForCausalLM", "Toy2ForCausalLM")
    assert one["parameters"] == other["parameters"]


def test_a_folder_that_is_not_empty_stays_as_it_is(new: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "zoo-qwen9").mkdir()
    (tmp_path / "zoo-qwen9" / "mine").write_text("mine")
    assert "not empty" in new("qwen9", code=2)
    assert [path.name for path in tmp_path.rglob("*")] == ["zoo-qwen9", "mine"]
    assert "cannot be written" in new("qwen9", "--out", "zoo-qwen9/mine", code=2)
    assert "cannot be written" in new("qwen9", "--out", "zoo-qwen9/mine/below", code=2)
    assert "cannot be written" in new("qwen9", "--out", "x" * 300, code=2)
    (tmp_path / "empty").mkdir()
    new("qwen9", "--out", "empty")
    new("qwen9", "--out", "far/below")
    assert (tmp_path / "far/below/pyproject.toml").read_bytes() == (tmp_path / "empty/pyproject.toml").read_bytes()


def test_what_cannot_be_written_whole_is_not_written_at_all(tmp_path: Path) -> None:
    files = {PurePosixPath("a/b"): b"1", PurePosixPath("c"): b"2", PurePosixPath("x" * 300): b"3"}
    with pytest.raises(ZooError, match="cannot be written"):
        folders.write(tmp_path / "new" / "one", files)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("", "is empty"),
        ("[]", "not an object"),
        ("{}", "nothing in it"),
        ('{"hidden_size": 1, "hidden_size": 2}', "given twice"),
        ('{"n_embd": 5, "hidden_size": 6}', "which means the same"),
        ('{"hidden_size": 5, "num_attention_heads": 2}', "multiple"),
    ],
)
def test_a_config_that_is_none_is_refused(new: Callable[..., str], tmp_path: Path, text: str, cause: str) -> None:
    (tmp_path / "config.json").write_text(text)
    base = "gpt2" if "n_embd" in text else "llama"
    assert cause in new("qwen9", "--base", base, "--from", "config.json", code=2)


@pytest.mark.parametrize("reference", ["bert-base", "config.json,hidden_size=8", "nothing.json"])
def test_what_is_no_config_is_refused(new: Callable[..., str], tmp_path: Path, reference: str) -> None:
    (tmp_path / "config.json").write_text(json.dumps(QWEN9))
    new("qwen9", "--from", reference, code=2)


def test_the_type_asked_for_is_the_one_that_the_package_counts(new: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({**QWEN9, "model_type": "llama"}))
    told = new("qwen9", "--base", "llama", "--from", "config.json")
    assert "'llama'" in told
    assert "qwen9" in told
    assert json.loads((tmp_path / "zoo-qwen9/tests/config.json").read_text("utf-8")) == QWEN9


# --- what it counts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model_type", TYPES)
def test_a_delta_has_the_values_of_a_config_as_its_defaults(
    model_type: str, imported: Callable[[Package], type[Architecture]]
) -> None:
    base = manager.architecture(model_type)
    for one in saved(model_type):
        made = package("new-type", model_type, Given(one["config"]))
        architecture = imported(made)
        keys = {key: value for key, value in one["config"].items() if key not in ("model_type", "architectures")}
        wanted = base.config_class().read(keys)
        assert one["class"] in architecture.classes()
        own = architecture.config_class()
        assert own.read(keys).unknown_keys == wanted.unknown_keys == ()
        lists = {name: value for name, value in vars(wanted.config).items() if isinstance(value, list)}
        plain = own.read({**lists, "num_labels": wanted.config.num_labels})
        assert vars(plain.config) == vars(wanted.config)
        assert own.fields.keys() == base.config_class().fields.keys()
        assert len(source(made).splitlines()) < 50


def test_a_delta_without_a_config_counts_each_class_as_its_base_does(tmp_path: Path) -> None:
    for model_type in TYPES:
        made = package(f"new-{model_type}", model_type)
        folders.write(tmp_path / model_type, made.files)
        install(tmp_path / model_type, tmp_path)
    code = (
        "import zoo\nfrom zoo.manager import manager\n"
        f"for model_type in {TYPES}:\n"
        "    old, new = manager.architecture(model_type), manager.architecture(f'new-{model_type}')\n"
        "    for one, other in zip(old.classes(), new.classes(), strict=True):\n"
        "        one = zoo.load({'model_type': model_type, 'architectures': [one]})\n"
        "        other = zoo.load({'model_type': f'new-{model_type}', 'architectures': [other]})\n"
        "        assert one.count == other.count and list(one.tensors()) == list(other.tensors())\n"
        "        print(one.parameters)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.split()) == sum(len(manager.architecture(model_type).heads) for model_type in TYPES)


def example(config: Mapping[str, Any], imported: Callable[[Package], type[Architecture]]) -> tuple[Config, int]:
    """The defaults of a package with no base, and how many parameters its usual class has with them."""
    architecture = imported(package("qwen9", None, Given(config)))
    read = architecture.config_class().read({})
    parts = architecture(read.config).parts(next(iter(architecture.classes())))
    return read.config, zoo.measures.counts.count(parts).parameters


def test_without_a_base_the_whole_architecture_is_there(imported: Callable[[Package], type[Architecture]]) -> None:
    config, counted = example(QWEN9, imported)
    assert config.dimension("num_key_value_heads") == 8
    # The independent judge: LLaMA is what the example is.
    assert counted == zoo.load({**QWEN9, **LLAMA, "tie_word_embeddings": True}).parameters


LLAMA = {"model_type": "llama", "architectures": ["LlamaForCausalLM"]}


@pytest.mark.parametrize(
    "spelling",
    [
        {"n_embd": 96, "n_inner": 200, "n_layer": 3, "n_head": 6},
        {"d_model": 96, "d_ff": 200, "num_layers": 3, "num_heads": 6},
        {"dim": 96, "ffn_dim": 200, "n_layers": 3, "n_heads": 6.0},
        {"n_embd": 96, "hidden_size": None, "n_inner": 200, "n_layer": 3, "num_attention_heads": 6},
    ],
)
def test_common_spellings_are_understood(
    spelling: dict[str, Any], imported: Callable[[Package], type[Architecture]]
) -> None:
    usual = {"hidden_size": 96, "intermediate_size": 200, "num_hidden_layers": 3, "num_attention_heads": 6}
    _, counted = example({**spelling, "vocab_size": 50}, imported)
    assert counted == zoo.load({**usual, **LLAMA, "vocab_size": 50, "tie_word_embeddings": True}).parameters
    architecture = imported(package("qwen9", None, Given({**spelling, "what": 1})))
    read = architecture.config_class().read({**spelling, "what": 1})
    assert read.unknown_keys == ("what",)
    assert read.given == usual.keys()


def test_a_field_that_two_keys_give_is_not_guessed(imported: Callable[[Package], type[Architecture]]) -> None:
    made = package("qwen9", None, Given({"hidden_size": 64, "d_model": 32}))
    assert imported(made).config_class().read({"hidden_size": 64, "d_model": 32}).unknown_keys == ("d_model",)
    assert "Not yet read: d_model." in source(made)


@pytest.mark.parametrize(("target", "unread"), [("modeling_qwen9.Qwen9Model", ()), ("other.Evil", ("auto_map",))])
def test_code_of_a_config_is_the_types_own_or_not_yet_read(
    target: str, unread: tuple[str, ...], imported: Callable[[Package], type[Architecture]]
) -> None:
    made = package("qwen9", "llama", Given({**QWEN9, "auto_map": {"AutoModel": target}}))
    assert ("Not yet read: auto_map." in source(made)) is bool(unread)
    assert adopted({"AutoModel": target}, "qwen9", imported(made)) is not bool(unread)


def test_a_class_that_the_base_does_not_have_is_told(imported: Callable[[Package], type[Architecture]]) -> None:
    made = package("qwen9", "llama", Given({**QWEN9, "architectures": ["Qwen9LMHeadModel"]}))
    classes = imported(made).classes()
    assert next(iter(classes.items())) == ("Qwen9LMHeadModel", "causal_lm")
    assert "Qwen9ForCausalLM" in classes
    assert "look whether it is so" in source(made)


# --- the tests that it writes ----------------------------------------------------------------------------------------


def checkpoint(folder: Path, model_type: str) -> int:
    """A folder as transformers would save it: config.json, and weights; a config of which most fields are changed.

    Gives how many parameters transformers counts.
    """
    records = json.loads(gzip.decompress((RECORDED / f"{model_type}.json.gz").read_bytes()))["records"]
    one = max(records, key=lambda record: (record["class"].endswith(("CausalLM", "MaskedLM")), len(record["config"])))
    folder.mkdir()
    about = {**one["config"], "model_type": model_type, "architectures": [one["class"]]}
    (folder / "config.json").write_text(json.dumps(about))
    entries, end = {}, 0
    for name, shape in one["tensors"].items():
        begin, end = end, end + prod(shape) * 4
        entries[name] = {"dtype": "F32", "shape": shape, "data_offsets": [begin, end]}
    header = json.dumps(entries).encode()
    with (folder / "model.safetensors").open("wb") as stream:
        stream.write(len(header).to_bytes(8, "little") + header)
        stream.truncate(8 + len(header) + end)  # the numbers are a hole, and take no room
    parameters: int = one["parameters"]
    return parameters


def kit(folder: Path, site: Path) -> subprocess.CompletedProcess[str]:
    """The tests of a package, run by its own pytest."""
    return run("pytest", "-q", "-p", "no:cacheprovider", cwd=folder, path=site)


# Of the last two, the kit would find fault with the bases themselves, were they not excepted.
@pytest.mark.parametrize("base", ["llama", "bert", "mixtral", "qwen2", "opt"])
def test_with_a_header_that_fits_the_tests_pass_as_written(base: str, new: Callable[..., str], tmp_path: Path) -> None:
    parameters = checkpoint(tmp_path / "weights", base)
    new("qwen9", "--base", base, "--from", "weights")
    install(tmp_path / "zoo-qwen9", tmp_path)
    done = kit(tmp_path / "zoo-qwen9", tmp_path)
    assert done.returncode == 0, done.stdout
    named = run("zoo", "compare", "qwen9", "--format", "json", cwd=tmp_path / "zoo-qwen9", path=tmp_path)
    (record,) = json.loads(named.stdout)
    assert (record["parameters"], record["status"]) == (parameters, "exact")
    assert record["class"] == json.loads((tmp_path / "weights/config.json").read_text("utf-8"))["architectures"][0]


def test_with_a_header_that_does_not_fit_they_name_the_tensor(new: Callable[..., str], tmp_path: Path) -> None:
    checkpoint(tmp_path / "weights", "qwen3")  # with norms on the heads
    new("qwen9", "--base", "llama", "--from", "weights")
    install(tmp_path / "zoo-qwen9", tmp_path)
    done = kit(tmp_path / "zoo-qwen9", tmp_path)
    assert done.returncode == 1
    assert "q_norm" in done.stdout


def test_weights_are_recorded_without_the_kits_own_requirements(tmp_path: Path) -> None:
    checkpoint(tmp_path / "weights", "bert")
    code = (
        "import sys\n"
        "for name in ('pytest', 'sympy', 'hypothesis', 'torch', 'transformers'):\n"
        "    sys.modules[name] = None\n"
        "from zoo.cli import main\n"
        "main(['new', 'qwen9', '--base', 'bert', '--from', 'weights'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "tests/header.json" in done.stdout


def test_without_a_truth_they_fail_for_that_alone(new: Callable[..., str], tmp_path: Path) -> None:
    new("qwen9")
    install(tmp_path / "zoo-qwen9", tmp_path)
    done = kit(tmp_path / "zoo-qwen9", tmp_path)
    assert done.returncode == 1
    assert "no truth is stated" in done.stdout
    assert "\n1 failed" in done.stdout


@pytest.mark.skipif(find_spec("setuptools") is None, reason="pip builds it with setuptools")
def test_pip_installs_it(new: Callable[..., str], tmp_path: Path) -> None:
    checkpoint(tmp_path / "weights", "llama")
    new("qwen9", "--base", "llama", "--from", "weights")
    run("venv", "--without-pip", "venv", cwd=tmp_path)
    (libraries,) = (tmp_path / "venv").rglob("site-packages")
    here = [path for path in map(Path, sys.path) if path.name == "site-packages"]
    lines = (f"import site; site.addsitedir({str(path)!r})\n" for path in here)
    (libraries / "beside.pth").write_text("".join(lines))
    python = next(path for path in tmp_path.glob("venv/*/python*") if path.stem == "python")
    for command in (
        "pip install -q --no-build-isolation --no-deps -e .",
        "pytest -q -p no:cacheprovider",
        "pip wheel -q --no-build-isolation --no-deps .",
    ):
        done = subprocess.run(
            [python, "-m", *command.split()],
            cwd=tmp_path / "zoo-qwen9",
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = (tmp_path / "zoo-qwen9").glob("*.whl")
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info" not in name}
    assert inside == {path.removeprefix("src/") for path in WRITTEN if path.startswith("src/")}


def test_weights_of_the_hub_are_recorded(case: Case) -> None:
    one = saved("llama")[1]
    weights = bytes_of({name: (dtype, tuple(shape)) for name, (dtype, shape) in one["tensors"].items()})
    config = json.dumps(one["config"]).encode()
    commit = case.hub.add("org/Qwen9-7B", {"config.json": config, "model.safetensors": weights})
    done = case.zoo("new", "qwen9", "--base", "llama", "--from", "org/Qwen9-7B")
    assert done.code == 0
    header = json.loads(Path("zoo-qwen9/tests/header.json").read_text("utf-8"))
    assert header == {name: {"dtype": dtype, "shape": shape} for name, (dtype, shape) in one["tensors"].items()}
    entry = tomllib.loads(Path("zoo-qwen9/src/zoo_qwen9/registry.toml").read_text("utf-8"))["models"]["qwen9-7b"]
    assert (entry["hub"], entry["revision"], entry["model_type"]) == ("org/Qwen9-7B", commit, "qwen9")
    shutil.rmtree("zoo-qwen9")


def test_a_repository_without_weights_gives_its_config(case: Case) -> None:
    case.hub.add("org/bare", {"config.json": json.dumps(QWEN9).encode()})
    done = case.zoo("new", "qwen9", "--from", "org/bare")
    assert done.code == 0
    assert "no header of weights is recorded" in done.err
    assert "truth = ()" in Path("zoo-qwen9/tests/test_qwen9.py").read_text("utf-8")
    shutil.rmtree("zoo-qwen9")
    assert "org/nothing" in case.fails("new", "qwen9", "--from", "org/nothing")
    assert "offline" in case.fails("new", "qwen9", "--from", "org/other", "--offline")
    assert not Path("zoo-qwen9").exists()


# --- hostile configs -------------------------------------------------------------------------------------------------

HOSTILE = [
    'x = __import__("os").system("touch owned")',
    '"""',
    "'''\nimport os",
    "a\nb",
    "]",
    "${names}",
    "$prefix",
    "# noqa",
    "type: ignore",
    "\\",
    "\x1b[31m",
    "\ud800",
    "🦓",
    "__class__",
    "class",
    "x" * 5_000,
    "model_type ",
    "{{ matrix }}",
    "[models.x]",
]
VALUES: list[Any] = [
    *HOSTILE, 0, -1, 1, 7, 10**13, 10**4_000, 1.5, 2.0, float("nan"), float("-inf"), True, False, None,
    [], [1, [2, {"a": None}]], {}, {"${x}": "]"}, "relu", "gated-gelu",
]  # fmt: skip
BASES = (None, "llama", "bert", "t5", "mixtral", "deepseek_v3", "gemma3_text", "mpt", "falcon")
FIELDS = sorted({key for base in BASES[1:] for key in manager.architecture(str(base)).config_class().all_spellings()})
KEYS = [*HOSTILE, *FIELDS, "n_embd", "d_model", "n_head", "attn_config", "auto_map", "torch_dtype", "architectures"]
CONFIGS = st.dictionaries(
    st.sampled_from(KEYS) | st.text(max_size=12),
    st.sampled_from(VALUES) | st.integers(1, 64) | st.text(max_size=12),
    max_size=12,
)
CALLED = {
    "attend", "derived", "dim", "embedding", "fields", "float", "linear", "repeat", "rms_norm", "scope",
    "attention", "layer", "mlp", "model",
}  # fmt: skip


def scaffolded(base: str | None, config: Mapping[str, Any]) -> Package | None:
    """The package, or None where the config is refused, in one line."""
    origin = Origin(Repository(f"org/{config.get('name', 'Qwen9')}"), "0" * 40, b"{}")
    try:
        return package("qwen9", base, Given(config, origin))
    except ZooError as error:
        told = str(error)
    assert told == printable(told)
    assert len(told) < 600
    return None


@given(config=CONFIGS, base=st.sampled_from(BASES))
@settings(max_examples=300, deadline=None)
def test_nothing_of_a_config_becomes_code_or_a_path(config: dict[str, Any], base: str | None) -> None:
    made = scaffolded(base, config)
    if made is None:
        return
    assert {str(path) for path in made.files} == WRITTEN
    module = ast.parse(source(made))
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
            assert name in CALLED
        if isinstance(node, ast.Attribute | ast.Name):
            assert not ast.unparse(node).startswith("__")
    assert [type(node) for node in module.body[-2:]] == [ast.ClassDef, ast.ClassDef]
    assert all(line.isascii() and line.isprintable() and len(line) <= 120 for line in source(made).splitlines())
    for path in WRITTEN - {f"src/zoo_qwen9/{name}" for name in ("qwen9.py", "registry.toml")} - {"tests/config.json"}:
        assert file_of(made, path) == file_of(PLAIN[base], path)
    written = json.loads(file_of(made, "tests/config.json"))
    assert repr(written) == repr({**config, "model_type": "qwen9"}) or {**written} == {**config, "model_type": "qwen9"}
    registry = file_of(made, "src/zoo_qwen9/registry.toml")
    for name, table in registryfile.parse(registry.encode(), Path("registry.toml")).items():
        registryfile.entry(name, table, "registry.toml", None)
        assert table["model_type"] == "qwen9"


PLAIN = {base: package("qwen9", base) for base in BASES}


@given(st.text())
def test_a_text_is_written_as_itself(text: str) -> None:
    written = literals.text(text)
    assert ast.literal_eval(written) == text
    assert written.isascii()
    assert written.isprintable()


# --- the files -------------------------------------------------------------------------------------------------------


def packages(folder: Path) -> Iterator[Path]:
    """Packages of several bases, without a config, with a plain one, and with hostile ones."""
    for base in BASES:
        hostile = {key: VALUES[number % len(VALUES)] for number, key in enumerate(KEYS)}
        for number, config in enumerate(({}, QWEN9, {**QWEN9, **dict.fromkeys(HOSTILE, 1)}, hostile)):
            name = f"qwen-9.{base or 'none'}-{number}"
            try:
                made = package(name, base, Given(config) if config else None)
            except ZooError:
                continue
            folders.write(folder / name, made.files)
            yield folder / name
    long = package("q" * 40, "switch_transformers")
    folders.write(folder / "long", long.files)
    yield folder / "long"


def test_linters_and_the_formatter_have_nothing_to_say(tmp_path: Path) -> None:
    pytest.importorskip("ruff")
    assert len(list(packages(tmp_path))) > 2 * len(BASES)
    for command in (["check", "--no-cache"], ["format", "--check", "--no-cache"]):
        done = run("ruff", *command, ".", cwd=tmp_path)
        assert done.returncode == 0, done.stdout


def test_the_types_hold(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    modules = tmp_path / "modules"
    modules.mkdir()
    # mypy does not see through an editable install.
    plugins = Path(str(sys.modules["zoo_plugins"].__file__)).parent
    for name, there in (("zoo", CORE), ("zoo_plugins", plugins)):
        (modules / name).symlink_to(there, target_is_directory=True)
    for folder in packages(tmp_path / "made"):
        shutil.copytree(folder / "src", tmp_path / "src", dirs_exist_ok=True)
        shutil.copytree(folder / "tests", tmp_path / "src", dirs_exist_ok=True)
    # What is wrong with what is installed is not told.
    (tmp_path / "mypy.ini").write_text("[mypy]\nstrict = True\n[mypy-zoo.*,zoo_plugins.*]\nfollow_imports = silent\n")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", "../mypy.ini", "--cache-dir", str(tmp_path / "cache"), "."],
        cwd=tmp_path / "src",
        env={**os.environ, "MYPYPATH": str(modules)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_workflow_does_what_a_person_would() -> None:
    workflow = yaml.safe_load(file_of(PLAIN[None], ".github/workflows/tests.yml"))
    steps: Sequence[Mapping[str, Any]] = workflow["jobs"]["tests"]["steps"]
    assert [step["run"] for step in steps if "run" in step] == ["pip install -e '.[test]'", "pytest"]
    assert workflow["jobs"]["tests"]["strategy"]["matrix"]["python-version"]
    (setup,) = [step for step in steps if "setup-python" in step.get("uses", "")]
    assert setup["with"] == {"python-version": "${{ matrix.python-version }}"}


@pytest.mark.parametrize(
    ("here", "wanted"),
    [
        ("0.1.0", "x>=0.1,<0.2"),
        ("0.10.3", "x>=0.10,<0.11"),
        ("2.3", "x>=2.3,<2.4"),
        ("0.2.0.dev1", "x>=0.2.0.dev1,<0.3"),
        ("unknown", "x"),
    ],
)
def test_a_requirement_is_bounded(here: str, wanted: str) -> None:
    assert bounded("x", here) == wanted


def test_the_package_requires_this_zoo_in_bounds() -> None:
    about = tomllib.loads(file_of(PLAIN[None], "pyproject.toml"))["project"]
    assert about["dependencies"] == [bounded("paramzoo", version("paramzoo"))]
    assert about["entry-points"]["zoo"] == {"qwen9": "zoo_qwen9"}
    assert about["optional-dependencies"]["test"] == ["paramzoo[testing]"]


def entries(made: Package) -> dict[str, Any]:
    return dict(registryfile.parse(file_of(made, "src/zoo_qwen9/registry.toml").encode(), Path("registry.toml")))


def test_the_model_has_an_entry_of_what_its_config_says() -> None:
    origin = Origin(Repository("Org/Qwen9-7B"), "0" * 40, b"{}")
    made = package("qwen9", "llama", Given({**QWEN9, "id2label": {"0": "a"}}, origin))
    assert entries(made) == {
        "qwen9-7b": {
            "model_type": "qwen9",
            "class": "Qwen9ForCausalLM",
            "config": {"dtype": "bfloat16", "num_labels": 1},
            "hub": "Org/Qwen9-7B",
            "revision": "0" * 40,
            "sha256": origin.sha256,
        }
    }


def test_an_entry_waits_until_all_of_its_config_is_read() -> None:
    config = {**QWEN9, "what": 1, "nested": {"size": 2, "none": None}, "vocab_size": "many"}
    made = package("qwen9", "llama", Given(config))
    assert entries(made) == {}
    text = file_of(made, "src/zoo_qwen9/registry.toml")
    lines = [line.removeprefix("# ") for line in text.splitlines()]
    start = lines.index("[models.qwen9]")
    assert "Not in use yet, as Qwen9 does not read all of its config: what, nested, vocab_size. " in " ".join(lines)
    table = tomllib.loads("\n".join(lines[start:]))["models"]["qwen9"]
    assert "unverified" not in table
    assert table["config"] == {"what": 1, "nested": {"size": 2}, "vocab_size": "many", "dtype": "bfloat16"}


@pytest.mark.parametrize(("name", "wanted"), [("gpt2", "qwen9"), ("..x y", "qwen9"), ("My.Model", "my.model")])
def test_a_name_that_is_none_or_taken_is_not_the_models(name: str, wanted: str) -> None:
    made = package("qwen9", "llama", Given(QWEN9, Origin(Repository(f"org/{name}"), "0" * 40, b"{}")))
    assert list(entries(made)) == [wanted]


def test_a_folder_keeps_its_name_to_itself(case: Case) -> None:
    folder = Path("tiny-qwen9")
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(QWEN9), "utf-8")
    assert case.zoo("new", "qwen9", "--base", "llama", "--from", "tiny-qwen9").code == 0
    text = Path("zoo-qwen9/src/zoo_qwen9/registry.toml").read_text("utf-8")
    assert list(tomllib.loads(text)["models"]) == ["qwen9"]
    shutil.rmtree("zoo-qwen9")
    shutil.rmtree(folder)
