"""`zoo verify` of what transformers and PEFT have just saved: nothing is left unexplained, and what is said is true."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import zoo
from zoo.checkpoints.dialects import Dialect
from zoo.checkpoints.verification import Verification
from zoo.manager import manager
from zoo.sources import Reference

if not (find_spec("torch") and find_spec("transformers")):
    pytest.skip("needs the oracle extra: pip install '.[oracle]'", allow_module_level=True)

TYPES = sorted(model_type for model_type, plugin in manager if plugin.distribution.startswith("paramzoo "))
SAVED_APART = ["deepseek_v2", "deepseek_v3", "gpt_neox", "mixtral", "qwen2_moe", "qwen3_moe"]
"""The types of which transformers saves other names than it has."""

SIZES = {
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "vocab_size": 120,
}

pytestmark = pytest.mark.filterwarnings("default")  # those of torch, transformers and PEFT are not zoo's


def explained(folder: Path, reference: Reference | None = None) -> Verification:
    """The verification of a checkpoint of which everything is explained, each of its tensors told once."""
    told = zoo.verify(folder if reference is None else reference, folder)
    assert [line for line in told.lines if not line.explained] == []
    assert sorted(line.name for line in told.lines if line.state != "missing") == sorted(told.checkpoint.tensors)
    assert sum(line.parameters for line in told.lines) == told.model.parameters
    return told


def whys(told: Verification) -> set[str]:
    return {word for line in told.lines for word in line.why.split("; ")} - {""}


@pytest.mark.parametrize("model_type", TYPES)
def test_a_fresh_model_of_each_class(model_type: str, tmp_path: Path) -> None:
    from oracle.saved import save
    from zoo.testing.judge import classes

    for class_name in classes(model_type):
        save(class_name, model_type, tmp_path / class_name)
        told = explained(tmp_path / class_name)
        assert (told.model.class_name, told.model.status) == (class_name, "exact")
        assert {line.state for line in told.lines} <= {"matched", "missing", "unexpected"}


# What transformers passes over and zoo explains without being told by the type.
EXPLAINED_OTHERWISE = {
    "encoder.version": "a buffer",
    "decoder.version": "a buffer",
    "attn.bias": "a buffer",
    "crossattention.bias": "a buffer",
    "attention.bias": "a buffer",
    "attention.masked_bias": "a buffer",
    "decoder": "of another class",
    r"model\.layers\.61.*": "multi-token prediction",
}


@pytest.mark.parametrize("model_type", TYPES)
def test_what_transformers_passes_over_is_what_the_type_says(model_type: str) -> None:
    import transformers

    from zoo.testing.judge import classes

    passed_over = {
        pattern
        for class_name in classes(model_type)
        for pattern in getattr(transformers, class_name)._keys_to_ignore_on_load_unexpected or ()
    } - EXPLAINED_OTHERWISE.keys()
    said = manager.architecture(model_type).ignored
    assert {pattern.removesuffix(".*").removesuffix(".weight") for pattern in passed_over} == set(said)


@pytest.mark.parametrize("model_type", SAVED_APART)
def test_names_as_transformers_has_them(model_type: str, tmp_path: Path) -> None:
    import torch
    import transformers

    from oracle.saved import tiny
    from zoo.testing.judge import config

    class_name = zoo.load({"model_type": model_type}).class_name
    torch.manual_seed(0)
    model = getattr(transformers, class_name)(config(model_type, **tiny(model_type)))
    model.save_pretrained(tmp_path, save_original_format=False)
    told = explained(tmp_path)
    names = {name for name, _ in model.named_parameters()}
    assert {line.name for line in told.lines if line.state == "matched"} == names


@pytest.mark.parametrize("model_type", TYPES)
def test_the_body_of_each_class_is_called_as_transformers_calls_it(model_type: str) -> None:
    import transformers

    from zoo.testing.judge import classes

    for class_name in classes(model_type):
        model = zoo.load({"model_type": model_type, "architectures": [class_name]})
        prefix = f"{getattr(transformers, class_name).base_model_prefix}."
        names = {tensor.name for tensor in model.tensors()}
        inside = [name.removeprefix(prefix) for name in names if name.startswith(prefix)]
        dialect = Dialect(model, set(inside))
        assert {found.name for name in inside if (found := dialect.canonical(name))} == {prefix + n for n in inside}


@pytest.mark.parametrize(
    ("class_name", "model_type"), [("LlamaForCausalLM", "llama"), ("BartForConditionalGeneration", "bart")]
)
def test_tied_tensors_that_are_stored_as_well(class_name: str, model_type: str, tmp_path: Path) -> None:
    import safetensors.torch
    import transformers

    from oracle.saved import save

    save(class_name, model_type, tmp_path, {"tie_word_embeddings": True})
    model = getattr(transformers, class_name).from_pretrained(tmp_path)
    held = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    safetensors.torch.save_file(held, tmp_path / "model.safetensors")
    told = explained(tmp_path)
    tied = [line for line in told.lines if "stored as well" in line.why]
    assert tied
    assert not [line for line in told.lines if line.state == "missing"]


def quantized(folder: Path, settings: dict[str, Any]) -> Verification:
    """Of a model that transformers quantized with bitsandbytes while it loaded it, and saved."""
    import transformers

    from oracle.quantized import built

    untyped: Any = transformers
    built("LlamaForCausalLM", "llama", SIZES, "cpu").save_pretrained(folder / "plain")
    model = transformers.AutoModelForCausalLM.from_pretrained(
        folder / "plain", quantization_config=untyped.BitsAndBytesConfig(**settings), device_map="cpu"
    )
    model.save_pretrained(folder / "packed")
    return explained(folder / "packed")


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("kind", ["nf4", "fp4"])
def test_four_bits_of_bitsandbytes(kind: str, nested: bool, tmp_path: Path) -> None:
    settings = {"load_in_4bit": True, "bnb_4bit_quant_type": kind, "bnb_4bit_use_double_quant": nested}
    told = quantized(tmp_path, settings)
    assert sum(line.why == f"bitsandbytes {kind}, 4 bits" for line in told.lines) == 3 * 7


def test_eight_bits_of_bitsandbytes(tmp_path: Path) -> None:
    told = quantized(tmp_path, {"load_in_8bit": True})
    assert sum(line.why == "bitsandbytes int8" for line in told.lines) == 3 * 7


ADAPTERS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "linear": ("LlamaForCausalLM", "llama", {"target_modules": ["q_proj", "down_proj"]}),
    "body": ("LlamaModel", "llama", {"target_modules": ["q_proj"]}),
    "table": ("LlamaForCausalLM", "llama", {"target_modules": ["q_proj", "embed_tokens"], "use_dora": True}),
    "biases": ("LlamaForCausalLM", "llama", {"target_modules": ["v_proj"], "lora_bias": True}),
    "inputs first": ("GPT2LMHeadModel", "gpt2", {"target_modules": ["c_attn", "c_fc"], "fan_in_fan_out": True}),
    "head in full": ("BertForSequenceClassification", "bert", {"target_modules": ["query"], "task_type": "SEQ_CLS"}),
}


@pytest.mark.skipif(not find_spec("peft"), reason="needs PEFT")
@pytest.mark.parametrize("name", ADAPTERS)
def test_an_adapter_of_peft(name: str, tmp_path: Path) -> None:
    from oracle.quantized import built
    from oracle.saved import tiny
    from zoo.testing.judge import config

    peft: Any = import_module("peft")
    class_name, model_type, settings = ADAPTERS[name]
    fields = tiny(model_type)
    adapted = peft.get_peft_model(built(class_name, model_type, fields, "cpu"), peft.LoraConfig(r=3, **settings))
    adapted.save_pretrained(tmp_path)
    reference = {**config(model_type, **fields).to_dict(), "architectures": [class_name]}
    told = explained(tmp_path, reference)
    assert {f"LoRA on {target}" for target in settings["target_modules"]} <= whys(told)
    assert "in the base model of the adapter" in whys(told)
