"""Formats that plugins add: looked for where a name is none of zoo's own; what fails is blamed on the plugin."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from zoo.contributions import Kind, by_names, rivals, taken
from zoo.discovery import quarantine
from zoo.discovery.loading import fault
from zoo.errors import PluginError
from zoo.formats.format import Format
from zoo.manager import Plugin, manager
from zoo.text import printable, shown

_KIND = Kind(
    "format",
    "name",
    re.compile(r"[a-z][a-z0-9_-]{0,59}"),
    "name of lower-case letters, digits, underscores and hyphens, a letter first",
    "format",
)


class Added(NamedTuple):
    """A format, and the plugin that gives it."""

    plugin: Plugin
    format: Format

    def table(self, headers: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool]) -> str:
        """A table in the format. Raises PluginError for whatever the plugin does wrong."""
        top, *grid = ([printable(cell) for cell in row] for row in (headers, *rows))
        return self._text("draw", lambda: self.format.draw(top, grid, list(numeric)))

    def lines(self, lines: Iterable[str]) -> str:
        """Lines of text as the format writes them above a table, if it does. Raises PluginError likewise."""
        line = self.format.line
        if line is None:
            return ""
        texts = list(map(printable, lines))
        return self._text("line", lambda: "\n\n".join(map(line, texts)))

    def _text(self, field: str, call: Callable[[], str]) -> str:
        ran = quarantine.run(call, manager.settings.seconds)
        if ran.fault:
            raise self.plugin.blamed(f"format {self.format.name}: {field}: {fault(ran)}")
        if not isinstance(ran.given, str):
            raise self.plugin.blamed(f"format {self.format.name}: {field} must give a text, got {shown(ran.given)}")
        return _harmless(ran.given)


def named(name: str, own: frozenset[str]) -> Added | None:
    """The format that a plugin gives under a name, and None where none does; `own`: the names of zoo's.

    Raises PluginError where two plugins do.
    """
    claims = added(own).get(name, ())
    if len(claims) > 1:
        raise PluginError(f"format {name} is of {rivals([claim.plugin for claim in claims])}")
    return claims[0] if claims else None


def added(own: frozenset[str]) -> Mapping[str, tuple[Added, ...]]:
    """The formats of all plugins by their names, `own` being names that none of them may have."""
    return _added(own, manager.plugins)


@lru_cache(maxsize=8)
def _added(own: frozenset[str], plugins: tuple[Plugin, ...]) -> Mapping[str, tuple[Added, ...]]:
    found: dict[str, tuple[Added, ...]] = {}
    for plugin, formats in taken("zoo_formats", plugins, lambda given: _checked(given, own)):
        for one in formats:
            found[one.name] = (*found.get(one.name, ()), Added(plugin, one))
    return found


def _checked(given: list[object], own: frozenset[str]) -> list[Format]:
    """The same. Raises PluginError for what is no format, or is called as another one."""
    return list(by_names(given, _KIND, Format, own, _right).values())


def _right(one: Format) -> Mapping[str, bool]:
    return {
        "draw": callable(one.draw),
        "line": one.line is None or callable(one.line),
        "raw": isinstance(one.raw, bool),
    }


def _harmless(text: str) -> str:
    """The text with every character that could steer a terminal, but for newlines and tabs, as an escape."""
    text = text.replace("\r\n", "\n")
    if text.isprintable():
        return text
    return "".join(sign if sign in "\n\t" or unicodedata.category(sign) == "Zs" else printable(sign) for sign in text)
