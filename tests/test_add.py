"""`zoo add`: a model of the Hub is written into a person's registry file, and reads back as itself; all else stays."""

import gzip
import hashlib
import json
import os
import stat
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hubserver import Hub
from hypothesis import given, settings
from hypothesis import strategies as st

import zoo
from zoo.commands import add
from zoo.fields import Field
from zoo.hub.repository import Origin, Repository
from zoo.model import Model
from zoo.registries import registrywriter, tomltext
from zoo.registries.registry import LOCAL_FILES, registry
from zoo.registries.registryfile import LARGEST_FILE, LONGEST_LINE
from zoo.registries.registrywriter import table, write

RECORDED = Path(__file__).parent / "oracle" / "recorded"
COMMIT, OTHER_COMMIT = "0123456789abcdef0123456789abcdef01234567", "f" * 40
ORIGIN = Origin(Repository("Org/My-Model"), COMMIT, b"{}")
LATER = ORIGIN._replace(commit=OTHER_COMMIT, config=b"[]")
HASH, LATER_HASH = (hashlib.sha256(data).hexdigest() for data in (b"{}", b"[]"))
OTHER = Origin(Repository("other/model"), COMMIT, b"{}")
BERT: dict[str, Any] = {"model_type": "bert", "architectures": ["BertModel"], "num_hidden_layers": 2}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "zoo.toml"


def same(one: Model, other: Model) -> bool:
    """Whether two models are the same to the last tensor, of very large ones to the last component."""
    return (
        (one.model_type, one.class_name, one.count) == (other.model_type, other.class_name, other.count)
        and vars(one.config) == vars(other.config)
        and list(islice(one.tensors(), 500)) == list(islice(other.tensors(), 500))
        and one.breakdown() == other.breakdown()
    )


def memory(model: Model) -> object:
    """What the weights take as the config stores them, or why that is not known."""
    try:
        return model.says_dtype, model.dtype, model.weight_memory()
    except zoo.ZooError as error:
        return str(error).partition(": ")[2]


def read(file: Path, name: str = "x") -> Model:
    return zoo.load(name, registries=[file])


def refusal(file: Path, name: str, model: Model, origin: Origin = ORIGIN) -> str:
    """The line with which an entry is refused; the file stays as it was, and nothing else is left beside it."""
    before = file.read_bytes() if file.exists() else None
    with pytest.raises(zoo.ZooError) as raised:
        write(file, name, model, origin)
    line = str(raised.value)
    assert line.isprintable()
    assert len(line) < 400
    assert (file.read_bytes() if file.exists() else None) == before
    assert not list(file.parent.glob("*.adding"))
    return line


# --- what an entry says ----------------------------------------------------------------------------------------------


def test_every_model_of_the_registry_comes_back_the_same(file: Path) -> None:
    for entry in registry():
        model = zoo.load(entry.name)
        file.unlink(missing_ok=True)
        assert write(file, "x", model, ORIGIN) == "added"
        back = read(file)
        assert same(back, model), entry.name
        assert memory(back) == memory(model), entry.name
        assert write(file, "x", back, ORIGIN) == "unchanged"


