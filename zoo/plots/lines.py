"""Lines through a scatter: how width grows with size in each family."""

from collections.abc import Iterable
from math import exp, fsum, log
from typing import NamedTuple

from zoo.conditions import MeasureError
from zoo.model import Model
from zoo.reports.width import exponents


class Fit(NamedTuple):
    """hidden_size as parameters to the power of the exponent, as `zoo width` fits it, from the smallest model of the
    family to the largest. start, end: parameters and hidden_size.
    """

    family: str
    exponent: float
    start: tuple[float, float]
    end: tuple[float, float]


def fits(models: Iterable[Model]) -> list[Fit]:
    """The line of each family that has enough sizes; a model of which the width cannot be told is in none."""
    told = [model for model in models if _has_width(model)]
    found = []
    for family, _, exponent in exponents(told):
        if exponent is not None:
            sizes = sorted({_size(model) for model in told if model.model_type == family})
            x, y = (fsum(map(log, numbers)) / len(sizes) for numbers in zip(*sizes, strict=True))
            start, end = ((float(at), exp(y + exponent * (log(at) - x))) for at, _ in (sizes[0], sizes[-1]))
            found.append(Fit(family, exponent, start, end))
    return found


def _size(model: Model) -> tuple[int, int]:
    wide = model.width()
    return wide.parameters, wide.hidden_size or 0


def _has_width(model: Model) -> bool:
    try:
        return all(_size(model))
    except MeasureError:
        return False
