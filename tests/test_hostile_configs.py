"""A config is data from a stranger: whatever it holds gives a count or one clear line, in bounded time and memory."""

import gzip
import io
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import zoo
from zoo import configfile
from zoo.errors import PluginError
from zoo.fields import LARGEST
from zoo.manager import manager

BERT: dict[str, Any] = {"model_type": "bert", "architectures": ["BertModel"]}
LLAMA: dict[str, Any] = {"model_type": "llama", "architectures": ["LlamaForCausalLM"]}
MIXTRAL: dict[str, Any] = {"model_type": "mixtral", "architectures": ["MixtralForCausalLM"]}


@pytest.fixture
def write(tmp_path: Path) -> Callable[[bytes], Path]:
    def writer(data: bytes) -> Path:
        path = tmp_path / "config.json"
        path.write_bytes(data)
        return path

    return writer


def refusal(config: Any) -> str:
    """The line with which zoo refuses a config."""
    with pytest.raises(zoo.ZooError) as raised:
        zoo.load(config).parameters  # noqa: B018
    line = str(raised.value)
    assert "\n" not in line
    assert line.isprintable()
    assert len(line) < 600
    return line


def test_a_billion_layers_or_experts_cost_no_more_than_a_few() -> None:
    start = time.process_time()
    layers = zoo.load({**LLAMA, "num_hidden_layers": 10**9})
    one, two = (zoo.load({**LLAMA, "num_hidden_layers": n}).parameters for n in (1, 2))
    assert layers.parameters == one + (10**9 - 1) * (two - one)
    assert layers.breakdown().parameters == layers.parameters
    experts = zoo.load({**MIXTRAL, "num_local_experts": 10**9})
    assert experts.parameters > 10**9
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    "config", [{**BERT, "num_hidden_layers": LARGEST + 1}, {**MIXTRAL, "num_local_experts": 10**13}]
)
def test_above_the_cap_an_error_names_the_key_and_the_cap(config: dict[str, Any]) -> None:
    line = refusal(config)
    assert list(config)[-1] in line
    assert f"{LARGEST:,}" in line


@pytest.mark.parametrize("key", ["hidden_size", "num_hidden_layers", "vocab_size"])
@pytest.mark.parametrize(
    ("value", "picture"),
    [
        (0, "got 0"),
        (-1, "got -1"),
        (True, "got true"),
        ("12", "got '12'"),
        (float("nan"), "got nan"),
        (float("inf"), "got inf"),
        (1.5, "got 1.5"),
        ([12], "got [12]"),
        ({}, "got {}"),
    ],
)
def test_a_value_that_no_model_can_have_is_named_with_its_key(key: str, value: object, picture: str) -> None:
    line = refusal({**BERT, key: value})
    assert key in line
    assert picture in line


def test_an_integral_float_is_the_integer() -> None:
    assert zoo.load({**BERT, "hidden_size": 768.0}).parameters == zoo.load(BERT).parameters == 109_482_240


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**5000], ids=["nan", "inf", "digits"])
def test_an_unused_field_may_hold_anything(value: object) -> None:
    model = zoo.load({**BERT, "layer_norm_eps": value, "initializer_range": value})
    assert (model.parameters, model.status) == (109_482_240, "exact")


def test_infinity_as_json_writes_it(write: Callable[[bytes], Path]) -> None:
    path = write(b'{"model_type": "bert", "layer_norm_eps": Infinity, "hidden_dropout_prob": NaN}')
    assert zoo.load(path).status == "exact"


def test_a_null_means_not_given() -> None:
    assert zoo.load({**BERT, "hidden_size": None, "vocab_size": None}).parameters == 109_482_240
    assert zoo.load({**LLAMA, "num_key_value_heads": None}).parameters == 6_738_415_616


@pytest.mark.parametrize("where", ["hidden_size", "layer_norm_eps", "never_heard_of"])
def test_a_number_of_five_thousand_digits(write: Callable[[bytes], Path], where: str) -> None:
    path = write(b'{"model_type": "bert", "%s": %s}' % (where.encode(), b"7" * 5000))
    assert "digits" in refusal(path)


def test_a_huge_number_that_did_not_come_from_json() -> None:
    assert "hidden_size" in refusal({**BERT, "hidden_size": 10**5000})


@pytest.mark.parametrize(
    "data",
    [
        b'{"model_type": "bert", "hidden_size": 768, "hidden_size": 1024}',
        b'{"model_type": "bert", "x": {"hidden_size": 1, "hidden_size": 1}}',
    ],
)
def test_a_key_given_twice_is_refused_by_name(write: Callable[[bytes], Path], data: bytes) -> None:
    line = refusal(write(data))
    assert "'hidden_size'" in line
    assert "twice" in line