@pytest.mark.parametrize("path", sorted(RECORDED.glob("*.json.gz")), ids=lambda path: path.name.partition(".")[0])
def test_configs_of_every_type_come_back_the_same(file: Path, path: Path) -> None:
    records = json.loads(gzip.decompress(path.read_bytes()))["records"]
    for record in sorted(records, key=lambda record: -len(record["config"]))[:: len(records) // 4]:
        names = {"model_type": path.name.removesuffix(".json.gz"), "architectures": [record["class"]]}
        model = zoo.load({**record["config"], **names})
        file.unlink(missing_ok=True)
        write(file, "x", model, ORIGIN)
        assert same(read(file), model), record["config"]


def written(config: Mapping[str, Any]) -> dict[str, Any]:
    return table(zoo.load(config), ORIGIN)


def test_an_entry_tells_what_differs_under_the_standard_names(file: Path) -> None:
    llama = {
        "model_type": "llama",
        "hidden_size": 2048,
        "intermediate_size": 11008,  # the default
        "num_attention_heads": 16,
        "num_key_value_heads": 16,  # follows
        "head_dim": 128,  # follows
        "rope_theta": 5e5,
        "torch_dtype": "bfloat16",
    }
    write(file, "llama-1.5", zoo.load(llama), ORIGIN)
    assert file.read_text() == (
        '[models."llama-1.5"]\n'
        'model_type = "llama"\n'
        'class = "LlamaForCausalLM"\n'
        "config.hidden_size = 2048\n"
        "config.num_attention_heads = 16\n"
        'config.dtype = "bfloat16"\n'
        'hub = "Org/My-Model"\n'
        f'revision = "{COMMIT}"\n'
        f'sha256 = "{HASH}"\n'
    )
    assert written({"model_type": "gpt2", "n_embd": 1536, "n_inner": 6144})["config"] == {"hidden_size": 1536}
    mamba = written({"model_type": "mamba", "time_step_rank": "auto", "d_inner": 7})
    assert (mamba["unverified"], "config" in mamba) == (["d_inner"], False)
    grouped = {"attn_config": {"attn_type": "grouped_query_attention", "kv_n_heads": 8}}
    assert written({"model_type": "mpt", **grouped})["config"] == {"num_key_value_heads": 8}
    assert written({"model_type": "bert", "id2label": {"0": "a", "1": "b", "2": "c"}})["config"] == {"num_labels": 3}


def test_a_null_that_is_no_default_is_named(file: Path) -> None:
    config = {"model_type": "deepseek_v2", "q_lora_rank": None}
    found = written(config)
    assert found["null"] == ["q_lora_rank"]
    assert "config" not in found
    write(file, "x", zoo.load(config), ORIGIN)
    assert read(file).config.q_lora_rank is None
    assert read(file).parameters == zoo.load(config).parameters != zoo.load({"model_type": "deepseek_v2"}).parameters


def test_a_null_within_the_quantization_is_kept_where_it_is_a_value(file: Path) -> None:
    for size in ({}, {"weight_block_size": None}, {"weight_block_size": [64, 64]}):
        layers = {"model.layers.0": {"bits": None, "group": 8}, "model.norm": None}
        quantization = {"quant_method": "fp8", "activation_scheme": "dynamic", "layers": layers, "other": {}, **size}
        model = zoo.load({"model_type": "llama", "quantization_config": quantization})
        file.unlink(missing_ok=True)
        write(file, "x", model, ORIGIN)
        wanted = {**quantization, "layers": {"model.layers.0": {"group": 8}}}
        assert read(file).stated("quantization_config") == wanted
        assert memory(read(file)) == memory(model)


def test_keys_that_nobody_knows_are_recorded(file: Path) -> None:
    unknown = ["never_heard_of", "\x1b[31m\u202e\x7f\x85\"'\\\n", "日本 #x", ""]
    write(file, "x", zoo.load({**BERT, **dict.fromkeys(unknown, 1)}), ORIGIN)
    entry = registry(file)["x"]
    assert entry.unverified == tuple(unknown)
    assert (entry.hub, entry.revision, entry.sha256) == ("Org/My-Model", COMMIT, HASH)
    text = file.read_text("utf-8")
    assert all(line.isprintable() for line in text.split("\n"))
    assert tomllib.loads(text)["models"]["x"]["unverified"] == unknown


def test_long_lists_go_over_several_lines(file: Path) -> None:
    kinds = [("sliding_attention", "full_attention")[layer % 3 == 2] for layer in range(1000)]
    config = {"model_type": "gemma3_text", "num_hidden_layers": 1000, "layer_types": kinds}
    write(file, "x", zoo.load(config), ORIGIN)
    assert max(map(len, file.read_text().splitlines())) <= tomltext.WIDTH
    assert read(file).config.layer_types == kinds


# --- what else is in the file ----------------------------------------------------------------------------------------

MINE = '''# My models. # [models.x]
title = "not zoo's"   # of mine

[models.first]  # the first
model_type = "bert"
class = "BertModel"

[tools.other]
text = """
[models.x]
hub = "no" ""\\""" # no comment
"""
four = """a"""" # "[
list = [ # with a comment ]
  ['[models.x]', {a = 1}],
]

'''
HEAD = '[models.x] # here\naliases = ["mine"] # of mine\n# its type\nmodel_type = "bert"\nclass = "BertModel"\n'
PIN = f'hub = "org/my-model"\nrevision = "{COMMIT}" # since May\nsha256 = "{HASH}"\n'
TAIL = 'note = """of\nmine""" # too\n\n# the last\n[models.last]\nmodel_type = "bert"\nclass = "BertModel"\n# end'


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("text", [MINE, MINE.rstrip(), MINE + "# end", "", "\n", "# nothing"])
def test_what_was_in_the_file_stays_byte_for_byte(file: Path, newline: str, mark: bytes, text: str) -> None:
    before = mark + text.replace("\n", newline).encode()
    file.write_bytes(before)
    assert write(file, "x", zoo.load(BERT), ORIGIN) == "added"
    after = file.read_bytes()
    assert after.startswith(before)
    assert after.endswith(b"\n")
    if "\n" in text:
        assert after.count(b"\r") == (after.count(b"\n") if newline == "\r\n" else 0)
    assert read(file).parameters == zoo.load(BERT).parameters
    twice = write(file, "y", zoo.load(BERT), ORIGIN)
    assert twice == "added"
    assert file.read_bytes().startswith(after)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("config", "kept"),
    [
        ("config = { num_hidden_layers = 3 } # cut\n", "# cut\n"),
        ("config.num_hidden_layers = 3\n\n# wide\nconfig.hidden_size = 24 # narrow\n", "\n# wide\n# narrow\n"),
        ("config = { num_hidden_layers = 3 }\nnull = [ # none\n 'vocab_size', # too\n]\n", "# none\n# too\n"),
    ],
)
def test_an_entry_is_brought_up_to_date_in_its_place(file: Path, newline: str, config: str, kept: str) -> None:
    file.write_bytes((MINE + HEAD + config + PIN + TAIL).replace("\n", newline).encode())
    assert write(file, "x", zoo.load(BERT), LATER) == "updated"
    fresh = ["config.num_hidden_layers = 2\n"]
    pin = ['hub = "Org/My-Model"\n', "# since May\n", f'revision = "{OTHER_COMMIT}"\n', f'sha256 = "{LATER_HASH}"\n']
    found = file.read_bytes().decode()
    assert found.count("\r") == (found.count("\n") if newline == "\r\n" else 0)
    found = found.replace("\r\n", "\n")
    assert found.startswith(MINE + HEAD)
    assert found.endswith("".join(pin) + TAIL)
    between = found.removeprefix(MINE + HEAD).removesuffix("".join(pin) + TAIL)
    assert sorted(between.splitlines(keepends=True)) == sorted([*kept.splitlines(keepends=True), *fresh])
    assert write(file, "x", zoo.load(BERT), LATER) == "unchanged"
    assert read(file, "mine").depths == (2,)


