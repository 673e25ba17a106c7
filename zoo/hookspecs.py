"""What a plugin can give to zoo. A plugin is an object with these functions, marked with `hookimpl`, at an entry point
of the group `zoo`; see CONTRIBUTING.md for one made in five minutes.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from zoo.reports.column import Column

hookspec = pluggy.HookspecMarker("zoo")
hookimpl = pluggy.HookimplMarker("zoo")


@hookspec
def zoo_architectures() -> Mapping[str, str]:  # type: ignore[empty-body]
    """Each model_type of config.json that the plugin counts, with its Architecture as `"module:Class"`.

    The module is imported when the type is first counted, not before.
    """


@hookspec
def zoo_columns() -> "Iterable[Column]":  # type: ignore[empty-body]
    """Columns (`zoo.Column`) that the plugin adds to comparisons: a name, a header, and what to say of a model.

    A name is of lower-case letters, digits and underscores, and is that of no other column or set of columns.
    """
