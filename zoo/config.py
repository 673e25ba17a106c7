"""Configs: the fields that decide shapes, the keys known to decide none, and what remains.

A Config declares every field that its architecture reads. A key of config.json that is neither a field nor declared
to be without effect makes the count *unverified*: a new key may be exactly the one that changes a shape.
"""

import inspect
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple, NoReturn, Self, cast, get_origin

from zoo.common_keys import ANY, COMMON
from zoo.errors import ConfigError
from zoo.fields import Field, dim
from zoo.text import near, shown


class Reading(NamedTuple):
    """A config as read: the fields; those that were given; the keys of which nobody knows if they change a shape."""

    config: "Config"
    given: frozenset[str]
    unknown_keys: tuple[str, ...]


class Config:
    """The base of every architecture's config: annotated fields with their defaults.

    Fields bear the standard names (hidden_size, num_hidden_layers, ...); `spellings` tells what the type's own
    config.json calls them, and both are understood. Subclasses inherit and extend fields, `spellings`, `unread` and
    `inert`. A config does not change once it is made.

        class BertConfig(Config):
            vocab_size: int = dim("V", 30_522)
            is_decoder: bool = False
            inert = {"hidden_act": ANY}
    """

    fields: ClassVar[Mapping[str, Field]] = {}
    """Each field by its name, in the order of declaration. Made from the annotations."""

    spellings: ClassVar[Mapping[str, str]] = {}
    """Other spelling of a field -> the field: `{"n_embd": "hidden_size"}`, transformers' attribute_map turned round."""

    unread: ClassVar[frozenset[str]] = frozenset()
    """Names and spellings that a person may use but that transformers does not read in a config.json of this type; in
    one they are harmless only where they say what the model has anyway.
    """

    inert: ClassVar[Mapping[str, object]] = COMMON
    """Keys that change no shape of this type: `{"rope_theta": ANY}`, or at one value only: `{"alibi": False}`."""

    num_labels: int = dim("labels", 2, minimum=0)
    """Outputs of a classification head. config.json tells it by the length of `id2label`, where not itself."""

    def __init_subclass__(cls) -> None:
        """Raises TypeError for what is declared wrongly, where a config could only be misread."""
        parent = cast("type[Config]", cls.__mro__[1])
        own = vars(cls)
        cls.fields = {**parent.fields, **_declared(cls)}
        spellings = own.get("spellings", {})
        cls.spellings = {**parent.spellings, **spellings}
        for name in spellings.values():
            if name not in cls.fields:
                raise TypeError(f"{cls.__name__}.spellings: there is no field {shown(name)}{near(name, cls.fields)}")
        cls.unread = parent.unread | own.get("unread", frozenset())
        cls.inert = {**parent.inert, **own.get("inert", {})}

    def __init__(self, values: Mapping[str, Any]) -> None:
        """The config with these values, already checked, in its fields, and the defaults in the others."""
        for name, field in self.fields.items():
            if name in values:
                vars(self)[name] = values[name]
            else:
                vars(self)[name] = field.follows(vars(self)) if field.follows else field.default

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a config does not change: load the model anew with another {name}")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"

    def traced(self) -> Self:
        """The same config, its dimensions such as remember their symbols: see `zoo.dims`."""
        from zoo.dims import traced

        twin = object.__new__(type(self))
        for place, (name, field) in enumerate(self.fields.items()):
            value = vars(self)[name]
            known = field.symbol is not None and isinstance(value, int)
            vars(twin)[name] = traced(field.symbol or name, name, value, place) if known else value
        return twin

    @classmethod
    def read(cls, given: Mapping[str, Any], *changes: Mapping[str, Any]) -> Reading:
        """The config that config.json's `given` keys make, with the fields in `changes` put in their place, in order.

        An explicit null means "not given", except in a field that may be None by itself. Raises ConfigError for a
        value that its field cannot have, for two spellings of a field that disagree, for an unknown key in `changes`.
        """
        given = cls.normalized(given)
        values, unknown = cls._sort({key: value for key, value in given.items() if key not in cls.unread})
        for change in changes:
            new_values, new_unknown = cls._sort(cls.normalized(change))
            if new_unknown:
                raise ConfigError(f"no field {shown(new_unknown[0])}{near(new_unknown[0], cls.all_spellings())}")
            values |= new_values
        config = cls(values)
        for key in cls.unread & given.keys():
            if given[key] not in (None, vars(config)[cls.spellings.get(key, key)]):
                unknown.append(key)
        return Reading(config, frozenset(values), tuple(unknown))

    @classmethod
    def normalized(cls, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """The keys of a config.json, or of a change, as the fields and the inert keys have them.

        For subclasses whose files have nested keys, or words that stand for a default.
        """
        return given

    @classmethod
    def _sort(cls, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """The values by field, checked, and the keys of which nothing is known."""
        if (labels := given.get("id2label")) is not None:
            if not isinstance(labels, Mapping):
                raise ConfigError(f"id2label must be an object, got {shown(labels)}")
            if given.get("num_labels") is None:
                given = {**given, "num_labels": len(labels)}
        values: dict[str, Any] = {}
        spelt: dict[str, str] = {}
        unknown: list[str] = []
        for key, value in given.items():
            name = cls.spellings.get(key, key)
            field = cls.fields.get(name)
            if field is None:
                if value is not None and (only := cls.inert.get(key, unknown)) is not ANY and only != value:
                    unknown.append(key)
                continue
            if value is None and not field.nullable:
                continue
            value = field.checked(key, value)
            if values.setdefault(name, value) != value:
                raise ConfigError(
                    f"{spelt[name]} is {shown(values[name])}, but {key}, which means the same, is {shown(value)}"
                )
            spelt[name] = key
        return values, unknown

    def dimension(self, name: str) -> int | None:
        """A dimension by its standard name, a field or a property; None where this type has no such thing."""
        if name not in self.fields and not hasattr(type(self), name):
            return None
        value: int | None = getattr(self, name)
        return value

    @classmethod
    def key(cls, name: str) -> str | None:
        """The key of config.json from which transformers reads a field, the type's own before the standard name.

        None where it reads none.
        """
        own = (spelling for spelling, field in cls.spellings.items() if field == name)
        # A spelling with blanks stands for keys that are nested.
        return next((key for key in (*own, name) if key not in cls.unread and " " not in key), None)

    @classmethod
    def all_spellings(cls) -> Mapping[str, str]:
        """Every key that is understood, with the field that it gives; a field's own name among them."""
        return {**{name: name for name in cls.fields}, **cls.spellings}


def _declared(cls: type) -> dict[str, Field]:
    """The fields that a class itself annotates. A default that is no Field is one's default."""
    found = {}
    annotations: dict[str, object] = inspect.get_annotations(cls, eval_str=True)
    for name, value in vars(cls).items():
        if isinstance(value, Field) and name not in annotations:
            raise TypeError(f"{cls.__name__}.{name} needs an annotation: {name}: int = ...")
    for name, annotation in annotations.items():
        if get_origin(annotation) is not ClassVar:
            if name not in vars(cls):
                raise TypeError(f"{cls.__name__}.{name} needs a default, as the type has it without the key")
            default = vars(cls)[name]
            found[name] = (default if isinstance(default, Field) else Field(default)).typed(annotation)
    return found


Config.fields = _declared(Config)