def test_a_config_that_has_a_table_of_its_own(file: Path) -> None:
    text = (
        MINE + HEAD + PIN + "\n[models.x.config] # its\nnum_hidden_layers = 3 # three\n\n" + TAIL.partition("\n\n")[2]
    )
    file.write_text(text)
    assert write(file, "x", zoo.load(BERT), ORIGIN) == "updated"
    lines = file.read_text().splitlines()
    assert "[models.x.config] # its" not in lines
    assert lines.index("config.num_hidden_layers = 2") < lines.index("# its") < lines.index("[models.last]")
    assert set(text.splitlines()) - set(lines) == {
        "[models.x.config] # its", "num_hidden_layers = 3 # three", 'hub = "org/my-model"'
    }  # fmt: skip
    assert read(file).depths == (2,)


OTHERS = (
    "# BERT\n\n",
    '[models.a] # a\nmodel_type = "bert"\nclass = "BertModel"\nconfig.num_hidden_layers = 1 # one\n\n',
    '[models.b.config]\nhidden_size = 24\n# b\n[models.b]\nmodel_type = "bert"\nclass = "BertModel"\n',
    '[tools]\nx = """\n[models.x]\nhub = 1 # """\nmodels.x.hub = 2\n\n\n',
    "[[tools.y]]\n[[tools.y]] # y\n",
)
ENTRY = 'model_type = "gpt2"\n\n# of mine\naliases = ["mine"]\n\tclass = "GPT2Model" # no\nhub = "org/my-model"\n'
FORMS = (
    "",
    "config.n_embd = 24 # narrow\n",
    'config = {n_embd = 24, "a.b" = {}} # narrow\n',
    "\n[models.x.config] # its\nn_embd = 24\n[models.x.config.inner]\nn = 1 # narrow\n",
)


