"""How a comparison is arranged: which columns, in which order the rows, how the numbers are written."""

from collections.abc import Sequence
from typing import NamedTuple

from zoo.errors import ZooError
from zoo.reports.numbers import STYLES, Numbers
from zoo.text import near, shown


class Layout(NamedTuple):
    """columns: names of columns or of sets, see `zoo.reports.columnsets`; None for the usual ones.

    sort: columns to sort by, the first one first, each ascending, or with a "-" before it descending; models without
    the value come last. group_by: the column of which models with the same value stand together, before all others.
    difference_to: the model whose amounts are taken from those of each. transpose: models as columns.
    numbers: "exact"; "short", in one unit for each column; or "usual", counts exactly and all else short.
    """

    columns: tuple[str, ...] | None = None
    sort: tuple[str, ...] = ()
    group_by: str | None = None
    difference_to: str | None = None
    transpose: bool = False
    numbers: Numbers = "usual"

    def checked(self) -> "Layout":
        """The same. Raises ZooError for a way of writing numbers that there is not."""
        if self.numbers not in STYLES:
            raise ZooError(
                f"numbers are {', '.join(STYLES)}, got {shown(self.numbers)}{near(str(self.numbers), STYLES)}"
            )
        return self


def words(given: str | Sequence[str] | None) -> tuple[str, ...]:
    """Names in a list, or in a text with commas between them. Raises ZooError for what is no name."""
    found = given.split(",") if isinstance(given, str) else given or ()
    for word in found:
        if not isinstance(word, str):
            raise ZooError(f"columns are given by their names, not as {shown(word)}")
    return tuple(word.strip() for word in found)
