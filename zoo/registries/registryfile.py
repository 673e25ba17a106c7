"""One registry file: TOML tables of entries, capped before they are parsed, and read strictly."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from zoo.errors import RegistryError, reason
from zoo.text import near, shown

LARGEST_FILE = 512 * 1024
"""Bytes; a larger registry file is refused unread. This and the next cap bound the time that hostile TOML takes."""

LONGEST_LINE = 2_000

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")

NO_NAME = "is not a model name: letters, digits, '.', '_' and '-' only"
"""What an error says of a word for which `is_name` is false."""

Table: TypeAlias = Mapping[str, Any] | str
"""The table of an entry, or the TOML text of one that is parsed when it is asked for."""


class Entry(NamedTuple):
    """A named model.

    config: the fields that differ from the type's defaults; TOML has no null, so `null` in the file names those.
    hub: the repository; revision: the commit of it that the entry was made of; sha256: of the bytes of its config.json.
    unverified: the keys of that config.json of which nobody knew, when the entry was made, if they change the count.
    published: the count as the authors print it ("110M"), and source: where they do.
    origin: the file that the entry comes from, "built-in", or the distribution that ships it ("zoo-qwen9 0.1").
    overrides: the origin whose entry of that name it replaces, if any. plugin: the name of the distribution that ships
    it, and whose own architecture it means; None in a person's file.
    """

    name: str
    model_type: str
    class_name: str
    config: Mapping[str, Any]
    aliases: tuple[str, ...] = ()
    hub: str | None = None
    revision: str | None = None
    sha256: str | None = None
    unverified: tuple[str, ...] = ()
    published: str | None = None
    source: str | None = None
    note: str | None = None
    origin: str = ""
    overrides: str | None = None
    plugin: str | None = None


_HEADER = "[models."
_ALIASES = "\naliases = "


def is_name(word: str) -> bool:
    """Whether a model may be named so."""
    return _NAME.fullmatch(word) is not None


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
    return parse(contents(file), file)


def contents(file: Path) -> bytes:
    """The bytes of a registry file, no more of them than show that it is too large. Raises RegistryError."""
    try:
        with file.open("rb") as stream:
            return stream.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        raise RegistryError(f"{file}: cannot be read: {reason(error)}") from None


def parse(data: bytes, file: Path) -> Mapping[str, Mapping[str, Any]]:
    """What `read` gives of a file with these bytes."""
    models = _document(data, file).get("models", {})
    if not isinstance(models, dict):
        raise RegistryError(f"{file}: models must be a table of tables, [models.NAME]")
    for name, table in models.items():
        if not is_name(name):
            raise RegistryError(f"{file}: {shown(name)} {NO_NAME}")
        if not isinstance(table, dict):
            raise RegistryError(f"{file}: models.{name} must be a table, got {shown(table)}")
    return models


def preferences(file: Path) -> Mapping[str, str]:
    """The table `prefer` of a person's file: each model_type with the plugin or distribution that is to count it.

    Empty where there is none. Raises RegistryError, naming the file, for what is no registry file, or no such table.
    """
    prefer = _document(contents(file), file).get("prefer", {})
    if not isinstance(prefer, dict):
        raise RegistryError(f'{file}: prefer must be a table, [prefer], of lines such as bert = "zoo-rival"')
    for model_type, plugin in prefer.items():
        if not isinstance(plugin, str) or not plugin:
            raise RegistryError(f"{file}: prefer.{model_type} must be the name of a plugin, got {shown(plugin)}")
    return prefer


def _document(data: bytes, file: Path) -> dict[str, Any]:
    """The tables of a registry file. Raises RegistryError."""
    import tomllib

    if len(data) > LARGEST_FILE:
        raise RegistryError(f"{file}: larger than {LARGEST_FILE // 1024} KiB, the cap on a registry file")
    if max(map(len, data.splitlines()), default=0) > LONGEST_LINE:
        raise RegistryError(f"{file}: a line is longer than {LONGEST_LINE} bytes, the cap in a registry file")
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise RegistryError(f"{file}: is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise RegistryError(f"{file}: is not TOML: {error}") from None
    except (RecursionError, ValueError):  # nesting without end, or a number of too many digits
        raise RegistryError(f"{file}: is not a registry: nested too deep, or a number too long") from None


# Key of an entry -> field of Entry, the type it must have.
_KEYS: Mapping[str, tuple[str, type]] = {
    "model_type": ("model_type", str),
    "class": ("class_name", str),
    "config": ("config", dict),
    "null": ("null", list),
    "aliases": ("aliases", list),
    "hub": ("hub", str),
    "revision": ("revision", str),
    "sha256": ("sha256", str),
    "unverified": ("unverified", list),
    "published": ("published", str),
    "source": ("source", str),
    "note": ("note", str),
}


def entry(name: str, table: Mapping[str, Any], origin: str, overrides: str | None, plugin: str | None = None) -> Entry:
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
    for key in ("null", "unverified"):
        if not all(isinstance(word, str) for word in values.get(key, ())):
            raise RegistryError(f"{where}: {key} must be a list of config keys, got {shown(values[key])}")
    for key, digits in (("revision", 40), ("sha256", 64)):
        if key in values and not re.fullmatch(f"[0-9a-f]{{{digits}}}", values[key]):
            raise RegistryError(f"{where}: {key} must be {digits} digits of 0-9 and a-f, got {shown(values[key])}")
        if key in values and "hub" not in values:
            raise RegistryError(f"{where}: {key} is of no repository: hub is missing")
    values["config"] = _with_nulls(values["config"], values.pop("null", ()), where)
    values["unverified"] = tuple(values.get("unverified", ()))
    names = tuple(values.pop("aliases", ()))
    for alias in names:
        if not isinstance(alias, str) or not is_name(alias):
            raise RegistryError(f"{where}: {shown(alias)} is not a model name")
    return Entry(name=name, aliases=names, origin=origin, overrides=overrides, plugin=plugin, **values)


def _with_nulls(config: Mapping[str, Any], nulls: Iterable[str], where: str) -> dict[str, Any]:
    """The config with null under each of these keys; one in a nested object is told by its path, `outer.inner`."""
    found = dict(config)
    for path in nulls:
        *outer, key = path.split(".")
        inner = found
        for step in outer:
            if not isinstance(inner.get(step), dict):
                raise RegistryError(f"{where}: null names {shown(path)}, but config has no table {shown(step)}")
            inner[step] = dict(inner[step])
            inner = inner[step]
        inner[key] = None
    return found
