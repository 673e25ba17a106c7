"""Every type and class, at its default config and at changed ones, against what transformers was recorded to build."""

import gzip
import json
from math import prod
from pathlib import Path
from typing import Any

import pytest
from truth import differences

import zoo
from zoo.manager import manager

RECORDED = Path(__file__).parent / "oracle" / "recorded"
TYPES = sorted(path.name.removesuffix(".json.gz") for path in RECORDED.glob("*.json.gz"))


def recorded(model_type: str) -> dict[str, Any]:
    with gzip.open(RECORDED / f"{model_type}.json.gz") as file:
        document: dict[str, Any] = json.load(file)
    return document


@pytest.mark.parametrize("model_type", TYPES)
def test_tensors_are_those_that_transformers_builds(model_type: str) -> None:
    records = recorded(model_type)["records"]
    found = [line for row in records for line in differences(model_type, row["class"], row["config"], row)]
    assert not found, "\n".join(found[:40])


@pytest.mark.parametrize("model_type", TYPES)
def test_every_class_has_its_default_and_ten_changed_configs(model_type: str) -> None:
    document = recorded(model_type)
    assert set(document["classes"]) <= set(manager.architecture(model_type).classes())
    for class_name in document["classes"]:
        configs = [json.dumps(row["config"]) for row in document["records"] if row["class"] == class_name]
        assert "{}" in configs
        assert len(set(configs)) > 10


# Fields that transformers' config class does not declare, though its model code reads them, or files have them. What
# they are by default is proved by the tensors of the default config.
UNDECLARED = {
    "deberta": {"embedding_size", "talking_head"},
    "deberta-v2": {
        "attention_head_size", "conv_groups", "conv_kernel_size", "embedding_size", "norm_rel_ebd", "position_buckets",
        "share_att_key", "talking_head",
    },
    "gemma3_text": {"sliding_window_pattern"},
    "modernbert": {"global_attn_every_n_layers"},
    "switch_transformers": {"feed_forward_proj", "is_gated_act"},
}  # fmt: skip

# What transformers' list per layer says, zoo holds as a rule where no list is given.
AS_A_RULE = {"attention_types", "layer_types"}


@pytest.mark.parametrize("model_type", TYPES)
def test_config_defaults_are_those_of_transformers(model_type: str) -> None:
    document = recorded(model_type)
    # As declared, and as they are in a config made without a key: a window, say, is cleared while it is switched off.
    made, declared = document["defaults"], document.get("declared", {})
    config_class = manager.architecture(model_type).config_class()
    config = config_class.read({}).config
    unchecked = set()
    for name, field in config_class.fields.items():
        keys = [key for key, target in config_class.all_spellings().items() if target == name and key in made]
        if not keys:
            unchecked.add(name)
        elif name not in AS_A_RULE and not (field.follows and made[keys[0]] is None):
            assert getattr(config, name) in (made[keys[0]], declared.get(keys[0], made[keys[0]])), name
    own = {"head_dim", "intermediate_size", "num_key_value_heads", "max_position_embeddings"}
    assert unchecked - own == UNDECLARED.get(model_type, set())


EXPERTS = [name for name in TYPES if any(".experts." in tensor for tensor in recorded(name)["records"][0]["tensors"])]


@pytest.mark.parametrize("model_type", EXPERTS)
def test_of_the_experts_that_transformers_builds_a_token_uses_its_share(model_type: str) -> None:
    document = recorded(model_type)
    for row in document["records"]:
        used = row["config"].get("num_experts_per_tok", document["defaults"].get("num_experts_per_tok", 1))
        model = zoo.load({**row["config"], "model_type": model_type, "architectures": [row["class"]]})
        # Experts are the first dimension of one tensor, or numbered modules of a list.
        experts = {name: shape for name, shape in row["tensors"].items() if ".experts." in name}
        listed = {name.split(".experts.")[1].split(".")[0] for name in experts if "expert_" in name}
        idle = 0
        for shape in experts.values():
            number = len(listed) or shape[0]
            idle += prod(shape) * (number - (used or number)) // number
        assert model.parameters - model.active_parameters == idle, row["config"]


def test_there_are_types_with_experts() -> None:
    assert {"mixtral", "qwen2_moe", "qwen3_moe", "deepseek_v2", "deepseek_v3", "gpt_oss", "switch_transformers"} <= set(
        EXPERTS
    )
