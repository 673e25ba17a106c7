"""What the page shows, as data: the columns with a text for every cell, and what is told of each model."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from zoo.model import Model
from zoo.reports.column import Column, Value
from zoo.reports.columns import known
from zoo.reports.columnsets import ALL, SCORES, SETS
from zoo.reports.comparison import Comparison
from zoo.site.details import details
from zoo.text import printable, short

OTHERS = "more"
"""Under what columns are to be chosen that are of none of the sets that group them."""


def data(comparison: Comparison) -> dict[str, Any]:
    """The page of a comparison: its models, every column there is, and which are shown and sorted by at first.

    Models are sorted as the comparison is; if that is not, by rank where there are scores, else the largest first.
    """
    models, scores = comparison.models, comparison.more
    there = {column.name: column for column in (*known().values(), *scores, *comparison.columns)}
    own = {SCORES: tuple(column.name for column in scores)} if scores else {}
    sets: Mapping[str, Sequence[str]] = {**own, **SETS, ALL: tuple(there)}
    groups = {name: group for group in (OTHERS, "memory", "shape", "size", *own) for name in sets.get(group, there)}
    usual = "rank" if "rank" in own.get(SCORES, ()) else "-parameters"
    return {
        "sort": next(iter(comparison.layout.sort), usual),
        "numbers": comparison.layout.numbers,
        "shown": _beside_the_model(column.name for column in comparison.columns),
        "sets": {name: _beside_the_model(inside) for name, inside in sets.items()},
        "groups": [*own, "size", "shape", "memory", OTHERS],
        "columns": [{"group": groups[name], **_column(column, models)} for name, column in there.items()],
        "models": [details(model) for model in models],
    }


def _beside_the_model(names: Iterable[str]) -> list[str]:
    """All but the name of the model, which always stands first."""
    return [name for name in names if name != "model"]


def _column(column: Column, models: Sequence[Model]) -> dict[str, Any]:
    """A column with its values, and their texts: as usual; `exact` and `short`, where those are others.

    order: what to sort by, where it is not the values.
    """
    values = [column.value(model) for model in models]
    usual = _texts(column.written, values)
    found = {
        "name": column.name,
        "title": printable(column.title(models[0].conditions, own=True)),
        "numeric": column.numeric,
        "values": [printable(value) if isinstance(value, str) else value for value in values],
        "usual": usual,
    }
    if (order := column.order) is not None:
        found["order"] = [None if value is None else order(model) for model, value in zip(models, values, strict=True)]
    exact = _texts(lambda value: f"{value:,}" if isinstance(value, int) else column.written(value), values)
    if exact != usual:
        found |= {"exact": exact, "exact_title": printable(column.title(models[0].conditions, column.unit, own=True))}
    if column.unit == "parameters" and not column.signed:
        found["short"] = _texts(lambda value: short(value) if isinstance(value, int) else column.written(value), values)
    return found


def _texts(text: Callable[[Value], str], values: Sequence[Value]) -> list[str]:
    return [printable(text(value)) for value in values]
