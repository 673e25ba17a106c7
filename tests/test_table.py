"""`zoo table`: documents whose tables zoo writes, and nothing else in them; and the check of what has changed."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pytest
from hubcase import BERT, COUNT, Case, Run, bytes_of, line_of
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from zoo.cli import main
from zoo.errors import OutputError
from zoo.hub.repository import Origin, Repository
from zoo.loading import of_found
from zoo.model import Model
from zoo.regions import filling, github, making
from zoo.regions.filling import check, write
from zoo.regions.lock import read
from zoo.regions.markers import regions
from zoo.regions.recipe import KEYS
from zoo.regions.rows import from_lock, row
from zoo.regions.told import RegionError, Told
from zoo.registries.registry import registry
from zoo.replacement import replace
from zoo.reports import columns
from zoo.reports.column import Column
from zoo.sources import find
from zoo.text import inert

ROOT = Path(__file__).parent.parent
yaml = import_module("yaml")  # comes with huggingface_hub, without types
END = "<!-- zoo:end -->"
ROWS = """
| model     |   parameters |
|:----------|-------------:|
| bert-mini |   11,267,900 |
| bert-tiny |    4,433,468 |

"""


def begin(models: str = "bert-tiny,bert-mini", rest: str = 'columns="model,parameters" sort="-parameters"') -> str:
    return f'<!-- zoo:begin models="{models}" {rest} -->'


def region(*arguments: str, body: str = "") -> str:
    return f"{begin(*arguments)}\n{body}{END}\n"


class Place:
    """A working folder, and the command in it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys

    def __call__(self, *arguments: str) -> Run:
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["table", *arguments])
        code = ended.value.code or 0
        assert isinstance(code, int)
        out, err = self.capsys.readouterr()
        for line in (out + err).splitlines():
            assert line.isprintable()
        return Run(code, out, err, 0.0)

    def put(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return path

    def text(self, name: str = "a.md") -> str:
        return (self.folder / name).read_bytes().decode()

    def change(self, name: str, old: str, new: str) -> None:
        before = self.text(name)
        assert old in before
        self.put(name, before.replace(old, new))

    def fails(self, *arguments: str) -> list[str]:
        """The lines with which nothing is done: every file stays as it is."""
        before = self.files()
        run = self(*arguments)
        assert (run.code, run.out) == (2, "")
        assert self.files() == before
        return [line.removeprefix("zoo: ") for line in run.err.splitlines()]

    def told(self, *files: str) -> list[str]:
        """What --check finds."""
        before = self.files()
        run = self("--check", *files)
        assert (run.code, run.err) == (1, "")
        assert self.files() == before
        return run.out.splitlines()

    def files(self) -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in sorted(self.folder.rglob("*")) if path.is_file()}


@pytest.fixture
def zoo(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Place:
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return Place(tmp_path, capsys)


@pytest.fixture
def filled(zoo: Place) -> Place:
    """A folder in which a.md has one table."""
    zoo.put("a.md", f"one\n{region()}two\n")
    assert zoo("--write", "a.md") == Run(0, "1 table: written\n", "", 0.0)
    return zoo


# --- writing ---------------------------------------------------------------------------------------------------------


def test_a_region_is_filled_and_all_else_stays(filled: Place) -> None:
    assert filled.text() == f"one\n{begin()}\n{ROWS}{END}\ntwo\n"


def test_a_second_run_writes_nothing(filled: Place) -> None:
    before = filled.files()
    os.utime(filled.folder / "a.md", (1, 1))
    os.utime(filled.folder / "zoo.lock", (1, 1))
    for files in (["a.md"], []):
        assert filled("--write", *files) == Run(0, "1 table: nothing to write\n", "", 0.0)
    assert filled.files() == before
    assert {path.stat().st_mtime for path in filled.folder.iterdir()} == {1}
    assert filled("--check") == Run(0, "1 table: all hold\n", "", 0.0)


def test_what_is_written_is_what_compare_shows(filled: Place) -> None:
    command = [sys.executable, "-m", "zoo", "compare", "bert-tiny", "bert-mini", "--format", "markdown"]
    options = ["--columns", "model,parameters", "--sort", "-parameters"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ROWS.strip()


def test_line_ends_a_mark_and_a_last_line_without_end_stay(zoo: Place) -> None:
    zoo.put("a.md", f"\ufeffone\r\n{begin()}\r\n{END}\r\ntwo\n{region()}three")
    zoo("--write", "a.md")
    crlf = f"{begin()}\r\n{ROWS}{END}\r\n".replace("\r\n", "\n").replace("\n", "\r\n")
    assert zoo.text() == f"\ufeffone\r\n{crlf}two\n{begin()}\n{ROWS}{END}\nthree"
    assert zoo("--check").code == 0
    # What git makes of it elsewhere is the same table.
    zoo.put("a.md", zoo.text().replace("\r\n", "\n"))
    assert zoo("--check").code == 0
    zoo.put("a.md", zoo.text().replace("\n", "\r\n"))
    assert zoo("--check").code == 0


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=40), st.binary(max_size=40), st.sampled_from([b"\n", b"\r\n"]), st.booleans())
def test_any_bytes_around_stay(before: bytes, after: bytes, newline: bytes, last: bool) -> None:
    marker, end = begin().encode(), END.encode()
    start, rest = before + newline + marker + newline, end + (newline + after if last else b"")
    data = start + rest
    try:
        found = regions(data.decode("utf-8", "surrogateescape"), "F")
    except RegionError:
        found = []
    assume(len(found) == 1)
    with TemporaryDirectory() as folder:
        file, lock = Path(folder) / "x", Path(folder) / "lock"
        file.write_bytes(data)
        assert write([file], lock).written == (file, lock)
        wanted = start + ROWS.encode().replace(b"\n", newline) + rest
        assert file.read_bytes() == wanted
        assert write([file], lock).written == ()
        assert check([file], lock)[:3] == ((), (), ())


def test_several_regions_of_several_files(zoo: Place) -> None:
    zoo.put("a.md", region() + region("gpt3", 'format="html" transpose="yes"') + "```\n" + region() + "```\n")
    zoo.put("docs/b.md", region("bert-tiny", 'difference-to="bert-mini" columns="model,parameters"'))
    zoo.put("c.md", region())
    assert zoo("--write", "a.md", "docs/b.md", "./a.md").out == "3 tables: written\n"
    assert zoo("--write", "c.md").out == "1 table: written\n"
    assert zoo("--check").out == "4 tables: all hold\n"
    assert "174,604,259,328</td>" in zoo.text()
    assert zoo.text().endswith(f"```\n{region()}```\n")
    assert "-6,834,432" in zoo.text("docs/b.md")
    lock = read((zoo.folder / "zoo.lock").read_bytes(), "zoo.lock")
    assert [table.file for table in lock] == ["a.md", "a.md", "c.md", "docs/b.md"]
    assert [row.model for row in lock[3].rows] == ["bert-tiny", "bert-mini"]


