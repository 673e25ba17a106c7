"""How numbers are written in a column: exactly, or in one unit for all of them, which then stands in the header."""

from collections.abc import Iterable
from typing import Literal, NamedTuple, TypeAlias, get_args

from zoo.text import UNITS

Numbers: TypeAlias = Literal["usual", "exact", "short"]
"""Exactly; in one unit for a column; or, as usual, counts exactly and bytes and operations in one unit."""

STYLES: tuple[Numbers, ...] = get_args(Numbers)


class Scale(NamedTuple):
    """A unit that is `size` of the column's own: GiB, of 2^30 bytes."""

    unit: str
    size: int

    def text(self, value: float, signed: bool = False) -> str:
        """The value in this unit, with three decimals, or as it is where the unit is the column's own."""
        sign = "+" if signed else ""
        if self.size == 1 or not value:
            return f"{value:{sign},}"
        if abs(value) < self.size * 0.0005:  # never 0 for what is not
            return ">-0.001" if value < 0 else "<0.001"
        return f"{value / self.size:{sign},.3f}"


AMOUNTS = frozenset(UNITS)
"""The units of what there can be more or less of, and which a difference is told of."""


def scale(values: Iterable[float], unit: str, numbers: Numbers) -> Scale:
    """In what the values of a column are told: in a unit that suits most of them, or in the column's own."""
    own = Scale("" if unit in ("parameters", "share") else unit, 1)
    if unit not in AMOUNTS or numbers == "exact" or (unit == "parameters" and numbers == "usual"):
        return own
    sizes = sorted(abs(value) for value in values if value)
    middle = sizes[(len(sizes) - 1) // 2] if sizes else 0
    return next((Scale(*one) for one in reversed(UNITS[unit]) if one[1] <= middle), own)
