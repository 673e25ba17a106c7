"""Configs of a type with what transformers, which is installed, makes of them."""

import os
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from zoo.errors import ZooError
from zoo.manager import manager
from zoo.testing import judge
from zoo.testing.cases import Case
from zoo.testing.configs import Space, mixtures

if TYPE_CHECKING:
    from zoo.testing.checks import Checks

_LABELS = {"0": "a", "1": "b", "2": "c"}


def number(configs: int) -> int:
    """How many random configs each class gets: `configs`, unless the environment says otherwise."""
    return int(os.environ.get("ZOO_TESTING_CONFIGS") or configs)


def space(suite: "Checks") -> Space:
    """The configs of a suite's type as transformers declares them."""
    return judge.space(suite.model_type, suite.start, suite.candidates)


def cases(suite: "Checks", configs: int) -> Iterator[Case]:
    """Each class at its default, at `configs` random ones, and if it labels, with labels told in every way.

    Fails the suite where transformers builds none of the random ones.
    """
    drawn = space(suite)
    wanted = number(configs)
    for class_name in judge.classes(suite.model_type):
        yield judge.build(class_name, suite.model_type, {})
        built = 0
        build = partial(judge.tried, class_name, suite.model_type)
        for _, case in mixtures(drawn, build, suite.chance("transformers", class_name), wanted):
            if case is not None:
                built += 1
                yield case
        if wanted and not built:
            suite.fail(f"{class_name}: transformers builds none of the random configs: give candidates")
        if class_name.endswith("Classification"):
            for labels in (
                {"num_labels": 8},
                {"id2label": _LABELS},
                {"num_labels": 8, "id2label": _LABELS},
                {"id2label": None},
            ):
                yield judge.build(class_name, suite.model_type, {**drawn.start, **labels})


def foreign(suite: "Checks") -> Iterator[Case]:
    """Configs with a key of another type that the plugin passes over as harmless, and transformers may not."""
    settings = judge.config(suite.model_type)
    known = suite.config_class.all_spellings()
    declared = {*vars(settings), *settings.attribute_map}
    others = {key for name in manager.types for key in _keys(name)} - declared
    class_name = judge.classes(suite.model_type)[0]
    start = space(suite).start
    for key in sorted(others):
        for value in (96, True):
            # Not beside another spelling of the same field, with which it would be refused.
            beside = {name: held for name, held in start.items() if known.get(name) != known.get(key, key)}
            fields = {**beside, key: value}
            model = suite.tried(fields, class_name)
            if model is not None and model.status == "exact":
                case = judge.tried(class_name, suite.model_type, fields)
                if case is not None:
                    yield case


def _keys(model_type: str) -> set[str]:
    try:
        return set(manager.architecture(model_type).config_class().all_spellings())
    except ZooError:  # somebody else's plugin, which is broken
        return set()
