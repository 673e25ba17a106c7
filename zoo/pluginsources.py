"""References that plugins read, `scheme:rest`: looked for where nothing else is called so. A config that a plugin finds
is trusted no more than a stranger's config.json.
"""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from zoo import configfile
from zoo.contributions import Kind, by_names, rivals, taken
from zoo.discovery import quarantine
from zoo.errors import ConfigError, PluginError, UnknownModelError, ZooError
from zoo.hub.access import Access
from zoo.hub.repository import PREFIX
from zoo.manager import Plugin, manager
from zoo.source import Source
from zoo.text import near, shown

# Of two letters or more: one is a drive of Windows.
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{1,59}")
_KIND = Kind("source", "scheme", _SCHEME, "scheme: lower-case letters, digits, '+', '.' and '-', two or more", "scheme")


class NotAskedError(UnknownModelError):
    """A reference that is asked for over the network, where nobody may be."""


def find(reference: str, access: Access) -> Mapping[str, Any] | Path | None:
    """What a plugin finds for a reference: the config, checked as one in a file is, or the path of one.

    None where no plugin has its scheme. Raises PluginError where two have, and for whatever the plugin does wrong;
    NotAskedError; and what the plugin raises as a ZooError.
    """
    scheme, _, rest = reference.partition(":")
    claims = _sources().get(scheme, ()) if scheme_of(reference) else ()
    if not claims:
        return None
    if len(claims) > 1:
        raise PluginError(f"{shown(reference)}: {scheme}: is read by {rivals([plugin for plugin, _ in claims])}")
    ((plugin, source),) = claims
    if source.remote and access.asks_nobody:
        raise NotAskedError(f"{reference}: is asked for over the network, and offline nobody is (--offline)")
    ran = quarantine.run(lambda: _found(source, rest), access.timeout)
    if ran.given is None:
        more = ", of which --timeout may allow more" if ran.endless else ""
        raise plugin.blamed(f"{reference}: {ran.fault}{more}")
    if isinstance(ran.given, ZooError):
        raise ran.given
    if isinstance(ran.given, Path):
        return ran.given
    try:
        return configfile.parse(BytesIO(ran.given), reference)
    except ConfigError as error:
        raise plugin.blamed(str(error)) from None


def scheme_of(reference: str) -> str:
    """The scheme of a reference that has one; empty where it has none."""
    scheme, colon, _ = reference.partition(":")
    return scheme if colon and _SCHEME.fullmatch(scheme) else ""


def unknown(reference: str) -> str:
    """What to say of a reference that leads nowhere: that no plugin reads its scheme, and which are near."""
    scheme = scheme_of(reference)
    return f", and no plugin reads {scheme}:{near(scheme, _sources())}" if scheme else ""


def _found(source: Source, rest: str) -> bytes | Path | ZooError:
    """What a source finds; a config as the JSON that it stands for, so that it is a stranger's text from here on."""
    try:
        found = source.find(rest)
    except ZooError as error:
        return error
    if isinstance(found, Path):
        return found
    if not isinstance(found, Mapping) or not all(isinstance(key, str) for key in found):
        raise TypeError(f"find must give a config or a Path, got {shown(found)}")
    return json.dumps(found, default=_plain).encode()


def _plain(value: object) -> dict[Any, Any]:
    if not isinstance(value, Mapping):
        raise TypeError(f"a config holds what JSON does, got {shown(value)}")
    return dict(value)


# --- what plugins give -----------------------------------------------------------------------------------------------


def schemes(plugin: Plugin) -> list[str]:
    """The schemes that a plugin reads."""
    return [scheme for scheme, claims in _sources().items() if plugin in [claimant for claimant, _ in claims]]


def _sources() -> Mapping[str, tuple[tuple[Plugin, Source], ...]]:
    return _sources_of(manager.plugins)


@lru_cache(maxsize=8)
def _sources_of(plugins: tuple[Plugin, ...]) -> Mapping[str, tuple[tuple[Plugin, Source], ...]]:
    found: dict[str, tuple[tuple[Plugin, Source], ...]] = {}
    for plugin, sources in taken("zoo_sources", plugins, _checked):
        for source in sources:
            found[source.scheme] = (*found.get(source.scheme, ()), (plugin, source))
    return found


def _checked(given: list[object]) -> list[Source]:
    """The same. Raises PluginError for what is no source, and for a scheme that is none or given twice."""
    return list(by_names(given, _KIND, Source, {PREFIX.removesuffix(":")}, _right).values())


def _right(source: Source) -> Mapping[str, bool]:
    return {"find": callable(source.find), "remote": isinstance(source.remote, bool)}
