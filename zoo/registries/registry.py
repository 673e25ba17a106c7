"""Named models: in the person's own files, which come first, in zoo's own registry.toml, and in files of plugins."""

import fnmatch
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from zoo.contributions import rivals
from zoo.discovery.compatibility import OWN
from zoo.errors import RegistryError, UnknownModelError, reason
from zoo.manager import Plugin, manager
from zoo.registries.registryfile import Entry, Table, aliases, entry, read, sections
from zoo.registries.shipped import Shipped, shipped
from zoo.text import near, shown

BUILT_IN = "built-in"
"""The origin of what ships with zoo."""

_PACKAGE = Path(__file__).parents[1]
# Inside the package where it was installed from a wheel, beside it in a checkout.
_SHIPPED = (_PACKAGE / "registry.toml", _PACKAGE.parent / "registry.toml")

LOCAL_FILES = ("zoo.toml", "registry.toml")
"""Looked for in the working directory."""


class Registry:
    """The entries of several files. A name or alias means what the first file that has it says.

    Of the files that plugins ship, which come last, none comes before another: a name that two plugins give means
    nothing.
    """

    def __init__(self, files: Iterable[Path], built_in: Path, of_plugins: Sequence[Shipped] = ()) -> None:
        self._tables: dict[str, tuple[Table, str]] = {}
        self._meaning: dict[str, str] = {}
        self._origins: dict[str, list[str]] = {}
        self._of_plugins = of_plugins
        for file in files:
            tables = read(file)
            self._add(tables, aliases(tables, file), str(file))
        self._add(*sections(built_in.read_text("utf-8")), BUILT_IN)

    def _add(self, tables: Mapping[str, Table], meant: Mapping[str, str], origin: str) -> None:
        for name, table in tables.items():
            self._tables.setdefault(name, (table, origin))
        for word, name in {**meant, **{name: name for name in tables}}.items():
            self._meaning.setdefault(word, name)
            self._origins.setdefault(word, []).append(origin)

    def __contains__(self, name: str) -> bool:
        return name in self._meaning or any(name in file for file in self._of_plugins)

    def __iter__(self) -> Iterator[Entry]:
        """Every entry that its name leads to, in the order of the files."""
        return (self[name] for name in self.matching("*") if not self.rivals(name))

    def __getitem__(self, word: str) -> Entry:
        """The entry of that name or alias.

        Raises UnknownModelError with near names, RegistryError for a bad entry or one of two plugins.
        """
        if word not in self:
            raise UnknownModelError(f"no model is named {shown(word)}{near(word, self.names())}")
        if claims := self.rivals(word):
            raise RegistryError(f"{word} is named by {rivals(claims)}, or give the name a meaning in your own zoo.toml")
        name = self._name(word)
        table, origin, plugin = self._entry(word, name)
        others: list[str] = []
        if name in self._tables:
            # Another file may have the word that was asked for, or the name that it stands for.
            others = [*self._origins.get(word, ()), *self._origins[name]]
            others += [file.origin for file in self._of_plugins if word in file or name in file]
        return entry(name, table, origin, next((other for other in others if other != origin), None), plugin)

    def rivals(self, word: str) -> tuple[Plugin, ...]:
        """The plugins that give the name or alias, where it means nothing because two or more do; else none."""
        if word in self._meaning:
            return ()
        claims = {file.plugin.package: file.plugin for file in self._of_plugins if word in file}
        return tuple(claims.values()) if len(claims) > 1 else ()

    def names(self) -> list[str]:
        """Every name and alias, sorted."""
        return sorted(self._words())

    def matching(self, pattern: str) -> list[str]:
        """The names of the entries whose name, alias or type fits: a shell pattern, or a part of the word."""
        wanted = pattern.lower() if is_pattern(pattern) else f"*{pattern.lower()}*"
        fitting = set(self.called(wanted))
        return [name for name in self._names() if name in fitting or fnmatch.fnmatchcase(self._type(name), wanted)]

    def called(self, pattern: str) -> list[str]:
        """The names of the entries whose name or alias fits a shell pattern."""
        wanted = pattern.lower()
        fitting = {name for word, name in self._words().items() if fnmatch.fnmatchcase(word.lower(), wanted)}
        return [name for name in self._names() if name in fitting]

    def _words(self) -> Mapping[str, str]:
        """Every name and alias with the name that it stands for."""
        found: dict[str, str] = {}
        for file in self._of_plugins:
            found = {**file.meaning, **found}
        return {**found, **self._meaning}

    def _names(self) -> Iterator[str]:
        """Every name that leads to the entry it is of, in the order of the files."""
        words = self._words()
        tables = dict.fromkeys([*self._tables, *(name for file in self._of_plugins for name in file.tables)])
        return (name for name in tables if words[name] == name)

    def _type(self, name: str) -> str:
        return str(self._entry(name, name)[0].get("model_type", "")).lower()

    def _name(self, word: str) -> str:
        """The name that a name or alias stands for."""
        return self._meaning.get(word) or next(file.meaning[word] for file in self._of_plugins if word in file)

    def _entry(self, word: str, name: str) -> tuple[Mapping[str, Any], str, str | None]:
        """The table of the entry that a word, which stands for its name, leads to; its origin and its distribution."""
        if name in self._tables:
            table, origin = self._table(name)
            return table, origin, OWN if origin == BUILT_IN else None
        file = next(file for file in self._of_plugins if word in file)
        return file.tables[name], file.origin, file.plugin.package

    def _table(self, name: str) -> tuple[Mapping[str, Any], str]:
        """The table of an entry, parsed if it is not yet, and its origin."""
        table, origin = self._tables[name]
        if isinstance(table, str):
            import tomllib

            table = tomllib.loads(table)["models"][name]
            self._tables[name] = table, origin
        return table, origin


def is_pattern(word: str) -> bool:
    """Whether a word is a shell pattern for names, and not a reference, which may be to a repository or a plugin's."""
    return not {"/", ":"} & {*word} and ("*" in word or "?" in word or "]" in word.partition("[")[2])


def registry(*files: Path) -> Registry:
    """The person's `files`, then zoo.toml and registry.toml of the working directory, what ships with zoo, and what
    plugins ship.

    Raises RegistryError for a file that is none.
    """
    stamped = tuple((file, _stamp(file)) for file in (*files, *local_files(), _built_in()))
    return _read_once(stamped, shipped(manager.plugins))


def local_files() -> list[Path]:
    """Those of LOCAL_FILES that are there, but for zoo's own, as it is in zoo's checkout."""
    return [Path(name) for name in LOCAL_FILES if Path(name).is_file() and not _same(Path(name), _built_in())]


def _built_in() -> Path:
    return next(file for file in _SHIPPED if file.is_file())


@lru_cache(maxsize=8)
def _read_once(stamped: tuple[tuple[Path, tuple[int, ...]], ...], of_plugins: tuple[Shipped, ...]) -> Registry:
    *files, built_in = (file for file, _ in stamped)
    return Registry(files, built_in, of_plugins)


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