def test_a_pattern_is_names_of_the_registry(zoo: Place) -> None:
    zoo.put("a.md", region("bert-m*,bert-tiny,bert-mini,num_hidden_layers=2"))
    zoo("--write", "a.md")
    names = re.findall(r"^\| (bert\S+)", zoo.text(), re.MULTILINE)
    assert names == ["bert-medium", "bert-mini", "bert-mini,num_hidden_layers=2", "bert-tiny"]


def test_the_lock_tells_where_a_row_comes_from(zoo: Place) -> None:
    zoo.put("a.md", region("bert-tiny"))
    zoo("--write", "a.md", "--lock", "tables.lock")
    (table,) = read((zoo.folder / "tables.lock").read_bytes(), "tables.lock")
    (row,) = table.rows
    assert (row.model, row.model_type, row.class_name, row.status) == (
        "bert-tiny",
        "bert",
        "BertForPreTraining",
        "exact",
    )
    assert (row.parameters, row.repository) == (4_433_468, "google/bert_uncased_L-2_H-128_A-2")
    assert (row.plugin, row.distribution, row.zoo) == ("encoder-only", "paramzoo 0.1.0", "0.1.0")
    assert (row.entry, len(row.sha256)) == (None, 64)
    assert zoo("--check", "--lock", "tables.lock").code == 0


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"\n{begin()}\n", "a.md:2: the region has no end"),
        (f"{END}\n", "a.md:1: zoo:end, but no region begins before it"),
        (f"{begin()}\n{region()}", "a.md:2: zoo:begin within the region of line 1"),
        ("<!-- zoo:begn -->\n", "a.md:1: no marker"),
        (region("bert-tyni"), "a.md:1: no model or file is named 'bert-tyni'; did you mean bert-tiny"),
        (region("zzz-*"), "a.md:1: no name of the registry fits 'zzz-*'"),
        (region("bert-tiny", 'colums="model"'), "a.md:1: no key 'colums'; did you mean columns?"),
        (region("bert-tiny", 'columns="modle"'), "a.md:1: no column 'modle'; did you mean model"),
        (region("bert-tiny", 'columns="model,model"'), "a.md:1: column 'model' is named twice"),
        (region("bert-tiny", 'sort="siez"'), "a.md:1: no column 'siez'"),
        (region("bert-tiny", 'numbers="exakt"'), "a.md:1: numbers are usual, exact, short, got 'exakt'; did you mean"),
        (region("bert-tiny", 'columns="model,flops" length="9999"'), "a.md:1: bert-tiny: "),
        (region("bert-tiny", 'as="BertMdoel"'), "a.md:1: bert-tiny: class 'BertMdoel' is none"),
        (region("bert-tiny", 'results="none.json"'), "a.md:1: none.json: no such file"),
        (region("bert-tiny", 'results="../x.json"'), "a.md:1: ../x.json: lies outside the folder of zoo.lock"),
        (region("bert-tiny", 'registry="/etc/passwd"'), "a.md:1: /etc/passwd: lies outside the folder of zoo.lock"),
        (region("bert-tiny", 'difference-to="bert-tyni"'), "a.md:1: no model or file is named 'bert-tyni'"),
        (region("bert-tiny,-"), "a.md:1: models: - is standard input"),
        (f"```\n{region()}", "a.md:2: the marker stands in code: nothing closes the fence of line 1"),
        (region(body="| a |\n"), "a.md:1: zoo did not write what stands here, as there is no zoo.lock: empty"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_written(zoo: Place, text: str, told: str) -> None:
    zoo.put("a.md", text)
    zoo.put("b.md", region())
    (line,) = zoo.fails("--write", "b.md", "a.md")
    assert line.startswith(told)
    if "zoo did not write" not in told:
        assert line in zoo("--check", "a.md").err


def test_every_bad_model_is_told(zoo: Place) -> None:
    zoo.put("a.md", region("bert-tyni,bert-mini,bert-miin"))
    assert len(zoo.fails("--write", "a.md")) == 2


def test_files_that_cannot_be_read(zoo: Place, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other") / "x.md"
    other.write_text(region())
    (zoo.folder / "link.md").symlink_to(other)
    os.mkfifo(zoo.folder / "pipe")
    (zoo.folder / "folder").mkdir()
    assert zoo.fails("--check", "no.md") == ["no.md:1: no such file"]
    assert zoo.fails("--write", "folder") == ["folder:1: is no regular file"]
    assert zoo.fails("--write", "pipe") == ["pipe:1: is no regular file"]
    assert zoo.fails("--write", str(other)) == [
        f"{other}:1: lies outside the folder of zoo.lock (--lock names another)"
    ]
    assert zoo.fails("--write", "link.md") == ["link.md:1: lies outside the folder of zoo.lock (--lock names another)"]
    assert other.read_text() == region()


def test_models_outside_of_the_folder_are_refused(zoo: Place, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "config.json").write_bytes(BERT)
    zoo.put("a.md", region(str(outside)))
    (line,) = zoo.fails("--write", "a.md")
    assert line == f"a.md:1: {outside}: lies outside the folder of zoo.lock, where CI would not have it"
    shutil.copy(outside / "config.json", zoo.folder)
    zoo.put("a.md", region("config.json,./"))
    assert zoo("--write", "a.md").code == 0
    assert zoo.text().count(f"{COUNT:,}") == 2


def test_a_file_outside_of_the_folder_is_not_read(zoo: Place, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret").write_text('{"num_hidden_layers": "secret"}')
    (outside / "secret.safetensors").write_text("secret")
    config = zoo.put("x/config.json", '{"model_type": "odd"}')
    (zoo.folder / "x/model.safetensors").symlink_to(outside / "secret.safetensors")
    (zoo.folder / "y").mkdir()
    (zoo.folder / "y/config.json").symlink_to(outside / "secret")
    names = [str(outside / "secret"), "x", "x/config.json", "y", "y/config.json", "y,num_hidden_layers=1"]
    for name in names:
        zoo.put("a.md", region(name))
        (line,) = zoo.fails("--write", "a.md")
        assert line == f"a.md:1: {name}: lies outside the folder of zoo.lock, where CI would not have it"
    # A name of the registry comes before a file, which is then not read.
    (zoo.folder / "bert-tiny").symlink_to(outside / "secret")
    (zoo.folder / "x/model.safetensors").unlink()
    config.write_bytes(BERT)
    zoo.put("a.md", region("bert-tiny,x,x/config.json,x,num_hidden_layers=1"))
    assert zoo("--write", "a.md").code == 0


def test_a_lock_elsewhere_is_refused(filled: Place, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "zoo.lock"
    lock = filled.folder / "zoo.lock"
    lock.rename(filled.folder / "kept.lock")
    lock.symlink_to(outside)
    for option in ("--write", "--check"):
        assert filled.fails(option, "a.md") == ["zoo.lock: is a link that leads out of its folder"]
    assert not outside.exists()
    lock.unlink()
    lock.symlink_to("kept.lock")
    assert filled("--check").out == "1 table: all hold\n"


def test_files_without_regions_are_passed_over_where_another_has_one(filled: Place) -> None:
    bare = 'b.md:1: no region in it (<!-- zoo:begin models="bert-base" --> begins one, <!-- zoo:end --> ends it)'
    filled.put("b.md", f"text\n```\n{region()}```\n")
    for option, done in (("--write", "nothing to write"), ("--check", "all hold")):
        assert filled(option, "a.md", "b.md") == Run(0, f"1 table: {done}\n", f"zoo: note: {bare}\n", 0.0)
        assert filled.fails(option, "b.md") == [bare]
        assert filled.fails(option, "b.md", "none.md")[0] == "none.md:1: no such file"
    filled.put("c.md", "text <!-- zoo:begin -->\n")
    for option in ("--write", "--check"):
        (line,) = filled.fails(option, "a.md", "c.md")
        assert line.startswith("c.md:1: a marker stands on a line of its own")
    # One of which the lock has a table has lost it.
    filled.put("c.md", region("gpt3"))
    filled("--write", "c.md")
    filled.put("c.md", "text\n")
    run = filled("--check", "a.md", "b.md", "c.md")
    assert (run.code, run.out, run.err) == (1, bare.replace("b.md", "c.md") + "\n", f"zoo: note: {bare}\n")
    assert filled("--write", "a.md", "c.md").code == 0
    assert [table.file for table in read((filled.folder / "zoo.lock").read_bytes(), "")] == ["a.md"]


def test_usage(zoo: Place) -> None:
    zoo.put("a.md", region())
    assert zoo.fails("a.md") == ["give one of --write and --check (zoo table --help tells more)"]
    assert zoo.fails("a.md", "--write", "--check") == ["give one of --write and --check (zoo table --help tells more)"]
    for option in ("--upgrade", "--force"):
        (line,) = zoo.fails("a.md", "--check", option)
        assert line.startswith("--upgrade and --force go with --write")
    for option in ("--check", "--write"):
        (line,) = zoo.fails(option)
        assert line.startswith("no files are named, and there is no zoo.lock that names any")
    assert zoo("--write", "a.md").code == zoo("--check", "--offline", "a.md").code == 0


def test_the_cause_is_told_where_a_pattern_stands_for_other_names(zoo: Place) -> None:
    entry = '[models.mine{}]\nmodel_type = "bert"\nclass = "BertModel"\n'
    zoo.put("zoo.toml", entry.format("-a") + entry.format("-b"))
    zoo.put("a.md", region("mine*"))
    assert zoo("--write", "a.md").code == 0
    zoo.change("zoo.toml", "mine-b", "mine-c")
    told = zoo.told()
    assert told == ["a.md:1: row removed: mine-b (registry changed)", "a.md:1: row added: mine-c (registry changed)"]


def test_the_cause_is_told_where_only_code_changed(filled: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Model, "parameters", property(lambda model: model.count.parameters + 1))
    told = "a.md:2: bert-tiny: parameters 4,433,468 -> 4,433,469 (zoo or a plugin changed, and not its version)"
    assert told in filled.told()


def test_the_version_of_a_column_is_locked(zoo: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def adding(version: str, more: int) -> None:
        column = Column("more", "more", lambda model: model.parameters + more)
        monkeypatch.setattr(making, "_plugins", lambda columns: {"more": f"p (d {version})"})
        monkeypatch.setattr(columns, "added", lambda taken: {"p": {"more": column}})

    adding("0.1", 1)
    zoo.put("a.md", region("bert-tiny", 'columns="model,more"'))
    assert zoo("--write", "a.md").code == 0
    (table,) = read((zoo.folder / "zoo.lock").read_bytes(), "")
    assert table.columns == {"more": "p (d 0.1)"}
    adding("0.2", 2)
    told = zoo.told()
    assert told == ["a.md:1: bert-tiny: more 4,433,469 -> 4,433,470 (plugin p (d 0.1) -> p (d 0.2))"]


def test_a_table_without_a_lock_is_nobodys(filled: Place) -> None:
    (filled.folder / "zoo.lock").unlink()
    filled.change("a.md", "4,433,468", "1")
    first, *_ = filled.told("a.md")
    assert first == "a.md:2: zoo.lock does not have this table: empty the region, and run zoo table --write"


def test_a_hand_edited_table_is_never_overwritten_unasked(filled: Place) -> None:
    good = filled.files()
    filled.change("a.md", "4,433,468", "4,433,469")
    (line,) = filled.fails("--write")
    assert line == (
        "a.md:2: the table is not as zoo.lock has it, so edited by hand: undo that, empty the region, or --force"
    )
    filled.put("a.md", f"one\n{region(body=' ' + chr(10) * 3)}two\n")
    assert filled("--write").code == 0
    assert filled.files() == good
    filled.change("a.md", "4,433,468", "4,433,469")
    assert filled("--write", "--force").out == "1 table: written\n"
    assert filled.files() == good


def test_a_table_that_is_as_it_should_be_is_no_error_whoever_wrote_it(filled: Place) -> None:
    good = filled.files()
    (filled.folder / "zoo.lock").unlink()
    assert filled("--write", "a.md").code == 0
    assert filled.files() == good
    (filled.folder / "a.md").rename(filled.folder / "b.md")
    assert filled("--write", "b.md").code == 0
    assert [table.file for table in read((filled.folder / "zoo.lock").read_bytes(), "")] == ["b.md"]


def test_a_table_that_zoo_wrote_may_be_written_anew_after_the_recipe_changed(filled: Place) -> None:
    filled.change("a.md", 'columns="model,parameters"', 'columns="model,layers"')
    assert filled("--write").out == "1 table: written\n"
    assert "| bert-tiny |        2 |" in filled.text()


def test_a_file_that_changes_in_the_meantime_stays(filled: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    filled.put("b.md", region())
    fill = making.fill

    def filling_while_another_writes(document: Any, *rest: Any) -> Any:
        if document.name == "b.md":
            filled.put("a.md", "another's")
        return fill(document, *rest)

    monkeypatch.setattr(filling, "fill", filling_while_another_writes)
    filled.change("a.md", '"model,parameters"', '"model"')
    before = {**filled.files(), str(filled.folder / "a.md"): b"another's"}
    run = filled("--write", "a.md", "b.md")
    assert line_of(run) == "a.md: was changed by somebody else in the meantime: try again"
    assert filled.files() == before


def test_what_is_written_already_is_taken_back(filled: Place) -> None:
    filled.put("b.md", region())
    filled.change("a.md", '"model,parameters"', '"model"')
    for file in (".b.md.adding", ".zoo.lock.adding"):
        filled.put(file, "")
        before = filled.files()
        assert "is being written" in line_of(filled("--write", "a.md", "b.md"))
        assert filled.files() == before
        (filled.folder / file).unlink()
    assert filled("--write", "a.md", "b.md").code == 0


@pytest.mark.parametrize("is_made", [False, True])
def test_what_is_written_before_an_interrupt_is_taken_back(
    filled: Place, monkeypatch: pytest.MonkeyPatch, is_made: bool
) -> None:
    written: list[str] = []

    def interrupted(file: Path, before: bytes | None, after: bytes) -> None:
        written.append(file.name)
        is_last = written == ["a.md", "b.md"]
        if is_made or not is_last:
            replace(file, before, after)
        if is_last:
            raise KeyboardInterrupt

    monkeypatch.setattr(filling, "replace", interrupted)
    filled.put("b.md", region())
    filled.change("a.md", '"model,parameters"', '"model"')
    before = filled.files()
    with pytest.raises(KeyboardInterrupt):
        write([Path("a.md"), Path("b.md")])
    assert filled.files() == before


def test_a_lock_that_names_what_can_be_no_file(filled: Place) -> None:
    lock = filled.text("zoo.lock")
    filled.put("b.md", region())
    filled.change("zoo.lock", '"a.md"', f'"{"x" * 300}.md"')
    assert filled("--write", "b.md").code == 0
    assert filled.text("zoo.lock") == lock.replace("a.md", "b.md")


def test_a_registry_may_have_any_name(zoo: Place) -> None:
    zoo.put("the lock", '[models.x]\nmodel_type = "bert"\nclass = "BertModel"\n')
    zoo.put("a.md", region("x", 'registry="the lock"'))
    assert zoo("--write", "a.md").code == 0
    assert zoo("--check").code == 0


def test_an_unwritable_file_or_lock_is_told(filled: Place) -> None:
    filled.put("b.md", region())
    filled.put(".b.md.adding", "")
    with pytest.raises(OutputError, match="is being written"):
        write([Path("b.md")])
    assert filled.text("b.md") == region()
    (filled.folder / "folder").mkdir()
    assert filled.fails("--write", "a.md", "--lock", "folder") == ["folder: is no regular file"]


# --- hostile names ---------------------------------------------------------------------------------------------------

_HOSTILE = [
    "a|b",
    "<!-- zoo:end -->",
    "<b onclick=x>",
    "\u202ex\x1b[31m",
    "```",
    "%0A::error::x",
    "##[add-mask]x",
    "&lt;",
]


@pytest.mark.parametrize("style", ["markdown", "html"])
def test_hostile_texts_stay_texts(zoo: Place, monkeypatch: pytest.MonkeyPatch, style: str) -> None:
    entries = [
        f'[models.m{i}]\nmodel_type = "bert"\nclass = "BertModel"\npublished = {json.dumps(text)}\n'
        for i, text in enumerate(_HOSTILE)
    ]
    zoo.put("zoo.toml", "".join(entries))
    for i, name in enumerate(["a|b", "<x>", "`y`", "$(z)", "é", "##[stop-commands]x"]):
        zoo.put(f"folder{i}/{name}/config.json", BERT.decode())
    paths = ",".join(
        f"folder{i}/{name}" for i, name in enumerate(["a|b", "<x>", "`y`", "$(z)", "é", "##[stop-commands]x"])
    )
    zoo.put("a.md", region(f"m?,{paths}", f'columns="model,published" format="{style}"') + "end\n")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert zoo("--write", "a.md").code == 0
    assert zoo("--write", "a.md").out == "1 table: nothing to write\n"
    assert zoo("--check", "a.md").code == 0
    (found,) = regions(zoo.text(), "a.md")
    assert zoo.text()[found.end :] == f"{END}\nend\n"
    zoo.change("zoo.toml", "&lt;", "::error::&gt;")
    zoo.change("a.md", "folder5", "folder6")
    shutil.move(zoo.folder / "folder5", zoo.folder / "folder6")
    run = zoo("--check")
    assert run.code == 1
    for line in run.out.splitlines():
        assert [command for command in _commands(line) if command != "error"] == []


# --- the check -------------------------------------------------------------------------------------------------------


def test_drift_is_told_in_words(filled: Place) -> None:
    filled.change("a.md", "| bert-tiny |    4,433,468 |\n", "")
    assert filled.told() == ["a.md:2: row added: bert-tiny (edited by hand)"]
    filled.change("a.md", "11,267,900 |\n", "11,267,901 |\n| gpt9 | 1 |\n")
    assert filled.told() == [
        "a.md:2: row removed: gpt9 (edited by hand)",
        "a.md:2: row added: bert-tiny (edited by hand)",
        "a.md:2: bert-mini: parameters 11,267,901 -> 11,267,900 (edited by hand)",
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (ROWS, "\n", ["the table is not written yet: run zoo table --write"]),
        (ROWS, "words\n", ["there is no table here (edited by hand)"]),
        (ROWS, ROWS + "words\n", ["the table says the same, but is written otherwise (edited by hand)"]),
        (
            '"model,parameters"',
            '"parameters,model"',
            ["columns are in another order (recipe changed)"],
        ),
        (
            '"model,parameters"',
            '"model,layers"',
            ["column removed: parameters (recipe changed)", "column added: layers (recipe changed)"],
        ),
        ('"-parameters"', '"parameters"', ["rows are in another order (recipe changed)"]),
        (
            "bert-tiny,",
            "bert-small,",
            ["row removed: bert-tiny (recipe changed)", "row added: bert-small (recipe changed)"],
        ),
        (
            'sort="-',
            'as="BertModel" sort="-',
            [
                "bert-mini: parameters 11,267,900 -> 11,170,560 (CAUSE)",
                "bert-tiny: parameters 4,433,468 -> 4,385,920 (CAUSE)",
            ],
        ),
    ],
)
def test_each_kind_of_drift(filled: Place, old: str, new: str, told: list[str]) -> None:
    filled.change("a.md", old, new)
    cause = "config changed: class BertForPreTraining -> BertModel, recipe changed"
    assert filled.told("a.md") == [f"a.md:2: {line.replace('CAUSE', cause)}" for line in told]


def test_a_changed_config_is_the_cause(zoo: Place) -> None:
    config = zoo.put("x/config.json", '{"model_type": "bert", "architectures": ["BertModel"]}')
    zoo.put("a.md", region("x"))
    zoo("--write", "a.md")
    config.write_text('{"model_type": "bert", "architectures": ["BertForPreTraining"]}')
    cell = "parameters 109,482,240 -> 110,106,428"
    assert zoo.told() == [f"a.md:1: x: {cell} (config changed: class BertModel -> BertForPreTraining)"]
    config.write_text('{"model_type": "bert", "architectures": ["BertModel"], "num_hidden_layers": 11}')
    assert zoo.told() == ["a.md:1: x: parameters 109,482,240 -> 102,394,368 (config changed)"]
    config.write_text('{"model_type": "gpt2"}')
    (line,) = zoo.told()
    assert line.endswith(
        "(config changed: type bert -> gpt2, plugin encoder-only (paramzoo 0.1.0) -> decoder-only (paramzoo 0.1.0))"
    )


def test_a_changed_model_of_difference_is_the_cause(zoo: Place) -> None:
    config = zoo.put("x/config.json", BERT.decode())
    zoo.put("a.md", region("bert-tiny", 'columns="model,parameters" difference-to="x"'))
    zoo("--write", "a.md")
    config.write_bytes(BERT.replace(b"BertModel", b"BertForPreTraining"))
    (line,) = zoo.told()
    assert "parameters vs x -105,048,772 -> -105,672,960" in line
    assert line.endswith(" (x: config changed: class BertModel -> BertForPreTraining)")


def test_changed_weights_are_the_cause(zoo: Place) -> None:
    zoo.put("x/config.json", '{"model_type": "odd"}')
    weights = zoo.folder / "x/model.safetensors"
    weights.write_bytes(bytes_of({"a.weight": ("F32", (2, 3))}))
    zoo.put("a.md", region("x"))
    assert zoo("--write", "a.md").code == 0
    weights.write_bytes(bytes_of({"a.weight": ("F32", (3, 3))}))
    assert zoo("--check").out == "a.md:1: x: parameters 6 -> 9 (weights changed)\n"


def test_another_commit_is_the_cause(zoo: Place) -> None:
    entry = '[models.x]\nmodel_type = "bert"\nclass = "BertModel"\nconfig.num_hidden_layers = 1\n'
    entry += 'hub = "org/x"\nrevision = "{}"\n'
    zoo.put("zoo.toml", entry.format("a" * 40))
    zoo.put("a.md", region("x"))
    zoo("--write", "a.md")
    zoo.put("zoo.toml", entry.format("b" * 40))
    assert zoo("--check").err.startswith("zoo: note: a.md:1: zoo.lock is out of date")
    zoo.change("zoo.toml", "layers = 1", "layers = 2")
    (line,) = zoo.told()
    assert line.endswith("(commit aaaaaaaaaaaa -> bbbbbbbbbbbb, config changed)")


def test_another_version_is_the_cause(filled: Place) -> None:
    """As a later zoo or plugin finds it that counts otherwise: the table and the lock of the earlier one."""
    from zoo.regions.documents import digest

    body = ROWS.replace("4,433,468", "4,000,000")
    filled.change("a.md", ROWS, body)
    filled.change("zoo.lock", digest(ROWS), digest(body))
    filled.change("zoo.lock", "paramzoo 0.1.0", "paramzoo 0.0.9")
    cell = "a.md:2: bert-tiny: parameters 4,000,000 -> 4,433,468"
    plugin = "plugin encoder-only (paramzoo 0.0.9) -> encoder-only (paramzoo 0.1.0)"
    assert filled.told() == [f"{cell} ({plugin})"]
    filled.change("zoo.lock", 'zoo = "0.1.0"', 'zoo = "0.0.9"')
    assert filled.told() == [f"{cell} ({plugin}, zoo 0.0.9 -> 0.1.0)"]


def test_changed_results_are_the_cause(zoo: Place) -> None:
    scores = zoo.put("scores.csv", "model,mmlu\nbert-tiny,1\nbert-mini,2\n")
    zoo.put("a.md", region("bert-tiny,bert-mini", 'columns="model,mmlu" results="scores.csv"'))
    assert zoo("--write", "a.md").code == 0
    scores.write_bytes(b"model,mmlu\r\nbert-tiny,1\r\nbert-mini,2\r\n")
    assert zoo("--check") == Run(0, "1 table: all hold\n", "", 0.0)
    scores.write_text("model,mmlu\n\nbert-tiny,1\n\nbert-mini,2\n")
    assert zoo("--check") == Run(0, "1 table: all hold\n", "", 0.0)
    scores.write_text("model,mmlu\nbert-tiny,3\nbert-mini,2\ngpt9,5\n")
    run = zoo("--check")
    assert (run.code, run.out) == (1, "a.md:1: bert-tiny: mmlu 1 -> 3 (results changed)\n")
    assert "gpt9" in run.err


def test_models_as_columns_are_told_by_their_names(zoo: Place) -> None:
    zoo.put("a.md", region("bert-tiny,bert-mini", 'columns="model,parameters,layers" transpose="yes"'))
    zoo("--write", "a.md")
    zoo.change("a.md", "4,433,468", "4,433,469")
    assert zoo.told() == ["a.md:1: bert-tiny: parameters 4,433,469 -> 4,433,468 (edited by hand)"]


def test_many_differences_are_counted(zoo: Place) -> None:
    zoo.put("a.md", region(",".join(f"bert-tiny,num_hidden_layers={n}" for n in range(1, 31))))
    zoo("--write", "a.md")
    zoo.change("a.md", "tiny,num_hidden_layers", "mini,num_hidden_layers")
    told = zoo.told("a.md")
    assert len(told) == 21
    assert told[-1] == "a.md:1: and 10 more"


def test_a_lock_that_does_not_have_the_table_is_drift(filled: Place) -> None:
    lock = filled.text("zoo.lock")
    (filled.folder / "zoo.lock").unlink()
    assert filled.told("a.md") == ["a.md:2: zoo.lock does not have this table: run zoo table --write"]
    filled.put("zoo.lock", re.sub(r"\[\[table.row\]\]\nmodel = \"bert-mini\"(.|\n)*?\n\n", "", lock + "\n"))
    assert filled.told() == ["a.md:2: bert-mini: zoo.lock does not have it: run zoo table --write"]


def test_a_lock_that_is_only_out_of_date_is_a_note(filled: Place) -> None:
    filled.change("zoo.lock", 'zoo = "0.1.0"', 'zoo = "0.0.9"')
    note = "zoo.lock is out of date, though the tables are the same: zoo table --write brings it up to date"
    assert filled("--check") == Run(0, "1 table: all hold\n", f"zoo: note: a.md:2: {note}\n", 0.0)


def test_files_of_the_lock_that_are_gone(filled: Place) -> None:
    filled.put("b.md", region())
    filled("--write", "b.md")
    filled.put("b.md", "no region any more\n")
    assert filled.told()[0].startswith("b.md:1: no region in it")
    (filled.folder / "b.md").unlink()
    assert filled.told() == ["b.md:1: no such file"]
    assert filled("--write").code == 0
    assert filled("--check").out == "1 table: all hold\n"


def test_a_hostile_lock_names_no_file_elsewhere(filled: Place, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("elsewhere")
    (other / "x.md").write_text(region())
    (filled.folder / "link").symlink_to(other)
    filled.change("zoo.lock", 'file = "a.md"', f'file = "../{other.name}/x.md"')
    assert filled.fails("--write")[0].startswith("zoo.lock: table 1: file must be a path below the folder of the lock")
    filled.change("zoo.lock", f'file = "../{other.name}/x.md"', 'file = "link/x.md"')
    assert filled.fails("--write") == ["link/x.md:1: lies outside the folder of zoo.lock (--lock names another)"]
    assert (other / "x.md").read_text() == region()


# --- models of the Hub -----------------------------------------------------------------------------------------------


@pytest.fixture
def hub_table(case: Case, bert: str) -> Case:
    """A table of a model of the Hub and a variant, written; and the Hub down, the cache empty."""
    case.put("a.md", region("org/bert,org/bert,num_hidden_layers=1", 'columns="model,parameters"').encode())
    run = case.zoo("table", "--write", "a.md")
    assert (run.code, run.err) == (0, "")
    case.put("zoo.lock", (case.work / "zoo.lock").read_bytes())
    return case


def test_a_model_of_the_hub_is_checked_without_hub_and_cache(hub_table: Case, bert: str) -> None:
    text = (hub_table.work / "a.md").read_text()
    assert f"| org/bert                     |  {COUNT:,} |" in text
    rows = read((hub_table.work / "zoo.lock").read_bytes(), "")[0].rows
    assert [(row.repository, row.commit) for row in rows] == [("org/bert", bert)] * 2
    assert rows[0].sha256 == sha256(BERT).hexdigest()
    assert rows[1].entry == {"config": {"num_hidden_layers": 1}}
    asked = len(hub_table.asked())
    shutil.rmtree(hub_table.home)
    hub_table.home.mkdir()
    assert hub_table.zoo("table", "--check").out == "1 table: all hold\n"
    assert hub_table.zoo("table", "--write").out == "1 table: nothing to write\n"
    assert len(hub_table.asked()) == asked
    hub_table.hub.close()
    run = hub_table.apart("table", "--check")
    assert (run.code, run.out, run.err) == (0, "1 table: all hold\n", "")
    assert hub_table.written() == []


def test_the_lock_keeps_the_commit_until_it_is_upgraded(hub_table: Case, bert: str) -> None:
    later = hub_table.hub.add("org/bert", {"config.json": BERT.replace(b"BertModel", b"BertForMaskedLM")})
    assert hub_table.zoo("table", "--check").code == 0
    assert hub_table.zoo("table", "--write").out == "1 table: nothing to write\n"
    run = hub_table.zoo("table", "--write", "--upgrade")
    assert (run.code, run.out, run.err) == (0, "1 table: written\n", "")
    assert f"{109_514_298:,}" in (hub_table.work / "a.md").read_text()
    rows = read((hub_table.work / "zoo.lock").read_bytes(), "")[0].rows
    assert {row.commit for row in rows} == {later} != {bert}
    assert hub_table.zoo("table", "--check").code == 0


def test_a_table_of_another_branch_is_no_table_of_this_lock(hub_table: Case, bert: str) -> None:
    before = (hub_table.work / "a.md").read_bytes()
    hub_table.hub.add("org/bert", {"config.json": BERT.replace(b"BertModel", b"BertForMaskedLM")})
    hub_table.zoo("table", "--write", "--upgrade")
    hub_table.put("a.md", before)
    run = hub_table.zoo("table", "--check")
    assert run.code == 1
    assert run.out.startswith("a.md:1: org/bert: parameters 109,482,240 -> 109,514,298 (edited by hand)\n")


def test_a_row_of_the_lock_is_of_the_class_that_was_asked_for(hub_table: Case) -> None:
    shown = 'columns="model,parameters"'
    masked = f'as="BertForMaskedLM" {shown}'
    hub_table.put("a.md", (region("org/bert", masked)).encode())
    assert hub_table.zoo("table", "--write").code == 0
    assert f"{109_514_298:,}" in (hub_table.work / "a.md").read_text()
    hub_table.put("a.md", (hub_table.work / "a.md").read_bytes().replace(b'as="BertForMaskedLM" ', b""))
    run = hub_table.zoo("table", "--check")
    assert (run.code, run.out) == (1, "a.md:1: org/bert: zoo.lock does not have it: run zoo table --write\n")
    assert hub_table.zoo("table", "--write").code == 0
    assert f"{COUNT:,}" in (hub_table.work / "a.md").read_text()
    # Both in one file, and in either order.
    for rests in ((shown, masked), (masked, shown)):
        hub_table.put("a.md", "".join(region("org/bert", rest) for rest in rests).encode())
        assert hub_table.zoo("table", "--write").code == 0
        before = (hub_table.work / "a.md").read_text()
        assert re.findall(r"org/bert \| +(\S+)", before) == [f"{109_514_298 if 'as' in r else COUNT:,}" for r in rests]
        assert hub_table.zoo("table", "--check").out == "2 tables: all hold\n"
        assert hub_table.zoo("table", "--write").out == "2 tables: nothing to write\n"


_HARNESS = {
    "results": {"mmlu": {"acc,none": 0.5}},
    "config": {"model": "hf", "model_args": "pretrained=org/bert", "model_sha": "f" * 40},
}


@pytest.mark.parametrize(
    ("scores", "with_one"),
    [
        ("model,mmlu\norg/bert,0.5\n", [True, False, True]),
        ('model,mmlu\n"org/bert,num_hidden_layers=1",0.5\n', [False, True, False]),
        (json.dumps(_HARNESS), [True, False, False]),
    ],
    ids=["of the model", "of the variant", "of another commit"],
)
def test_scores_of_a_model_of_the_hub_are_those_that_compare_shows(
    hub_table: Case, bert: str, scores: str, with_one: list[bool]
) -> None:
    hub_table.put("scores", scores.encode())
    references = ["org/bert", "org/bert,num_hidden_layers=1", f"org/bert@{bert}"]
    columns = "model,parameters,repository,revision,scores"
    options = ["--results", "scores", "--columns", columns, "--format", "markdown"]
    shown = hub_table.zoo("compare", *references, *options).out.strip()
    assert ["0.5" in line for line in shown.splitlines()[2:]] == with_one
    hub_table.put("a.md", region(",".join(references), f'columns="{columns}" results="scores"').encode())
    assert hub_table.zoo("table", "--write").code == 0
    first = (hub_table.work / "a.md").read_text()
    assert shown in first
    hub_table.hub.close()
    assert hub_table.zoo("table", "--check").out == "1 table: all hold\n"
    assert hub_table.zoo("table", "--write", "--force").out == "1 table: nothing to write\n"


@pytest.mark.parametrize("changes", [(), ({"vocab_size": 7},)], ids=["as it is", "a variant"])
def test_every_model_of_the_registry_is_counted_again_from_a_lock(changes: tuple[dict[str, int], ...]) -> None:
    repository = Repository("org/x")
    for name in registry().names():
        found = find(name)
        (model,) = of_found([found._replace(changes=(*found.changes, *changes))])
        assert isinstance(model, Model)
        model.found = model.found._replace(origin=Origin(repository, "a" * 40, b"{}"))
        (again,) = of_found([from_lock(row(model), repository, changes)])
        assert isinstance(again, Model)
        assert (again.class_name, again.status, again.count) == (model.class_name, model.status, model.count)
        assert vars(again.config) == vars(model.config)
        assert again.found.origin is not None
        assert (again.entry, again.found.changes, again.found.origin.commit) == (None, changes, "a" * 40)


def test_each_file_keeps_its_own_commit(hub_table: Case, bert: str) -> None:
    hub_table.put("b.md", region("org/bert", 'columns="model,parameters"').encode())
    assert hub_table.zoo("table", "--write", "b.md").code == 0
    later = hub_table.hub.add("org/bert", {"config.json": BERT.replace(b"BertModel", b"BertForMaskedLM")})
    assert hub_table.zoo("table", "--write", "--upgrade", "a.md").out == "1 table: written\n"
    lock = read((hub_table.work / "zoo.lock").read_bytes(), "")
    assert [{row.commit for row in table.rows} for table in lock] == [{later}, {bert}]
    assert hub_table.zoo("table", "--check").out == "2 tables: all hold\n"


def test_a_model_of_the_hub_that_the_lock_does_not_have(hub_table: Case) -> None:
    asked = len(hub_table.asked())
    path = hub_table.work / "a.md"
    path.write_text(path.read_text().replace('"org/bert,org', '"org/other,org/bert,org'))
    run = hub_table.zoo("table", "--check")
    assert (run.code, run.err) == (1, "")
    assert run.out == "a.md:1: org/other: zoo.lock does not have it: run zoo table --write\n"
    assert len(hub_table.asked()) == asked


def test_a_copy_that_nobody_verified_is_told(hub_table: Case, bert: str) -> None:
    assert (
        hub_table.zoo("table", "--write", "--upgrade", "--offline").err.splitlines()
        == [f"zoo: note: org/bert: cached copy of commit {bert[:12]}, not verified: nobody is asked offline"] * 2
    )


def test_what_the_lock_cannot_hold_is_refused(case: Case) -> None:
    weights = bytes_of({"a.weight": ("F32", (2, 3))})
    case.hub.add("org/odd", {"config.json": b'{"model_type": "odd"}', "model.safetensors": weights})
    case.put("a.md", region("org/odd,org/none", 'columns="model,parameters"').encode())
    run = case.zoo("table", "--write", "a.md")
    assert (run.code, run.out) == (2, "")
    odd, none = run.err.splitlines()
    assert odd == "zoo: a.md:1: org/odd: is counted from its weights, and a lock holds none: leave it out"
    assert none.startswith("zoo: a.md:1: org/none: ")
    assert not (case.work / "zoo.lock").exists()


# --- GitHub ----------------------------------------------------------------------------------------------------------


def _commands(line: str) -> Iterator[str]:
    """The workflow commands that the runner finds in a line, as its ActionCommand.cs does."""
    if line.lstrip().startswith("::") and "::" in line.lstrip()[2:]:
        yield line.lstrip()[2:].split("::")[0].split(" ")[0]
    elif (start := line.find("##[")) >= 0 and "]" in line[start:]:
        yield line[start + 3 :].split("]")[0].split(" ")[0]


def _undone(text: str) -> str:
    for sign, code in ((":", "%3A"), (",", "%2C"), ("\r", "%0D"), ("\n", "%0A"), ("%", "%25")):
        text = text.replace(code, sign)
    return text


_TEXTS = st.lists(st.sampled_from(["::", "##[", "]", "error", "%", "%25", "\n", "\r", ",", ":", " ", "a", "\x1b"])).map(
    "".join
)


@given(_TEXTS, _TEXTS, st.integers(1, 99))
def test_an_annotation_is_one_command_whatever_is_in_it(file: str, text: str, line: int) -> None:
    told = github.annotation(Told(file, line, text), "a, b: c")
    assert "\n" not in told
    assert "\r" not in told
    assert [*_commands(told)] == ["error"]
    properties, data = re.fullmatch(r"::error ([^:]*)::(.*)", told).groups()  # type: ignore[union-attr]
    found = dict(pair.split("=", 1) for pair in properties.split(","))
    assert (_undone(found["line"]), _undone(found["title"])) == (str(line), "a, b: c")
    assert "%" not in re.sub("%25|%0D|%0A", "", data)


@given(_TEXTS)
def test_a_line_of_text_is_no_command(text: str) -> None:
    assert [*_commands(inert(text))] == []


def test_differences_and_errors_are_annotated(filled: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    filled.change("a.md", "4,433,468", "1")
    run = filled("--check")
    line = "bert-tiny: parameters 1 -> 4,433,468 (edited by hand)"
    assert run.out.splitlines() == [
        f"a.md:2: {line}",
        f"::error file=a.md,line=2,title=table out of date::{line}",
    ]
    filled.put("b.md", "<!-- zoo:ned -->")
    run = filled("--check", "b.md")
    assert (run.code, run.out.count("\n")) == (2, 1)
    assert run.out.startswith("::error file=b.md,line=1,title=zoo table cannot tell::no marker")
    assert run.err.startswith("zoo: b.md:1: no marker")
    filled.put("zoo.lock", "version = '##[add-mask]x'")
    run = filled("--check")
    assert run.out.startswith("::error title=zoo table cannot tell::zoo.lock: is of version '##[add-mask]x'")
    assert run.err.startswith("zoo: zoo.lock: is of version '# #[add-mask]x'")


def test_the_summary_has_the_differences_and_the_tables(filled: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = filled.put("summary", "before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    filled.change("a.md", "4,433,468", "1")
    assert filled("--check").code == 1
    told = "- a.md:2: bert-tiny: parameters 1 -> 4,433,468 (edited by hand)"
    assert filled.text("summary") == f"before\n{told}\n\n**a.md:2**\n{ROWS.rstrip()}\n\n"


def test_an_unwritable_summary_is_a_note(filled: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (str(filled.folder), str(filled.folder / "no" / "x")):
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", path)
        run = filled("--check")
        assert run.code == 0
        assert run.err.startswith(f"zoo: note: {path}: the summary cannot be written: ")


def test_a_summary_ends_below_the_limit_with_a_whole_row(filled: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = check()
    told = [Told("a.md", 2, f"remark {number}") for number in range(5)]
    whole = github.summary(told, outcome.tables, 10**6)
    rows = whole.count("\n| bert") + 5
    assert "Left out" not in whole
    for room in range(1_030, len(whole) + 1_100, 13):
        found = github.summary(told, outcome.tables, room)
        assert len(found.encode()) <= room
        shown = found.count("\n| bert") + found.count("remark")
        left = re.search(r"Left out: ([\d,]+) rows?; a summary has at most 1,024 KiB\.\n", found)
        assert rows == shown + (int(left[1]) if left else 0)
        assert whole.startswith(found.partition("\nLeft out")[0])
    monkeypatch.setattr(github, "MOST_BYTES", 2_000)
    path = filled.put("summary", "x" * 1_990)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))
    assert filled("--check").code == 0
    assert path.stat().st_size <= 2_000


# --- the action, the hooks, and what is documented -------------------------------------------------------------------

DOCUMENT = (ROOT / "docs/ci.md").read_text("utf-8")
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)


class Step(NamedTuple):
    """A step of the action, run as the runner does."""

    done: subprocess.CompletedProcess[str]
    installed: list[str]


@pytest.fixture
def act(filled: Place, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Step]:
    """Runs the shell steps with these inputs in bash, with a pip that only notes what it is asked for."""
    tools = tmp_path_factory.mktemp("tools")
    log = tools / "log"
    (tools / "pip").write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {log}\n')
    (tools / "zoo").write_text(f'#!/bin/sh\nexec {sys.executable} -m zoo "$@"\n')
    for tool in ("pip", "zoo"):
        (tools / tool).chmod(0o755)

    def acting(**given: str) -> Step:
        assert given.keys() <= ACTION["inputs"].keys()
        inputs = {name: given.get(name, about["default"]) for name, about in ACTION["inputs"].items()}
        environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "GITHUB_ACTION_PATH": "/the action"}
        for step in ACTION["runs"]["steps"]:
            if "run" not in step:
                continue
            env = {
                key: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda m: inputs[m[1]], text)
                for key, text in step["env"].items()
            }
            command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
            done = subprocess.run(command, env={**environment, **env}, capture_output=True, text=True, check=False)
        return Step(done, log.read_text().splitlines())

    return acting


def test_the_action_puts_no_input_into_the_text_of_its_shell() -> None:
    assert ACTION["runs"]["using"] == "composite"
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
        assert ("shell" in step) == ("run" in step)
    text = (ROOT / "action.yml").read_text("utf-8")
    assert set(re.findall(r"inputs\.([\w-]+)", text)) == set(ACTION["inputs"])
    assert all(about["description"] and isinstance(about["default"], str) for about in ACTION["inputs"].values())


def test_the_action_checks(filled: Place, act: Callable[..., Step]) -> None:
    usual = act()
    assert (usual.done.returncode, usual.done.stdout) == (0, "1 table: all hold\n")
    assert usual.installed[-2:] == ["--", "/the action"]
    filled.put("docs/b c.md", region())
    filled.put("docs/d.md", region())
    filled("--write", "docs/d.md")
    assert act(files="a.md docs/d*.md", install="paramzoo==0.1.0").done.stdout == "2 tables: all hold\n"
    assert act(install="paramzoo==0.1.0").installed[-1] == "paramzoo==0.1.0"
    filled.change("a.md", "4,433,468", "1")
    assert act(files="a.md").done.returncode == 1


@pytest.mark.parametrize(
    "hostile", ["$(touch pwned)", "`touch pwned`", "; touch pwned", '" && touch pwned "', "--help"]
)
def test_no_input_of_the_action_is_run(filled: Place, act: Callable[..., Step], hostile: str) -> None:
    before = filled.files()
    assert act(files=hostile).done.returncode == 2
    assert act(lock=hostile).done.returncode == 2
    assert act(install=hostile).installed[-1] == hostile
    assert filled.files() == before


def test_the_hooks_run(filled: Place) -> None:
    assert [hook["id"] for hook in HOOKS] == ["zoo-table", "zoo-table-write"]
    for hook in HOOKS:
        assert (hook["language"], hook["pass_filenames"], hook["always_run"]) == ("python", False, True)
        command, *arguments = hook["entry"].split()
        assert command == "zoo"
        assert filled(*arguments[1:]).code == 0


def test_the_documented_region_is_filled_as_documented(zoo: Place) -> None:
    markers, table = blocks("markdown")
    zoo.put("README.md", markers)
    zoo.put("docs/x.md", f"```markdown\n{markers}```\n{markers}")
    (command,) = set(re.findall(r"`zoo (table --write README.md .*?)`", DOCUMENT))
    done = subprocess.run(f"{sys.executable} -m zoo {command}", shell=True, check=True, cwd=zoo.folder)
    assert done.returncode == 0
    first, last = markers.splitlines()
    assert zoo.text("README.md") == f"{first}\n\n{table}\n{last}\n"
    assert zoo.text("docs/x.md") == f"```markdown\n{markers}```\n{first}\n\n{table}\n{last}\n"


def test_the_documented_pattern_holds_here(zoo: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    workflow = yaml.safe_load(blocks("yaml")[0])
    patterns = workflow["jobs"]["tables"]["steps"][-1]["with"]["files"].split()
    monkeypatch.chdir(ROOT)
    run = zoo("--check", *(str(path.relative_to(ROOT)) for pattern in patterns for path in ROOT.glob(pattern)))
    assert run.code == 0
    assert "zoo: note: docs/ci.md:1: no region in it" in run.err


def test_the_document_tells_every_key_and_option(zoo: Place) -> None:
    section = DOCUMENT.partition("## What a marker takes")[2].partition("## ")[0]
    told = [
        key for row in re.findall(r"^\| (`[^|]*) \|", section, re.MULTILINE) for key in re.findall(r"`([\w-]+)`", row)
    ]
    assert sorted(told) == sorted(KEYS)
    usage = zoo("--help").out
    assert all(option in usage for option in re.findall(r"zoo table (--\w+)", DOCUMENT))


def test_the_documented_workflow_and_hook_are_those_that_there_are() -> None:
    workflow, config = (yaml.safe_load(block) for block in blocks("yaml"))
    assert len(blocks("yaml")[0].splitlines()) == 10
    *_, step = workflow["jobs"]["tables"]["steps"]
    assert set(step["with"]) <= set(ACTION["inputs"])
    assert {hook["id"] for repo in config["repos"] for hook in repo["hooks"]} <= {hook["id"] for hook in HOOKS}
    (inputs,) = re.findall(r"Its inputs: (.*?)\.\n", DOCUMENT, re.DOTALL)
    assert set(re.findall(r"`([\w-]+)`", inputs)) == set(ACTION["inputs"])


def test_the_documented_python_runs(filled: Place, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = blocks("python")
    filled.change("a.md", "4,433,468", "1")
    filled.put("README.md", filled.text())
    exec(compile(code, "docs/ci.md", "exec"), {})
    assert "README.md 2 bert-tiny: parameters 1 -> 4,433,468" in capsys.readouterr().out
