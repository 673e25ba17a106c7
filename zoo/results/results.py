"""What files of results say, and the columns and the notes that follow for the models of a table."""

from collections.abc import Sequence
from typing import NamedTuple

from zoo.model import Model
from zoo.reports.column import Column
from zoo.results.joining import unmatched
from zoo.results.score import Score, Sheet
from zoo.text import printable


class Results(NamedTuple):
    """The scores in the order in which they were read; left_out: what was found and could not be, a line each."""

    sheets: tuple[Sheet, ...]
    left_out: tuple[str, ...] = ()

    @property
    def scores(self) -> tuple[Score, ...]:
        """Each score by itself."""
        return tuple(score for sheet in self.sheets for run in sheet.runs for score in sheet.scores(run))

    def columns(self, models: Sequence[Model]) -> tuple[Column, ...]:
        """The columns that the scores make for the models of a table, see `zoo.results.columns`.

        Raises ResultsError for two results of one model in one task that differ.
        """
        from zoo.results.columns import columns

        return columns(self.sheets, models)

    def unmatched(self, models: Sequence[Model]) -> tuple[str, ...]:
        """A line for each row of the results that is of none of the models, and why."""
        return tuple(map(printable, unmatched(self.sheets, models)))

    def notes(self, models: Sequence[Model]) -> tuple[str, ...]:
        """What a reader of the columns must know: of rows that are of none of the models, of files that were left out,
        and of models that have no mean; no more lines of each than `zoo.results.notes` says.

        Raises ResultsError as `columns` does.
        """
        from zoo.results.notes import notes

        return tuple(map(printable, notes(self.sheets, self.left_out, models)))
