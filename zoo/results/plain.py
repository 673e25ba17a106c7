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
from collections.abc import Iterator, Mapping
from typing import Any

from zoo import strictjson
from zoo.errors import ResultsError
from zoo.results.files import LARGEST_FILE
from zoo.results.score import LOWER, Score, name, number
from zoo.text import shown

MODEL = "model"

_HIGHER = "↑"
_INTEGER = re.compile(r"[+-]?[0-9]{1,100}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")


def from_object(document: Mapping[str, Any], where: str) -> Iterator[Score]:
    """The scores of an object of models. Raises ResultsError."""
    for model, tasks in document.items():
        if not isinstance(tasks, dict):
            raise ResultsError(
                f"{where}: is no results of lm-evaluation-harness or mteb, nor an object of models, each with an "
                f"object of tasks: {shown(model)} is {shown(tasks)}"
            )
        yield from _scores(model, tasks, where)


def from_records(records: list[Any], where: str) -> Iterator[Score]:
    """The scores of a list of objects, each of which names its model. Raises ResultsError."""
    for number_, record in enumerate(records, 1):
        place = f"{where}, record {number_}"
        if not isinstance(record, dict) or MODEL not in record:
            raise ResultsError(f"{place}: must be an object with a key {MODEL!r}, got {shown(record)}")
        yield from _scores(record[MODEL], {task: record[task] for task in record if task != MODEL}, place)


def from_csv(data: bytes, where: str) -> Iterator[Score]:
    """The scores of a CSV with a header. Raises ResultsError for what is none."""
    if len(data) > LARGEST_FILE:
        raise ResultsError(f"{where}: larger than {LARGEST_FILE // 1024**2} MiB, the cap on a file of results")
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
        for row in rows:
            place = f"{where}, line {rows.line_num}"
            if not any(row):
                continue
            if len(row) != len(header):
                raise ResultsError(f"{place}: has {len(row)} cells, where the header has {len(header)}")
            cells = dict(zip(header, map(str.strip, row), strict=True))
            yield from _scores(cells.pop(MODEL), {task: _value(cell) for task, cell in cells.items()}, place)
    except csv.Error as error:
        raise ResultsError(f"{where}, line {rows.line_num}: is not CSV: {error}") from None


def _value(cell: str) -> int | float | str | None:
    """The number in a cell, None for an empty one; any other text is left for an error to show."""
    if _INTEGER.fullmatch(cell):
        return int(cell)
    return float(cell) if _NUMBER.fullmatch(cell) else cell or None


def _scores(model: object, tasks: Mapping[str, Any], where: str) -> Iterator[Score]:
    model = name(model, "the model", where)
    for task, value in tasks.items():
        name(task, "a task", where)
        if value is None:
            continue
        if (score := number(value)) is None:
            raise ResultsError(f"{where}: {shown(task)} of {shown(model)} must be a number, got {shown(value)}")
        lower = task.endswith(LOWER)
        yield Score(model, name(task.rstrip(f"{LOWER}{_HIGHER} "), "a task", where), "", score, not lower, where)
