"""A given config as the config class of a type reads it: which defaults it suggests, and what nobody has understood."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from zoo.config import Config
from zoo.errors import ConfigError
from zoo.fields import LARGEST
from zoo.registries.registrywriter import differing

LONGEST_TEXT = 60
"""Characters of a text that becomes a default."""

# What config.json tells beside the fields.
_ASIDE = ("model_type", "architectures")


class Reading(NamedTuple):
    """What a config says to a class of configs.

    defaults: the fields whose values are not the class's defaults. stated: values that become no defaults: lists, which
    go with the number of layers, the labels of a task, and whatever is too long for a line. given: the fields that it
    has. unread: the keys that the class does not know. refused: those whose values it does not take.
    """

    defaults: Mapping[str, Any]
    stated: Mapping[str, Any]
    given: frozenset[str]
    unread: tuple[str, ...]
    refused: tuple[str, ...]


def read(config_class: type[Config], config: Mapping[str, Any]) -> Reading:
    """What a config says to `config_class`. Raises ConfigError where its fields contradict each other."""
    keys = {key: value for key, value in config.items() if key not in _ASIDE}
    refused: tuple[str, ...] = ()
    try:
        found = config_class.read(keys)
    except ConfigError:
        refused = tuple(key for key, value in keys.items() if not _takes(config_class, key, value))
        found = config_class.read({key: value for key, value in keys.items() if key not in refused})
    values = differing(found.config)
    defaults = {name: value for name, value in values.items() if _is_default(name, value)}
    stated = {name: value for name, value in values.items() if name not in defaults}
    return Reading(defaults, stated, found.given, found.unknown_keys, refused)


def _takes(config_class: type[Config], key: str, value: object) -> bool:
    """Whether the class takes the key by itself, whatever the others say."""
    try:
        for word, inner in config_class.normalized({key: value}).items():
            field = config_class.fields.get(config_class.spellings.get(word, word))
            if field is not None and (inner is not None or field.nullable):
                field.checked(word, inner)
    except ConfigError:
        return False
    return True


def _is_default(name: str, value: object) -> bool:
    if name in Config.fields:
        return False
    if isinstance(value, str):
        return value.isascii() and value.isprintable() and len(value) <= LONGEST_TEXT
    return value is None or isinstance(value, float) or (isinstance(value, int) and abs(value) <= LARGEST)
