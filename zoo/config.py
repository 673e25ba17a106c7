"""Configs: the fields that decide shapes, with their defaults; the keys known to decide none; and what remains.

A Config declares every field that its architecture reads. A key of config.json that is neither a field nor declared
to be without effect makes the count *unverified*: a new key may be exactly the one that changes a shape.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from zoo.common_keys import ANY, COMMON
from zoo.errors import ConfigError
from zoo.text import near, shown

LARGEST = 10**12
"""The cap on every count in a config: a larger one is an error, not a model, and products stay printable."""


def dim(symbol: str, default: int | None, *, minimum: int = 1) -> Any:
    """A config field that is a dimension or a number of things, written `symbol` in formulas.

    Whole numbers from `minimum` to LARGEST; a default of None stands for "not given".
    """
    return Field(default=default, ge=minimum, le=LARGEST, json_schema_extra={"symbol": symbol})


def derived(symbol: str, default: Callable[[dict[str, Any]], int], *, minimum: int = 1) -> Any:
    """A dimension whose default follows from the fields declared before it, which `default` gets as a mapping."""
    return Field(default_factory=default, ge=minimum, le=LARGEST, json_schema_extra={"symbol": symbol})


def per_head(fields: Mapping[str, int]) -> int:
    """The usual width of a head, hidden_size / num_attention_heads. Raises ConfigError where that is not whole."""
    hidden_size, heads = fields["hidden_size"], fields["num_attention_heads"]
    if hidden_size % heads:
        raise ConfigError(f"hidden_size {hidden_size} is not a multiple of num_attention_heads {heads}")
    return hidden_size // heads


def for_each_layer(values: list[Any], layers: int, key: str) -> list[Any]:
    """`values`, which the config's `key` gives for each of `layers` layers. Raises ConfigError unless as many."""
    if len(values) != layers:
        raise ConfigError(f"{key} lists {len(values)} layers, but the model has {layers}")
    return values


class Reading(NamedTuple):
    """A config as read: the fields, and the keys of which nobody knows whether they change a shape."""

    config: "Config"
    unknown_keys: tuple[str, ...]


class Config(BaseModel):
    """The base of every architecture's config.

    Fields bear the standard names (hidden_size, num_hidden_layers, ...); `spellings` tells what the type's own
    config.json calls them, and both are understood. Subclasses inherit and extend `spellings` and `inert`.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", protected_namespaces=())

    spellings: ClassVar[Mapping[str, str]] = {}
    """Other spelling of a field -> the field: `{"n_embd": "hidden_size"}`, transformers' attribute_map turned round."""

    unread: ClassVar[frozenset[str]] = frozenset()
    """Names and spellings that a person may use but that transformers does not read in a config.json of this type; in
    one they are harmless only where they say what the model has anyway.
    """

    inert: ClassVar[Mapping[str, object]] = COMMON
    """Keys that change no shape of this type: `{"rope_theta": ANY}`, or at one value only: `{"alibi": False}`."""

    num_labels: int = dim("labels", 2, minimum=0)
    """Outputs of a classification head. config.json tells it by the length of `id2label`, which wins."""

    @classmethod
    def read(cls, given: Mapping[str, Any], *changes: Mapping[str, Any]) -> Reading:
        """The config that config.json's `given` keys make, with the fields in `changes` put in their place, in order.

        An explicit null means "not given", except in a field that may be None by itself. Raises ConfigError for a
        value that its field cannot have, for two spellings of a field that disagree, for an unknown key
        in `changes`.
        """
        understood = _understood(cls)
        values, spelt, unknown = cls._sort({key: value for key, value in given.items() if key not in understood.unread})
        for change in changes:
            new_values, new_spelt, new_unknown = cls._sort(change)
            if new_unknown:
                raise ConfigError(f"no field {shown(new_unknown[0])}{near(new_unknown[0], understood.fields)}")
            values |= new_values
            spelt |= new_spelt
        try:
            config = cls.model_validate(values)
        except ValidationError as error:
            raise ConfigError(_explain(error, spelt)) from None
        for key in understood.unread & given.keys():
            if given[key] not in (None, vars(config)[understood.fields[key]]):
                unknown.append(key)
        return Reading(config, tuple(unknown))

    def dimension(self, name: str) -> int | None:
        """A dimension by its standard name, a field or a property; None where this type has no such thing."""
        cls = type(self)
        if name not in cls.model_fields and not hasattr(cls, name):
            return None
        value: int | None = getattr(self, name)
        return value

    @classmethod
    def all_spellings(cls) -> Mapping[str, str]:
        """Every key that is understood, with the field that it gives; a field's own name among them."""
        return _understood(cls).fields

    @classmethod
    def _sort(cls, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str], list[str]]:
        """Values by field, the spelling that gave each, and the keys of which nothing is known."""
        fields, nullable, _, inert = _understood(cls)
        if (labels := given.get("id2label")) is not None:
            if not isinstance(labels, Mapping):
                raise ConfigError(f"id2label must be an object, got {shown(labels)}")
            given = {**given, "num_labels": len(labels)}
        values: dict[str, Any] = {}
        spelt: dict[str, str] = {}
        unknown: list[str] = []
        for key, value in given.items():
            field = fields.get(key)
            if field is None:
                if value is not None and (only := inert.get(key, unknown)) is not ANY and only != value:
                    unknown.append(key)
                continue
            if value is None and field not in nullable:
                continue
            if isinstance(value, float) and value.is_integer():
                value = int(value)
            if field in values and values[field] != value:
                raise ConfigError(
                    f"{spelt[field]} is {shown(values[field])}, but {key}, which means the same, is {shown(value)}"
                )
            values[field], spelt[field] = value, key
        return values, spelt, unknown


class _Understood(NamedTuple):
    fields: dict[str, str]
    nullable: frozenset[str]
    unread: frozenset[str]
    inert: dict[str, object]


@cache
def _understood(cls: type[Config]) -> _Understood:
    """Each spelling with its field, the fields in which null is a value, what is not read, and what is inert."""
    fields = {name: name for name in cls.model_fields}
    unread: frozenset[str] = frozenset()
    inert: dict[str, object] = {}
    for base in reversed(cls.__mro__):
        declared = vars(base)
        fields.update(declared.get("spellings", {}))
        unread |= declared.get("unread", frozenset())
        inert.update(declared.get("inert", {}))
    nullable = frozenset(name for name, field in cls.model_fields.items() if _may_be_none(field))
    return _Understood(fields, nullable, unread, inert)


def _may_be_none(field: FieldInfo) -> bool:
    return type(None) in getattr(field.annotation, "__args__", ())


def _explain(error: ValidationError, spelt: Mapping[str, str]) -> str:
    """Pydantic's first complaint in one line: the key as the config spells it, what it must be, what it is."""
    first = error.errors(include_url=False)[0]
    path = [str(step) for step in first["loc"]]
    key = ".".join([spelt.get(path[0], path[0]), *path[1:]]) if path else "config"
    limits = first.get("ctx", {})
    match first["type"]:
        case "int_type" | "int_from_float":
            wanted = "must be a whole number"
        case "greater_than_equal":
            wanted = f"must be at least {limits['ge']}"
        case "less_than_equal":
            wanted = f"must be at most {limits['le']:,}"
        case "bool_type":
            wanted = "must be true or false"
        case "string_type":
            wanted = "must be a string"
        case "list_type":
            wanted = "must be a list"
        case "literal_error":
            wanted = f"must be {limits['expected']}"
        case _:
            wanted = f"is not valid ({first['msg']})"
    return f"{key} {wanted}, got {shown(first['input'])}"
