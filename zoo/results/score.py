"""Results as every format tells them: what is measured, and what models reach in it."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from zoo.errors import ResultsError
from zoo.text import shown

LOWER = "↓"
"""Stands behind the name of a task in which lower is better."""

LONGEST_NAME = 300
"""Characters of the name of a model or a task."""

LARGEST = 1e100
"""The greatest magnitude of a score; the worst perplexities are far below, and a sum of these is still a number."""


Measure: TypeAlias = tuple[str, str, str]
"""Task, metric and setting: two scores may be compared where all of them are the same."""


class Measured(NamedTuple):
    """What is measured in a task.

    metric: what and how ("acc, 5-shot"), empty if the file does not say. setting: what else has to be the same for two
    scores to be comparable (the version of the task, the subsets of its data). higher_is_better: None where that is not
    known. group: the task of which this one is a part, its score being in that one's already. whole: whether all of the
    task was measured, not the first examples alone.
    """

    task: str
    metric: str = ""
    setting: str = ""
    higher_is_better: bool | None = None
    group: str = ""
    whole: bool = True

    @property
    def measure(self) -> Measure:
        """What is the same for all scores that may be compared."""
        return self.task, self.metric, self.setting


class Run(NamedTuple):
    """What one model reaches: a value, or None, for each of what a sheet measures.

    model: as the file calls it; revision: the commit, branch or tag of it, empty if the file does not say. where: the
    file, and the place in it. date: when the run began, in seconds since 1970 (UTC); None if the file does not say.
    """

    model: str
    where: str
    values: Sequence[int | float | None]
    revision: str = ""
    date: float | None = None


class Score(NamedTuple):
    """What one model reaches in one task, by itself; see `Run` and `Measured`."""

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

    @property
    def measure(self) -> Measure:
        """What is the same for all scores that may be compared."""
        return self.task, self.metric, self.setting


class Sheet(NamedTuple):
    """Runs of which all measure the same: there may be a great many, so a value is no more than itself."""

    measured: Sequence[Measured]
    runs: list[Run]

    def scores(self, run: Run) -> Iterator[Score]:
        """The values of a run that are there."""
        for one, value in zip(self.measured, run.values, strict=True):
            if value is not None:
                better, group = one.higher_is_better, one.group
                yield Score(
                    run.model,
                    one.task,
                    one.metric,
                    value,
                    better,
                    run.where,
                    run.revision,
                    one.setting,
                    group,
                    run.date,
                )


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
