"""Which columns scores make, and what each is called.

A task has a column of its own name for its main measure: the one that most models of the results have, of those one in
which higher is better, and of those the first that was read, which is acc where lm-evaluation-harness has acc and
acc_norm. One of which the whole was measured comes before one of a part. Its other measures, another metric or other
data, have columns `task:metric`, as short as tells them apart: `hellaswag:acc_norm`; and a task that is a part of a
group with a score has `group:task`. What has a colon in its name is a detail: it is in no mean.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from zoo.results.score import LOWER, Measure, Measured, Sheet
from zoo.text import printable

_LONGEST_SETTING = 80
"""Characters in a header; a task of mteb may have hundreds of subsets."""


class Task(NamedTuple):
    """A column to be: what it measures, and how it is called.

    largest: the greatest magnitude of the scores. is_detail: whether its name has a colon. unfit: why it is for no mean
    though it is no detail, as in "without those where lower is better"; else nothing.
    """

    measure: Measure
    name: str
    header: str
    largest: float
    is_detail: bool
    unfit: str

    @property
    def in_mean(self) -> bool:
        return not self.is_detail and not self.unfit


class _Found(NamedTuple):
    """What a measure is, as it was first read; how many models have it; the greatest magnitude of the scores."""

    measured: Measured
    models: int
    largest: float


def tasks(sheets: Iterable[Sheet]) -> Iterator[Task]:
    """The measures of each task, the main one first; tasks as they were read, but a group before its parts."""
    places: dict[Measure, list[tuple[Sheet, int]]] = {}
    groups: dict[str, str] = {}
    for sheet in sheets:
        for at, one in enumerate(sheet.measured):
            places.setdefault(one.measure, []).append((sheet, at))
            if one.group:
                groups[one.task] = one.group
    of: dict[str, list[_Found]] = {}
    for there in places.values():
        found = _found(there)
        of.setdefault(found.measured.task, []).append(found)
    for task in _ordered(of, groups):
        is_part = task in groups
        name = f"{_word(groups[task])}:{_word(task)}" if is_part else _word(task)
        main, *others = sorted(of[task], key=_preference)
        shorts = Counter(_short(found.measured) for found in of[task])
        metrics = Counter(found.measured.metric for found in of[task])
        for found in (main, *others):
            one = found.measured
            header = _header(one, metrics[one.metric] > 1)
            if found is main:
                yield Task(one.measure, name, header, found.largest, is_part, _unfit(one))
            else:
                word = _short(one) if shorts[_short(one)] == 1 else one.metric or one.setting
                yield Task(one.measure, f"{name}:{_word(word)}", header, found.largest, True, "")


def _found(places: Sequence[tuple[Sheet, int]]) -> _Found:
    """What stands in those columns of sheets."""
    models: set[str] = set()
    largest = 0.0
    for sheet, at in places:
        models.update(run.model for run in sheet.runs if run.values[at] is not None)
        largest = max(largest, *(abs(run.values[at] or 0) for run in sheet.runs), 0)
    sheet, at = places[0]
    return _Found(sheet.measured[at], len(models), largest)


def _preference(found: _Found) -> tuple[bool, int, bool]:
    return not found.measured.whole, -found.models, not found.measured.higher_is_better


def _short(one: Measured) -> str:
    """The metric, or else the setting, without all that comes after the first comma: acc_norm of `acc_norm, 5-shot`."""
    return (one.metric or one.setting).partition(",")[0]


def unfit(tasks: Iterable[Task]) -> str:
    """Why those that are for no mean are not, without details, in words; nothing where there are none."""
    return " or ".join(dict.fromkeys(task.unfit for task in tasks if task.unfit and not task.is_detail))


def _unfit(one: Measured) -> str:
    """Why a main measure is for no mean, if it is not."""
    if not one.whole:
        return "only a part was measured"
    if one.higher_is_better is None:
        return "it is not known whether higher is better"
    return "" if one.higher_is_better else "lower is better"


def _ordered(tasks: Iterable[str], groups: Mapping[str, str]) -> list[str]:
    place = {task: at for at, task in enumerate(tasks)}
    return sorted(place, key=lambda task: (place[groups.get(task, task)], task in groups))


def _word(text: str) -> str:
    """A text as part of the name of a column: without what separates names, or stands before one to sort by it."""
    return re.sub(r"[^\w.+-]+", "_", text).strip("_-") or "task"


def _header(one: Measured, ambiguous: bool) -> str:
    """The task and what is measured; ambiguous: whether the same is measured in another setting, too."""
    setting = one.setting if len(one.setting) <= _LONGEST_SETTING else one.setting[:_LONGEST_SETTING] + "…"
    told = "; ".join(filter(None, (one.metric, setting if ambiguous else "")))
    arrow = f" {LOWER}" if one.higher_is_better is False else ""
    return printable(f"{one.task} ({told}){arrow}" if told else f"{one.task}{arrow}")
