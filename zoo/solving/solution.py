"""Which width gives a model so many parameters: `zoo solve`."""

import json
from bisect import bisect_left
from collections.abc import Mapping
from math import isfinite
from typing import Any, NamedTuple

from zoo.conditions import MeasureError
from zoo.hub.access import USUAL, Access
from zoo.loading import load
from zoo.manager import manager
from zoo.model import Model
from zoo.solving.scaling import WIDTH, Family
from zoo.sources import Paths, Reference
from zoo.text import figure, short, shown

MOST = 10**18
"""The cap on parameters that can be asked for."""


class Solution(NamedTuple):
    """The model that comes closest.

    config: as config.json holds it, in the keys that transformers reads for the type. asked: the parameters wanted.
    step: what hidden_size is a multiple of.
    """

    config: dict[str, Any]
    model: Model
    asked: int
    step: int

    @property
    def parameters(self) -> int:
        """Parameters of the model."""
        return self.model.parameters

    @property
    def error(self) -> float:
        """By how much the parameters exceed those wanted, as a part of them; negative where they fall short."""
        return (self.parameters - self.asked) / self.asked

    def summary(self) -> str:
        """What was found, and how far off it is."""
        model = self.model
        return (
            f"{model.class_name}, {WIDTH} {model.config.dimension(WIDTH):,} (a multiple of {self.step:,}): "
            f"{self.parameters:,} parameters, {self.error:+.2%} of {short(self.asked)}"
        )

    def __str__(self) -> str:
        return json.dumps(self.config, indent=2)


def solve(
    reference: Reference,
    parameters: float | str,
    *,
    layers: int | None = None,
    fix: Mapping[str, Any] | None = None,
    as_: str | None = None,
    strict: bool = False,
    registries: Paths = (),
    access: Access = USUAL,
) -> Solution:
    """The model like `reference` whose width brings it closest to so many parameters (7e9, "7B", "110M").

    reference: a model_type, which stands for its usual class with all fields at their defaults; or as in `zoo.load`.
    layers: of each stack, if not as many as there. fix: fields with the values that they shall have. What goes with
    the width is told at `zoo.solving.scaling.Family`; all else stays. The rest as in `zoo.load`.

    Raises ZooError: MeasureError for parameters, layers or fixed fields of which there is no model.
    """
    asked = number(parameters)
    if isinstance(reference, str) and reference in manager.types:
        reference = {"model_type": reference}
    family = Family(load(reference, as_=as_, strict=strict, registries=registries, access=access), layers, fix)
    width = closest(family, asked)
    return Solution(family.config(width), family.model(width), asked, family.step)


def closest(family: Family, asked: int) -> int:
    """The width of the model that comes closest. Raises MeasureError where the narrowest has more parameters."""

    def parameters(steps: int) -> int:
        return family.model(steps * family.step).parameters

    if asked < (least := parameters(1)):
        raise MeasureError(
            f"{asked:,} parameters are too few: at the least {WIDTH}, {family.step:,}, there are {least:,} already"
        )
    most = 1
    while parameters(most) < asked:
        most *= 2
    found = bisect_left(range(most + 1), asked, lo=1, key=parameters)
    # A wider model may be smaller at one width: that of the words, where no matrix has to lie between the two.
    around = range(max(1, found - 2), found + 2)
    return family.step * min(around, key=lambda steps: abs(parameters(steps) - asked))


def number(parameters: float | str, what: str = "parameters") -> int:
    """How many are meant: 7e9, "7e9", "7B" or "110M". Raises MeasureError for no such number of `what`."""
    try:
        found = (figure(parameters.strip().upper()) or float(parameters)) if isinstance(parameters, str) else parameters
        if not isinstance(found, bool) and isfinite(found) and 1 <= round(found) <= MOST:
            return round(found)
    except (TypeError, ValueError, OverflowError):
        pass
    raise MeasureError(f"{what} must be a number from 1 to 1e18, such as 7e9 or 7B, got {shown(parameters)}")
