"""What mteb writes: a file for each task, `results/ORG__NAME/REVISION/TASK.json`, and model_meta.json beside them.

The format is that of `TaskResult` in mteb/results/task_result.py and of `ResultCache` in mteb/cache/result_cache.py
(embeddings-benchmark/mteb 2.26), and of the repository embeddings-benchmark/results. A score is in [0, 1] and higher is
better.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from zoo.errors import ResultsError
from zoo.results import files
from zoo.results.score import Measured, Run, Sheet, name, number
from zoo.text import shown

META = "model_meta.json"

_NO_REVISION = "no_revision_available"

_USUAL_SPLIT, _ONLY_SUBSET = "test", "default"


class Owner(NamedTuple):
    """The model that the files of a folder are of."""

    model: str
    revision: str


def fits(document: Mapping[str, Any]) -> bool:
    """Whether a JSON object is such a file."""
    return "task_name" in document


def is_old(document: Mapping[str, Any]) -> bool:
    """Whether it is one from before mteb 1.11, which does not tell its main score: only the task's code knows it."""
    return "mteb_dataset_name" in document


def owner(folder: Path) -> Owner:
    """The model that the files of a folder are of: what model_meta.json says, or else the names of the folders.

    Raises ResultsError where neither tells.
    """
    meta = folder / META
    told = files.json_object(meta, "model_meta.json") if meta.is_file() and not meta.is_symlink() else {}
    *_, model, revision = ("", "", *folder.absolute().parts)
    if told.get("name"):
        model = name(told["name"], "name", str(meta))
        revision = name(told["revision"], "revision", str(meta)) if told.get("revision") else ""
    elif "__" in model:
        model = model.replace("__", "/")
    else:
        raise ResultsError(
            f"{folder}: it is not known of which model the results are: no {META} is there, and the folder is none of "
            "the form ORG__NAME/REVISION"
        )
    return Owner(model, "" if revision == _NO_REVISION else revision)


def sheet(document: Mapping[str, Any], where: str, of: Owner) -> Sheet:
    """The main score in each split, the mean over the subsets as mteb takes it; "test" comes first.

    Which splits count in a benchmark, only mteb's own code tells: they stay apart here, and so do scores over different
    subsets or revisions of the data. Where a subset has no main score, the split has none. Raises ResultsError.
    """
    task = name(document["task_name"], "task_name", where)
    splits = document.get("scores")
    if not isinstance(splits, dict):
        raise ResultsError(f"{where}: scores must be an object of splits, got {shown(splits)}")
    measures: list[Measured] = []
    values: list[int | float] = []
    for split in sorted(splits, key=lambda split: split != _USUAL_SPLIT):
        entries = splits[split]
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise ResultsError(f"{where}: scores.{shown(split)} must be a list of objects, got {shown(entries)}")
        main = [_main(entry, where, split) for entry in entries]
        there = [value for value in main if value is not None]
        if not there or len(there) < len(main):
            continue
        subsets = sorted(name(entry.get("hf_subset"), "hf_subset", where) for entry in entries)
        metric = ", ".join(["main score", name(split, "a split", where), *_told(subsets)])
        setting = f"data {shown(document.get('dataset_revision'))}, {', '.join(subsets)}"
        measures.append(Measured(task, metric, setting, higher_is_better=True))
        values.append(math.fsum(there) / len(there))
    return Sheet(measures, [Run(of.model, where, values, of.revision)] if values else [])


def _main(entry: Mapping[str, Any], where: str, split: str) -> int | float | None:
    value = entry.get("main_score")
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if (found := number(value)) is None:
        raise ResultsError(f"{where}: main_score in scores.{shown(split)} must be a number, got {shown(value)}")
    return found


def _told(subsets: list[str]) -> list[str]:
    if subsets == [_ONLY_SUBSET]:
        return []
    return subsets if len(subsets) <= 2 else [f"{len(subsets)} subsets"]
