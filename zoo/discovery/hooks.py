"""The names of zoo's hooks, and what a plugin has that was meant to be one."""

import inspect
from collections.abc import Collection, Iterator
from functools import cache
from types import FunctionType, ModuleType

from zoo import hookspecs
from zoo.text import near, shown

_MARK = "zoo_"


@cache
def names() -> tuple[str, ...]:
    """Every hook that there is."""
    return tuple(name for name, value in vars(hookspecs).items() if hasattr(value, "zoo_spec"))


def mistakes(plugin: object, marked: Collection[str]) -> Iterator[str]:
    """What looks like a hook of a plugin and is none: a misspelt name, or a function that nobody marked.

    marked: the names of its functions that are marked as hooks.
    """
    for name in marked:
        if name not in names():
            yield f"there is no hook {shown(name)}{near(name, names()) or f' (there are {_listed()})'}"
    home = plugin.__name__ if isinstance(plugin, ModuleType) else type(plugin).__module__
    for name, value in inspect.getmembers_static(plugin):
        # A function that it imports to use is none of its hooks.
        own = name.startswith(_MARK) and isinstance(value, FunctionType) and value.__module__ == home
        if own and name in names() and name not in marked:
            yield f"{name} is not marked with @hookimpl"
        elif own and name not in marked and (meant := near(name, names())):
            yield f"there is no hook {shown(name)}{meant}"


def _listed() -> str:
    return ", ".join(names())
