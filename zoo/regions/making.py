"""One table of a document, as zoo would write it."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from zoo.errors import ZooError
from zoo.hub.access import Access
from zoo.loading import expanded
from zoo.regions.documents import Document, digest
from zoo.regions.lock import Lock, Row, Table
from zoo.regions.markers import Region, is_contained
from zoo.regions.paths import name_of
from zoo.regions.recipe import FORMATS, Recipe, recipe
from zoo.regions.rows import Counted, NotLockedError, counted
from zoo.regions.told import Told
from zoo.reports.columns import of_plugins
from zoo.reports.comparison import Comparison, arrange
from zoo.results import Results, read


class Filled(NamedTuple):
    """A table as zoo would write it: of a region in a file, with the text between the markers, line ends as LF.

    unmatched: lines about results that are of none of its models.
    """

    document: Document
    region: Region
    recipe: Recipe
    comparison: Comparison
    body: str
    locked: Table
    unmatched: tuple[str, ...]


class Failed(NamedTuple):
    """Why there is no table of a region; missing: which models the lock would have to have."""

    errors: tuple[Told, ...]
    missing: tuple[Told, ...]


def fill(document: Document, region: Region, known: Lock, lock: Path, access: Access | None) -> Filled | Failed:
    """The table of a region. known: what the lock has; access: as in `zoo.regions.rows.counted`."""
    try:
        wanted = recipe(region.recipe)
        for path in (*wanted.registries, *wanted.results):
            if name_of(path, lock.parent) is None:
                raise ZooError(f"{path}: lies outside the folder of {lock}, where CI would not have it")
        if not wanted.results:
            arrange([], wanted.layout)  # a misspelt column is told before anything is read
        base = wanted.layout.difference_to
        references = list(dict.fromkeys(expanded(wanted.models, wanted.registries)))
        found = counted(
            [*references, *([base] if base else [])], wanted, _locked(document, wanted, known), lock, access
        )
        good = [one for one in found if isinstance(one, Counted)]
        if len(good) < len(found):
            return _failed(document, region, [one for one in found if isinstance(one, ZooError)])
        return _filled(document, region, wanted, good)
    except ZooError as error:
        return _failed(document, region, [error])


def _failed(document: Document, region: Region, errors: Iterable[ZooError]) -> Failed:
    told = [(isinstance(error, NotLockedError), Told(str(document.path), region.line, str(error))) for error in errors]
    return Failed(tuple(one for missing, one in told if not missing), tuple(one for missing, one in told if missing))


def _filled(document: Document, region: Region, wanted: Recipe, found: Sequence[Counted]) -> Filled:
    base = found[-1].model if wanted.layout.difference_to else None
    models = [one.model for one in (found[:-1] if base else found)]
    scores = {path.as_posix(): read([path]) for path in wanted.results}
    all_ = Results(
        tuple(sheet for one in scores.values() for sheet in one.sheets),
        tuple(line for one in scores.values() for line in one.left_out),
    )
    more, notes = all_.told(models) if scores else ((), ())
    comparison = arrange(models, wanted.layout, base, more)
    body = f"\n{comparison.render(wanted.style)}\n\n"
    if wanted.style not in FORMATS and not is_contained(body):
        raise ZooError(f"format {wanted.style}: what its plugin draws is more than a document can have between markers")
    rows = {one.row.model: one.row for one in found}
    hashes = {path: digest(_told_by(one)) for path, one in scores.items()}
    columns = _plugins(column.name for column in comparison.columns)
    locked = Table(document.name, digest(wanted.said), digest(body), hashes, columns, tuple(rows.values()))
    return Filled(document, region, wanted, comparison, body, locked, notes)


def _plugins(columns: Iterable[str]) -> dict[str, str]:
    """The columns that plugins add, each with its plugin and the version of that."""
    shown = set(columns)
    return {name: plugin.called for plugin, added in of_plugins().items() for name in added if name in shown}


def _told_by(results: Results) -> str:
    """Scores as one text, which is the same for the same scores whatever blanks and line ends their files have."""
    return "\n".join(json.dumps(score._replace(where="")) for score in results.scores)


def _locked(document: Document, wanted: Recipe, known: Lock) -> dict[str, Row]:
    """What the lock has of each model of the Hub in the class that is wanted; what it has for the document itself comes
    before all else.
    """
    tables = sorted(known, key=lambda table: table.file == document.name)
    rows = (row for table in tables for row in table.rows)
    return {row.model: row for row in rows if row.entry is not None and row.as_ == (wanted.as_ or "")}
