"""Named models: registry.toml, which ships with zoo, and the person's own files, whose entries come first."""

import fnmatch
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from zoo.errors import RegistryError, UnknownModelError
from zoo.text import near, shown

LARGEST_FILE = 512 * 1024
"""Bytes; a larger registry file is refused unread. This and the next cap bound the time that hostile TOML takes."""

LONGEST_LINE = 2_000

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")

Table: TypeAlias = Mapping[str, Any] | str
"""The table of an entry, or the TOML text of one that is parsed when it is asked for."""

BUILT_IN = "built-in"
"""The origin of what ships with zoo."""

_PACKAGE = Path(__file__).parent
# Inside the package where it was installed from a wheel, beside it in a checkout.
_SHIPPED = (_PACKAGE / "registry.toml", _PACKAGE.parent / "registry.toml")

LOCAL_FILES = ("zoo.toml", "registry.toml")
"""Looked for in the working directory."""


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


class Registry:
    """The entries of several files, each file's before those of the files after it."""

    def __init__(self, files: Iterable[Path], shipped: Path) -> None:
        self._tables: dict[str, tuple[Table, str, str | None]] = {}
        self._aliases: dict[str, str] = {}
        for file in files:
            tables = _read(file)
            self._add(tables, {alias: name for name in tables for alias in _aliases(tables[name])}, str(file))
        self._add(*_sections(shipped.read_text("utf-8")), BUILT_IN)

    def _add(self, tables: Mapping[str, Table], aliases: Mapping[str, str], origin: str) -> None:
        for name, table in tables.items():
            if name in self._tables:
                first_table, first_origin, _ = self._tables[name]
                self._tables[name] = (first_table, first_origin, origin)
            else:
                self._tables[name] = (table, origin, None)
        self._aliases = {**aliases, **self._aliases}

    def __contains__(self, name: str) -> bool:
        return name in self._tables or name in self._aliases

    def __iter__(self) -> Iterator[Entry]:
        """Every entry, in the order of the files."""
        return (self[name] for name in self._tables)

    def __getitem__(self, name: str) -> Entry:
        """The entry of that name or alias. Raises UnknownModelError with near names, RegistryError for a bad entry."""
        if name not in self:
            raise UnknownModelError(f"no model is named {shown(name)}{near(name, [*self._tables, *self._aliases])}")
        name = name if name in self._tables else self._aliases[name]
        table, origin, overrides = self._tables[name]
        if isinstance(table, str):
            import tomllib

            table = tomllib.loads(table)["models"][name]
        return _entry(name, table, origin, overrides)

    def names(self) -> list[str]:
        """Every name and alias, sorted."""
        return sorted({*self._tables, *self._aliases})

    def matching(self, pattern: str) -> list[Entry]:
        """The entries whose name, alias or type fits the pattern: a shell pattern, or a part of the name."""
        lowered = pattern.lower()
        wanted = lowered if any(sign in lowered for sign in "*?[") else f"*{lowered}*"
        return [
            entry
            for entry in self
            if any(fnmatch.fnmatchcase(word.lower(), wanted) for word in (entry.name, entry.model_type, *entry.aliases))
        ]


def registry(*files: Path) -> Registry:
    """The person's `files`, then zoo.toml and registry.toml of the working directory, then what ships with zoo.

    Raises RegistryError for a file that is none.
    """
    shipped = next(file for file in _SHIPPED if file.is_file())
    local = [Path(name) for name in LOCAL_FILES if Path(name).is_file() and not _same(Path(name), shipped)]
    return _read_once(tuple((file, _stamp(file)) for file in (*files, *local, shipped)))


@lru_cache(maxsize=8)
def _read_once(stamped: tuple[tuple[Path, tuple[int, ...]], ...]) -> Registry:
    *files, shipped = (file for file, _ in stamped)
    return Registry(files, shipped)


def _stamp(file: Path) -> tuple[int, ...]:
    """What changes when the file does."""
    try:
        found = file.stat()
    except (OSError, ValueError) as error:
        raise RegistryError(f"{file}: cannot be read: {getattr(error, 'strerror', error)}") from None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _same(one: Path, other: Path) -> bool:
    """Whether a file is the built-in registry itself, as it is in zoo's own checkout."""
    return one.stat().st_size == other.stat().st_size and one.read_bytes() == other.read_bytes()


_HEADER = "[models."
_ALIASES = "\naliases = "


def _sections(text: str) -> tuple[dict[str, str], dict[str, str]]:
    """The text of each entry of the built-in registry by its name, and each alias with the name that it stands for.

    Parsing the whole of it would cost as much as all else that a count does. This holds for zoo's own file, where
    every header and every list of aliases has a line to itself; a test reads it both ways.
    """
    tables: dict[str, str] = {}
    aliases: dict[str, str] = {}
    for section in text.split("\n" + _HEADER)[1:]:
        name = section[: section.index("]\n")].strip('"')
        tables[name] = _HEADER + section
        _, found, rest = section.partition(_ALIASES)
        if found:
            aliases.update(dict.fromkeys(rest[: rest.index("\n")].strip("[]").replace('"', "").split(", "), name))
    return tables, aliases


def _aliases(table: Mapping[str, Any]) -> list[str]:
    """The aliases of an entry as far as they are names; what is not is told when the entry is read."""
    found = table.get("aliases", [])
    return [alias for alias in found if isinstance(alias, str)] if isinstance(found, list) else []


def _read(file: Path) -> Mapping[str, Mapping[str, Any]]:
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


def _entry(name: str, table: Mapping[str, Any], origin: str, overrides: str | None) -> Entry:
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
    aliases = tuple(values.pop("aliases", ()))
    for alias in aliases:
        if not isinstance(alias, str) or not _NAME.fullmatch(alias):
            raise RegistryError(f"{where}: {shown(alias)} is not a model name")
    return Entry(name=name, aliases=aliases, origin=origin, overrides=overrides, **values)
