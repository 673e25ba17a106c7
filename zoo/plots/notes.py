"""What a scatter cannot draw, and why, in a few lines."""

from collections.abc import Mapping, Sequence

from zoo.model import Model
from zoo.reports.column import Column
from zoo.text import counted, printable, some

MOST = 6
"""How many reasons are told, before it is said how many more models there are."""


def why_not(model: Model, columns: Sequence[tuple[Column, bool]]) -> str | None:
    """Why a model has no point; None where it has one. columns: each with whether its axis is linear."""
    for column, linear in columns:
        value = column.value(model)
        if value is None:
            why = column.why(model) if column.why else None
            return f"{column.header} is not known" + (f": {why.removeprefix(f'{model.name}: ')}" if why else "")
        if not isinstance(value, int | float) or not _drawable(value):
            return f"{column.header} is {column.written(value)}, which is not one number"
        if value <= 0 and not linear:
            return f"{column.header} is {column.written(value)}, for which a logarithmic axis has no place"
    return None


def _drawable(value: float) -> bool:
    """Whether an axis can hold it: no infinity, nor what becomes one by some room around it."""
    return value == 0 or 1e-200 < abs(value) < 1e200


def left_out(reasons: Mapping[Model, str]) -> tuple[str, ...]:
    """A line for each reason why models are left out, with their names; and how many more models there are."""
    names: dict[str, list[str]] = {}
    for model, reason in reasons.items():
        names.setdefault(reason, []).append(model.name)
    lines = [
        printable(f"{some(of)} {'is' if len(of) == 1 else 'are'} left out: {reason}")
        for reason, of in [*names.items()][:MOST]
    ]
    if rest := sum(map(len, [*names.values()][MOST:])):
        lines.append(f"and {counted(rest, 'more model')} left out for other reasons")
    return tuple(lines)
