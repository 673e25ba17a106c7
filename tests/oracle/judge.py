"""Builds a class of transformers on the meta device, where tensors have no storage, and lists its parameters."""

import logging
import os
from typing import Any, NamedTuple

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
import transformers
from transformers.models.auto import modeling_auto
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

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


class Truth(NamedTuple):
    """What a class holds.

    parameters: unique parameters, as `named_parameters()` tells them.
    embedding: those that `num_parameters(exclude_embeddings=True)` leaves out.
    tensors: name -> shape of each parameter of its own.
    tied: name -> name of the parameter whose storage it shares.
    """

    parameters: int
    embedding: int
    tensors: dict[str, list[int]]
    tied: dict[str, str]


class CannotBuildError(Exception):
    """transformers itself refuses the config."""


def classes(model_type: str) -> list[str]:
    """The classes that transformers maps a type to, for the tasks that zoo counts."""
    found: dict[str, None] = {}
    for task in TASKS:
        names = getattr(modeling_auto, f"{task}_MAPPING_NAMES").get(model_type, ())
        found.update(dict.fromkeys([names] if isinstance(names, str) else names))
    return list(found)


def config(model_type: str, **fields: Any) -> Any:
    """transformers' config of the type, as it reads it from a config.json with these keys."""
    try:
        return CONFIG_MAPPING[model_type].from_dict(fields)
    except Exception as error:
        raise CannotBuildError(str(error)) from error


def build(class_name: str, model_type: str, fields: dict[str, Any]) -> Truth:
    """The parameters of a class at a config. Raises CannotBuildError where transformers cannot make it."""
    settings = config(model_type, **fields)
    try:
        with torch.device("meta"):
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
    return Truth(total, sum(tables.values()), tensors, tied)
