"""The command line as a person types it: what it prints, where, and how it ends."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

import zoo
from zoo.reports.columns import COLUMNS
from zoo.reports.columnsets import DEFAULT

GPT3 = 174_604_259_328


class Run:
    """A finished `zoo ...`."""

    def __init__(self, *arguments: str, stdin: bytes = b"", cwd: Path | None = None) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "zoo", *arguments],
            input=stdin,
            capture_output=True,
            check=False,
            cwd=cwd,
            timeout=60,
        )
        self.code, self.out, self.err = done.returncode, done.stdout.decode(), done.stderr.decode()


def failed(*arguments: str, stdin: bytes = b"") -> str:
    """The one line with which a command fails."""
    run = Run(*arguments, stdin=stdin)
    assert run.code == 2
    assert run.out == ""
    assert run.err.count("\n") == 1
    assert run.err.rstrip("\n").isprintable()
    return run.err


def test_the_main_job() -> None:
    run = Run("compare", "bert-base", "gpt3")
    assert (run.code, run.err) == (0, "")
    header, _, bert, gpt3 = run.out.splitlines()
    assert [header.split()[0], bert.split()[0], gpt3.split()[0]] == ["model", "bert-base", "gpt3"]
    assert {"BertForPreTraining", "110,106,428", "110.1M", "21.6%", "12/12", "30,522", "512"} <= set(bert.split())
    assert {"GPT2LMHeadModel", f"{GPT3:,}", "174.6B", "96/96", "49,152", "50,257", "2,048"} <= set(gpt3.split())
    assert len({len(line) for line in (header, bert, gpt3)}) == 1


def test_json_is_an_array_in_the_order_of_the_references_with_raw_integers() -> None:
    records = json.loads(Run("compare", "gpt3", "bert-base", "--format", "json", "--columns", "model").out)
    assert [record["model"] for record in records] == ["gpt3", "bert-base"]
    gpt3, bert = records
    assert gpt3["parameters"] == gpt3["active_parameters"] == GPT3
    assert bert["embedding_parameters"] == 23_835_648
    assert (bert["model_type"], bert["class"], bert["status"], bert["unknown_keys"]) == (
        "bert",
        "BertForPreTraining",
        "exact",
        [],
    )


def test_csv_carries_raw_numbers_of_the_columns_chosen() -> None:
    run = Run("compare", "gpt3", "bert-base,num_labels=3", "--format", "csv", "--columns", "model,parameters,heads")
    assert list(csv.reader(io.StringIO(run.out))) == [
        ["model", "parameters", "heads"],
        ["gpt3", str(GPT3), "96/96"],
        ["bert-base,num_labels=3", "110106428", "12/12"],
    ]


@pytest.mark.parametrize("style", ["table", "markdown", "latex", "html", "rst", "tsv", "plain", "psql"])
def test_every_format_carries_every_row(style: str) -> None:
    run = Run("compare", "bert-base", "gpt2", "--format", style)
    assert run.code == 0
    assert run.out.count("bert-base") == run.out.count("gpt2") == 1


def test_markdown_is_a_table_that_github_reads() -> None:
    lines = Run("compare", "bert-base", "--format", "markdown", "--columns", "model,parameters").out.splitlines()
    assert lines[0].startswith("| model")
    assert lines[1].startswith("|:--")
    assert lines[1].endswith("-:|")
    assert len(lines) == 3


def test_sorting() -> None:
    def order(sort: str) -> list[str]:
        run = Run("compare", "gpt2", "gpt3", "bert-base", "mamba-130m", "--sort", sort, "--format", "json")
        return [record["model"] for record in json.loads(run.out)]

    assert order("-parameters") == ["gpt3", "mamba-130m", "gpt2", "bert-base"]
    assert order("layers")[-1] == "gpt3"
    assert order("heads")[-1] == "mamba-130m"
    assert order("model") == sorted(["gpt2", "gpt3", "bert-base", "mamba-130m"])


def test_a_variant_changes_a_field_under_any_of_its_names() -> None:
    records = json.loads(Run("compare", "gpt3", "gpt3,num_hidden_layers=48", "gpt3,n_layer=48", "--format", "json").out)
    whole, half, same = (record["parameters"] for record in records)
    assert half == same
    assert records[1]["layers"] == 48
    embeddings_and_last_norm = (50_257 + 2_048) * 12_288 + 2 * 12_288
    assert whole - embeddings_and_last_norm == 2 * (half - embeddings_and_last_norm)


def test_references_by_file_folder_and_standard_input(tmp_path: Path) -> None:
    config = json.dumps({"model_type": "bert", "architectures": ["BertModel"]}).encode()
    (tmp_path / "config.json").write_bytes(config)
    path = str(tmp_path / "config.json")
    run = Run("compare", path, str(tmp_path), "-", f"{path},num_hidden_layers=6", "--format", "json", stdin=config)
    counts = [record["parameters"] for record in json.loads(run.out)]
    assert counts[:3] == [109_482_240] * 3
    assert counts[3] == 109_482_240 - 6 * 7_087_872


def test_another_class_by_choice() -> None:
    (record,) = json.loads(Run("compare", "bert-base", "--as", "BertModel", "--format", "json").out)
    assert (record["class"], record["parameters"]) == ("BertModel", 109_482_240)
    assert "BertForMaskedLM" in failed("compare", "bert-base", "--as", "BertForMasked")


def test_a_variant_of_standard_input() -> None:
    config = b'{"model_type": "bert"}'
    (record,) = json.loads(Run("compare", "-,num_hidden_layers=6", "--format", "json", stdin=config).out)
    assert (record["model"], record["layers"]) == ("-,num_hidden_layers=6", 6)
    assert "only once" in failed("compare", "-,num_hidden_layers=6", "-", stdin=config)


def test_a_folder_whose_name_looks_like_a_variant(tmp_path: Path) -> None:
    folder = tmp_path / "lr=0.1,bs=32"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "bert"}')
    for reference, layers in ((str(folder), 12), (f"{folder},num_hidden_layers=6", 6)):
        (record,) = json.loads(Run("compare", reference, "--format", "json").out)
        assert record["layers"] == layers


def test_what_is_published_is_of_the_published_model() -> None:
    assert "published: 175.0B" in Run("show", "gpt3", "--depth", "0").out
    assert "published" not in Run("show", "gpt3,num_hidden_layers=48", "--depth", "0").out
    assert "published" not in Run("show", "bert-base", "--as", "BertModel", "--depth", "0").out
    run = Run("compare", "gpt3", "bert-base", "gpt2-xl", "--sort", "published", "--format", "json")
    assert [record["published"] for record in json.loads(run.out)] == ["110M", "1542M", "175.0B"]


def test_a_bad_entry_hides_no_other(tmp_path: Path) -> None:
    good = '[models.b]\nmodel_type = "bert"\nclass = "BertModel"\n'
    (tmp_path / "zoo.toml").write_text(
        f'{good}[models.a]\nclass = "BertModel"\n[models.c]\nmodel_type = "x"\nclass = "X"\n'
    )
    run = Run("models", "--format", "json", cwd=tmp_path)
    assert run.code == 2
    assert len(run.err.splitlines()) == 2
    rows = json.loads(run.out)
    assert rows[0]["model"] == "b"
    assert len(rows) > 200
    assert all(isinstance(row["parameters"], int) for row in rows)


@pytest.mark.parametrize("redirection", ["> /dev/full", ">&-", "2>&- >&-"])
def test_an_output_that_cannot_be_written_is_no_traceback(redirection: str) -> None:
    command = f"{sys.executable} -m zoo compare bert-base {redirection}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False, timeout=60)
    assert done.stderr.count(b"\n") <= 1
    assert b"Traceback" not in done.stderr


def test_a_closed_standard_input() -> None:
    done = subprocess.run(["bash", "-c", f"{sys.executable} -m zoo compare - <&-"], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.count(b"\n") == 1


def test_an_unverified_model_is_told_and_fails_when_strict(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert", "new_thing": 1}')
    run = Run("compare", str(tmp_path), "--format", "json")
    assert run.code == 0
    assert "unverified" in run.err
    assert "new_thing" in run.err
    assert json.loads(run.out)[0]["unknown_keys"] == ["new_thing"]
    assert "unverified" in Run("compare", str(tmp_path)).out
    assert "unverified" in Run("show", str(tmp_path)).out
    assert "new_thing" in failed("compare", str(tmp_path), "--strict")


def test_what_fails_among_many_is_named_and_the_rest_is_shown() -> None:
    run = Run("compare", "bert-base", "no-such-model", "gpt2", "no/such/file")
    assert run.code == 2
    assert len(run.out.splitlines()) == 4
    assert len(run.err.splitlines()) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["compare"], "REF"),
        (["compare", "bert-bse"], "did you mean"),
        (["compare", "bert-base", "--columns", "modl"], "did you mean model"),
        (["compare", "bert-base", "--columns", "model,model"], "twice"),
        (["compare", "bert-base", "--sort", "-parmeters"], "did you mean parameters"),
        (["compare", "bert-base", "--format", "jsn"], "did you mean json"),
        (["compare", "bert-base", "--fromat", "json"], "--fromat"),
        (["compare", "bert-base,hiden_size=3"], "did you mean hidden_size"),
        (["compare", "bert-base,hidden_size=abc"], "whole number"),
        (["compare", "bert-base,model_type=gpt2"], "model_type"),
        (["compare", "bert-base", "--registry", "no-such.toml"], "no-such.toml"),
        (["compare", "-"], "empty"),
        (["compare", "-", "-"], "only once"),
        (["compare", "google/bert", "--offline"], "not in the cache"),
        (["compare", "gpt3,num_hidden_layers"], "field=value"),
        (["compare", "gpt3, num_hidden_layers=3"], "field=value"),
        (["compare", "gpt3,n_layer=3,n_layer=4"], "twice"),
        (["compare", "bert-base", "--as", ""], "BertModel"),
        (["show", "bert-base", "--tensors", "--depth", "1"], "--depth"),
        (["show", "bert-base", "--tensors", "--format", "jsn"], "did you mean json"),
        (["show", "gpt3,num_hidden_layers=1000000000", "--tensors", "--format", "json"], "200,000"),
        (["compare", "\x1b[2J"], "x1b"),
        (["show", "bert-base", "gpt2"], "gpt2"),
        (["show", "bert-base", "--depth", "-1"], "depth"),
        (["models", "no-such-*"], "no model fits"),
        (["architectures", "brt"], "did you mean bert"),
        (["cmpare"], "cmpare"),
        (["completion", "tcsh"], "tcsh"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(arguments: list[str], said: str) -> None:
    assert said in failed(*arguments)


def test_show_adds_up_and_folds_layers() -> None:
    run = Run("show", "bert-base")
    assert run.code == 0
    assert "published: 110M" in run.out
    assert "encoder.layer.0-11" in run.out
    assert "tied to bert.embeddings.word_embeddings.weight" in run.out
    assert "12 heads of 64" in run.out
    assert len(Run("show", "bert-base", "--depth", "1").out.splitlines()) < len(run.out.splitlines()) / 3


def test_show_lists_tensors() -> None:
    lines = Run("show", "bert-base", "--tensors").out.splitlines()
    assert "bert.embeddings.word_embeddings.weight [30522, 768]" in lines
    assert "cls.predictions.decoder.weight [30522, 768] tied to bert.embeddings.word_embeddings.weight" in lines
    assert len(lines) == sum(1 for _ in zoo.load("bert-base").tensors())


def test_show_as_json() -> None:
    record = json.loads(Run("show", "gpt2", "--format", "json").out)
    assert record["parameters"] == 124_439_808
    assert sum(child["parameters"] for child in record["children"]) == 124_439_808
    assert len(json.loads(Run("show", "gpt2", "--format", "json", "--tensors").out)) == 149
    shallow = json.loads(Run("show", "gpt2", "--format", "json", "--depth", "1").out)
    assert all(child["children"] == [] for child in shallow["children"])


def test_show_as_csv_carries_full_names_and_raw_numbers() -> None:
    rows = list(csv.DictReader(io.StringIO(Run("show", "gpt2", "--format", "csv").out)))
    assert rows[0]["component"] == "GPT2LMHeadModel"
    assert rows[0]["parameters"] == "124439808"
    (words,) = [row for row in rows if row["component"] == "transformer.wte"]
    assert (int(words["parameters"]), float(words["share"])) == (50_257 * 768, round(50_257 * 768 / 124_439_808, 6))
    tensors = list(csv.DictReader(io.StringIO(Run("show", "gpt2", "--tensors", "--format", "csv").out)))
    assert tensors[0] == {"tensor": "transformer.wte.weight", "shape": "[50257, 768]", "tied to": ""}


def test_models_lists_the_registry() -> None:
    rows = json.loads(Run("models", "--format", "json").out)
    assert len(rows) >= 100
    assert all(isinstance(row["parameters"], int) for row in rows)
    names = [row["model"] for row in json.loads(Run("models", "gpt3*", "--format", "json").out)]
    assert len(names) == 8
    assert {row["type"] for row in json.loads(Run("models", "albert", "--format", "json").out)} == {"albert"}


def test_architectures_lists_types_and_one_types_fields() -> None:
    rows = json.loads(Run("architectures", "--format", "json").out)
    assert {"bert", "llama", "t5"} <= {row["type"] for row in rows}
    run = Run("architectures", "gpt2")
    assert "n_embd" in run.out
    assert "GPT2LMHeadModel" in run.out


def test_plugins_lists_the_three_families() -> None:
    rows = json.loads(Run("plugins", "--format", "json").out)
    built_in = {row["plugin"]: row for row in rows}
    assert {"encoder-only", "decoder-only", "encoder-decoder"} <= set(built_in)
    assert all(row["state"] == "ok" for row in built_in.values())


def completed(line: str, cwd: Path) -> list[str]:
    """What bash offers at the end of a line, by the script that zoo prints for it."""
    words = line.split(" ")
    script = f"""
        eval "$(zoo completion bash)"
        COMP_WORDS=({" ".join(f"'{word}'" for word in words)}); COMP_CWORD={len(words) - 1}
        _zoo_completion zoo
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, check=True, cwd=cwd, env={"PATH": path}, timeout=60
    )
    assert "zoo" not in done.stderr
    return done.stdout.split()


