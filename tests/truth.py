"""Holds zoo against what transformers builds: names, shapes, ties and sums, with the exceptions that are declared."""

from collections.abc import Mapping
from typing import Any

from exceptions import corrected

import zoo


def differences(model_type: str, class_name: str, config: Mapping[str, Any], truth: Mapping[str, Any]) -> list[str]:
    """What zoo says otherwise than transformers of a class at a config; empty where they agree to the last tensor."""
    truth = corrected(model_type, class_name, config, truth)
    where = f"{class_name} {dict(config)}"
    try:
        model = zoo.load({**config, "model_type": model_type, "architectures": [class_name]})
        found = list(model.tensors())
    except zoo.ZooError as error:
        return [f"{where}: refused: {error}"]
    own = {tensor.name: list(tensor.shape) for tensor in found if not tensor.tied_to}
    tied = {tensor.name: tensor.tied_to for tensor in found if tensor.tied_to}
    shapes = {tensor.name: tensor.shape for tensor in found}
    lines = [f"{name}: missing, {shape}" for name, shape in truth["tensors"].items() if name not in own]
    lines += [f"{name}: {shape} is not in transformers" for name, shape in own.items() if name not in truth["tensors"]]
    lines += [
        f"{name}: {own[name]}, transformers has {shape}"
        for name, shape in truth["tensors"].items()
        if name in own and own[name] != shape
    ]
    lines += [
        f"{name}: tied to {to}, by zoo to {tied.get(name)}"
        for name, to in truth["tied"].items()
        if tied.get(name) != to
    ]
    lines += [f"{name}: tied to {to} by zoo only" for name, to in tied.items() if name not in truth["tied"]]
    lines += [
        f"{name}: {shapes[name]} is tied to {to}: {shapes[to]}"
        for name, to in tied.items()
        if shapes[name] != shapes.get(to)
    ]
    for measure, count in (("parameters", model.parameters), ("embedding", model.embedding_parameters)):
        if count != truth[measure]:
            lines.append(f"{measure}: {count:,}, transformers has {truth[measure]:,}")
    if len(own) + len(tied) != len(found):
        lines.append("a name is given twice")
    if model.status != "exact":
        lines.append(f"unverified: {model.unknown_keys}")
    return [f"{where}: {line}" for line in lines]