@settings(max_examples=100, deadline=None)
@given(st.permutations(OTHERS), st.integers(0, 5), st.sampled_from(FORMS), st.sampled_from(["\n", "\r\n"]))
def test_wherever_an_entry_stands_what_is_around_it_stays(
    others: list[str], place: int, form: str, newline: str
) -> None:
    above, entry, below = (
        text.replace("\n", newline).encode()
        for text in ("".join(others[:place]), '[ models . "x" ]\n' + ENTRY + form, "".join(others[place:]))
    )
    with TemporaryDirectory() as folder:
        file = Path(folder) / "zoo.toml"
        file.write_bytes(above + entry + below)
        assert write(file, "x", zoo.load({**BERT, "foo": 1}), ORIGIN) == "updated"
        after = file.read_bytes()
        assert after.startswith(above)
        assert after.endswith(below)
        found = after[len(above) : len(after) - len(below)].decode()
        assert found.count("\n") == found.count(newline)
        comments = [line.partition("#")[2] for line in (ENTRY + form).splitlines() if "#" in line]
        assert [line.partition("#")[2] for line in found.splitlines() if "#" in line] == comments
        assert read(file, "mine").depths == (2,)


def test_what_did_not_change_is_not_touched(file: Path) -> None:
    file.write_text(HEAD + "config = {num_hidden_layers=2}\n" + PIN.replace("org/my-model", "Org/My-Model") + TAIL)
    before = file.read_bytes(), file.stat()
    assert write(file, "x", zoo.load(BERT), ORIGIN) == "unchanged"
    assert (file.read_bytes(), file.stat()) == before


def test_a_config_that_is_all_default_now_goes(file: Path) -> None:
    write(file, "x", zoo.load({**BERT, "quantization_config": {"threshold": float("nan")}}), ORIGIN)
    assert (
        write(file, "x", zoo.load({**BERT, "quantization_config": {"threshold": float("nan")}}), ORIGIN) == "unchanged"
    )
    assert write(file, "x", zoo.load({"model_type": "bert"}), LATER) == "updated"
    assert "config" not in tomllib.loads(file.read_text())["models"]["x"]


def test_twenty_in_a_row(file: Path) -> None:
    file.write_text(MINE)
    for number in range(20):
        config = {**BERT, "num_hidden_layers": number + 13}
        write(file, f"m{number}", zoo.load(config), ORIGIN._replace(repository=Repository(f"org/m{number}")))
    models = tomllib.loads(file.read_text())["models"]
    assert list(models) == ["first", *(f"m{number}" for number in range(20))]
    assert [read(file, f"m{number}").depths for number in range(20)] == [(number + 13,) for number in range(20)]
    assert file.read_text().startswith(MINE)
    assert "\n\n\n" not in file.read_text()


