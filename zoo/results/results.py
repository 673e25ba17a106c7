"""What files of results say, and the columns and the notes that follow for the models of a table."""

from collections.abc import Sequence
from typing import NamedTuple

from zoo.model import Model
from zoo.reports.column import Column
from zoo.results.joining import Join, unmatched
from zoo.results.score import Score, Sheet
from zoo.results.tasks import tasks
from zoo.text import printable


class Results(NamedTuple):
    """The scores in the order in which they were read; left_out: what was found and could not be, a line each."""

    sheets: tuple[Sheet, ...]
    left_out: tuple[str, ...] = ()

    @property
    def scores(self) -> tuple[Score, ...]:
        """Each score by itself."""
        return tuple(score for sheet in self.sheets for run in sheet.runs for score in sheet.scores(run))

    def told(self, models: Sequence[Model]) -> tuple[tuple[Column, ...], tuple[str, ...]]:
        """What follows for the models of a table: the columns that the scores make, see `zoo.results.columns`; and what
        a reader of them must know: of rows that are of none of the models, of files that were left out, and of models
        that have no mean; no more lines of each than `zoo.results.notes` says.

        Raises ResultsError for two results of one model in one task that differ.
        """
        from zoo.results.columns import columns
        from zoo.results.notes import notes

        join = Join(self.sheets)
        measures = {found for model in models for found in join.of(model)}
        there = [task for task in tasks(self.sheets) if task.measure in measures] if measures else []
        told = notes(self.sheets, self.left_out, models, join, there)
        return columns(join, there, models), tuple(map(printable, told))

    def columns(self, models: Sequence[Model]) -> tuple[Column, ...]:
        """The columns alone; see `told`."""
        return self.told(models)[0]

    def notes(self, models: Sequence[Model]) -> tuple[str, ...]:
        """The notes alone; see `told`."""
        return self.told(models)[1]

    def unmatched(self, models: Sequence[Model]) -> tuple[str, ...]:
        """A line for each row of the results that is of none of the models, and why."""
        return tuple(map(printable, unmatched(self.sheets, models)))
