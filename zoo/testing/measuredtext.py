"""What a type sees of a text, and how long that can be, held against its models of transformers."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from zoo.errors import ZooError
from zoo.model import Model
from zoo.testing import judge
from zoo.testing.checks import Finding
from zoo.testing.runs import CannotRunError, looks_for_the_end, run
from zoo.testing.sights import declared, observed
from zoo.testing.small import base_class
from zoo.testing.tried import TEXT, Differences, has, subject, tried, where

if TYPE_CHECKING:
    from zoo.testing.costs import CostChecks

SHORT, BEYOND = 8, 80
"""Tokens that any of the small models can have, and more than any table of theirs holds."""


def attention(suite: "CostChecks", configs: int) -> Differences:
    """Heads, windows and causality of each layer, by the weights that attention gives at small configs."""
    for fields in tried(suite):
        class_name = base_class(suite.model_type)
        at, name = where(class_name, fields, TEXT), subject(suite, "attention", fields)
        try:
            model = suite.load(fields, class_name)
            sights = declared(model.parts)
            if not sights:
                continue
            seen = observed(suite.model_type, fields)
        except Exception as error:  # whatever the plugin refuses, or transformers has no weights for
            yield "attention", Finding(name, f"{at}: {type(error).__name__}: {error}")
            continue
        # A layer that is used again stands once among the parts.
        once = {stack: layers[: len(sights.get(stack, []))] for stack, layers in seen.items()}
        if once != sights or sum(map(len, seen.values())) < sum(model.depths):
            yield "attention", Finding(name, f"{at}: attention is said to be {sights}, in transformers it is {seen}")


def longest(suite: "CostChecks", configs: int) -> Differences:
    """The longest text that a small model can have is the longest that transformers can run."""
    for name in judge.classes(suite.model_type):
        if looks_for_the_end(name, suite.model_type):
            continue  # both texts are of the same length
        for fields in tried(suite):
            for text, encoder in ((BEYOND, SHORT), (SHORT, BEYOND)):
                try:
                    lines = list(_bound(suite, suite.load(fields, name), fields, text, encoder))
                except (CannotRunError, ZooError) as error:
                    lines = [f"{where(name, fields, text, encoder)}: {error}"]
                yield from (("longest", Finding(subject(suite, "longest", fields), line)) for line in lines)


def _bound(suite: "CostChecks", model: Model, fields: Mapping[str, Any], text: int, encoder: int) -> Iterator[str]:
    def runs(text: int, encoder: int) -> bool:
        try:
            run(model.class_name, suite.model_type, fields, text, encoder, device="cpu")
        except CannotRunError as error:
            if not isinstance(error.__cause__, IndexError | RuntimeError):
                raise
            return False
        return True

    long = text == BEYOND
    bound = next(n for n in range(BEYOND, 0, -1) if has(model, *((n, encoder) if long else (text, n))))
    at = where(model.class_name, fields, text, encoder)
    if not runs(*((bound, encoder) if long else (text, bound))):
        yield f"{at}: transformers cannot run {bound}: longest(...) is missing or too large"
    if bound < BEYOND and runs(*((bound + 1, encoder) if long else (text, bound + 1))):
        yield f"{at}: transformers runs {bound + 1}: longest(...) is too small"