@pytest.mark.parametrize("bracket", [b"[", b'{"a":'])
def test_deep_nesting_is_refused_before_it_is_parsed(write: Callable[[bytes], Path], bracket: bytes) -> None:
    start = time.process_time()
    assert "nested deeper than" in refusal(write(b'{"model_type": ' + bracket * 1_000_000))
    assert time.process_time() - start < 5


def test_brackets_in_a_string_are_no_nesting(write: Callable[[bytes], Path]) -> None:
    text = "[" * 500 + '\\"' + "{" * 500
    assert zoo.load(write(json.dumps({**BERT, "prefix": text}).encode())).status == "exact"


@pytest.mark.parametrize("piece", [b"[]", b'\\"', b'"', b'"\\', b"\\"])
def test_as_large_as_allowed_and_hostile_is_still_quick(write: Callable[[bytes], Path], piece: bytes) -> None:
    start = time.process_time()
    refusal(write(b'{"a": "' + b"[" * 100 + piece * (configfile.LARGEST_FILE // len(piece) - 100)))
    assert time.process_time() - start < 20


def test_a_file_of_100_megabytes_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    with path.open("wb") as file:
        file.truncate(100 * 1024**2)
    assert "larger than 8 MiB" in refusal(path)


def test_a_stream_without_end_is_refused() -> None:
    assert "larger than 8 MiB" in refusal("/dev/zero")


def test_a_byte_order_mark_is_accepted(write: Callable[[bytes], Path]) -> None:
    assert zoo.load(write(b"\xef\xbb\xbf" + json.dumps(BERT).encode())).parameters == 109_482_240


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (json.dumps(BERT).encode("utf-16"), "UTF-16"),
        ('{"model_type": "bért"}'.encode("latin-1"), "not UTF-8"),
        (json.dumps(BERT).encode("utf-16-le"), "another encoding"),
        (gzip.compress(b"{}", mtime=0), "compressed"),
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"<!DOCTYPE html><html></html>", "HTML"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "Git LFS"),
        (b"[1, 2]", "not an object"),
        (b"null", "not an object"),
        (b'"bert"', "not an object"),
        (b'{"model_type": "bert"', "not JSON"),
        (b"hidden_size: 768", "not JSON"),
    ],
)
def test_what_is_no_config_is_told_for_what_it_is(write: Callable[[bytes], Path], data: bytes, said: str) -> None:
    path = write(data)
    line = refusal(path)
    assert said in line
    assert str(path) in line


def test_an_unknown_type_gets_near_names_and_the_way_to_a_plugin() -> None:
    line = refusal({"model_type": "lama"})
    assert "llama" in line
    assert "plugin" in line
    assert "zoo new" in line


@pytest.mark.parametrize(
    "model_type",
    [
        "../../etc/passwd",
        "zoo_plugins.encoder_only",
        "os:system",
        "bert\0",
        "\x1b[2J",
        "\ud800",
        "\u202egro",
        "a" * 10_000,
        7,
        ["bert"],
        {},
    ],
)
def test_a_hostile_type_is_neither_path_nor_import_and_printed_escaped(model_type: object) -> None:
    refusal({"model_type": "no such type"})  # what a refusal itself imports
    before = set(sys.modules)
    refusal({"model_type": model_type})
    assert set(sys.modules) == before


def test_a_class_that_is_no_list_of_names_is_refused() -> None:
    assert "architectures must be a list" in refusal({"model_type": "bert", "architectures": "BertModel"})
    assert zoo.load({"model_type": "bert", "architectures": []}).class_name == "BertModel"
    assert zoo.load({"model_type": "bert", "architectures": None}).class_name == "BertModel"


@pytest.mark.parametrize(
    "architectures", [["\x1b[31mX"], [7], [None, "BertModel"], "BertModel", {"a": 1}, [["BertModel"]]]
)
def test_a_hostile_class(architectures: object) -> None:
    counts_or_refuses(json.dumps({"model_type": "bert", "architectures": architectures}).encode())


def test_without_type_the_class_tells_it() -> None:
    assert zoo.load({"architectures": ["BertForMaskedLM"]}).model_type == "bert"
    assert zoo.load({"architectures": ["LLaMAForCausalLM"]}).class_name == "LlamaForCausalLM"
    assert "did you mean" in refusal({"architectures": ["BertForMaskedML"]})
    assert "neither" in refusal({})


@pytest.mark.parametrize(
    "auto_map",
    [
        {"AutoModel": "evil.EvilModel"},
        {"AutoModel": "bert_layers.BertModel"},
        {"AutoModel": "o/r--x.BertModel"},
        [1],
        "x",
        {"AutoModel": None},
    ],
)
def test_custom_code_is_never_run_and_makes_a_count_unverified(tmp_path: Path, auto_map: object) -> None:
    trap = tmp_path / "evil.py"
    trap.write_text("raise SystemExit('ran')")
    config = tmp_path / "config.json"
    config.write_text(json.dumps({**BERT, "auto_map": auto_map}))
    model = zoo.load(config)
    assert (model.status, model.unknown_keys) == ("unverified", ("auto_map",))
    assert "custom code: unverified" in model.doubt
    with pytest.raises(zoo.ZooError, match="custom code"):
        zoo.load(config, strict=True)


