"""Files and folders of results of whatever format: each is told by what it holds, not by its name."""

import os
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from zoo import strictjson
from zoo.errors import ResultsError, ResultsWarning
from zoo.model import Model
from zoo.reports.column import Column
from zoo.results import files, harness, mteb, plain
from zoo.results.results import Results
from zoo.results.score import Sheet
from zoo.text import counted


def read(paths: Iterable[str | os.PathLike[str]]) -> Results:
    """The scores in files of lm-evaluation-harness, mteb, or plain CSV or JSON, and in folders of the first two.

    In a folder, JSON of another kind is passed over, and so are links. Raises ResultsError: file, where, what.
    """
    sheets: list[Sheet] = []
    left_out: list[str] = []
    for path in map(Path, paths):
        old: list[str] = []
        if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir() raises for what can be no path at all
            inside, old = _folder(path)
        else:
            inside = _file(path)
        if not old and not any(sheet.runs for sheet in inside):
            raise ResultsError(f"{path}: holds no scores")
        sheets += inside
        left_out += old
    return Results(tuple(sheets), tuple(left_out))


def _warn(line: str) -> None:
    warnings.warn(ResultsWarning(line), stacklevel=4)  # of who calls the function that wants the columns


def columns_of(
    paths: Iterable[str | os.PathLike[str]], models: Sequence[Model], tell: Callable[[str], None] = _warn
) -> tuple[Column, ...]:
    """The columns that results make for the models of a table, see `Results`. Raises ResultsError.

    tell: what becomes of the lines about results that are in no column; by default each is a ResultsWarning.
    """
    columns, notes = read(paths).told(models)
    for line in notes:
        tell(line)
    return columns


def _file(path: Path) -> list[Sheet]:
    data, where = files.contents(path), str(path)
    if data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] not in (b"{", b"["):
        return plain.from_csv(data, where)
    found = strictjson.value(data, where, files.FORM)
    if isinstance(found, list):
        return plain.from_records(found, where)
    if mteb.is_old(found):
        raise ResultsError(f"{where}: is of {_OLD}: load and save it with a later one")
    told = _told(found, path, {})
    return plain.from_object(found, where) if told is None else [told]


_OLD = "mteb before 1.11, which does not tell its main score"


def _folder(folder: Path) -> tuple[list[Sheet], list[str]]:
    """The scores in a folder; and what is left out of it, in words."""
    sheets: list[Sheet] = []
    old: Counter[Path] = Counter()
    owners: dict[Path, mteb.Owner] = {}
    for path in files.below(folder):
        found = strictjson.value(files.contents(path), str(path), files.FORM)
        if not isinstance(found, dict):
            continue
        if mteb.is_old(found):
            old[path.parent] += 1
        elif (told := _told(found, path, owners)) is not None:
            sheets.append(told)
    if not sheets and not old:
        raise ResultsError(f"{folder}: no results of lm-evaluation-harness or mteb are in this folder")
    return sheets, [f"{place}: {counted(files_, 'file')} of {_OLD}" for place, files_ in old.items()]


def _told(found: Mapping[str, Any], path: Path, owners: dict[Path, mteb.Owner]) -> Sheet | None:
    """The scores in a file of the harness or of mteb; None if it is neither. owners: those of folders met so far."""
    if harness.fits(found):
        return harness.sheet(found, str(path))
    if not mteb.fits(found):
        return None
    if path.parent not in owners:
        owners[path.parent] = mteb.owner(path.parent)
    return mteb.sheet(found, str(path), owners[path.parent])
