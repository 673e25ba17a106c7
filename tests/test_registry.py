"""The registry: each entry's exact count against the figure that its authors print; a person's own entries."""

import re
import time
import tomllib
from pathlib import Path

import pytest

import zoo
from zoo.errors import RegistryError
from zoo.registries.registry import registry
from zoo.registries.registryfile import LARGEST_FILE, LONGEST_LINE, Entry, preferences, sections

SHIPPED = Path(zoo.__file__).parent / "registry.toml"
if not SHIPPED.exists():
    SHIPPED = SHIPPED.parent.parent / "registry.toml"

ENTRIES = {entry.name: entry for entry in registry()}

UNITS = {"K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}


def rounding(figure: str) -> tuple[float, float]:
    """A published figure, and half a unit of the last digit that it shows; zeros that end a whole number show none."""
    match = re.fullmatch(r"([\d,]+)(\.\d+)?([KMBT]?)", figure)
    assert match, figure
    whole, fraction, unit = match[1].replace(",", ""), match[2] or "", UNITS.get(match[3], 1)
    digits = whole + fraction
    step = 10.0 ** (1 - len(fraction) if fraction else len(whole) - len(whole.rstrip("0")))
    return float(digits) * unit, step / 2 * unit


@pytest.mark.parametrize(
    ("figure", "value", "half"),
    [
        ("110M", 110e6, 5e6),
        ("340M", 340e6, 5e6),
        ("6.7B", 6.7e9, 0.05e9),
        ("175.0B", 175e9, 0.05e9),
        ("1,234", 1234, 0.5),
    ],
)
def test_what_a_figure_shows(figure: str, value: float, half: float) -> None:
    assert list(rounding(figure)) == pytest.approx([value, half])


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=lambda entry: entry.name)
def test_the_exact_count_agrees_with_the_published_figure_or_says_why_not(entry: Entry) -> None:
    model = zoo.load(entry.name)
    assert model.status == "exact"
    assert bool(entry.source) == bool(entry.published)
    if entry.published is None:
        return
    figure, half = rounding(entry.published)
    agrees = abs(model.parameters - figure) <= half
    says_why = (entry.note or "").startswith("differs: ")
    assert agrees != says_why, f"{model.parameters:,} against {entry.published}: {entry.note}"


def test_there_are_a_hundred_models_of_which_nearly_all_tell_a_published_figure() -> None:
    assert len(ENTRIES) >= 100
    assert sum(entry.published is not None for entry in ENTRIES.values()) >= 100


NAMES = """
    bert-base bert-large bert-base-cased bert-large-cased bert-tiny roberta-base distilbert albert-base-v1
    albert-base-v2 electra-base deberta-base modernbert-base gpt gpt2 gpt2-xl gpt3 gpt3-125m gpt3-350m gpt3-760m
    gpt3-1.3b gpt3-2.7b
    gpt3-6.7b gpt3-13b gpt3-175b gpt-j-6b gpt-neox-20b llama-7b llama-2-7b llama-3-8b llama-3.1-405b llama-3.2-1b
    mistral-7b mixtral-8x7b qwen2-7b qwen2.5-7b qwen3-8b qwen3-30b-a3b gemma-7b gemma-2-9b gemma-3-1b deepseek-v3
    gpt-oss-20b mamba-130m t5-base flan-t5-base mt5-base bart-large mbart-large-50 pegasus-large
"""


@pytest.mark.parametrize("name", NAMES.split())
def test_a_name_that_people_try(name: str) -> None:
    assert zoo.load(name).parameters > 0


def test_known_counts() -> None:
    known = {
        "bert-base": 110_106_428,
        "gpt2": 124_439_808,
        "gpt3": 174_604_259_328,
        "llama-2-7b": 6_738_415_616,
        "mixtral-8x7b": 46_702_792_704,
        "flan-t5-base": 247_577_856,
        "deepseek-v3": 671_026_404_352,
        "deepseek-v2-lite": 15_706_484_224,  # whose q_lora_rank is null
    }
    assert {name: zoo.load(name).parameters for name in known} == known
    assert zoo.load("mixtral-8x7b").active_parameters == 12_879_925_248


