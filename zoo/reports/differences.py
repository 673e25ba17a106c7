"""What a comparison says of each model less another: beside each amount the difference, as it is and in percent."""

from collections.abc import Iterable, Iterator, Sequence

from zoo.errors import ZooError
from zoo.model import Model
from zoo.reports.column import Column, Value
from zoo.reports.numbers import AMOUNTS


def differences(columns: Sequence[Column], base: Model) -> Iterator[Column]:
    """The columns, each amount (parameters, bytes, operations) followed by its difference to the base.

    Raises ZooError where there is no amount among them.
    """
    if not any(column.unit in AMOUNTS for column in columns):
        raise ZooError("a difference is told of parameters, bytes or operations, and no column shows any")
    for column in columns:
        yield column
        if column.unit in AMOUNTS:
            yield from _difference(column, base)


def _difference(column: Column, base: Model) -> Iterable[Column]:
    zero = column.value(base)

    def absolute(model: Model) -> Value:
        value = column.value(model)
        return value - zero if isinstance(value, int | float) and isinstance(zero, int | float) else None

    def percent(model: Model) -> Value:
        found = absolute(model)
        return round(100 * found / zero, 4) if isinstance(found, int | float) and zero else None  # type: ignore[operator]

    header = f"{column.header} vs {base.name}"
    told = column._replace(header=header, text=None, order=None, signed=True, beside=column)
    yield told._replace(name=f"{column.name}_difference", value=absolute)
    yield told._replace(
        name=f"{column.name}_difference_percent",
        header=f"{header} (%)",
        value=percent,
        text="{:+,.2f}".format,
        missing="-" if zero == 0 else column.missing,
        at=(),
        unit="",
    )
