"""Columns that plugins add: checked when they are given, and what they do wrong of a model is told, not raised."""

import re
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar

from zoo.errors import PluginError, PluginWarning
from zoo.manager import Plugin, manager
from zoo.model import Model
from zoo.reports.column import AT, UNITS, Column, Value
from zoo.reports.columnsets import RESERVED
from zoo.text import printable, shown

Argument = TypeVar("Argument")

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_LARGEST = 1e100
"""The greatest magnitude of a number: far more than there is of anything."""


@cache
def added(taken: frozenset[str]) -> Mapping[str, Mapping[str, Column]]:
    """The columns that each plugin adds, by its name, `taken` being names of other columns.

    What is wrong with those of a plugin is told by a PluginWarning, and they are left out.
    """
    found: dict[str, dict[str, Column]] = {}
    there = set(taken | RESERVED)
    for plugin in manager.plugins:
        try:
            columns = {column.name: column for column in _given(plugin, there)}
        except PluginError as error:
            told = printable(f"columns left out: plugin {plugin.name}: zoo_columns: {error}")
            warnings.warn(PluginWarning(told), stacklevel=2)
            continue
        found.setdefault(plugin.name, {}).update(columns)
        there.update(columns)
    return found


def _given(plugin: Plugin, taken: Collection[str]) -> Iterator[Column]:
    """The columns of a plugin, checked. Raises PluginError."""
    names = set(taken)
    try:
        columns = list(plugin.ask("zoo_columns") or ())
    except (Exception, SystemExit) as error:  # whatever somebody's function does
        raise PluginError(f"{type(error).__name__}: {error}") from error
    for column in columns:
        _check(column, names)
        names.add(column.name)
        yield _guarded(column)


def _check(column: object, taken: Collection[str]) -> None:
    """Raises PluginError for what is no column, or is called as another one."""
    if not isinstance(column, Column):
        raise PluginError(f"must give columns (zoo.Column), got {shown(column)}")
    if not isinstance(column.name, str) or not _NAME.fullmatch(column.name):
        raise PluginError(f"{shown(column.name)} is no name of lower-case letters, digits and underscores")
    if column.name in taken:
        raise PluginError(f"there is a column or a set {column.name} already")
    given = {
        "header": isinstance(column.header, str),
        "value": callable(column.value),
        "text": column.text is None or callable(column.text),
        "order": column.order is None or callable(column.order),
        "missing": isinstance(column.missing, str),
        "at": isinstance(column.at, tuple) and set(column.at) <= AT,
        "why": column.why is None or callable(column.why),
        "unit": isinstance(column.unit, str) and column.unit in UNITS,
    }
    for field, right in given.items():
        if not right:
            raise PluginError(f"column {column.name}: {field} cannot be {shown(column._asdict()[field])}")


def _guarded(column: Column) -> Column:
    """The same; where it fails of a model, its value is None, and why is told."""

    def told(model: Model) -> Value:
        found = _asked(column, column.value, model)
        if found is None:
            return None
        if not isinstance(found, str) and not _is_number(found):
            raise PluginError(f"column {column.name}: a value is a number, a text or None, got {shown(found)}")
        if column.text and not isinstance(text := _asked(column, column.text, found), str):
            raise PluginError(f"column {column.name}: a text was to be given for {shown(found)}, got {shown(text)}")
        if column.order and not _is_number(order := _asked(column, column.order, model)):
            raise PluginError(f"column {column.name}: an order is a number, got {shown(order)}")
        return found  # type: ignore[no-any-return]

    def value(model: Model) -> Value:
        try:
            return told(model)
        except PluginError:
            return None

    def why(model: Model) -> str | None:
        try:
            if told(model) is not None or column.why is None:
                return None
            said = _asked(column, column.why, model)
            return None if said is None else str(said)
        except PluginError as error:
            return str(error)

    return column._replace(value=value, why=why)


def _is_number(value: object) -> bool:
    """Whether it is a number as columns have them; NaN is none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST


def _asked(column: Column, function: Callable[[Argument], Any], argument: Argument) -> Any:
    try:
        return function(argument)
    except (Exception, SystemExit) as error:  # whatever somebody's function does
        raise PluginError(f"column {column.name}: {type(error).__name__}: {error}") from error