def test_an_alias_is_the_model() -> None:
    assert zoo.load("gpt3").parameters == zoo.load("gpt3-175b").parameters
    assert zoo.load("gpt3").model_type == "gpt2"
    assert "GPT-2's architecture" in (ENTRIES["gpt3-175b"].note or "")


def test_the_shipped_file_reads_the_same_in_sections_and_whole() -> None:
    text = SHIPPED.read_text("utf-8")
    whole = tomllib.loads(text)["models"]
    tables, aliases = sections(text)
    assert {name: tomllib.loads(table)["models"][name] for name, table in tables.items()} == whole
    assert aliases == {alias: name for name, table in whole.items() for alias in table.get("aliases", [])}
    assert list(tomllib.loads(text)) == ["models"]


def test_no_alias_is_anothers_name_or_alias() -> None:
    names = [name for entry in ENTRIES.values() for name in (entry.name, *entry.aliases)]
    assert len(names) == len(set(names))


def test_no_line_and_no_size_comes_near_the_caps() -> None:
    data = SHIPPED.read_bytes()
    assert len(data) < LARGEST_FILE / 2
    assert max(map(len, data.splitlines())) < LONGEST_LINE


MINE = """
[models.bert-base-uncased]
model_type = "bert"
class = "BertModel"
aliases = ["mine"]

[models.tall]
model_type = "llama"
class = "LlamaForCausalLM"
config = { num_hidden_layers = 100 }
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ["zoo.toml", "registry.toml"])
def test_a_registry_in_the_working_directory_adds_and_overrides_visibly(here: Path, name: str) -> None:
    (here / name).write_text(MINE)
    assert zoo.load("tall").depths == (100,)
    mine = zoo.load("bert-base-uncased")
    assert mine.class_name == "BertModel"
    assert name in mine.notes[0]
    assert "overriding" in mine.notes[0]
    assert zoo.load("mine").class_name == "BertModel"
    assert zoo.load("gpt3").notes == ()


@pytest.mark.parametrize(
    ("name", "aliases", "word"),
    [("gpt3", "[]", "gpt3"), ("mine", '["gpt2"]', "gpt2"), ("mine", '["gpt3"]', "gpt3"), ("gpt3-175b", "[]", "gpt3")],
)
def test_names_and_aliases_are_overridden_visibly(here: Path, name: str, aliases: str, word: str) -> None:
    entry = f'[models.{name}]\nmodel_type = "bert"\nclass = "BertModel"\naliases = {aliases}\n'
    (here / "zoo.toml").write_text(entry)
    mine = zoo.load(word)
    assert mine.class_name == "BertModel"
    assert "zoo.toml" in mine.notes[0]
    assert "built-in" in mine.notes[0]
    assert zoo.load("gpt2-xl").notes == ()


def test_a_registry_named_by_the_person_comes_first(here: Path) -> None:
    (here / "zoo.toml").write_text(MINE)
    (here / "first.toml").write_text(MINE.replace("100", "7"))
    assert zoo.load("tall", registries=["first.toml"]).depths == (7,)
    assert zoo.load("tall").depths == (100,)


def test_the_builtin_registry_in_the_working_directory_overrides_nothing(here: Path) -> None:
    (here / "registry.toml").write_bytes(SHIPPED.read_bytes())
    assert zoo.load("bert-base").notes == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[models.x", "not TOML"),
        ("models = 3", "must be a table"),
        ("[models]\nx = 3", "models.x must be a table"),
        ('[models."../x"]\nmodel_type = "bert"', "not a model name"),
        ('[models."\\u001b[2J"]\nmodel_type = "bert"', "not a model name"),
        ('[models.x]\nclass = "BertModel"', "model_type is missing"),
        ('[models.x]\nmodel_type = "bert"', "class is missing"),
        ('[models.x]\nmodel_type = "bert"\nclass = "BertModel"\npublishd = "1"', "did you mean published"),
        ('[models.x]\nmodel_type = 3\nclass = "BertModel"', "model_type must be"),
        ('[models.x]\nmodel_type = "bert"\nclass = "BertModel"\naliases = ["a/b"]', "not a model name"),
        (
            '[models.x]\nmodel_type = "bert"\nclass = "BertModel"\nconfig = { hidden_size = 0 }',
            "hidden_size must be at least 1",
        ),
        ('[models.x]\nmodel_type = "bert"\nclass = "BertModel"\nnull = [3]', "null must be"),
        ('[models.x]\naliases = ["z"]\n[models.y]\naliases = ["z"]', "names two models"),
        ('[models.x]\naliases = ["y"]\n[models.y]', "names two models"),
        ('[models.x]\nmodel_type = "brt"\nclass = "BertModel"', "did you mean bert"),
        ("x = " + "[" * 1500, "nested too deep"),
        ("x = " + "1" * 1900 + "\n" + "y = " + "a" * LONGEST_LINE, "a line is longer"),
        ("#" * 1000 + "\n" + "# fill\n" * (LARGEST_FILE // 7), "larger than 512 KiB"),
    ],
)
def test_a_bad_registry_is_one_line_that_names_the_file(here: Path, text: str, said: str) -> None:
    (here / "bad.toml").write_text(text)
    with pytest.raises(zoo.ZooError) as raised:
        zoo.load("x", registries=["bad.toml"])
    assert said in str(raised.value)
    assert "bad.toml" in str(raised.value) or "x: " in str(raised.value)


def test_hostile_toml_takes_bounded_time(here: Path) -> None:
    line = "a" + ".a" * ((LONGEST_LINE - 10) // 2)
    lines = LARGEST_FILE // LONGEST_LINE
    (here / "bad.toml").write_text("".join(f"x{number}.{line}=1\n" for number in range(lines - 10)))
    start = time.process_time()
    with pytest.raises(zoo.ZooError):
        zoo.load("x", registries=["bad.toml"])
    assert time.process_time() - start < 30


@pytest.mark.parametrize("name", ["no-such.toml", ".", "/dev/null/x"])
def test_a_registry_that_is_not_there(here: Path, name: str) -> None:
    with pytest.raises(zoo.ZooError, match="cannot be read"):
        zoo.load("bert-base", registries=[name])


def test_one_that_is_not_utf8(here: Path) -> None:
    (here / "bad.toml").write_bytes(b"# \xff")
    with pytest.raises(zoo.ZooError, match="not UTF-8"):
        zoo.load("bert-base", registries=["bad.toml"])


def test_a_misspelt_name_gets_near_ones() -> None:
    with pytest.raises(zoo.ZooError, match=r"did you mean .*bert-base"):
        zoo.load("bert-bse")


def test_a_file_tells_which_plugin_counts_a_type(tmp_path: Path) -> None:
    file = tmp_path / "zoo.toml"
    file.write_text('[models.x]\nmodel_type = "bert"\n[prefer]\nbert = "zoo-rival"\n"a.b" = "toy"\n[else]\nx = 1\n')
    assert preferences(file) == {"bert": "zoo-rival", "a.b": "toy"}
    file.write_text("[models.x]\n")
    assert preferences(file) == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('prefer = "zoo-rival"', "prefer must be a table"),
        ("[[prefer]]\nbert = 'x'", "prefer must be a table"),
        ("[prefer]\nbert = 7", "prefer.bert must be the name of a plugin, got 7"),
        ("[prefer]\nbert = ''", "prefer.bert must be the name of a plugin, got ''"),
        ("[prefer]\na.b = 'x'", "prefer.a must be the name of a plugin, got {'b': 'x'}"),
        ("[prefer]\nbert = ['x']", "prefer.bert must be the name of a plugin"),
        ("[prefer", "is not TOML"),
        ("#" * (LONGEST_LINE + 1), "a line is longer than"),
    ],
)
def test_a_preference_that_is_none_is_one_line_that_names_the_file(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "zoo.toml"
    file.write_text(text)
    with pytest.raises(RegistryError, match=re.escape(said)) as caught:
        preferences(file)
    assert str(caught.value).startswith(f"{file}: ")
