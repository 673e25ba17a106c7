"""From a reference to a config: a registry name, a file or folder, standard input; each with a variant's changes.

A reference is `BASE` or `BASE,field=value,...`. A source is a function that gives the Found of a base that is its own,
and None for any other; a further place to look is one more function in `SOURCES`.
"""

import os
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from zoo.errors import UnknownModelError
from zoo.registry import Registry
from zoo.registryfile import Entry
from zoo.text import near, shown


class Found(NamedTuple):
    """What a reference leads to: a config as config.json would hold it, and the changes made to it, in order:
    an entry's to the defaults, a variant's to that.

    notes: what the person should be told about where it comes from.
    """

    name: str
    config: Mapping[str, Any]
    changes: tuple[Mapping[str, Any], ...] = ()
    entry: Entry | None = None
    notes: tuple[str, ...] = ()


_CHANGE = re.compile(r",(?=[A-Za-z_]\w*=)")


def find(reference: str, registry: Registry) -> Found:
    """The config that a reference names. Raises UnknownModelError with near names, ConfigError for a bad file."""
    base, *changes = _CHANGE.split(reference)
    for source in SOURCES:
        if found := source(base, registry):
            variant = dict(_value(change) for change in changes)
            return found._replace(name=reference, changes=(*found.changes, variant))
    if re.fullmatch(r"[\w.-]+/[\w.-]+", base) and not base.startswith("."):
        raise UnknownModelError(
            f"no file or folder {shown(base)}; models of the Hugging Face Hub cannot be fetched yet"
        )
    raise UnknownModelError(
        f"no model and no file is named {shown(base)}{near(base, registry.names())} (zoo models lists the names)"
    )


def _named(base: str, registry: Registry) -> Found | None:
    if base not in registry:
        return None
    entry = registry[base]
    notes = (
        (f"{base}: taken from {entry.origin}, overriding the entry of {entry.overrides}",) if entry.overrides else ()
    )
    config = {"model_type": entry.model_type, "architectures": [entry.class_name]}
    return Found(base, config, (entry.config,), entry, notes)


def _file(base: str, registry: Registry) -> Found | None:
    if not os.path.exists(base):  # noqa: PTH110 - Path.exists() raises for what can be no path at all
        return None
    from zoo import configfile

    return Found(base, configfile.read(Path(base)))


def _standard_input(base: str, registry: Registry) -> Found | None:
    if base != "-":
        return None
    from zoo import configfile

    return Found(base, configfile.parse(sys.stdin.buffer, "standard input"))


SOURCES: tuple[Callable[[str, Registry], Found | None], ...] = (_named, _standard_input, _file)


def _value(change: str) -> tuple[str, Any]:
    """`field=value`; the value is read as JSON, and what is not JSON is a string."""
    import json

    key, _, text = change.partition("=")
    try:
        return key, json.loads(text)
    except (ValueError, RecursionError):
        return key, text
