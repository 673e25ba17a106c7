"""The names of zoo's hooks, and what a module has that was meant to be one."""

import inspect
from collections.abc import Iterator
from functools import cache
from types import FunctionType, ModuleType

from zoo import hookspecs
from zoo.text import near, shown

_MARK = "zoo_"


@cache
def names() -> tuple[str, ...]:
    """Every hook that there is."""
    return tuple(name for name, value in vars(hookspecs).items() if hasattr(value, "zoo_spec"))


def given(plugin: object) -> tuple[str, ...]:
    """The hooks that a plugin has."""
    members = dict(inspect.getmembers_static(plugin))
    return tuple(name for name in names() if _is_marked(members.get(name)))


def mistakes(plugin: object) -> Iterator[str]:
    """What looks like a hook of a plugin and is none: a misspelt name, or a function that nobody marked."""
    home = plugin.__name__ if isinstance(plugin, ModuleType) else type(plugin).__module__
    for name, value in inspect.getmembers_static(plugin):
        unknown = name not in names()
        if _is_marked(value):
            if unknown:
                yield f"there is no hook {shown(name)}{near(name, names()) or _all()}"
        # A function that it imports to use is none of its hooks.
        elif name.startswith(_MARK) and isinstance(value, FunctionType) and value.__module__ == home:
            if not unknown:
                yield f"{name} is not marked with @hookimpl"
            elif meant := near(name, names()):
                yield f"there is no hook {shown(name)}{meant}"


def _is_marked(value: object) -> bool:
    return hasattr(value, "zoo_impl")


def _all() -> str:
    return f" (there are {', '.join(names())})"
