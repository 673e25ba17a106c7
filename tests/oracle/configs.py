"""Configs to try a type with: transformers' own defaults with each field moved, alone and several at once.

The fields are those of transformers' config class, whether zoo reads them or holds them without effect; so a key that
zoo wrongly takes for harmless is found out.
"""

import dataclasses
import random
import typing
from collections.abc import Iterator
from typing import Any

from oracle.hints import CANDIDATES, FEW_LAYERS, LEFT_ALONE, START
from oracle.judge import CannotBuildError, Truth, build, classes, config

# Of every config, and about something else than the shape of the model.
_COMMON = {field.name for field in dataclasses.fields(typing.cast("Any", type(config("bert"))).__mro__[1])}


def base(model_type: str) -> dict[str, Any]:
    """The config from which fields are moved: the defaults, with few layers for speed, and what START says."""
    default = config(model_type)
    layers = ("num_hidden_layers", "encoder_layers", "decoder_layers", "num_decoder_layers")
    spelt = [default.attribute_map.get(name, name) for name in layers]
    return {name: FEW_LAYERS for name in spelt if name in vars(default)} | START.get(model_type, {})


def candidates(model_type: str) -> dict[str, list[Any]]:
    """Each field of transformers' config class with values to move it to, the likeliest to build first."""
    hints = CANDIDATES.get(model_type, {})
    found: dict[str, list[Any]] = {"num_labels": [5, 1]}
    default = config(model_type)
    for field in dataclasses.fields(default):
        name, value = field.name, getattr(default, field.name)
        if name in hints or name in _COMMON or name in LEFT_ALONE or name.endswith(("_token_id", "_token_ids")):
            continue
        if name in base(model_type):
            found[name] = [FEW_LAYERS + 1, 1, 7]
        elif isinstance(value, bool):
            found[name] = [not value]
        elif isinstance(value, int):
            found[name] = [value * 2, value + 1, max(1, value // 2), value + 64]
        elif isinstance(value, float):
            found[name] = [value / 2 + 0.125]
        elif value is None and "int" in str(field.type):
            found[name] = [16, 2, 1]
    return found | hints


def moves(model_type: str) -> tuple[dict[str, list[Any]], int]:
    """The fields that can be moved by themselves, with the values that build; and how many no value fits."""
    start = base(model_type)
    usable: dict[str, list[Any]] = {}
    stuck = 0
    for name, values in candidates(model_type).items():
        if found := [value for value in values if _builds(classes(model_type)[0], model_type, {**start, name: value})]:
            usable[name] = found
        else:
            stuck += 1
    return usable, stuck


def _builds(class_name: str, model_type: str, fields: dict[str, Any]) -> bool:
    try:
        build(class_name, model_type, fields)
    except CannotBuildError:
        return False
    return True


def cases(
    class_name: str, model_type: str, usable: dict[str, list[Any]], seed: int, together: int
) -> Iterator[tuple[dict[str, Any], Truth | None]]:
    """Configs for a class with what transformers makes of them, or None where it refuses.

    First each field that moves this class's count, by itself; then all that do not, at once; then `together` mixtures.
    """
    start = base(model_type)
    at_base = build(class_name, model_type, start)
    still: dict[str, Any] = {}
    for name, values in usable.items():
        fields = {**start, name: values[0]}
        truth = _try(class_name, model_type, fields)
        if truth is not None and truth[2:] == at_base[2:]:
            still[name] = values[0]
        else:
            yield fields, truth
    truth = _try(class_name, model_type, {**start, **still})
    if truth is not None:
        yield {**start, **still}, truth
    else:  # they do not go together: by themselves, then
        for name, value in still.items():
            yield {**start, name: value}, _try(class_name, model_type, {**start, name: value})
    yield from mixtures(class_name, model_type, usable, random.Random(f"{seed} {class_name}"), together)


def mixtures(
    class_name: str, model_type: str, usable: dict[str, list[Any]], chance: random.Random, number: int
) -> Iterator[tuple[dict[str, Any], Truth | None]]:
    """`number` configs with several fields moved at once that transformers builds, and those that it refuses."""
    for _ in range(20 * number):
        if not number:
            return
        names = chance.sample(sorted(usable), min(len(usable), chance.randint(2, 6)))
        fields = base(model_type) | {name: chance.choice(usable[name]) for name in names}
        truth = _try(class_name, model_type, fields)
        number -= truth is not None
        yield fields, truth


def _try(class_name: str, model_type: str, fields: dict[str, Any]) -> Truth | None:
    try:
        return build(class_name, model_type, fields)
    except CannotBuildError:
        return None
