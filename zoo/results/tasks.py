"""Which columns scores make, and what each is called.

A task has a column of its own name for its main measure: the one that most models of the results have, of those one in
which higher is better, and of those the first that was read. Its other measures, another metric or other data, have
columns `task:metric`; and a task that is a part of a group with a score has `group:task`. What has a colon in its name
is a detail: it is in no mean.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from zoo.results.joining import Measure, measure, row
from zoo.results.score import LOWER, Score
from zoo.text import printable

_LONGEST_SETTING = 80
"""Characters in a header; a task of mteb may have hundreds of subsets."""


class Task(NamedTuple):
    """A column to be: what it measures, how it is called, and whether it is for the mean."""

    measure: Measure
    name: str
    header: str
    in_mean: bool


def tasks(scores: Sequence[Score]) -> Iterator[Task]:
    """The measures of each task, the main one first; tasks as they were read, but a group before its parts."""
    models: dict[Measure, set[str]] = {}
    first: dict[Measure, Score] = {}
    for score in scores:
        models.setdefault(measure(score), set()).add(str(row(score)))
        first.setdefault(measure(score), score)
    measures: dict[str, list[Measure]] = {score.task: [] for score in scores}
    for one in sorted(models, key=lambda one: (-len(models[one]), not first[one].higher_is_better)):
        measures[first[one].task].append(one)
    groups = {score.task: score.group for score in scores if score.group}
    alike = Counter((task, metric) for task, metric, _ in models)
    for task in _ordered(measures, groups):
        name = f"{_word(groups[task])}:{_word(task)}" if task in groups else _word(task)
        main, *others = measures[task]
        for one in (main, *others):
            score = first[one]
            header = _header(score, alike[score.task, score.metric] > 1)
            if one == main:
                yield Task(one, name, header, task not in groups and score.higher_is_better is True)
            else:
                yield Task(one, f"{name}:{_word(score.metric or score.setting)}", header, False)


def _ordered(tasks: Iterable[str], groups: Mapping[str, str]) -> list[str]:
    place = {task: at for at, task in enumerate(tasks)}
    return sorted(place, key=lambda task: (place[groups.get(task, task)], task in groups))


def _word(text: str) -> str:
    """A text as part of the name of a column: without what separates names, or stands before one to sort by it."""
    return re.sub(r"[^\w.+-]+", "_", text).strip("_-") or "task"


def _header(score: Score, ambiguous: bool) -> str:
    """The task and what is measured; ambiguous: whether the same is measured in another setting, too."""
    setting = score.setting if len(score.setting) <= _LONGEST_SETTING else score.setting[:_LONGEST_SETTING] + "…"
    told = "; ".join(filter(None, (score.metric, setting if ambiguous else "")))
    arrow = f" {LOWER}" if score.higher_is_better is False else ""
    return printable(f"{score.task} ({told}){arrow}" if told else f"{score.task}{arrow}")
