"""From a reference to a config: a registry name, a file or folder, standard input; each with a variant's changes.

A reference is `BASE` or `BASE,field=value,...`. A source is a function that gives the Found of a base that is its own,
and None for any other; a further place to look is one more function in `SOURCES`.
"""

import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from zoo.errors import ConfigError, UnknownModelError
from zoo.registry import Registry, registry
from zoo.registryfile import Entry
from zoo.text import near, shown

Reference: TypeAlias = str | os.PathLike[str] | Mapping[str, Any]
"""What names a model: a name, path or variant; a Path; or a config, parsed."""


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


def find(reference: Reference, registries: Iterable[Path] = ()) -> Found:
    """The config that a reference names. Raises UnknownModelError with near names, ConfigError for a bad file.

    A Path is a file or folder and nothing else; a mapping is a config itself. `registries` come before all others.
    """
    if isinstance(reference, Mapping):
        return Found("config", reference)
    if isinstance(reference, os.PathLike):
        from zoo import configfile

        return Found(os.fspath(reference), configfile.read(Path(reference)))
    return _find(reference, registry(*registries))


def _find(reference: str, registry: Registry) -> Found:
    # The longest beginning that is a name or a file; a folder may well be called lr=0.1,bs=32.
    words = _CHANGE.split(reference)
    for cut in range(len(words), 0, -1):
        base = ",".join(words[:cut])
        for source in SOURCES:
            if found := source(base, registry):
                return _changed(found, reference, words[cut:])
    head, comma, change = reference.partition(",")
    if comma and any(source(head, registry) for source in (_named, _file)):
        raise UnknownModelError(f"{head}: a change is written field=value, without blanks, got {shown(change)}")
    if re.fullmatch(r"[\w.-]+/[\w.-]+", words[0]) and not words[0].startswith("."):
        raise UnknownModelError(
            f"no file or folder {shown(words[0])}; models of the Hugging Face Hub cannot be fetched yet"
        )
    raise UnknownModelError(
        f"no model or file is named {shown(words[0])}{near(words[0], registry.names())} (zoo models lists the names)"
    )


def _changed(found: Found, reference: str, words: list[str]) -> Found:
    """What was found with the changes of a variant, which is no longer the entry's model."""
    if not words:
        return found._replace(name=reference)
    changes = dict(changed_field(word) for word in words)
    if len(changes) < len(words):
        raise UnknownModelError(f"{reference}: a field is changed twice")
    return found._replace(name=reference, changes=(*found.changes, changes), entry=None)


def _named(base: str, registry: Registry) -> Found | None:
    if base not in registry:
        return None
    entry = registry[base]
    notes = (f"{base}: taken from {entry.origin}, overriding the one of {entry.overrides}",) if entry.overrides else ()
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

    if sys.stdin is None:
        raise ConfigError("standard input is closed")
    return Found(base, configfile.parse(sys.stdin.buffer, "standard input"))


SOURCES: tuple[Callable[[str, Registry], Found | None], ...] = (_named, _standard_input, _file)


def changed_field(change: str) -> tuple[str, Any]:
    """`field=value`; the value is read as JSON, and what is not JSON is a string."""
    import json

    key, _, text = change.partition("=")
    try:
        return key, json.loads(text)
    except (ValueError, RecursionError):
        return key, text
