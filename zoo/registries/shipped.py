"""Registry files that plugins ship: read and parsed when a name that may be in one is asked for."""

from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from zoo.contributions import taken
from zoo.errors import PluginError, RegistryError
from zoo.manager import Plugin, manager
from zoo.registries.registryfile import aliases, contents, is_name, parse
from zoo.text import shown


class Shipped:
    """A registry file of a plugin. One that cannot be read has no entries, and its plugin is blamed once."""

    def __init__(self, plugin: Plugin, file: Path) -> None:
        self.plugin = plugin
        self._file = file

    @property
    def origin(self) -> str:
        """What an entry of the file tells as its origin."""
        return self.plugin.distribution

    def __contains__(self, word: str) -> bool:
        # What is not in the bytes is no key of the file, unless an escape spells it; parsing takes far longer.
        return is_name(word) and (word.encode() in self._data or b"\\" in self._data) and word in self.meaning

    @property
    def tables(self) -> Mapping[str, Mapping[str, Any]]:
        """The table of each entry by its name."""
        return self._parsed[0]

    @property
    def meaning(self) -> Mapping[str, str]:
        """Each name and alias with the name that it stands for."""
        return self._parsed[1]

    @cached_property
    def _data(self) -> bytes:
        try:
            return contents(self._file)
        except RegistryError as error:
            self._blame(error)
            return b""

    @cached_property
    def _parsed(self) -> tuple[Mapping[str, Mapping[str, Any]], Mapping[str, str]]:
        try:
            tables = parse(self._data, self._file)
            return tables, {**aliases(tables, self._file), **{name: name for name in tables}}
        except RegistryError as error:
            self._blame(error)
            return {}, {}

    def _blame(self, error: RegistryError) -> None:
        manager.blame(self.plugin, f"zoo_registries left out: {error}")


@lru_cache(maxsize=8)
def shipped(plugins: tuple[Plugin, ...]) -> tuple[Shipped, ...]:
    """The registry files of these plugins, each file once. What is wrong with those of a plugin it is blamed for."""
    found: dict[Path, Shipped] = {}
    for plugin, files in taken("zoo_registries", plugins, _paths):
        for file in files:
            found.setdefault(file, Shipped(plugin, file))
    return tuple(found.values())


def models(plugin: Plugin) -> list[str]:
    """The names of the models in the registry files of a plugin."""
    return [name for file in shipped(manager.plugins) if file.plugin is plugin for name in file.tables]


def _paths(given: list[object]) -> list[Path]:
    found = [file for file in given if isinstance(file, Path) and file.is_absolute()]
    if wrong := [file for file in given if file not in found]:
        what = "absolute paths, such as Path(__file__).with_name('registry.toml')"
        raise PluginError(f"must give {what}, got {shown(wrong[0])}")
    return found