VALUES = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(VALUES, st.sampled_from(["\n", "\r\n"]))
def test_any_value_is_read_back_by_another_reader_and_replaced(value: object, newline: str) -> None:
    lines = tomltext.assignments(["a", "b c"], value).replace("\n", newline)
    text = newline.join(["# first", "[t.u]", lines + "z = 1", ""])
    assert tomllib.loads(text) == {"t": {"u": {"a": {"b c": value}, "z": 1}}}
    assert tomltext.updated(text, ["t", "u"], {}) == text
    replaced = newline.join(["# first", "[t.u]", "a = 2", "z = 1", ""])
    assert tomltext.updated(text, ["t", "u"], {"a": "a = 2\n"}) == replaced


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        '[models.x]\nmodel_type = "bert"\nclass = "BertModel"\nhub = "an/other"',
        '[models.x]\nmodel_type = "bert"\nclass = "BertModel"',
        "[models.x]\nhub = 3",
        '[models.y]\nmodel_type = "bert"\nclass = "BertModel"\naliases = ["x"]',
        '[models]\nx = { model_type = "bert", class = "BertModel", hub = "Org/My-Model" }',
        'models.x.hub = "Org/My-Model"',
        'models = { x = { hub = "Org/My-Model" } }',
    ],
)
def test_a_name_that_is_taken_is_refused(file: Path, text: str) -> None:
    file.write_text(text)
    assert "--name" in refusal(file, "x", zoo.load(BERT))


@pytest.mark.parametrize("name", ["", "../x", "a/b", "-x", "a b", "\x1b[2J", "\udc80", "ä", 'x"]\nhub = "'])
def test_a_name_that_is_none_is_refused(file: Path, name: str) -> None:
    assert "is not a model name" in refusal(file, name, zoo.load(BERT))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"\ud800": 1}, "not a Unicode scalar value"),
        ({"quantization_config": {"skip": ["\udfff"]}}, "not a Unicode scalar value"),
        ({"quantization_config": {"skip": [None]}}, "no null in a list"),
        ({"torch_dtype": "x" * LONGEST_LINE}, "a line is longer"),
        ({"quantization_config": {"a" * LONGEST_LINE: 1}}, "a line is longer"),
        ({"quantization_config": {"skip": ["a" * 100] * 6000}}, "larger than 512 KiB"),
    ],
)
def test_what_toml_or_the_caps_do_not_allow_is_refused(file: Path, changes: Mapping[str, Any], said: str) -> None:
    file.write_text(MINE)
    assert said in refusal(file, "x", zoo.load({**BERT, **changes}))


@pytest.mark.parametrize("text", ["[models.y", "models = 3", "models.y = 3", "#" * LARGEST_FILE * 2, "models = {}"])
def test_a_file_that_is_none_is_refused(file: Path, text: str) -> None:
    file.write_text(text)
    assert str(file) in refusal(file, "x", zoo.load(BERT))


def test_an_entry_that_would_be_another_model_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = zoo.load(BERT)
    monkeypatch.setattr(Field, "is_default", lambda field, value, fields: True)
    assert "would not be the model" in refusal(file, "x", model)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ('hub = "a/b"\nrevision = "main"', "revision must be 40 digits"),
        (f'hub = "a/b"\nrevision = "{"A" * 40}"', "revision must be 40 digits"),
        (f'hub = "a/b"\nsha256 = "{COMMIT}"', "sha256 must be 64 digits"),
        ('hub = "a/b"\nsha256 = 3', "sha256 must be"),
        (f'revision = "{COMMIT}"', "hub is missing"),
        ("unverified = [3]", "unverified must be a list"),
        ('unverified = "x"', "unverified must be"),
        ('null = ["a.b"]', "no table 'a'"),
        ('null = ["a.b"]\nconfig = { a = 3 }', "no table 'a'"),
    ],
)
def test_a_wrong_key_is_told_with_file_and_entry(file: Path, keys: str, said: str) -> None:
    file.write_text(f'[models.x]\nmodel_type = "bert"\nclass = "BertModel"\n{keys}\n')
    with pytest.raises(zoo.ZooError) as raised:
        read(file)
    assert said in str(raised.value)
    assert f"{file}: models.x" in str(raised.value)


# --- how it is replaced ----------------------------------------------------------------------------------------------


