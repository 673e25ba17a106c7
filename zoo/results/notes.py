"""What a reader of scores must know beside them: what is in no column, and who has no mean."""

from collections.abc import Iterator, Sequence

from zoo.model import Model
from zoo.results.joining import Join, unmatched
from zoo.results.scales import mixture
from zoo.results.score import Sheet
from zoo.results.tasks import Task, unfit
from zoo.text import counted, some

MOST_LINES, MOST_TASKS = 10, 3
"""How many lines of one kind are told, and how many tasks a line names, before it is said how many more."""


def notes(
    sheets: Sequence[Sheet], left_out: Sequence[str], models: Sequence[Model], join: Join, there: Sequence[Task]
) -> Iterator[str]:
    """A line each, for the models of a table; there: the tasks that some model has.

    Raises ResultsError for results that contradict each other.
    """
    if models and sheets and not any(join.of(model) for model in models):
        yield "none of the scores is of a model that is shown"
    rows = unmatched(sheets, models)
    yield from rows[:MOST_LINES]
    if (more := len(rows) - MOST_LINES) > 0:
        yield f"and {counted(more, 'more row')} that {'matches' if more == 1 else 'match'} none of the models"
    yield from left_out[:MOST_LINES]
    if (more := len(left_out) - MOST_LINES) > 0:
        yield f"and {counted(more, 'more folder')} with such files"
    yield from _without_mean(models, join, there)


def _without_mean(models: Sequence[Model], join: Join, there: Sequence[Task]) -> Iterator[str]:
    """Why no model has a mean, or which of those that have scores have none."""
    in_mean = [task for task in there if task.in_mean]
    if why := mixture(there):
        yield f"there is no mean: {why}"
    elif there and not in_mean:
        why = unfit(there)
        yield f"there is no mean, as {f'in each task {why}' if why else 'no model has the main measure of a task'}"
    else:
        lacking: dict[tuple[str, ...], list[str]] = {}
        for model in models:
            found = join.of(model)
            if lacks := tuple(task.name for task in in_mean if found and task.measure not in found):
                lacking.setdefault(lacks, []).append(model.name)
        for lacks, names in list(lacking.items())[:MOST_LINES]:
            they = "it lacks" if len(names) == 1 else "they lack"
            yield f"{some(names)}: no mean, as {they} {some(lacks, MOST_TASKS)}"
        if more := sum(map(len, list(lacking.values())[MOST_LINES:])):
            yield f"and {counted(more, 'more model')} without a mean, as tasks are lacking"
