"""The comparison with transformers, live: each class at its default and at fresh random configs.

    pip install '.[oracle]' && pytest tests/oracle

ZOO_ORACLE_SEED=N repeats a run; ZOO_ORACLE_CONFIGS=N sets how many random configs each class gets.
"""

import os
import random
from importlib.util import find_spec

import pytest
from truth import differences

import zoo
from zoo.manager import manager

if not (find_spec("torch") and find_spec("transformers")):
    pytest.skip("needs the oracle extra: pip install '.[oracle]'", allow_module_level=True)

SEED = os.environ.get("ZOO_ORACLE_SEED") or str(random.randrange(10**9))
CONFIGS = int(os.environ.get("ZOO_ORACLE_CONFIGS", "2"))
TYPES = sorted(model_type for model_type, plugin in manager if plugin.distribution.startswith("paramzoo "))


@pytest.mark.filterwarnings("default")  # those of torch and transformers are not zoo's
@pytest.mark.parametrize("model_type", TYPES)
def test_fresh_random_configs(model_type: str) -> None:
    from oracle.configs import candidates, mixtures
    from oracle.judge import build, classes

    fields = candidates(model_type)
    found = []
    for class_name in classes(model_type):
        chance = random.Random(f"{SEED} {class_name}")
        cases = [({}, build(class_name, model_type, {})), *mixtures(class_name, model_type, fields, chance, CONFIGS)]
        built = [(config, truth) for config, truth in cases if truth is not None]
        assert len(built) > 1, f"{class_name}: transformers built none of the random configs"
        for config, truth in built:
            found += differences(model_type, class_name, config, truth._asdict())
    assert not found, f"seed {SEED}\n" + "\n".join(found[:40])


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("model_type", TYPES)
def test_a_key_of_another_type_changes_what_it_changes_in_transformers_or_is_told(model_type: str) -> None:
    from oracle.configs import base
    from oracle.judge import CannotBuildError, build, classes, config

    declared = {*vars(config(model_type)), *config(model_type).attribute_map}
    foreign = {key for name in TYPES for key in manager.architecture(name).config_class().all_spellings()} - declared
    class_name = classes(model_type)[0]
    found = []
    for key in sorted(foreign):
        for value in (96, True):
            # Not beside another spelling of the same field, with which it would be refused.
            known = manager.architecture(model_type).config_class().all_spellings()
            start = {name: value for name, value in base(model_type).items() if known.get(name) != known.get(key, key)}
            fields = {**start, key: value}
            try:
                model = zoo.load({**fields, "model_type": model_type, "architectures": [class_name]})
                truth = build(class_name, model_type, fields)
            except (zoo.ZooError, CannotBuildError):
                continue
            if model.status == "exact":
                found += differences(model_type, class_name, fields, truth._asdict())
    assert not found, "\n".join(found[:40])


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("model_type", TYPES)
def test_labels_by_number_and_by_name(model_type: str) -> None:
    from oracle.configs import base
    from oracle.judge import build, classes

    names = {"0": "a", "1": "b", "2": "c"}
    found = []
    for class_name in classes(model_type):
        if not class_name.endswith("Classification"):
            continue
        for labels in (
            {"num_labels": 8},
            {"id2label": names},
            {"num_labels": 8, "id2label": names},
            {"id2label": None},
        ):
            fields = {**base(model_type), **labels}
            found += differences(model_type, class_name, fields, build(class_name, model_type, fields)._asdict())
    assert not found, "\n".join(found[:40])
