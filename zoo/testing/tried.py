"""Where models of transformers are run to be held against what a plugin says: at which configs, and how it is told."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from zoo.conditions import MeasureError
from zoo.model import Model
from zoo.testing.checks import Finding
from zoo.testing.small import small

if TYPE_CHECKING:
    from zoo.testing.costs import CostChecks

Differences: TypeAlias = Iterator[tuple[str, Finding]]
"""What differs, with the check to which that belongs."""

TEXT, ENCODER = 19, 23
"""Tokens of a text, and those that an encoder reads."""


def tried(suite: "CostChecks") -> Iterator[dict[str, Any]]:
    """The small configs of the type: as they are, and each of the variants."""
    start = {**small(suite.model_type), **suite.small}
    yield start
    yield from ({**start, **variant} for variant in suite.variants)


def where(class_name: str, fields: Mapping[str, Any], text: int, encoder: int | None = None) -> str:
    """Of what something is told, in words."""
    beside = "" if encoder is None else f" beside {encoder} of an encoder"
    return f"{class_name} at {dict(fields) or 'the default config'}, {text} tokens{beside}"


def subject(suite: "CostChecks", check: str, fields: Mapping[str, Any]) -> str:
    """By what an exception names what differs at these fields: by one of them that is set, or else by the type."""
    excepted = (key.partition(": ")[2] for key in suite.exceptions if key.startswith(f"{check}: "))
    return next((name for name in excepted if fields.get(name)), suite.model_type)


def read(model: Model, encoder: int) -> int | None:
    return encoder if model.lengths(1).encoder else None


def has(model: Model, text: int, encoder: int) -> bool:
    """Whether there are positions for so many tokens."""
    try:
        model.lengths(text, read(model, encoder))
    except MeasureError:
        return False
    return True
