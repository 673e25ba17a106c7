"""One result of one model, as every format tells it."""

import math
from typing import NamedTuple

from zoo.errors import ResultsError
from zoo.text import shown

LOWER = "↓"
"""Stands behind the name of a task in which lower is better."""

LONGEST_NAME = 300
"""Characters of the name of a model or a task."""

LARGEST = 1e100
"""The greatest magnitude of a score; the worst perplexities are far below, and a sum of these is still a number."""


class Score(NamedTuple):
    """What a model reaches in a task.

    model: as the file calls it; revision: the commit, branch or tag of it, empty if the file does not say.
    metric: what is measured and how ("acc, 5-shot"), empty if the file does not say. setting: what else has to be the
    same for two scores to be comparable (the version of the task, the subsets of its data).
    higher_is_better: None where that is not known. where: the file, and the place in it.
    group: the task of which this one is a part, its score being in that one's already. date: when the run began, in
    seconds since 1970 (UTC); None if the file does not say.
    """

    model: str
    task: str
    metric: str
    value: int | float
    higher_is_better: bool | None
    where: str
    revision: str = ""
    setting: str = ""
    group: str = ""
    date: float | None = None


def number(value: object) -> int | float | None:
    """The value, if it can be a score: a finite number, not too large, and no truth value; else None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
        return None
    return value if math.isfinite(value) else None


def name(value: object, what: str, where: str) -> str:
    """The value, if it can be a name; `what` says of what. Raises ResultsError."""
    if not isinstance(value, str) or not value.strip():
        raise ResultsError(f"{where}: {what} must be a name, got {shown(value)}")
    if len(value) > LONGEST_NAME:
        raise ResultsError(f"{where}: {what} is longer than {LONGEST_NAME} characters: {shown(value)}")
    return value
