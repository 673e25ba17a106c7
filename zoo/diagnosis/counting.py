"""Whether what a plugin counts can be counted, and holds together: its types at their defaults, and its models."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from math import prod

from zoo.conditions import MeasureError
from zoo.discovery import quarantine
from zoo.discovery.plugin import Plugin
from zoo.errors import PluginError, ZooError
from zoo.loading import load
from zoo.manager import manager
from zoo.model import Model
from zoo.sources import Reference
from zoo.text import shown

MOST_TENSORS = 10_000
"""The cap on the tensors of a class that are looked at."""

TOKENS = 16
"""The length at which costs are asked for: one that every model has."""


def faults_of_type(plugin: Plugin, model_type: str) -> Iterator[str]:
    """What is wrong with a type of a plugin: it is imported, and each of its classes counted at the default config."""
    try:
        names = tuple(manager.imported(plugin, model_type).classes())
    except PluginError as error:
        before, _, after = str(plugin.blamed("\n")).partition(r"\n")
        yield f"{shown(model_type)}: {str(error).removeprefix(before).removesuffix(after)}"
        return
    for name in names:
        for fault in _faults({"model_type": model_type, "architectures": [name]}):
            yield f"{name}: {fault.removeprefix('config: ')}"


def faults_of_model(name: str) -> Iterator[str]:
    """What is wrong with a model that a plugin gives a name."""
    return _faults(name)


def _faults(reference: Reference) -> Iterator[str]:
    try:
        yield from _contradictions(load(reference))
    except ZooError as error:
        yield str(error)
    except (Exception, SystemExit) as error:  # whatever somebody's methods do
        yield quarantine.told(error)


def _contradictions(model: Model) -> Iterator[str]:
    """What does not hold together: the count, the tensors and the formula. Raises ZooError for what fails."""
    tensors = list(islice(model.tensors(), MOST_TENSORS))
    names = [tensor.name for tensor in tensors]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        yield f"two tensors are called {shown(twice)}"
    listed = sum(prod(tensor.shape) for tensor in tensors if tensor.tied_to is None)
    if len(tensors) < MOST_TENSORS and listed != model.parameters:
        yield f"it has {model.parameters:,} parameters, and its tensors {listed:,}"
    if (explained := model.explain().parameters) != model.parameters:
        yield f"it has {model.parameters:,} parameters, and its formula gives {explained:,}"
    for cost in (model.flops, model.cache):
        for encoder in (None, TOKENS):  # some models have one, and say nothing without
            with suppress(MeasureError):
                cost(TOKENS, encoder_length=encoder)
