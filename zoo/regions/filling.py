"""`zoo table`: the tables of documents, written, or held against what zoo would write now."""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from zoo.errors import OutputError, ZooError
from zoo.hub.access import USUAL, Access
from zoo.regions.documents import Document, NoFileError, digest, documents
from zoo.regions.drift import Cause, differences
from zoo.regions.lock import LARGEST_FILE, Lock, LockError, Table, read, written
from zoo.regions.making import Failed, Filled, fill
from zoo.regions.paths import name_of
from zoo.regions.told import RegionError, Told
from zoo.replacement import held, replace

LOCK = Path("zoo.lock")
"""In the working directory."""


class Outcome(NamedTuple):
    """What became of the tables in documents.

    errors: for what reasons nothing could be done. differences: what does not hold, by `check`. notes: what a reader
    should know. tables: all that could be made. written: the files that were changed, by `write`.
    """

    errors: tuple[Told, ...] = ()
    differences: tuple[Told, ...] = ()
    notes: tuple[Told, ...] = ()
    tables: tuple[Filled, ...] = ()
    written: tuple[Path, ...] = ()


def check(files: Sequence[Path] = (), lock: Path = LOCK) -> Outcome:
    """Holds the tables in files, or in all that the lock names, against what zoo would write now; asks nobody.

    Models of the Hub are counted from what the lock has of them. Of files that are named, one without regions is a note
    where another has some, and a difference where the lock has a table of it. Raises LockError for a lock that is none,
    and ZooError where no files are named and the lock names none.
    """
    _, known = _held(lock)
    in_lock = {table.file for table in known}
    errors: list[Told] = []
    told: list[Told] = []
    notes: list[Told] = []
    bare: list[Told] = []
    tables: list[Filled] = []
    any_region = False
    for document in documents(_files(files, known, lock), lock):
        if isinstance(document, RegionError):
            (told if _is_gone(document, files) else errors).append(document.told)
            continue
        if not document.regions:
            (told if document.name in in_lock else bare).append(document.bare)
            continue
        any_region = True
        so_far = len(errors) + len(told)
        made = [fill(document, region, known, lock, None) for region in document.regions]
        for number, found in enumerate(made):
            if isinstance(found, Failed):
                errors += found.errors
                told += found.missing
            else:
                lines = _drift(found, number, known, lock)
                told += [Told(str(document.path), found.region.line, line) for line in lines]
                tables.append(found)
        new = [found.locked for found in made if isinstance(found, Filled)]
        if len(errors) + len(told) == so_far and new != [table for table in known if table.file == document.name]:
            line = f"{lock} is out of date, though the tables are the same: zoo table --write brings it up to date"
            notes.append(Told(str(document.path), document.regions[0].line, line))
    (notes if any_region else errors).extend(bare)
    return Outcome(tuple(errors), tuple(told), tuple(notes), tuple(tables))


def write(
    files: Sequence[Path] = (),
    lock: Path = LOCK,
    *,
    upgrade: bool = False,
    force: bool = False,
    access: Access = USUAL,
) -> Outcome:
    """Fills the regions in files, or in all that the lock names, and writes the lock; all else in them stays.

    Nothing is written where anything is wrong with any of them. upgrade: ask the Hub also for models that the lock
    has. force: overwrite what was edited by hand. access: how the Hub may be used. Of files that are named, one without
    regions is a note where another has some. Raises as `check` does, and OutputError for a file that cannot be written
    or was changed in the meantime, and that stays as it is.
    """
    access = access.checked()
    before, known = _held(lock)
    errors: list[Told] = []
    tables: list[Filled] = []
    there: list[Document] = []
    for document in documents(_files(files, known, lock), lock):
        if isinstance(document, RegionError):
            if not _is_gone(document, files):
                errors.append(document.told)
            continue
        there.append(document)
        for region in document.regions:
            found = fill(document, region, () if upgrade else known, lock, access)
            if isinstance(found, Failed):
                errors += found.errors
                continue
            tables.append(found)
            if not force and _is_by_hand(found, known):
                line = f"the table is not as {lock} has it, so edited by hand: undo that, empty the region, or --force"
                if before is None:
                    line = f"zoo did not write what stands here, as there is no {lock}: empty the region, or --force"
                errors.append(Told(str(document.path), region.line, line))
    bare = [document.bare for document in there if files and not document.regions]
    if not any(document.regions for document in there):
        errors += bare
    if errors:
        return Outcome(errors=tuple(errors), tables=tuple(tables))
    filled_now = {document.name for document in there}
    kept = [table for table in known if files and table.file not in filled_now and _is_there(table, lock)]
    after = written((*kept, *(table.locked for table in tables)))
    changes: list[Change] = []
    for document in there:
        bodies = {table.region: table.body for table in tables if table.document is document}
        changes.append(Change(document.path, document.data, document.filled(bodies)))
    changes = [change for change in (*changes, Change(lock, before, after)) if change.before != change.after]
    _make(changes)
    return Outcome(notes=tuple(bare), tables=tuple(tables), written=tuple(change.file for change in changes))


