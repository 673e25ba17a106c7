"""Every built-in type is under the kit, and enough was recorded of each class to prove it."""

import pytest

from architectures.suites import SUITES
from architectures.truth import TYPES, of_transformers, recorded
from zoo.manager import manager


def test_every_built_in_type_has_a_suite_and_both_truths() -> None:
    built_in = [name for name, plugin in manager if plugin.distribution.startswith("paramzoo ")]
    assert sorted(SUITES) == sorted(built_in) == TYPES
    assert all(suite.truth == of_transformers(name) for name, suite in SUITES.items())


@pytest.mark.parametrize("model_type", TYPES)
def test_every_class_has_its_default_and_ten_changed_configs(model_type: str) -> None:
    found = recorded(model_type)
    for class_name in found.classes:
        configs = [str(case.config) for case in found.cases if case.class_name == class_name]
        assert "{}" in configs
        assert len(set(configs)) > 10


def test_there_are_types_with_experts() -> None:
    with_experts = {name for name in TYPES if any(".experts." in tensor for tensor in recorded(name).cases[0].tensors)}
    assert {
        "mixtral", "qwen2_moe", "qwen3_moe", "deepseek_v2", "deepseek_v3", "gpt_oss", "switch_transformers",
    } <= with_experts  # fmt: skip
