"""Configs to try a type with: its defaults, with few layers, and fields moved, alone and several at once."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import NoneType, UnionType
from typing import Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin

from zoo.config import Config

FEW_LAYERS = 3
"""Layers of the config from which fields are moved: enough for layers of several kinds, and quickly built."""

LAYERS = ("num_hidden_layers", "encoder_layers", "decoder_layers", "num_decoder_layers")
"""What numbers of layers are called in configs."""

Built = TypeVar("Built")


class Space(NamedTuple):
    """The config from which fields are moved, and by the key of each field the values to move it to, the likeliest
    first.
    """

    start: Mapping[str, Any]
    candidates: Mapping[str, Sequence[Any]]

    def moved(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        """The config with these fields moved."""
        return {**self.start, **changes}


def own_space(config_class: type[Config], start: Mapping[str, Any], hints: Mapping[str, Sequence[Any]]) -> Space:
    """The configs of a type as its own config class declares it. hints: values for keys that nobody can guess.

    Raises ConfigError where the defaults make no config.
    """
    spelt = config_class.all_spellings()
    hinted = {spelt.get(key, key): list(values) for key, values in hints.items()}
    given = {spelt.get(key, key): key for key in start}
    keys = {name: key for name in config_class.fields if (key := given.get(name) or config_class.key(name))}
    start = {keys[name]: FEW_LAYERS for name in LAYERS if name in keys and name not in given} | dict(start)
    config = config_class.read(start).config
    found: dict[str, Sequence[Any]] = {}
    for name, key in keys.items():
        field, value = config_class.fields[name], vars(config)[name]
        if name in hinted:
            found[key] = hinted[name]
        elif name in LAYERS:
            found[key] = layers_beside(value)
        elif name == "num_labels":
            found[key] = [5, 1]
        else:
            layers = vars(config).get("num_hidden_layers", FEW_LAYERS)
            found[key] = guesses(value, field.annotation, layers, 1 if field.minimum is None else field.minimum)
    return Space(start, found)


def layers_beside(number: int) -> list[int]:
    """Other numbers of layers."""
    return [number + 1, 1, 2 * number + 1]


def guesses(value: Any, annotation: Any, layers: int, least: int) -> list[Any]:
    """Other values that a field may have which is `value` and is annotated so; none where nobody can guess them.

    layers: of the model. least: what a number may be.
    """
    if isinstance(value, bool | float):
        return others(value)
    if isinstance(value, int):
        return [*others(value), 1, least] + ([None] if NoneType in _kinds(annotation) else [])
    found: list[Any] = []
    for kind in _kinds(annotation):
        if kind is int:
            found += [16, 2, 1]
        elif kind is bool:
            found += [True]
        elif get_origin(kind) is Literal:
            found += [word for word in get_args(kind) if word != value]
        elif get_origin(kind) is list:
            found += _lists(get_args(kind)[0], layers)
    return found


def others(value: float) -> list[Any]:
    """Other values beside a number, or beside true or false."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value * 2, value + 1, max(1, value // 2), value + 64]
    return [value / 2 + 0.125]


def _kinds(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)


def _lists(element: Any, layers: int) -> Iterator[list[Any]]:
    """Lists with a word for each layer, or with the numbers of some layers."""
    if get_origin(element) is Literal:
        words = get_args(element)
        for shift in range(len(words)):
            yield [words[(number + shift) % len(words)] for number in range(layers)]
    elif element is int:
        yield from ([1], [0], [layers - 1])


def mixtures(
    space: Space, build: Callable[[dict[str, Any]], Built | None], chance: random.Random, number: int
) -> Iterator[tuple[dict[str, Any], Built | None]]:
    """`number` configs with several fields moved at once that can be built, with what they build; and with None those
    that are refused on the way.
    """
    movable = sorted(key for key, values in space.candidates.items() if values)
    for _ in range(20 * number):
        if not number:
            return
        keys = chance.sample(movable, min(len(movable), chance.randint(2, 6)))
        fields = space.moved({key: chance.choice(space.candidates[key]) for key in keys})
        built = build(fields)
        number -= built is not None
        yield fields, built
