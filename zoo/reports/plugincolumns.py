"""Columns that plugins add: checked when they are given, and what they do wrong of a model is told, not raised."""

import re
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from zoo.contributions import check, taken
from zoo.errors import PluginError
from zoo.manager import Plugin, manager
from zoo.model import Model
from zoo.reports.column import AT, UNITS, Column, Value
from zoo.reports.columnsets import RESERVED
from zoo.text import shown

Argument = TypeVar("Argument")

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_LARGEST = 1e100
"""The greatest magnitude of a number: far more than there is of anything."""


def added(own: frozenset[str]) -> Mapping[Plugin, Mapping[str, Column]]:
    """The columns that each plugin adds, by their names, `own` being the names of zoo's columns."""
    return _added(own | RESERVED, manager.plugins)


@lru_cache(maxsize=8)
def _added(own: frozenset[str], plugins: tuple[Plugin, ...]) -> Mapping[Plugin, Mapping[str, Column]]:
    found: dict[Plugin, Mapping[str, Column]] = {}
    there = set(own)
    for plugin, columns in taken("zoo_columns", plugins, lambda given: _checked(given, there)):
        found[plugin] = columns
        there.update(columns)
    return found


def _checked(given: list[object], own: Collection[str]) -> dict[str, Column]:
    """The columns by their names. Raises PluginError for what is no column, or is called as another one."""
    found: dict[str, Column] = {}
    for column in given:
        if not isinstance(column, Column):
            raise PluginError(f"must give columns (zoo.Column), got {shown(column)}")
        if not isinstance(column.name, str) or not _NAME.fullmatch(column.name):
            raise PluginError(f"{shown(column.name)} is no name of lower-case letters, digits and underscores")
        if column.name in own or column.name in found:
            raise PluginError(f"there is a column or a set {column.name} already")
        right = {
            "header": isinstance(column.header, str),
            "value": callable(column.value),
            "text": column.text is None or callable(column.text),
            "order": column.order is None or callable(column.order),
            "missing": isinstance(column.missing, str),
            "at": isinstance(column.at, tuple) and set(column.at) <= AT,
            "why": column.why is None or callable(column.why),
            "unit": isinstance(column.unit, str) and column.unit in UNITS,
        }
        check(f"column {column.name}", column._asdict(), right)
        found[column.name] = _guarded(column)
    return found


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
