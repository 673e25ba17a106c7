"""What the person says of plugins: by the environment, and by --plugin and --prefer."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, Self

from zoo.errors import PluginError
from zoo.text import shown

ALL = "all"
"""In ZOO_DISABLE_PLUGINS: every plugin but those that come with zoo."""


class Settings(NamedTuple):
    """files: modules to load that are in no package. prefer: model_type -> the plugin that counts it, by its own name
    or that of its distribution. disabled: plugins, named likewise, to leave out. strict: whether one that cannot be
    used is an error. seconds: how long a plugin may take to be imported, and each of its hooks to answer;
    None in a process that is there for one plugin.
    """

    files: tuple[Path, ...] = ()
    prefer: Mapping[str, str] = MappingProxyType({})
    disabled: frozenset[str] = frozenset()
    strict: bool = False
    seconds: float | None = 5.0

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """What ZOO_PLUGINS, ZOO_DISABLE_PLUGINS, ZOO_STRICT_PLUGINS and ZOO_PLUGIN_TIMEOUT say. Raises PluginError."""
        return cls(
            files=tuple(map(Path, _words(environment.get("ZOO_PLUGINS", "")))),
            disabled=frozenset(_words(environment.get("ZOO_DISABLE_PLUGINS", ""))),
            strict=_switch("ZOO_STRICT_PLUGINS", environment.get("ZOO_STRICT_PLUGINS", "")),
            seconds=_seconds("ZOO_PLUGIN_TIMEOUT", environment.get("ZOO_PLUGIN_TIMEOUT", "") or str(cls().seconds)),
        )


def _words(text: str) -> list[str]:
    return [word for piece in text.split(",") if (word := piece.strip())]


def _switch(name: str, text: str) -> bool:
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("", "0", "false", "no", "off"):
        return False
    raise PluginError(f"{name} must be 1 or 0, got {shown(text)}")


def _seconds(name: str, text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0 < found <= 3600:
        raise PluginError(f"{name} must be a number of seconds from 0 to 3600, got {shown(text)}")
    return found
