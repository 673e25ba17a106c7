"""Named models: registry.toml, which ships with zoo, and the person's own files, whose entries come first."""

import fnmatch
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from zoo.errors import RegistryError, UnknownModelError, reason
from zoo.registries.registryfile import Entry, Table, aliases, entry, read, sections
from zoo.text import near, shown

BUILT_IN = "built-in"
"""The origin of what ships with zoo."""

_PACKAGE = Path(__file__).parents[1]
# Inside the package where it was installed from a wheel, beside it in a checkout.
_SHIPPED = (_PACKAGE / "registry.toml", _PACKAGE.parent / "registry.toml")

LOCAL_FILES = ("zoo.toml", "registry.toml")
"""Looked for in the working directory."""


class Registry:
    """The entries of several files. A name or alias means what the first file that has it says."""

    def __init__(self, files: Iterable[Path], shipped: Path) -> None:
        self._tables: dict[str, tuple[Table, str]] = {}
        self._meaning: dict[str, str] = {}
        self._origins: dict[str, list[str]] = {}
        for file in files:
            tables = read(file)
            self._add(tables, aliases(tables, file), str(file))
        self._add(*sections(shipped.read_text("utf-8")), BUILT_IN)

    def _add(self, tables: Mapping[str, Table], meant: Mapping[str, str], origin: str) -> None:
        for name, table in tables.items():
            self._tables.setdefault(name, (table, origin))
        for word, name in {**meant, **{name: name for name in tables}}.items():
            self._meaning.setdefault(word, name)
            self._origins.setdefault(word, []).append(origin)

    def __contains__(self, name: str) -> bool:
        return name in self._meaning

    def __iter__(self) -> Iterator[Entry]:
        """Every entry that its name leads to, in the order of the files."""
        return map(self.__getitem__, self.matching("*"))

    def __getitem__(self, word: str) -> Entry:
        """The entry of that name or alias. Raises UnknownModelError with near names, RegistryError for a bad entry."""
        if word not in self._meaning:
            raise UnknownModelError(f"no model is named {shown(word)}{near(word, self._meaning)}")
        name = self._meaning[word]
        table, origin = self._table(name)
        # Another file may have the word that was asked for, or the name that it stands for.
        overridden = [file for file in (*self._origins[word], *self._origins[name]) if file != origin]
        return entry(name, table, origin, overridden[0] if overridden else None)

    def names(self) -> list[str]:
        """Every name and alias, sorted."""
        return sorted(self._meaning)

    def matching(self, pattern: str) -> list[str]:
        """The names of the entries whose name, alias or type fits: a shell pattern, or a part of the word."""
        wanted = pattern.lower() if is_pattern(pattern) else f"*{pattern.lower()}*"
        fitting = set(self.called(wanted))
        return [name for name in self._names() if name in fitting or fnmatch.fnmatchcase(self._type(name), wanted)]

    def called(self, pattern: str) -> list[str]:
        """The names of the entries whose name or alias fits a shell pattern."""
        wanted = pattern.lower()
        fitting = {name for word, name in self._meaning.items() if fnmatch.fnmatchcase(word.lower(), wanted)}
        return [name for name in self._names() if name in fitting]

    def _names(self) -> Iterator[str]:
        """Every name that leads to the entry it is of, in the order of the files."""
        return (name for name in self._tables if self._meaning[name] == name)

    def _type(self, name: str) -> str:
        return str(self._table(name)[0].get("model_type", "")).lower()

    def _table(self, name: str) -> tuple[Mapping[str, Any], str]:
        """The table of an entry, parsed if it is not yet, and its origin."""
        table, origin = self._tables[name]
        if isinstance(table, str):
            import tomllib

            table = tomllib.loads(table)["models"][name]
            self._tables[name] = table, origin
        return table, origin


def is_pattern(word: str) -> bool:
    """Whether a word is a shell pattern for names, and not a name, which may be one of a repository."""
    return "/" not in word and ("*" in word or "?" in word or "]" in word.partition("[")[2])


def registry(*files: Path) -> Registry:
    """The person's `files`, then zoo.toml and registry.toml of the working directory, then what ships with zoo.

    Raises RegistryError for a file that is none.
    """
    return _read_once(tuple((file, _stamp(file)) for file in (*files, *local_files(), _shipped())))


def local_files() -> list[Path]:
    """Those of LOCAL_FILES that are there, but for zoo's own, as it is in zoo's checkout."""
    return [Path(name) for name in LOCAL_FILES if Path(name).is_file() and not _same(Path(name), _shipped())]


def _shipped() -> Path:
    return next(file for file in _SHIPPED if file.is_file())


@lru_cache(maxsize=8)
def _read_once(stamped: tuple[tuple[Path, tuple[int, ...]], ...]) -> Registry:
    *files, shipped = (file for file, _ in stamped)
    return Registry(files, shipped)


def _stamp(file: Path) -> tuple[int, ...]:
    """What changes when the file does."""
    try:
        found = file.stat()
    except (OSError, ValueError) as error:
        raise RegistryError(f"{file}: cannot be read: {reason(error)}") from None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _same(one: Path, other: Path) -> bool:
    """Whether a file is the built-in registry itself."""
    return one.stat().st_size == other.stat().st_size and one.read_bytes() == other.read_bytes()