def test_a_change_in_the_meantime_is_not_undone(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for before, then in ((MINE, MINE + "# mine"), (None, MINE)):
        file.unlink(missing_ok=True)
        if before is not None:
            file.write_text(before)
        with monkeypatch.context() as patch:
            patch.setattr(registrywriter, "_check", lambda *checked, then=then: file.write_text(then))
            with pytest.raises(zoo.ZooError, match="changed by somebody else"):
                write(file, "x", zoo.load(BERT), ORIGIN)
        assert file.read_text() == then
        assert list(file.parent.iterdir()) == [file]


def test_many_at_once_lose_nothing(file: Path) -> None:
    said: set[str] = set()

    def until_it_is_there(number: int) -> None:
        for _ in range(1000):
            try:
                write(file, f"m{number}", zoo.load(BERT), ORIGIN)
            except zoo.ZooError as error:
                said.add(str(error).rpartition(": ")[2].partition(" (")[0])
            else:
                return

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(until_it_is_there, range(24)))
    assert set(tomllib.loads(file.read_text())["models"]) == {f"m{number}" for number in range(24)}
    assert said <= {"try again"}
    assert list(file.parent.iterdir()) == [file]


def test_a_link_stays_and_what_it_leads_to_is_written(tmp_path: Path) -> None:
    link, file = tmp_path / "zoo.toml", tmp_path / "there" / "mine.toml"
    file.parent.mkdir()
    for text in (MINE, None):
        link.symlink_to(file)
        if text is not None:
            file.write_text(text)
        write(link, "x", zoo.load(BERT), ORIGIN)
        assert link.is_symlink()
        assert read(file).depths == (2,)
        link.unlink()
        file.unlink()


def test_the_mode_is_kept(file: Path) -> None:
    file.write_text(MINE)
    file.chmod(0o640)
    write(file, "x", zoo.load(BERT), ORIGIN)
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


@pytest.mark.parametrize("name", [".", "/dev/null", "/dev/null/x", "no-such-folder/zoo.toml", "n" * 300])
def test_what_is_no_file_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(zoo.ZooError) as raised:
        write(Path(name), "x", zoo.load(BERT), ORIGIN)
    assert str(raised.value).startswith(f"{name}: ")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("call", ["os.fsync", "os.replace", "shutil.copymode"])