class Change(NamedTuple):
    """What a file holds, None where it is not there, and what it is to hold."""

    file: Path
    before: bytes | None
    after: bytes


def _make(changes: Sequence[Change]) -> None:
    """Makes the changes, all or none. Raises OutputError, and each file is as it was."""
    for number, change in enumerate(changes):
        try:
            replace(*change)
        except BaseException:
            for done in changes[: number + 1]:  # an interrupt may come right after the last of them was made
                if done.before is not None:  # as only a lock can be, which comes last
                    with suppress(OutputError):  # not made yet, or by now somebody else's
                        replace(done.file, done.after, done.before)
            raise


def _held(lock: Path) -> tuple[bytes | None, Lock]:
    """The file of a lock, None where there is none, and what it holds. Raises LockError, also for a link elsewhere."""
    if name_of(lock, lock.parent) is None:
        raise LockError(f"{lock}: is a link that leads out of its folder")
    data = held(lock, LARGEST_FILE)
    return data, () if data is None else read(data, str(lock))


def _files(files: Sequence[Path], known: Lock, lock: Path) -> Sequence[Path]:
    """The files, or those that the lock names. Raises ZooError where there are none."""
    if found := files or [lock.parent / name for name in dict.fromkeys(table.file for table in known)]:
        return found
    raise ZooError(f"no files are named, and there is no {lock} that names any (zoo table --write README.md makes it)")


def _is_there(table: Table, lock: Path) -> bool:
    return os.path.isfile(lock.parent / table.file)  # noqa: PTH113 - Path.is_file() raises for too long a name


def _is_gone(error: RegionError, files: Sequence[Path]) -> bool:
    """Whether a file only is not what it was when the lock was written."""
    return isinstance(error, NoFileError) and not files


def _is_by_hand(found: Filled, known: Lock) -> bool:
    """Whether what stands in a region is neither empty, nor what is to stand there, nor anything that zoo wrote."""
    body = found.document.body(found.region)
    return bool(body.strip()) and body != found.body and digest(body) not in {table.body for table in known}


def _drift(found: Filled, number: int, known: Lock, lock: Path) -> list[str]:
    """What does not hold of a region, the one of that number in its document."""
    old = _before(found, number, known)
    body, layout = found.document.body(found.region), found.recipe.layout
    cause = Cause(old, found.locked, bool(known) and _is_by_hand(found, known), layout.difference_to)
    told = differences(body, found.body, found.recipe.style, layout.transpose, cause)
    if old is None and body.strip():
        what = "empty the region, and " if body != found.body else ""
        return [f"{lock} does not have this table: {what}run zoo table --write", *told]
    if old is None:
        return told
    there = {row.model for row in old.rows}
    missing = [row.model for row in found.locked.rows if row.model not in there]
    return told or [f"{model}: {lock} does not have it: run zoo table --write" for model in missing]


def _before(found: Filled, number: int, known: Lock) -> Table | None:
    """What the lock has of a region: the table of its file with this recipe, or this text, or in this place."""
    tables = [table for table in known if table.file == found.document.name]
    body = digest(found.document.body(found.region))
    likely = [
        *(table for table in tables if (table.recipe, table.body) == (found.locked.recipe, body)),
        *(table for table in tables if table.recipe == found.locked.recipe),
        *(table for table in tables if table.body == body),
        *tables[number : number + 1],
    ]
    return likely[0] if likely else None