@pytest.mark.parametrize(
    "auto_map", [{}, {"AutoModel": "modeling_bert.BertModel"}, {"AutoModel": "org/repo--modeling_bert.BertModel"}]
)
def test_code_that_transformers_has_adopted_is_no_custom_code(auto_map: object) -> None:
    assert zoo.load({**BERT, "auto_map": auto_map}).status == "exact"


@pytest.mark.parametrize("number", [44, 48])
def test_a_list_per_layer_must_be_as_long_as_the_layers(number: int) -> None:
    line = refusal({"model_type": "gemma3_text", "num_hidden_layers": 45, "layer_types": ["full_attention"] * number})
    assert "layer_types" in line
    assert str(number) in line
    assert "45" in line


def test_a_width_that_does_not_divide_among_the_heads() -> None:
    line = refusal({**LLAMA, "hidden_size": 4100, "num_attention_heads": 32})
    assert "hidden_size 4100" in line
    assert "num_attention_heads 32" in line
    assert zoo.load({**LLAMA, "hidden_size": 4100, "head_dim": 128}).status == "exact"


def test_query_heads_that_do_not_divide_among_key_value_heads() -> None:
    line = refusal({**LLAMA, "num_key_value_heads": 5})
    assert "num_attention_heads 32" in line
    assert "num_key_value_heads 5" in line


def test_two_spellings_of_a_field_that_disagree() -> None:
    line = refusal({"model_type": "gpt2", "n_embd": 768, "hidden_size": 1024})
    assert "n_embd" in line
    assert "hidden_size" in line
    assert zoo.load({"model_type": "gpt2", "n_embd": 768, "hidden_size": 768}).parameters == 124_439_808


def test_an_unknown_key_is_named_and_an_error_when_strict() -> None:
    model = zoo.load({**BERT, "\x1bnew_thing": 3})
    assert (model.status, model.unknown_keys) == ("unverified", ("\x1bnew_thing",))
    assert model.doubt.isprintable()
    with pytest.raises(zoo.ZooError, match="new_thing"):
        zoo.load({**BERT, "\x1bnew_thing": 3}, strict=True)


@pytest.mark.parametrize(
    "path", ["no/such/config.json", "\0", "a" * 5000, "/", "/root/" + "x/" * 3000, "~", ".", "\x1b[2J"]
)
def test_a_path_that_leads_nowhere(path: str) -> None:
    refusal(path)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "config.json").mkdir()
    assert "cannot be read" in refusal(tmp_path)


SOME_KEYS = """
    model_type architectures hidden_size num_hidden_layers num_attention_heads id2label auto_map vocab_size x
"""
KEYS = st.sampled_from(SOME_KEYS.split())
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["bert", "gpt2", "t5", "BertModel"]),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(KEYS | st.text(), children, max_size=6),
    max_leaves=12,
)


def counts_or_refuses(data: bytes) -> None:
    try:
        config = configfile.parse(io.BytesIO(data), "here")
        model = zoo.load(config)
        assert model.parameters >= 0
    except zoo.ZooError as error:
        assert str(error).isprintable()  # noqa: PT017 - or no error at all
        assert not isinstance(error, PluginError), error  # noqa: PT017 - a built-in plugin blames nobody but itself


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=200))
@example(b'{"model_type": "bert", "id2label": []}')
@example(b'{"model_type": "\\ud800"}')
@example(b"-" * 10_000)
def test_any_bytes_give_a_count_or_a_refusal(data: bytes) -> None:
    counts_or_refuses(data)


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(KEYS | st.text(), JSON, max_size=8))
def test_any_json_object_gives_a_count_or_a_refusal(config: dict[str, Any]) -> None:
    counts_or_refuses(json.dumps(config).encode())


FIELDS = {name: sorted(manager.architecture(name).config_class().all_spellings()) for name, _ in manager}


@settings(max_examples=1500, deadline=None)
@given(st.sampled_from(sorted(FIELDS)), st.data())
def test_any_value_in_any_field_of_any_type_gives_a_count_or_a_refusal(model_type: str, data: st.DataObject) -> None:
    keys = st.sampled_from(FIELDS[model_type])
    config = data.draw(st.dictionaries(keys, JSON | st.integers(-1, 10**13) | st.integers(0, 5), max_size=5))
    counts_or_refuses(json.dumps({**config, "model_type": model_type}).encode())


def test_no_traceback_from_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "zoo", "show", "-"],
        input=b'{"model_type": "\\u001b[2J"}',
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr.count(b"\n") == 1
    assert b"\x1b" not in done.stderr
    assert b"Traceback" not in done.stderr
