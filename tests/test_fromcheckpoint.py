"""A model that no plugin counts, counted from the header of its weights: what is told of it, and what is not."""

import json
from collections.abc import Callable, Iterator
from errno import EACCES
from os import strerror
from pathlib import Path
from typing import Any

import pytest
from hubcase import BERT, COUNT, Case, bytes_of

import zoo
from zoo.errors import UnknownTypeError

STRANGE = b'{"model_type": "nobodys", "architectures": ["NobodysModel"]}'
"""A config of a type that no plugin counts."""

PLAIN = {
    "embed.weight": ("BF16", (40, 64)),
    "layers.0.weight": ("BF16", (64, 64)),
    "layers.1.weight": ("BF16", (64, 64)),
}
PLAIN_COUNT = 40 * 64 + 2 * 64 * 64


@pytest.fixture
def case(case: Case) -> Case:
    case.put("own/config.json", STRANGE)
    case.put("own/model.safetensors", bytes_of(PLAIN))
    return case


def compared(case: Case, reference: str) -> dict[str, Any]:
    """What the JSON of a comparison tells."""
    (record,) = json.loads(case.zoo("compare", reference, "--format", "json").out)
    return dict(record)


def shown(case: Case, reference: str) -> str:
    """What stands above the tree of a model."""
    return case.zoo("show", reference).out.partition("\n\n")[0]


# --- what is told ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stored", "dtype"), [("BF16", "bfloat16"), ("F16", "float16"), ("F32", "float32")])
def test_the_number_format_is_that_of_the_header(case: Case, stored: str, dtype: str) -> None:
    case.put("own/config.json", b'{"model_type": "nobodys", "dtype": "float64"}')
    case.put("own/model.safetensors", bytes_of({name: (stored, shape) for name, (_, shape) in PLAIN.items()}))
    told = compared(case, "own")
    assert (told["parameters"], told["stored"], told["dtype"]) == (PLAIN_COUNT, {stored: PLAIN_COUNT}, dtype)


def test_what_nothing_tells_is_null(case: Case) -> None:
    told = compared(case, "own")
    unknown = {
        "active_parameters", "embedding_parameters", "layers", "flops", "cache", "weights", "training", "gradients",
        "states", "lora", "rule_error", "token_bits", "vector_bits",
    }  # fmt: skip
    assert {name: told[name] for name in unknown} == dict.fromkeys(unknown)
    mixed = {**PLAIN, "norm.weight": ("F32", (64,))}
    case.put("own/model.safetensors", bytes_of(mixed))
    assert compared(case, "own")["dtype"] is None


def test_what_is_no_parameter_is_named(case: Case) -> None:
    header = {
        **PLAIN,
        **{f"layers.{layer}.rotary_emb.inv_freq": ("F32", (8,)) for layer in range(2)},
        "layers.1.weight": ("F8_E4M3", (64, 64)),
        "layers.1.weight_scale": ("F32", (1,)),
        "table": ("I64", (7,)),
    }
    case.put("own/model.safetensors", bytes_of(header))
    names = {
        "buffer": ["layers.{0..1}.rotary_emb.inv_freq"],
        "scale": ["layers.1.weight_scale"],
        "unknown": ["table"],
    }
    text = shown(case, "own").splitlines()
    assert "buffer: 2 tensors (rotary frequencies): layers.{0..1}.rotary_emb.inv_freq" in text
    assert "scale: 1 tensor (FP8 scale): layers.1.weight_scale" in text
    assert "unknown: 1 tensor: table" in text
    assert text[1].endswith("; 1 tensor not counted, as nothing tells what it is")
    for told in (compared(case, "own"), json.loads(case.zoo("show", "own", "--format", "json").out)):
        assert {kind: told["tensors"][kind] for kind in names} == names
        assert told["kinds"]["buffer"] == {"tensors": 2, "elements": 16}
        assert told["parameters"] == PLAIN_COUNT


def test_a_line_names_a_few_and_says_how_many_there_are(case: Case) -> None:
    tables = {f"{word}.table": ("I64", (2,)) for word in "abcdefg"}
    case.put("own/model.safetensors", bytes_of({**PLAIN, **tables}))
    text = shown(case, "own")
    assert "unknown: 7 tensors: a.table, b.table, c.table, d.table, e.table and 2 more" in text
    assert "7 tensors not counted, as nothing tells what they are" in text
    assert len(compared(case, "own")["tensors"]["unknown"]) == 7


