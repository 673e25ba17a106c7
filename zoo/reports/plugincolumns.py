"""Columns that plugins add: checked when they are given, and whatever they do wrong of a model is told, not raised."""

import re
from collections.abc import Callable, Container, Iterator
from math import isfinite
from typing import Any

from zoo.errors import PluginError
from zoo.model import Model
from zoo.reports.column import Column, Value
from zoo.reports.columns import COLUMNS
from zoo.reports.columnsets import ALL, SCORES, SETS
from zoo.text import shown

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


def checked(given: Any, there: Container[str]) -> Iterator[Column]:
    """The columns that a plugin gives, beside those that are `there`. Raises PluginError."""
    for column in given:
        if not isinstance(column, Column):
            raise PluginError(f"must give columns (zoo.Column), got {shown(column)}")
        if not isinstance(column.name, str) or not _NAME.fullmatch(column.name):
            raise PluginError(f"{shown(column.name)} is no name of lower-case letters, digits and underscores")
        if column.name in (*COLUMNS, *SETS, ALL, SCORES) or column.name in there:
            raise PluginError(f"there is a column or a set {column.name} already")
        yield _guarded(column)


def _guarded(column: Column) -> Column:
    """The same; where it fails of a model, its value is unknown, and why is told."""

    def value(model: Model) -> Value:
        try:
            return told(model)
        except PluginError:
            return None

    def why(model: Model) -> str | None:
        try:
            return None if told(model) is not None or column.why is None else column.why(model)
        except PluginError as error:
            return str(error)

    def told(model: Model) -> Value:
        found = _asked(column, column.value, model)
        if found is None or isinstance(found, str) or (_is_number(found) and isfinite(found)):
            return found  # type: ignore[no-any-return]
        raise PluginError(f"column {column.name}: a value is a number, a text or None, got {shown(found)}")

    def asked(function: Callable[[Any], Any] | None) -> Callable[[Any], Any] | None:
        return None if function is None else lambda argument: _asked(column, function, argument)

    return column._replace(value=value, why=why, text=asked(column.text), order=asked(column.order))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _asked(column: Column, function: Callable[[Any], Any], argument: Any) -> Any:
    try:
        return function(argument)
    except Exception as error:  # whatever somebody's function does
        raise PluginError(f"column {column.name}: {type(error).__name__}: {error}") from error
