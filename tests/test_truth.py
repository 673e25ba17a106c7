"""Every type and class, at its default config and at changed ones, against what transformers was recorded to build."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from truth import differences

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


@pytest.mark.parametrize("model_type", TYPES)
def test_config_defaults_are_those_of_transformers(model_type: str) -> None:
    document = recorded(model_type)
    defaults = document["defaults"]
    config_class = manager.architecture(model_type).config_class()
    config = config_class.read({}).config
    spellings = {
        name: [key for key, field in config_class.all_spellings().items() if field == name]
        for name in config_class.fields
    }
    for name, keys in spellings.items():
        if known := [key for key in keys if key in defaults]:
            default = defaults[known[0]]
            value = getattr(config, name)
            # What transformers lists for each layer, zoo may hold as a rule.
            as_rule = value is None and isinstance(default, list)
            derived = default is None and config_class.fields[name].follows
            # What transformers clears while it is switched off (a window, say), zoo holds as declared.
            as_declared = value == document.get("declared", {}).get(known[0], default)
            assert value == default or as_rule or derived or as_declared, (
                name,
                value,
                default,
            )
