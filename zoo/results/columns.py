"""Columns of scores: those of the tasks, and what follows from all of them together.

The mean is over the main measures of those tasks of the shown models in which higher is better and of which the whole
was measured, each as it is; there is none over fractions and percentages together. It is told only of a model that has
them all, so that no two means are over different tasks; and so are the rank by it (1 is the best; equal means have
equal ranks, as in 1, 2, 2, 4), what it is for a billion parameters, and the mark of the Pareto front: no other shown
model has as high a mean with as few parameters, one of the two being better. Where no task is for a mean, there are no
such columns.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from zoo.model import Model
from zoo.reports.column import Column, Value
from zoo.reports.columns import COLUMNS, known
from zoo.reports.columnsets import RESERVED
from zoo.reports.pareto import front
from zoo.results.joining import Join
from zoo.results.scales import mixture
from zoo.results.score import Measure
from zoo.results.tasks import Task, unfit
from zoo.text import counted

_BILLION = 10**9
_LARGEST = 10**15
"""From here on a number is written with a power of ten."""


def columns(join: Join, there: Sequence[Task], models: Sequence[Model]) -> tuple[Column, ...]:
    """A column for each of the tasks, which are those that some model has; then DERIVED.

    Raises ResultsError for results that contradict each other.
    """
    if not models:
        return ()
    taken = {*known(), *RESERVED}
    named = tuple(_named(there, join, taken))
    in_mean = [task.measure for task in there if task.in_mean]
    if not in_mean:
        return _aligned(named, models)
    mean = partial(_mean, join, () if mixture(there) else in_mean)
    shown = [(model.parameters, value) for model in models if (value := mean(model)) is not None]
    without = f", without those where {why}" if (why := unfit(there)) else ""
    derived = _derived(mean, shown, f"mean of {counted(len(in_mean), 'task')}{without}")
    return _aligned((*named, *derived), models)


def _aligned(columns: Iterable[Column], models: Sequence[Model]) -> tuple[Column, ...]:
    """The columns, the numbers in each with as many decimals as give the largest four significant digits."""
    return tuple(
        column._replace(text=_figures([column.value(model) for model in models])) if column.text is told else column
        for column in columns
    )


def _figures(values: Iterable[Value]) -> Callable[[Any], str]:
    """How the numbers in a column are written: with as many decimals each, where none of them would be shown as 0."""
    numbers = [value for value in values if isinstance(value, int | float) and value]
    sizes = [abs(number) for number in numbers]
    if not any(isinstance(number, float) for number in numbers) or max(sizes) >= _LARGEST:
        return told
    decimals = max(0, 4 - (len(str(int(max(sizes)))) if max(sizes) >= 1 else 0))
    return f"{{:,.{decimals}f}}".format if min(sizes) >= 10**-decimals else told


def _named(chosen: Iterable[Task], join: Join, taken: set[str]) -> Iterator[Column]:
    """The columns, under names that no other has: neither those that are taken, nor one another; a header that another
    column has says that it is of a score.
    """
    headers = {column.header for column in (*known().values(), *_derived(lambda _: None, (), ""))}
    times: Counter[str] = Counter()
    for task in chosen:
        name = task.name
        while name in taken:
            times[task.name] += 1
            name = f"{task.name}_{times[task.name] + 1}"
        taken.add(name)
        header = f"{task.header} (score)" if task.header in headers else task.header
        yield Column(name, header, partial(_value, join, task.measure), told, missing="")


def _value(join: Join, one: Measure, model: Model) -> Value:
    score = join.of(model).get(one)
    return None if score is None else score.value


def told(value: int | float) -> str:
    """A score by itself as a person reads it: to four significant digits, thousands separated; an integer as it is."""
    if isinstance(value, int):
        return f"{value:,}" if abs(value) < _LARGEST else f"{value:.4g}"
    return f"{value:,.0f}" if 1000 <= abs(value) < _LARGEST else f"{value:#.4g}".rstrip(".")


def _mean(join: Join, measures: Sequence[Measure], model: Model) -> float | None:
    found = join.of(model)
    if not measures or not all(one in found for one in measures):
        return None
    return math.fsum(found[one].value for one in measures) / len(measures)


def _derived(
    mean: Callable[[Model], float | None], shown: Sequence[tuple[int, float]], title: str
) -> tuple[Column, ...]:
    """The columns that follow from the mean. shown: parameters and mean of the models that have one."""
    on_front = set(front(shown))

    def rank(model: Model) -> Value:
        own = mean(model)
        return None if own is None else 1 + sum(other > own for _, other in shown)

    def per_billion(size: Column, model: Model) -> Value:
        own, parameters = mean(model), size.value(model)
        return own / parameters * _BILLION if own is not None and isinstance(parameters, int) and parameters else None

    def pareto(model: Model) -> Value:
        own = mean(model)
        if own is None:
            return None
        return "yes" if (model.parameters, own) in on_front else ""

    whole, active = (partial(per_billion, COLUMNS[size]) for size in ("parameters", "active"))
    return (
        Column("mean", title, mean, told, missing=""),
        Column("rank", "rank", rank, missing=""),
        Column("score_per_billion", "mean/billion", whole, told, missing=""),
        Column("score_per_billion_active", "mean/billion active", active, told, missing=""),
        Column("pareto", "Pareto front", pareto, numeric=False, missing=""),
    )