def test_bash_completes_names_commands_and_options(tmp_path: Path) -> None:
    assert completed("zoo compare mixtral-8x7", tmp_path) == ["mixtral-8x7b"]
    assert {"gpt3", "gpt3-175b"} <= set(completed("zoo show gpt3", tmp_path))
    assert completed("zoo comp", tmp_path) == ["compare", "completion"]
    assert "--columns" in completed("zoo compare --c", tmp_path)
    (tmp_path / "zoo.toml").write_text("[broken")
    assert completed("zoo compare mixtral-8x7", tmp_path) == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell: str) -> None:
    run = Run("completion", shell)
    assert run.code == 0
    assert "_ZOO_COMPLETE" in run.out


def test_help_and_version() -> None:
    for arguments in ([], ["--help"], ["compare", "--help"], ["--version"]):
        run = Run(*arguments)
        assert (run.code, run.err) == (0, "")
        assert run.out


def test_a_reader_that_has_seen_enough() -> None:
    command = f"{sys.executable} -m zoo show gpt2,num_hidden_layers=100000 --tensors | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False, timeout=60)
    assert done.stdout.count(b"\n") == 1
    assert done.stderr == b""


def test_a_terminal_that_cannot_show_every_sign() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "zoo", "show", "bert-base"],
        capture_output=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "PYTHONIOENCODING": "latin-1"},
    )
    assert done.returncode == 0
    assert b"\\u2514\\u2500 seq_relationship" in done.stdout


def test_hostile_names_do_not_reach_the_terminal(tmp_path: Path) -> None:
    folder = tmp_path / "a|b\x1b[31m\u202e"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "bert"}')
    for style in ("table", "markdown", "csv", "html", "latex"):
        run = Run("compare", str(folder), "--format", style, "--columns", "model,parameters")
        assert run.code == 0
        assert "\x1b" not in run.out
        assert "\u202e" not in run.out
        if style == "markdown":
            assert run.out.splitlines()[-1].replace("\\|", "").count("|") == 3


def test_what_the_command_does_is_a_short_call_in_python() -> None:
    assert str(zoo.compare("bert-base", "gpt3")) == Run("compare", "bert-base", "gpt3").out.rstrip("\n")
    assert str(zoo.show("gpt3", depth=2)) == Run("show", "gpt3", "--depth", "2").out.rstrip("\n")
    assert zoo.models("gpt3*").render() == Run("models", "gpt3*").out.rstrip("\n")
    assert zoo.architectures().render() == Run("architectures").out.rstrip("\n")
    assert zoo.plugins().render() == Run("plugins").out.rstrip("\n")


def test_default_columns_are_columns() -> None:
    assert set(DEFAULT) <= set(COLUMNS)
