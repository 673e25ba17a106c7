"""An axis of a scatter: what it shows, and where a value lies on it."""

from collections.abc import Sequence
from math import log
from typing import Any, NamedTuple

from zoo.conditions import Conditions
from zoo.plots import ticks
from zoo.reports.column import Column
from zoo.text import UNITS, printable

_AMOUNTS = "replace(replace(format(datum.value, '~s'), 'G', 'B'), 'k', 'K')"
_LABELS = {
    "bytes": "".join(
        f"datum.value >= {size} ? format(datum.value / {size}, '~g') + ' {unit}' : "
        for unit, size in reversed(UNITS["bytes"])
    )
    + "format(datum.value, '~g') + ' B'",
    "FLOP": "replace(format(datum.value, '~s'), regexp('([a-zA-Z]?)$'), ' $1FLOP')",
    "share": "format(datum.value, '~%')",
}
"""How ticks are written, as an expression of Vega, by the unit; other amounts as counts are, 110M or 2.7B."""


class Axis(NamedTuple):
    """low, high: where it begins and ends, with some room beyond the values."""

    column: Column
    title: str
    log: bool
    low: float
    high: float

    def at(self, value: float) -> float:
        """How far along the axis a value lies, from 0 to 1."""
        if self.log:
            return log(value / self.low) / log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def value(self, at: float) -> float:
        """What lies so far along the axis."""
        if self.log:
            return rounded(self.low * (self.high / self.low) ** at)
        return rounded(self.low + (self.high - self.low) * at)

    def encoding(self, field: str) -> dict[str, Any]:
        """The axis in Vega-Lite, for the values of a field."""
        kind = "log" if self.log else "linear"
        drawn = {"title": self.title, "labelExpr": self._labels(), "gridOpacity": 0.7, "values": self.ticks()}
        scale = {"type": kind, "domain": [self.low, self.high], "nice": False, "zero": False}
        return {"field": field, "type": "quantitative", "scale": scale, "axis": drawn}

    def ticks(self) -> list[float]:
        """Where it has its ticks."""
        if not self.log:
            return ticks.linear(self.low, self.high)
        return (ticks.binary if self.column.unit == "bytes" else ticks.logarithmic)(self.low, self.high)

    def _labels(self) -> str:
        small = "format(datum.value, '~g')"
        return _LABELS.get(self.column.unit, _AMOUNTS if self.low >= 1 else small)


def axis(column: Column, values: Sequence[float], conditions: Conditions, linear: bool) -> Axis:
    """An axis for these values, of which there is at least one, all above 0 if it is to be logarithmic."""
    least, most = min(values), max(values)
    title = printable(column.title(conditions))
    if linear:
        apart = most - least > abs(most) * 1e-4
        room = (most - least) * 0.06 if apart else abs(most) * 0.1 or 1
        low = 0 if 0 <= least < room else least - room
        return Axis(column, title, False, rounded(low), rounded(most + room))
    factor = max((most / least) ** 0.06, 1.3)
    return Axis(column, f"{title}, log scale", True, rounded(least / factor), rounded(most * factor))


def rounded(value: float) -> float:
    """To six digits, so that the last bit, in which libraries of mathematics differ, shows in no drawing."""
    return float(f"{value:.6g}")
