"""Builds a class of transformers on the meta device, where tensors have no storage, and lists its parameters.

Needs torch and transformers: `pip install 'paramzoo[oracle]'` has the versions with which zoo itself is tested.
"""

import dataclasses
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
import transformers
from huggingface_hub import constants
from transformers.models.auto import modeling_auto
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

from zoo.testing.cases import Case
from zoo.testing.configs import FEW_LAYERS, LAYERS, Space, layers_beside, others

logging.getLogger("transformers").setLevel(logging.CRITICAL)

TASKS = (
    "MODEL",
    "MODEL_FOR_PRETRAINING",
    "MODEL_FOR_CAUSAL_LM",
    "MODEL_FOR_MASKED_LM",
    "MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM",
    "MODEL_FOR_SEQUENCE_CLASSIFICATION",
    "MODEL_FOR_TOKEN_CLASSIFICATION",
    "MODEL_FOR_QUESTION_ANSWERING",
    "MODEL_FOR_TEXT_ENCODING",
)
"""The tasks whose classes zoo counts."""


class CannotBuildError(Exception):
    """transformers itself refuses the config."""


@contextmanager
def offline() -> Iterator[None]:
    """Meanwhile transformers asks nobody for what a config names; an author's other tests keep the Hub."""
    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before


def knows(model_type: str) -> bool:
    """Whether transformers has the type."""
    return model_type in CONFIG_MAPPING


def classes(model_type: str) -> list[str]:
    """The classes that transformers maps a type to, for the tasks that zoo counts."""
    found: dict[str, None] = {}
    for task in TASKS:
        names = getattr(modeling_auto, f"{task}_MAPPING_NAMES").get(model_type, ())
        found.update(dict.fromkeys([names] if isinstance(names, str) else names))
    return list(found)


def config(model_type: str, **fields: Any) -> Any:
    """The config that transformers has for the type, as it reads it from a config.json with these keys."""
    try:
        with offline():
            return CONFIG_MAPPING[model_type].from_dict(fields)
    except Exception as error:
        raise CannotBuildError(str(error)) from error


def build(class_name: str, model_type: str, fields: Mapping[str, Any]) -> Case:
    """The parameters of a class at a config. Raises CannotBuildError where transformers cannot make it."""
    settings = config(model_type, **fields)
    try:
        with offline(), torch.device("meta"):
            model = getattr(transformers, class_name)(settings)
    except Exception as error:
        raise CannotBuildError(str(error)) from error
    tensors: dict[str, list[int]] = {}
    tied: dict[str, str] = {}
    named = list(model.named_parameters(remove_duplicate=False))
    # What transformers calls the source of a tie holds the storage, also where the other tensor was made before it.
    sources = set(model.all_tied_weights_keys.values())
    names: dict[int, str] = {}
    for name, parameter in named:
        if name in sources:
            names.setdefault(id(parameter), name)
    for name, parameter in named:
        owner = names.setdefault(id(parameter), name)
        if owner == name:
            tensors[name] = list(parameter.shape)
        else:
            tied[name] = owner
    total = sum(parameter.numel() for parameter in model.parameters())
    # transformers leaves the matrices of nn.Embedding out by name; a table under two names would be left out but once.
    tables = {id(m.weight): m.weight.numel() for m in model.modules() if isinstance(m, torch.nn.Embedding)}
    return Case(class_name, fields, total, sum(tables.values()), tensors, tied)


def tried(class_name: str, model_type: str, fields: Mapping[str, Any]) -> Case | None:
    """The same; None where transformers cannot make it."""
    try:
        return build(class_name, model_type, fields)
    except CannotBuildError:
        return None


def defaults(model_type: str) -> dict[str, Any]:
    """The fields of a config of the type and their standard names, where they are plain values."""
    made = config(model_type)
    names = {**{name: name for name in vars(made)}, **made.attribute_map, "num_labels": "num_labels"}
    return plain({name: getattr(made, source, None) for name, source in names.items()})


def declared(model_type: str) -> dict[str, Any]:
    """The defaults that the config class declares, where they are plain values, before it makes others of them."""
    return plain({field.name: field.default for field in dataclasses.fields(config(model_type))})


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Those that JSON can hold."""
    return {name: value for name, value in values.items() if isinstance(value, bool | int | float | str | list | None)}


# Of every config, and about something else than the shape of the model.
_COMMON = {field.name for field in dataclasses.fields(transformers.PreTrainedConfig)}
_LEFT_ALONE = {"name_or_path", "quantization_config", "num_labels"}


def space(model_type: str, start: Mapping[str, Any], hints: Mapping[str, Sequence[Any]]) -> Space:
    """The configs of a type as transformers' config class declares it: also with fields that a plugin takes for
    harmless, so that it is found out where they are not. start, hints: as in `zoo.testing.configs`.
    """
    default = config(model_type)
    spelt = [default.attribute_map.get(name, name) for name in LAYERS]
    start = {name: FEW_LAYERS for name in spelt if name in vars(default)} | dict(start)
    found: dict[str, Sequence[Any]] = {"num_labels": [5, 1]}
    for field in dataclasses.fields(default):
        name, value = field.name, getattr(default, field.name)
        if name in hints or name in _COMMON or name in _LEFT_ALONE or name.endswith(("_token_id", "_token_ids")):
            continue
        if name in start:
            found[name] = layers_beside(FEW_LAYERS)
        elif isinstance(value, bool | int | float):
            found[name] = others(value)
        elif value is None and "int" in str(field.type):
            found[name] = [16, 2, 1]
    return Space(start, {**found, **hints})
