"""Writes a model of the Hub into a person's registry file, pinned to its commit; all else in it stays as it is."""

import codecs
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from zoo.config import Config
from zoo.errors import RegistryError
from zoo.hub.repository import Origin
from zoo.measures.counts import count
from zoo.model import Model
from zoo.registries import tomltext
from zoo.registries.registryfile import LARGEST_FILE, NO_NAME, aliases, entry, is_name, parse
from zoo.replacement import held, replace
from zoo.text import shown

Outcome = Literal["added", "updated", "unchanged"]

OWN = ("model_type", "class", "config", "null", "hub", "revision", "sha256", "unverified")
"""The keys of an entry that are written; what else it has is the person's."""


def write(file: Path, name: str, model: Model, origin: Origin) -> Outcome:
    """Puts the entry of a model under a name into a registry file, which is made if it is not there.

    An entry of that name is brought up to date if it is of the same repository; what is not in OWN stays. The text is
    read back before the file is replaced, all at once; nothing is written where nothing changes.

    Raises RegistryError, and the file stays as it was: for a name that is another model's, or is none; for an entry
    that TOML or the caps on a registry file do not allow, or that would not be the model. Raises OutputError for a file
    that cannot be read or written, or is changed by somebody else in the meantime.
    """
    before = held(file, LARGEST_FILE)
    data = before or b""
    tables = parse(data, file)
    old, fresh = tables.get(name), table(model, origin)
    _refuse_another(file, name, tables, origin)
    if len(json.dumps(fresh)) > LARGEST_FILE:
        raise RegistryError(
            f"{file}: models.{name} would be larger than {LARGEST_FILE // 1024} KiB, the cap on the file"
        )
    changed = [key for key in OWN if old is None or _canonical(old.get(key)) != _canonical(fresh.get(key))]
    if not changed:
        return "unchanged"
    try:
        lines = {key: tomltext.assignments([key], fresh[key]) if key in fresh else "" for key in changed}
    except ValueError as error:
        raise RegistryError(f"{file}: models.{name} cannot be written: {error}") from None
    text = data.decode("utf-8-sig")
    if old is None:
        text = tomltext.appended(text, ["models", name], "".join(lines.values()))
    else:
        text = tomltext.updated(text, ["models", name], lines)
    after = (codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b"") + text.encode()
    kept = {key: value for key, value in (old or {}).items() if key not in OWN}
    _check(after, file, name, {**tables, name: {**kept, **fresh}}, model)
    replace(file, before, after)
    return "added" if old is None else "updated"


# --- the entry of a model --------------------------------------------------------------------------------------------


def table(model: Model, origin: Origin) -> dict[str, Any]:
    """The entry of a model that was fetched from the Hub: the keys in OWN, but for those that would be empty."""
    found = {
        **described(model),
        "hub": origin.repository.name,
        "revision": origin.commit,
        "sha256": origin.sha256,
    }
    return {key: value for key, value in found.items() if value}


def described(model: Model) -> dict[str, Any]:
    """Of the keys in OWN those that tell what is counted, but for those that would be empty.

    `config` has the fields that are neither the type's defaults nor follow from others, and the dtype and quantization
    that its config.json states. A null below a key with a dot in it is left out: nothing that zoo reads lies there.
    """
    config = differing(model.config)
    stated = {
        "dtype": model.stated("dtype") or model.stated("torch_dtype"),
        "quantization_config": model.stated("quantization_config"),
    }
    config |= {key: value for key, value in stated.items() if value is not None}
    found = {
        "model_type": model.model_type,
        "class": model.class_name,
        "config": without_nulls(config),
        "null": list(_nulls(config)),
        "unverified": list(model.unknown_keys),
    }
    return {key: value for key, value in found.items() if value}


def differing(config: Config) -> dict[str, Any]:
    """The fields that have to be given, with their values: neither defaults nor what follows from others."""
    values = vars(config)
    return {name: values[name] for name, field in config.fields.items() if not field.is_default(values[name], values)}


def _nulls(values: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in values.items():
        if value is None and "." not in key:
            yield prefix + key
        elif isinstance(value, Mapping) and "." not in key:
            yield from _nulls(value, f"{prefix}{key}.")


def without_nulls(value: Any) -> Any:
    """The same without keys that are null, which TOML does not have."""
    if not isinstance(value, Mapping):
        return value
    return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}


# --- the file --------------------------------------------------------------------------------------------------------


def _refuse_another(file: Path, name: str, tables: Mapping[str, Mapping[str, Any]], origin: Origin) -> None:
    """Raises RegistryError for a name that is none, or that stands for another model in the file."""
    if not is_name(name):
        raise RegistryError(f"{shown(name)} {NO_NAME}")
    hub = tables.get(name, {}).get("hub")
    if (owner := aliases(tables, file).get(name)) is not None:
        of = f"an alias of models.{owner}"
    elif name in tables and (not isinstance(hub, str) or hub.lower() != origin.repository.name.lower()):
        of = "another model" if hub is None else f"another model, of hub {shown(hub)}"
    else:
        return
    raise RegistryError(f"{file}: {shown(name)} is {of}: choose another name with --name")


def _canonical(value: object) -> str:
    """The same for what reads the same, NaN too."""
    return json.dumps(value, sort_keys=True, default=repr)


def _check(data: bytes, file: Path, name: str, wanted: Mapping[str, Any], model: Model) -> None:
    """Raises RegistryError unless a file with these bytes has the entries that are wanted, and the one is the model."""
    try:
        tables = parse(data, file)
    except RegistryError as error:
        raise RegistryError(f"{error}: so it would be with models.{name} in it, and nothing is written") from None
    if _canonical(tables) != _canonical(wanted):
        header = tomltext.dotted(["models", name])
        raise RegistryError(
            f"{file}: models.{name} has no header [{header}] of its own: change it by hand, or choose another --name"
        )
    made = entry(name, tables[name], str(file), None)
    architecture = type(model.architecture)
    config = architecture.config_class().read({}, made.config).config
    if vars(config) != vars(model.config) or count(architecture(config).parts(made.class_name)) != model.count:
        raise RegistryError(f"{file}: nothing is written: the entry of {name} would not be the model that was fetched")
