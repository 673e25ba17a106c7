"""What a plugin can give to zoo. A plugin is an object with these functions, marked with `hookimpl`, at an entry point
of the group `zoo`; see docs/tutorial.md for one made from nothing.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from zoo.formats.format import Format
    from zoo.reports.column import Column
    from zoo.source import Source

hookspec = pluggy.HookspecMarker("zoo")
hookimpl = pluggy.HookimplMarker("zoo")


@hookspec
def zoo_architectures() -> Mapping[str, str]:  # type: ignore[empty-body]
    """Each model_type of config.json that the plugin counts, with its Architecture as `"module:Class"`.

    The module is imported when the type is first counted, not before.
    """


@hookspec
def zoo_registries() -> Iterable[Path]:  # type: ignore[empty-body]
    """Files of named models that the plugin ships, as `Path(__file__).with_name("registry.toml")`: absolute paths.

    Their format is that of zoo's own registry.toml. The person's files and zoo's own come before them; a name that two
    plugins give is an error when it is used.
    """


@hookspec
def zoo_columns() -> "Iterable[Column]":  # type: ignore[empty-body]
    """Columns (`zoo.Column`) that the plugin adds to comparisons: a name, a header, and what to say of a model.

    A name is of lower-case letters, digits and underscores, and is that of no column or set of zoo's own. One that two
    plugins give is an error when it is used.
    """


@hookspec
def zoo_formats() -> "Iterable[Format]":  # type: ignore[empty-body]
    """Formats (`zoo.Format`) that the plugin adds to `--format`: a name, and what draws a table.

    A name is of lower-case letters, digits, underscores and hyphens, and is that of none of zoo's own formats; one that
    two plugins give is an error when it is used.
    """


@hookspec
def zoo_sources() -> "Iterable[Source]":  # type: ignore[empty-body]
    """Sources (`zoo.Source`) that the plugin adds: a scheme, and what finds the config of a reference `scheme:rest`.

    A scheme is of two or more lower-case letters, digits, "+", "." and "-", begins with a letter, and is not `hf`; one
    that two plugins give is an error when it is used.
    """