def test_where_writing_fails_the_file_stays(file: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    def failing(*arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    file.write_text(MINE)
    monkeypatch.setattr(call, failing)
    assert "cannot be written: Permission denied" in refusal(file, "x", zoo.load(BERT))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_what_may_not_be_written_is_told(file: Path) -> None:
    file.write_text(MINE)
    for path, mode in ((file, 0o400), (file.parent, 0o500)):
        path.chmod(mode)
        assert "cannot be written: Permission denied" in refusal(file, "x", zoo.load(BERT))
        path.chmod(0o700)


def test_what_another_left_behind_is_named(file: Path) -> None:
    left = file.with_name(".zoo.toml.adding")
    left.touch()
    with pytest.raises(zoo.ZooError, match=str(left)):
        write(file, "x", zoo.load(BERT), ORIGIN)
    left.unlink()
    assert write(file, "x", zoo.load(BERT), ORIGIN) == "added"


# --- the command -----------------------------------------------------------------------------------------------------

Add = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Add:
    """The command in a folder of its own, where each repository has the same model."""
    monkeypatch.chdir(tmp_path)

    def fetched(reference: str, **how: object) -> Model:
        model = zoo.load({**BERT, "foo": 1} if "unverified" in reference else BERT)
        name, _, revision = reference.removeprefix("hf:").partition("@")
        model.found = model.found._replace(origin=Origin(Repository(name, revision or "main"), COMMIT, b"{}"))
        return model

    monkeypatch.setattr(add, "load", fetched)
    return lambda *arguments: CliRunner().invoke(add.command, arguments, catch_exceptions=True)


def test_one_line_tells_what_was_done(run: Add, tmp_path: Path) -> None:
    wanted = "my-model.1: Org/My-Model.1@0123456789ab, BertModel, 38,603,520 parameters\n"
    for done in ("added", "unchanged"):
        result = run("Org/My-Model.1@v2")
        assert (result.stdout, result.stderr) == (f"zoo.toml: {done} {wanted}", "")
    path = tmp_path / "zoo.toml"
    path.write_text(path.read_text().replace(COMMIT, OTHER_COMMIT))
    assert run("Org/My-Model.1").stdout == f"zoo.toml: updated {wanted}"
    assert zoo.load("my-model.1").parameters == 38_603_520


def test_the_file_that_is_written(run: Add, tmp_path: Path) -> None:
    zoo_toml, registry_toml = (tmp_path / name for name in LOCAL_FILES)
    shipped = Path(__file__).parent.parent / "registry.toml"
    registry_toml.write_bytes(shipped.read_bytes())  # zoo's own
    assert run("org/a").stdout.startswith("zoo.toml: added")
    assert registry_toml.read_bytes() == shipped.read_bytes()
    registry_toml.write_text(MINE)
    assert run("org/b").stdout.startswith("zoo.toml: added")
    zoo_toml.unlink()
    assert run("org/c").stdout.startswith("registry.toml: added")
    assert run("org/d", "--registry", "mine.toml").stdout.startswith("mine.toml: added")
    assert not zoo_toml.exists()
    assert list(tomllib.loads((tmp_path / "mine.toml").read_text())["models"]) == ["d"]


def test_a_name_that_overrides_and_a_count_in_doubt_are_told(run: Add) -> None:
    result = run("org/unverified", "--name", "gpt3")
    assert "added gpt3: " in result.stdout
    assert "built-in" in result.stderr
    assert "unverified: it is not known whether 'foo' changes the count" in result.stderr


@pytest.mark.parametrize(("repository", "name"), [("org/_Odd-.Name", "odd-.name"), ("hf:GPT2", "gpt2")])
def test_a_name_is_made_of_the_repositorys(run: Add, repository: str, name: str) -> None:
    assert f"added {name}: " in run(repository).stdout


@pytest.mark.parametrize(
    "reference",
    ["bert-base", "config.json", "-", "./org/name", "org/name,hidden_size=24", "org/name@", "hf:", "org/__"],
)
def test_what_is_no_repository_is_refused(run: Add, tmp_path: Path, reference: str) -> None:
    if reference == "org/name@":
        reference = "org/name@\x1b[2J"
    result = run("--", reference)
    assert isinstance(result.exception, zoo.ZooError)
    assert result.stdout == ""
    assert not list(tmp_path.iterdir())


def test_no_name_is_no_name(run: Add, tmp_path: Path) -> None:
    assert "choose one with --name" in str(run("org/name", "--name", "").exception)
    assert not list(tmp_path.iterdir())


def test_a_folder_of_that_name_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "org" / "name").mkdir(parents=True)
    (tmp_path / "org" / "name" / "config.json").write_text(json.dumps(BERT))
    result = CliRunner().invoke(add.command, ["org/name"])
    assert "is a file or folder here" in str(result.exception)


def command_line(hub: Hub, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "zoo", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, **hub.environment, "HF_HOME": str(folder / "cache")},
        timeout=60,
    )


def test_what_no_plugin_counts_has_no_entry(tmp_path: Path) -> None:
    header = json.dumps({"w": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}).encode()
    weights = len(header).to_bytes(8, "little") + header + bytes(24)
    with Hub() as hub:
        hub.add("org/new", {"config.json": b'{"model_type": "never-heard-of"}', "model.safetensors": weights})
        done = command_line(hub, tmp_path, "add", "org/new")
    assert done.returncode == 2
    assert "no plugin counts it" in done.stderr
    assert not (tmp_path / "zoo.toml").exists()


def test_from_a_hub_to_a_name_that_needs_none(tmp_path: Path) -> None:
    with Hub() as hub:
        commit = hub.add("org/Tiny", {"config.json": json.dumps(BERT).encode()})
        done = command_line(hub, tmp_path, "add", "org/Tiny")
    line = f"zoo.toml: added tiny: org/Tiny@{commit[:12]}, BertModel, 38,603,520 parameters\n"
    assert (done.stdout, done.stderr, done.returncode) == (line, "", 0)
    told = command_line(hub, tmp_path, "compare", "tiny", "--columns", "model,parameters", "--format", "json")
    assert json.loads(told.stdout)[0]["parameters"] == 38_603_520
