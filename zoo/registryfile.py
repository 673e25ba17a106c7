"""One registry file: TOML tables of entries, capped before they are parsed, and read strictly."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from zoo.errors import RegistryError
from zoo.text import near, shown

LARGEST_FILE = 512 * 1024
"""Bytes; a larger registry file is refused unread. This and the next cap bound the time that hostile TOML takes."""

LONGEST_LINE = 2_000

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")

Table: TypeAlias = Mapping[str, Any] | str
"""The table of an entry, or the TOML text of one that is parsed when it is asked for."""


class Entry(NamedTuple):
    """A named model.

    config: the fields that differ from the type's defaults; TOML has no null, so `null` in the file names those.
    published: the count as the authors print it ("110M"), and source: where they do.
    origin: the file that the entry comes from; overrides: the file whose entry of that name it replaces, if any.
    """

    name: str
    model_type: str
    class_name: str
    config: Mapping[str, Any]
    aliases: tuple[str, ...] = ()
    hub: str | None = None
    published: str | None = None
    source: str | None = None
    note: str | None = None
    origin: str = ""
    overrides: str | None = None


_HEADER = "[models."
_ALIASES = "\naliases = "


def sections(text: str) -> tuple[dict[str, str], dict[str, str]]:
    """The text of each entry of the built-in registry by its name, and each alias with the name that it stands for.

    Parsing the whole of it would cost as much as all else that a count does. This holds for zoo's own file, where
    every header and every list of aliases has a line to itself; a test reads it both ways.
    """
    tables: dict[str, str] = {}
    meant: dict[str, str] = {}
    for section in text.split("\n" + _HEADER)[1:]:
        name = section[: section.index("]\n")].strip('"')
        tables[name] = _HEADER + section
        _, found, rest = section.partition(_ALIASES)
        if found:
            meant.update(dict.fromkeys(rest[: rest.index("\n")].strip("[]").replace('"', "").split(", "), name))
    return tables, meant


def aliases(tables: Mapping[str, Mapping[str, Any]], file: Path) -> dict[str, str]:
    """Each alias with the name that it stands for; what is no list of names is told when the entry is read.

    Raises RegistryError for a word that two entries of the file claim.
    """
    meant: dict[str, str] = {}
    for name, table in tables.items():
        listed = table.get("aliases", [])
        for alias in listed if isinstance(listed, list) else []:
            if isinstance(alias, str) and (alias in tables or meant.setdefault(alias, name) != name):
                raise RegistryError(f"{file}: {shown(alias)} names two models: models.{name} and another")
    return meant


def read(file: Path) -> Mapping[str, Mapping[str, Any]]:
    """The table of each entry in a person's file, not yet looked into. Raises RegistryError, naming the file."""
    import tomllib

    try:
        with file.open("rb") as stream:
            data = stream.read(LARGEST_FILE + 1)
        if len(data) > LARGEST_FILE:
            raise RegistryError(f"{file}: larger than {LARGEST_FILE // 1024} KiB, the cap on a registry file")
        if max(map(len, data.splitlines()), default=0) > LONGEST_LINE:
            raise RegistryError(f"{file}: a line is longer than {LONGEST_LINE} bytes, the cap in a registry file")
        models = tomllib.loads(data.decode("utf-8-sig")).get("models", {})
    except OSError as error:
        raise RegistryError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise RegistryError(f"{file}: is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise RegistryError(f"{file}: is not TOML: {error}") from None
    except (RecursionError, ValueError):  # nesting without end, or a number of too many digits
        raise RegistryError(f"{file}: is not a registry: nested too deep, or a number too long") from None
    if not isinstance(models, dict):
        raise RegistryError(f"{file}: models must be a table of tables, [models.NAME]")
    for name, table in models.items():
        if not _NAME.fullmatch(name):
            raise RegistryError(f"{file}: {shown(name)} is not a model name: letters, digits, '.', '_' and '-' only")
        if not isinstance(table, dict):
            raise RegistryError(f"{file}: models.{name} must be a table, got {shown(table)}")
    return models


# Key of an entry -> field of Entry, the type it must have.
_KEYS: Mapping[str, tuple[str, type]] = {
    "model_type": ("model_type", str),
    "class": ("class_name", str),
    "config": ("config", dict),
    "null": ("null", list),
    "aliases": ("aliases", list),
    "hub": ("hub", str),
    "published": ("published", str),
    "source": ("source", str),
    "note": ("note", str),
}


def entry(name: str, table: Mapping[str, Any], origin: str, overrides: str | None) -> Entry:
    """The entry that a table makes. Raises RegistryError, naming file and entry, for what is missing or unknown."""
    where = f"{origin}: models.{name}"
    values: dict[str, Any] = {"config": {}}
    for key, value in table.items():
        if key not in _KEYS:
            raise RegistryError(f"{where}: no key {shown(key)}{near(key, _KEYS)}")
        attribute, kind = _KEYS[key]
        if not isinstance(value, kind):
            raise RegistryError(f"{where}: {key} must be a {kind.__name__}, got {shown(value)}")
        values[attribute] = value
    for key in ("model_type", "class"):
        if key not in table:
            raise RegistryError(f"{where}: {key} is missing")
    nulls = values.pop("null", ())
    if not all(isinstance(key, str) for key in nulls):
        raise RegistryError(f"{where}: null must be a list of config keys, got {shown(nulls)}")
    values["config"] = {**values["config"], **dict.fromkeys(nulls)}
    names = tuple(values.pop("aliases", ()))
    for alias in names:
        if not isinstance(alias, str) or not _NAME.fullmatch(alias):
            raise RegistryError(f"{where}: {shown(alias)} is not a model name")
    return Entry(name=name, aliases=names, origin=origin, overrides=overrides, **values)
