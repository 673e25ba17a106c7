"""What a marker says of the table below it: `models="bert-*,gpt3" columns="model,parameters" sort="-parameters"`."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from zoo.conditions import Conditions
from zoo.errors import ZooError
from zoo.fields import LARGEST
from zoo.formats import added
from zoo.measures import sizes
from zoo.reports.layout import Layout, words
from zoo.sources import references
from zoo.text import near, shown

FORMATS = ("markdown", "html")
"""Zoo's own formats that a table in a document can be written in: both may stand between comments of HTML."""

LONGEST = 64 * 1024
"""Signs of a marker."""


class Recipe(NamedTuple):
    """What a table shows, and how: the references of its models, and what `zoo compare` takes as options.

    said: the marker, each pair once and the same for the same pairs whatever blanks are between them.
    """

    models: tuple[str, ...]
    layout: Layout
    conditions: Conditions
    as_: str | None
    registries: tuple[Path, ...]
    results: tuple[Path, ...]
    style: str
    said: str


_PAIR = re.compile(r'\s*(?P<key>[^\s="]+)\s*=\s*"(?P<value>[^"]*)"(?=\s|$)')


def _models(text: str) -> tuple[str, ...]:
    found = tuple(references(text))
    if not all(found):
        raise ZooError(f"names a model with commas around it, got {shown(text)}")
    if any(reference.split(",")[0] == "-" for reference in found):
        raise ZooError("- is standard input, which is another one each time")
    if twice := [reference for reference, times in Counter(found).items() if times > 1]:
        raise ZooError(f"names {shown(twice[0])} twice")
    return found


def _reference(text: str) -> str:
    (found,) = _models(text) if len(references(text)) == 1 else ("",)
    if not found:
        raise ZooError(f"names one model, got {shown(text)}")
    return found


def _number(text: str) -> int:
    if not re.fullmatch(r"\d{1,18}", text, re.ASCII) or int(text) > LARGEST:
        raise ZooError(f"takes a whole number, got {shown(text)}")
    return int(text)


def _yes(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ZooError(f"is yes or no, got {shown(text)}")
    return text == "yes"


def _format(text: str) -> str:
    if text not in FORMATS and text not in (names := added()):
        there = (*FORMATS, *names)
        raise ZooError(f"is {' or '.join(there)}, got {shown(text)}{near(text, there)}")
    return text


def _paths(text: str) -> tuple[Path, ...]:
    return tuple(map(Path, words(text)))


# Each key, by the options of `zoo compare`, with the field that it fills and how its value is read.
_LAYOUT: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "columns": ("columns", words),
    "sort": ("sort", words),
    "group-by": ("group_by", str),
    "difference-to": ("difference_to", _reference),
    "transpose": ("transpose", _yes),
    "numbers": ("numbers", str),
}
_CONDITIONS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "length": ("length", _number),
    "encoder-length": ("encoder_length", _number),
    "batch": ("batch", _number),
    "dtype": ("dtype", str),
    "cache-dtype": ("cache_dtype", str),
    "optimizer": ("optimizer", str),
    "zero": ("zero", _number),
    "devices": ("devices", _number),
    "fits": ("fits", sizes.size),
    "rank": ("rank", _number),
    "target": ("targets", words),
}
_READING: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "models": ("models", _models),
    "as": ("as_", str),
    "registry": ("registries", _paths),
    "results": ("results", _paths),
    "format": ("style", _format),
}
KEYS = (*_READING, *_LAYOUT, *_CONDITIONS)
"""The keys of a marker."""


def recipe(text: str) -> Recipe:
    """What a marker says; what only the comparison can tell, such as a column that there is not, is not looked at.

    Raises ZooError for what is no `key="value"`, an unknown key, one that is given twice, a value that it cannot have,
    where no models are named, and for more than LONGEST.
    """
    if len(text) > LONGEST:
        raise ZooError(f"a marker has at most {LONGEST:,} signs, got {len(text):,}")
    given = _pairs(text)
    if "models" not in given:
        raise ZooError('a marker names the models: models="bert-base,gpt3"')
    layout = Layout(**_read(given, _LAYOUT))
    conditions = Conditions(**_read(given, _CONDITIONS))
    reading: dict[str, Any] = {"as_": None, "registries": (), "results": (), "style": FORMATS[0]}
    said = " ".join(f'{key}="{given[key]}"' for key in sorted(given))
    return Recipe(layout=layout, conditions=conditions, said=said, **reading | _read(given, _READING))


def _read(given: Mapping[str, str], keys: Mapping[str, tuple[str, Callable[[str], Any]]]) -> dict[str, Any]:
    found = {}
    for key, (field, reader) in keys.items():
        if key in given:
            try:
                found[field] = reader(given[key])
            except ZooError as error:
                raise ZooError(f"{key}: {error}") from None
    return found


def _pairs(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    place = 0
    while text[place:].strip():
        pair = _PAIR.match(text, place)
        if pair is None:
            raise ZooError(f'a marker takes key="value", the value in double quotes, got {shown(text[place:].strip())}')
        key, value = pair["key"], " ".join(pair["value"].split())
        if key not in KEYS:
            raise ZooError(f"no key {shown(key)}{near(key, KEYS)} (there are {', '.join(KEYS)})")
        if key in found:
            raise ZooError(f"{key} is given twice")
        if not value:
            raise ZooError(f"{key} is empty")
        found[key] = value
        place = pair.end()
    return found
