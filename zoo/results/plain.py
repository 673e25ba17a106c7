"""Scores in a table of one's own: CSV with a column `model`, or JSON keyed by model.

    model,mmlu,wikitext ↓          {"org/name": {"mmlu": 0.61, "wikitext ↓": 9.2}}
    org/name,0.61,9.2              [{"model": "org/name", "mmlu": 0.61, "wikitext ↓": 9.2}]

Every other column is a task. What is empty, or null, is missing. Higher is better, unless the name of the task ends
with the arrow that tables have for the contrary.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from zoo import strictjson
from zoo.errors import ResultsError
from zoo.results.score import LOWER, Measured, Run, Sheet, name, number
from zoo.text import shown

MODEL = "model"

_HIGHER = "↑"
_INTEGER = re.compile(r"[+-]?[0-9]{1,100}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")


_Row: TypeAlias = tuple[object, str, Sequence[str], Sequence[Any]]
"""A model, where it stands, its tasks, and a value for each."""


def from_object(document: Mapping[str, Any], where: str) -> list[Sheet]:
    """The scores of an object of models. Raises ResultsError."""
    return _sheets(_of_object(document, where))


def _of_object(document: Mapping[str, Any], where: str) -> Iterator[_Row]:
    for model, tasks in document.items():
        if not isinstance(tasks, dict):
            raise ResultsError(
                f"{where}: is no results of lm-evaluation-harness or mteb, nor an object of models, each with an "
                f"object of tasks: {shown(model)} is {shown(tasks)}"
            )
        yield model, where, tuple(tasks), tuple(tasks.values())


def from_records(records: list[Any], where: str) -> list[Sheet]:
    """The scores of a list of objects, each of which names its model. Raises ResultsError."""
    return _sheets(_of_records(records, where))


def _of_records(records: list[Any], where: str) -> Iterator[_Row]:
    for number_, record in enumerate(records, 1):
        place = f"{where}, record {number_}"
        if not isinstance(record, dict) or MODEL not in record:
            raise ResultsError(f"{place}: must be an object with a key {MODEL!r}, got {shown(record)}")
        tasks = tuple(task for task in record if task != MODEL)
        yield record[MODEL], place, tasks, tuple(record[task] for task in tasks)


def from_csv(data: bytes, where: str) -> list[Sheet]:
    """The scores of a CSV with a header. Raises ResultsError for what is none."""
    return _sheets(_of_csv(data, where))


def _of_csv(data: bytes, where: str) -> Iterator[_Row]:
    if kind := strictjson.other_kind(data):
        raise ResultsError(f"{where}: {kind}, not a file of results")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ResultsError(f"{where}: is not UTF-8 text") from None
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [word.strip() for word in next(rows, [])]
        if MODEL not in header or len(header) < 2:
            raise ResultsError(
                f"{where}: is neither JSON nor CSV with a column {MODEL!r} and one for each task: its first line is "
                f"{shown(','.join(header))}"
            )
        if twice := [word for word, times in Counter(header).items() if times > 1]:
            raise ResultsError(f"{where}: column {shown(twice[0])} is there twice")
        at = header.index(MODEL)
        tasks = (*header[:at], *header[at + 1 :])
        for row in rows:
            place = f"{where}, line {rows.line_num}"
            if not any(row):
                continue
            if len(row) != len(header):
                raise ResultsError(f"{place}: has {len(row)} cells, where the header has {len(header)}")
            yield row.pop(at).strip(), place, tasks, tuple(map(_value, row))
    except csv.Error as error:
        raise ResultsError(f"{where}, line {rows.line_num}: is not CSV: {error}") from None


@lru_cache(maxsize=100_000)  # a table of millions of cells has few numbers that differ, as they have few digits
def _value(cell: str) -> int | float | str | None:
    """The number in a cell, None for an empty one; any other text is left for an error to show."""
    cell = cell.strip()
    if _INTEGER.fullmatch(cell):
        return int(cell)
    return float(cell) if _NUMBER.fullmatch(cell) else cell or None


def _sheets(rows: Iterable[_Row]) -> list[Sheet]:
    """The rows that have a score, those with the same tasks together."""
    sheets: dict[Sequence[str], Sheet] = {}
    for model, where, tasks, values in rows:
        if tasks not in sheets:
            sheets[tasks] = Sheet([_measured(task, where) for task in tasks], [])
        model = name(model, "the model", where)
        for at, value in enumerate(values):
            if value is not None and number(value) is None:
                raise ResultsError(
                    f"{where}: {shown(tasks[at])} of {shown(model)} must be a number, got {shown(value)}"
                )
        if any(value is not None for value in values):
            sheets[tasks].runs.append(Run(model, where, values))
    return [sheet for sheet in sheets.values() if sheet.runs]


def _measured(task: str, where: str) -> Measured:
    name(task, "a task", where)
    lower = task.endswith(LOWER)
    return Measured(name(task.rstrip(f"{LOWER}{_HIGHER} "), "a task", where), higher_is_better=not lower)
