"""What the page tells of one model when it is opened: its tree, its formulas, and where its config comes from."""

from collections.abc import Iterator
from typing import Any

from zoo.conditions import MeasureError
from zoo.dims import text
from zoo.hub.repository import named
from zoo.model import Model
from zoo.reports.breakdowns import lines
from zoo.reports.columns import provenance
from zoo.reports.explanation import ExplainReport
from zoo.reports.treecolumns import TREE_COLUMNS
from zoo.text import printable

HUB = "https://huggingface.co/"

_KEPT = 2**53
"""Up to here JavaScript keeps every digit of a whole number."""


def details(model: Model) -> dict[str, Any]:
    """Everything about a model but the cells of its row; every text printable."""
    entry = model.entry
    return {
        "name": printable(model.name),
        "family": printable(model.model_type),
        "class": printable(model.class_name),
        "repository": printable(provenance(model)["repository"] or ""),
        "aliases": list(entry.aliases) if entry else [],
        "status": model.status,
        "doubt": printable(model.doubt),
        "tree": list(_tree(model)),
        "formulas": list(_formulas(model)),
        "origin": [[name, printable(told), link] for name, told, link in _origin(model)],
    }


def whole(number: int) -> int | str:
    """A whole number that JavaScript reads as it is: as digits in a text, where it keeps not all of them."""
    return number if abs(number) <= _KEPT else str(number)


def _tree(model: Model) -> Iterator[list[Any]]:
    """The components as `zoo show` tells them: level, name, copies, parameters, share, active ones, note."""
    root = model.breakdown()
    told = not model.from_checkpoint
    for level, _, _, part in lines(root):
        yield [
            level,
            printable(part.name),
            whole(part.times),
            whole(part.counts.parameters),
            TREE_COLUMNS["share"].text(part.parameters / (root.parameters or 1)),
            whole(part.counts.active) if told else None,
            printable(part.note),
        ]


def _formulas(model: Model) -> Iterator[dict[str, Any]]:
    """The tables of `zoo explain`; none of a model of which only the tensors are known."""
    try:
        found = model.explain()
    except MeasureError:
        return
    for table in ExplainReport(found).tables(text(found.names)):
        yield {
            "title": printable(table.title),
            "headers": table.headers,
            "numeric": table.numeric,
            "rows": [[printable(cell) for cell in row] for row in table.rows],
        }


def _origin(model: Model) -> Iterator[tuple[str, str, str | None]]:
    """What there is to say, in the order of the page: its name, the text, and where that leads."""
    entry, told = model.entry, provenance(model)
    # Only a name that can be one of the Hub becomes a part of an address.
    repository = named(f"hf:{told['repository']}") if told["repository"] else None
    link = f"{HUB}{repository.name}" if repository else None
    at_commit = f"{link}/tree/{told['commit']}" if link and told["commit"] else None
    yield from (
        (name, value, to)
        for name, value, to in (
            ("repository", told["repository"], link),
            ("commit", told["commit"], at_commit),
            ("sha256 of config.json", told["config_sha256"], None),
            ("registry", entry and entry.origin, None),
            ("also called", entry and ", ".join(entry.aliases), None),
            ("published", entry and entry.published, None),
            ("source", entry and entry.source, None),
            ("note", entry and entry.note, None),
            ("unknown keys", ", ".join(model.unknown_keys), None),
        )
        if value
    )
    yield "status", model.status, None
    for remark in (*model.remarks(), *model.notes):
        yield "note", remark, None
