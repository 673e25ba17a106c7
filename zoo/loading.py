"""From a reference to a model: its config found, its architecture asked, its class chosen; or, of a type that no plugin
counts, the header of its weights read.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from zoo.architecture import Architecture
from zoo.custom_code import adopted
from zoo.errors import ArchitectureError, ConfigError, PluginError, UnknownModelError, UnknownTypeError, ZooError
from zoo.hub.access import USUAL, Access
from zoo.manager import manager
from zoo.model import Model, blamed
from zoo.registries.registry import BUILT_IN, is_pattern, registry
from zoo.sources import Found, Paths, Reference, find_all, has_weights, paths
from zoo.text import near, shown

Given = TypeVar("Given")


def load(
    reference: Reference,
    *,
    as_: str | None = None,
    strict: bool = False,
    registries: Paths = (),
    access: Access = USUAL,
) -> Model:
    """The model that a reference names, or that a config (as config.json holds it, parsed) describes.

    reference: a registry name, a path to a config.json or its folder, "-" for standard input, a repository of the Hub
        ("org/name", "org/name@revision", "hf:name"), what a plugin's source finds ("scheme:rest"), each with changes if
        wanted (`"gpt3,num_hidden_layers=48"`); a Path, which is a file or folder and nothing else; or a mapping.
    as_: the class to count, as transformers names it ("BertModel"), in place of the one that the config names.
    strict: make a model that is not exact an error.
    registries: registry files whose entries come before all others.
    access: how the Hub may be used.

    Of a type that no plugin counts, the model is counted from its checkpoint, where there is one.

    Raises ZooError: what is wrong, in one line.
    """
    (model,) = load_all([reference], as_=as_, strict=strict, registries=registries, access=access)
    if isinstance(model, ZooError):
        raise model
    return model


def expanded(references: Sequence[Given], registries: Paths = ()) -> list[Given | str]:
    """The references, each that is a pattern (`bert-*`, with changes if wanted) replaced by the names of the registry
    that fit, but for those that are there already. What is a file is no pattern.

    Raises UnknownModelError where none fits.
    """
    found: list[Given | str] = []
    for reference in references:
        pattern, comma, changes = reference.partition(",") if isinstance(reference, str) else ("", "", "")
        if not is_pattern(pattern) or os.path.exists(pattern):  # noqa: PTH110 - Path.exists() raises for what is none
            found.append(reference)
            continue
        names = registry(*paths(registries)).called(pattern)
        if not names:
            raise UnknownModelError(f"no name of the registry fits {shown(pattern)} (zoo models lists them)")
        found += [name for name in (word + comma + changes for word in names) if name not in found]
    return found


def load_all(
    references: Sequence[Reference],
    *,
    as_: str | None = None,
    strict: bool = False,
    registries: Paths = (),
    access: Access = USUAL,
) -> list[Model | ZooError]:
    """The model of each reference, in their order, or the error with which `load` fails; the Hub is asked for all at
    once.
    """
    return of_found(find_all(references, paths(registries), access), as_, strict, access)


def of_found(
    found: Sequence[Found | ZooError], as_: str | None = None, strict: bool = False, access: Access = USUAL
) -> list[Model | ZooError]:
    """The models that references lead to, or why there are none; the rest as in `load_all`."""
    built = [_built(one, as_) for one in found]
    counted = iter(_from_checkpoints([one for one in built if isinstance(one, _Uncounted)], access))
    models = [next(counted) if isinstance(one, _Uncounted) else one for one in built]
    return [_checked(model, strict) for model in models]


class _Uncounted(NamedTuple):
    """What no plugin counts, and why; but there are weights."""

    found: Found
    reason: str


def _from_checkpoints(uncounted: Sequence[_Uncounted], access: Access) -> Sequence[Model | ZooError]:
    if not uncounted:
        return ()
    from zoo.checkpoints.model import from_checkpoints

    return from_checkpoints([(one.found, one.reason) for one in uncounted], access)


def _built(found: Found | ZooError, as_: str | None) -> Model | ZooError | _Uncounted:
    if isinstance(found, ZooError):
        return found
    try:
        return _build(found, as_)
    except UnknownTypeError as error:
        if _has_weights(found) and not (as_ or found.changes):
            return _Uncounted(found, _reason(found))
        return UnknownTypeError(f"{_where(found)}: {error}")
    except (ArchitectureError, ConfigError, PluginError) as error:
        told = type(error)(f"{_where(found)}: {error}")
        told.__cause__ = error.__cause__
        return told
    except ZooError as error:
        return error


def _has_weights(found: Found) -> bool:
    return found.weights is not None and (not isinstance(found.weights, Path) or has_weights(found.weights))


def _reason(found: Found) -> str:
    """Why no plugin counts it, in few words."""
    if not found.config:
        return "there is no config.json"
    if (model_type := found.config.get("model_type")) is None:
        return "its config tells no type that is known"
    return f"no plugin counts model_type {shown(model_type)}"


def _checked(model: Model | ZooError, strict: bool) -> Model | ZooError:
    if strict and isinstance(model, Model) and model.status != "exact":
        return ConfigError(f"{model.name}: {model.status}" + (f": {model.doubt}" if model.doubt else ""))
    return model


def _where(found: Found) -> str:
    """The reference, and the person's file that holds its entry."""
    if found.entry is None or found.entry.origin == BUILT_IN:
        return found.name
    return f"{found.entry.origin}: {found.name}"


def _build(found: Found, as_: str | None) -> Model:
    model_type, wanted = found.config.get("model_type"), found.config.get("architectures") or []
    if not isinstance(wanted, list | tuple) or not all(isinstance(name, str) for name in wanted):
        raise ConfigError(f"architectures must be a list of class names, got {shown(wanted)}")
    named = wanted[0] if wanted else None
    if model_type is None:
        if not found.config and found.weights:
            raise UnknownTypeError("there is no config.json, so the architecture is unknown")
        if named is None:
            raise UnknownTypeError("neither model_type nor architectures is given, so the architecture is unknown")
        model_type = manager.type_of_class(named)
    if not isinstance(model_type, str):
        raise ConfigError(f"model_type must be a string, got {shown(model_type)}")
    architecture = manager.architecture(model_type, found.owner)
    class_name = _class_of(architecture, model_type, named if as_ is None else as_)
    if found.entry and found.entry.class_name != class_name:
        found = found._replace(entry=None)  # what its authors publish is of another class
    fields = {key: value for key, value in found.config.items() if key not in ("model_type", "architectures")}
    if adopted(fields.get("auto_map"), model_type, architecture):
        del fields["auto_map"]
    with blamed(architecture):
        reading = architecture.config_class().read(fields, *found.changes)
        reading = reading._replace(unknown_keys=reading.unknown_keys + found.unverified)
        stated = architecture(reading.config)
        return Model(found, model_type, class_name, stated, stated.parts(class_name), reading)


def _class_of(architecture: type[Architecture], model_type: str, wanted: str | None) -> str:
    classes = architecture.classes()
    if wanted is None:
        return next(iter(classes))
    wanted = architecture.aliases.get(wanted, wanted)
    if wanted in classes:
        return wanted
    raise ArchitectureError(
        f"class {shown(wanted)} is none that is counted for model_type {model_type} by {architecture.__module__}"
        f"{near(wanted, classes)} (choose with --as or as_=: {', '.join(classes)})"
    )
