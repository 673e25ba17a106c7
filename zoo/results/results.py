"""What files of results say, and the columns and the leftovers that follow for the models of a table."""

from collections.abc import Sequence
from typing import NamedTuple

from zoo.model import Model
from zoo.reports.column import Column
from zoo.results.joining import unmatched
from zoo.results.score import Score
from zoo.text import printable


class Results(NamedTuple):
    """The scores in the order in which they were read; left_out: what was found and could not be, a line each."""

    scores: tuple[Score, ...]
    left_out: tuple[str, ...] = ()

    def columns(self, models: Sequence[Model]) -> tuple[Column, ...]:
        """The columns that the scores make for the models of a table, see `zoo.results.columns`.

        Raises ResultsError for two results of one model in one task that differ.
        """
        from zoo.results.columns import columns

        return columns(self.scores, models)

    def unmatched(self, models: Sequence[Model]) -> tuple[str, ...]:
        """A line for each row of the results that is of none of the models, and why; for each file that was left out;
        and where the tasks of the models have no mean.

        Raises ResultsError as `columns` does.
        """
        from zoo.results.columns import unmeant

        return tuple(map(printable, (*unmatched(self.scores, models), *self.left_out, *unmeant(self.scores, models))))