def test_an_adapter_is_called_one(case: Case) -> None:
    module = "base_model.model.model.layers.0.self_attn.q_proj.lora_"
    adapter = {f"{module}A.weight": ("F32", (8, 64)), f"{module}B.weight": ("F32", (64, 8))}
    case.put("adapter/adapter_model.safetensors", bytes_of(adapter))
    run = case.zoo("compare", "adapter")
    assert (run.code, run.err) == (
        0,
        "zoo: warning: adapter: from checkpoint: counted from the header of its weights, as there is no config.json; "
        "2 tensors of a LoRA adapter\n",
    )
    assert f"parameter: 2 tensors (LoRA): {module}A.weight, {module}B.weight" in shown(case, "adapter").splitlines()
    assert "LoRA" not in shown(case, "own")


def test_json_tells_the_commit(case: Case) -> None:
    sha = case.hub.add("org/own", {"config.json": STRANGE, "model.safetensors": bytes_of(PLAIN)})
    for told in (compared(case, "org/own"), json.loads(case.zoo("show", "org/own", "--format", "json").out)):
        assert (told["repository"], told["commit"], told["notes"]) == ("org/own", sha, [])
        assert (told["status"], told["checkpoint"]) == ("from checkpoint", f"org/own@{sha}")


# --- what is asked of it ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bare", [False, True], ids=["of nobody's type", "without config.json"])
def test_what_cannot_be_done_to_it_is_an_error(case: Case, bare: bool) -> None:
    if bare:
        (case.work / "own" / "config.json").unlink()
    why = "there is no config.json" if bare else "no plugin counts model_type 'nobodys'"
    for arguments in (("own,hidden_size=7",), ("own", "--as", "BertModel"), ("own,hidden_size=7", "--as", "Nope")):
        assert case.fails("compare", *arguments).startswith(f"{arguments[0]}: {why}")
    assert zoo.load("own").parameters == PLAIN_COUNT
    with pytest.raises(UnknownTypeError):
        zoo.load("own", as_="BertModel")


def test_a_cost_is_told_by_nothing_and_the_name_once(case: Case) -> None:
    untold = "own: its checkpoint does not tell that, and no plugin counts its type"
    assert case.fails("width", "own") == untold
    assert case.fails("flops", "own") == untold


def test_a_file_is_counted_by_the_config_beside_it(case: Case) -> None:
    case.put("bert/config.json", BERT)
    file = case.put("bert/model.safetensors", bytes_of(PLAIN))
    assert case.count("bert/model.safetensors") == COUNT
    assert zoo.load(file).status == "exact"
    (case.work / "bert" / "config.json").unlink()
    assert zoo.load(file).parameters == PLAIN_COUNT


# --- a folder that may not be looked into ----------------------------------------------------------------------------


@pytest.fixture
def locked(case: Case, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder `locked` that may not be looked into, not even by root, to whom chmod forbids nothing."""
    case.put("locked/model.safetensors", bytes_of(PLAIN))

    def guarded(method: Callable[..., Any], within: bool) -> Callable[..., Any]:
        def call(path: Path, *arguments: Any, **named: Any) -> Any:
            if (path.parent if within else path).name == "locked":
                raise PermissionError(EACCES, strerror(EACCES))
            return method(path, *arguments, **named)

        return call

    with monkeypatch.context() as patched:
        patched.setattr(Path, "stat", guarded(Path.stat, within=True))
        patched.setattr(Path, "open", guarded(Path.open, within=True))
        patched.setattr(Path, "iterdir", guarded(Path.iterdir, within=False))
        yield


@pytest.mark.usefixtures("locked")
def test_a_folder_that_may_not_be_looked_into_is_named_and_the_others_are_compared(case: Case) -> None:
    run = case.zoo("compare", "locked", "own", "locked,hidden_size=7", "--columns", "parameters", "--format", "csv")
    assert (run.code, run.out) == (2, f"parameters\n{PLAIN_COUNT}\n")
    told = [line for line in run.err.splitlines() if "warning" not in line]
    assert told == [f"zoo: {name}: cannot be read: Permission denied" for name in ("locked", "locked,hidden_size=7")]
    for command in ("show", "verify", "fetch"):
        assert case.fails(command, "locked") == "locked: cannot be read: Permission denied"
    with pytest.raises(zoo.ZooError, match="locked: cannot be read: Permission denied"):
        zoo.load(Path("locked"))


@pytest.mark.usefixtures("locked")
def test_a_checkpoint_that_may_not_be_looked_into_is_named(case: Case) -> None:
    for checkpoint in ("locked", "locked/model.safetensors"):
        assert case.fails("verify", "bert-base", checkpoint) == f"{checkpoint}: cannot be read: Permission denied"
