"""What is not the same in the table of a document and in the one that zoo would write now, in words, with the cause."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar

from zoo.regions.grids import Grid, parse
from zoo.regions.lock import Row, Table

Key = TypeVar("Key")

MOST = 20
"""Differences of a table that are told one by one."""


class Cause(NamedTuple):
    """Why a table differs: what the lock has of it, what it is to have, whether the text is none that zoo wrote, and
    the model from which differences are told, if any.
    """

    old: Table | None
    new: Table
    by_hand: bool
    base: str | None = None

    def of_row(self, name: str) -> str:
        """The cause, in brackets, for a row that is in both; nothing where none is known."""
        own = self._changes(name)
        of_base = [f"{self.base}: {change}" for change in self._changes(self.base) if change not in own]
        return _in_brackets([*own, *of_base, *self._of_table()] or self._by_hand() or self._unnamed(name))

    def of_names(self) -> str:
        """The same for a row or column that is in one only."""
        return _in_brackets([*self._of_table(), *self._of_zoo()] or self._by_hand() or self._of_registry())

    def _changes(self, name: str | None) -> list[str]:
        old, new = _row(self.old, name), _row(self.new, name)
        return list(_changes(old, new)) if old and new else []

    def _of_table(self) -> Iterator[str]:
        if self.old is not None and self.old.recipe != self.new.recipe:
            yield "recipe changed"
        if self.old is not None and self.old.results != self.new.results:
            yield "results changed"
        for name in self.new.columns.keys() & self.old.columns.keys() if self.old is not None else ():
            if self.old is not None and self.old.columns[name] != self.new.columns[name]:
                yield f"plugin {self.old.columns[name]} -> {self.new.columns[name]}"

    def _of_zoo(self) -> Iterator[str]:
        old, new = ({row.zoo for row in table.rows} if table else set() for table in (self.old, self.new))
        if len(old) == len(new) == 1 and old != new:
            yield f"zoo {old.pop()} -> {new.pop()}"

    def _of_registry(self) -> list[str]:
        """The same recipe stands for other models: its patterns do, as the registry has other names."""
        rows = [{row.model for row in table.rows} if table else set() for table in (self.old, self.new)]
        return ["registry changed"] if self.old is not None and rows[0] != rows[1] else []

    def _unnamed(self, name: str) -> list[str]:
        """Where all that the lock knows of a row is as it was, and yet it is told otherwise."""
        known = _row(self.old, name) is not None and _row(self.new, name) is not None
        return ["zoo or a plugin changed, and not its version"] if known else []

    def _by_hand(self) -> list[str]:
        return ["edited by hand"] if self.by_hand else []


def differences(old: str, new: str, style: str, transposed: bool, cause: Cause) -> list[str]:
    """A line for each difference of two tables, and for more than MOST one that says how many; none where the texts are
    the same.
    """
    if old == new:
        return []
    if not old.strip():
        return ["the table is not written yet: run zoo table --write"]
    before, after = parse(old, style), parse(new, style)
    if after is None:  # a plugin's format, of which zoo cannot tell the cells
        return [f"the table is another one{cause.of_names()}"]
    if before is None:
        return ["there is no table here (edited by hand)"]
    if transposed:
        before, after = before.transposed(), after.transposed()
    told = [*_columns(before, after, cause), *_rows(before, after, cause)]
    if not told:
        return [f"the table says the same, but is written otherwise{cause.of_names()}"]
    return [*told[:MOST], f"and {len(told) - MOST:,} more"] if len(told) > MOST else told


def _in_brackets(causes: Iterable[str]) -> str:
    told = ", ".join(causes)
    return f" ({told})" if told else ""


def _row(table: Table | None, name: str | None) -> Row | None:
    return next((row for row in table.rows if row.model == name), None) if table else None


def _changes(old: Row, new: Row) -> Iterator[str]:
    """What made the count another one, as far as the lock knows it."""
    if old.commit != new.commit and old.repository:
        yield f"commit {old.commit[:12] or 'unknown'} -> {new.commit[:12] or 'unknown'}"
    if old.model_type != new.model_type:
        yield f"config changed: type {old.model_type} -> {new.model_type}"
    elif old.class_name != new.class_name:
        yield f"config changed: class {old.class_name} -> {new.class_name}"
    elif old.sha256 != new.sha256:
        yield "config changed" if new.plugin else "weights changed"
    if (old.plugin, old.distribution) != (new.plugin, new.distribution):
        yield f"plugin {_plugin(old)} -> {_plugin(new)}"
    if old.zoo != new.zoo:
        yield f"zoo {old.zoo} -> {new.zoo}"


def _plugin(row: Row) -> str:
    return f"{row.plugin} ({row.distribution})" if row.plugin else "none"


# --- tables held against each other ----------------------------------------------------------------------------------


def _columns(old: Grid, new: Grid, cause: Cause) -> Iterator[str]:
    removed, added, why = _without(old.headers, new.headers), _without(new.headers, old.headers), cause.of_names()
    for name in removed:
        yield f"column removed: {name}{why}"
    for name in added:
        yield f"column added: {name}{why}"
    if not removed and not added and old.headers != new.headers:
        yield f"columns are in another order{why}"


def _rows(old: Grid, new: Grid, cause: Cause) -> Iterator[str]:
    before, after = _by_name(old), _by_name(new)
    removed, added, why = _without(before, after), _without(after, before), cause.of_names()
    for name, _ in removed:
        yield f"row removed: {name}{why}"
    for name, _ in added:
        yield f"row added: {name}{why}"
    for key, cells in before.items():
        if key in after and (changed := list(_cells(cells, after[key]))):
            yield f"{key[0]}: {', '.join(changed)}{cause.of_row(key[0])}"
    kept = [key for key in before if key in after]
    if kept != [key for key in after if key in before]:
        yield f"rows are in another order{why}"


def _cells(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for header, cell in old.items():
        if header in new and new[header] != cell:
            yield f"{header} {cell or 'empty'} -> {new[header] or 'empty'}"


def _by_name(grid: Grid) -> dict[tuple[str, int], dict[str, str]]:
    """The cells of each row by their headers; a row is told by its model and how many of that name come before it."""
    place = grid.headers.index("model") if "model" in grid.headers else 0
    seen: Counter[str] = Counter()
    found = {}
    for row in grid.rows:
        name = row[place] if place < len(row) else ""
        found[name, seen[name]] = dict(zip(grid.headers, row, strict=False))
        seen[name] += 1
    return found


def _without(names: Iterable[Key], others: Iterable[Key]) -> list[Key]:
    there = set(others)
    return [name for name in names if name not in there]
