"""Columns that plugins add: checked when they are given, and what they do wrong of a model is told, not raised."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, TypeGuard

from zoo.contributions import Kind, by_names, taken
from zoo.discovery import quarantine
from zoo.discovery.loading import fault
from zoo.errors import PluginError
from zoo.manager import Plugin, manager
from zoo.model import Model
from zoo.reports.column import AT, UNITS, Column, Value
from zoo.reports.columnsets import RESERVED
from zoo.text import shown

_KIND = Kind(
    "column",
    "name",
    re.compile(r"[a-z][a-z0-9_]{0,59}"),
    "name of lower-case letters, digits and underscores",
    "column or a set",
)
_LARGEST = 1e100
"""The greatest magnitude of a number: far more than there is of anything."""


def added(own: frozenset[str]) -> Mapping[Plugin, Mapping[str, Column]]:
    """The columns that each plugin adds, by their names, `own` being the names of zoo's columns."""
    return _added(own | RESERVED, manager.plugins)


@lru_cache(maxsize=8)
def _added(own: frozenset[str], plugins: tuple[Plugin, ...]) -> Mapping[Plugin, Mapping[str, Column]]:
    found = taken("zoo_columns", plugins, lambda given: by_names(given, _KIND, Column, own, _right))
    return {
        plugin: {name: _guarded(column, f"plugin {plugin.called}: column {name}") for name, column in columns.items()}
        for plugin, columns in found
    }


def _right(column: Column) -> Mapping[str, bool]:
    return {
        "header": isinstance(column.header, str),
        "value": callable(column.value),
        "text": column.text is None or callable(column.text),
        "order": column.order is None or callable(column.order),
        "missing": isinstance(column.missing, str),
        "at": isinstance(column.at, tuple) and all(isinstance(one, str) and one in AT for one in column.at),
        "why": column.why is None or callable(column.why),
        "unit": isinstance(column.unit, str) and column.unit in UNITS,
    }


class _Told(NamedTuple):
    """What a column says of a model: its value and what to sort by, or why there is none."""

    value: Value
    order: float = 0
    why: str | None = None


def _guarded(column: Column, who: str) -> Column:
    """The same, asked once of a model; where it fails, its value is None, and why is told: that it was `who`.

    It is asked of no other model once it took too long of one.
    """
    write = _kept(column.text)
    endless: list[str] = []

    def told(model: Model) -> _Told:
        if told not in model.readings:
            model.readings[told] = _Told(None, why=endless[0]) if endless else asked(model)
        found: _Told = model.readings[told]
        return found

    def asked(model: Model) -> _Told:
        ran = quarantine.run(lambda: _asked(column, who, write, model), manager.settings.seconds)
        if ran.given is not None:
            return ran.given
        why = f"{who}: {fault(ran)}"
        if ran.endless:
            endless.append(f"{why} (it was given up at {model.name})")
        return _Told(None, why=why)

    def text(value: Value) -> str:
        if not isinstance(found := write(value).given, str):  # which it was when it was asked before
            raise PluginError(f"{who}: a text was to be given for {shown(value)}, got {shown(found)}")
        return found

    return column._replace(
        value=lambda model: told(model).value,
        text=column.text and text,
        order=column.order and (lambda model: told(model).order),
        why=lambda model: told(model).why,
    )


def _kept(text: Callable[[Any], object] | None) -> Callable[[Value], quarantine.Ran[object]]:
    """How a value is written: what the function does, which for the same value is not called again."""

    @lru_cache(maxsize=4096, typed=True)
    def write(value: Value) -> quarantine.Ran[object]:
        return quarantine.run(lambda: text(value) if text else "", manager.settings.seconds)

    return write


def _asked(column: Column, who: str, write: Callable[[Value], quarantine.Ran[object]], model: Model) -> _Told:
    """Raises whatever the column's functions do."""
    value: object = column.value(model)
    if value is None:
        why = column.why(model) if column.why else None
        return _Told(None, why=None if why is None else str(why))
    if not isinstance(value, str) and not _is_number(value):
        return _wrong(who, f"a value is a number, a text or None, got {shown(value)}")
    text = write(value)
    if not isinstance(text.given, str):
        return _wrong(who, text.fault or f"a text was to be given for {shown(value)}, got {shown(text.given)}")
    order: object = column.order(model) if column.order else 0
    if not _is_number(order):
        return _wrong(who, f"an order is a number, got {shown(order)}")
    return _Told(value, order)


def _wrong(who: str, what: str) -> _Told:
    return _Told(None, why=f"{who}: {what}")


def _is_number(value: object) -> TypeGuard[float]:
    """Whether it is a number as columns have them; NaN is none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST
