"""Which plugins there are, in what state, and which of them counts a type: as tables."""

import inspect
from collections.abc import Callable, Mapping, Sequence

from zoo import formats, pluginsources
from zoo.discovery.compatibility import requirement
from zoo.discovery.plugin import Plugin
from zoo.errors import ArchitectureError, PluginError, UnknownTypeError
from zoo.manager import manager
from zoo.registries import shipped
from zoo.reports.columns import of_plugins
from zoo.reports.listings import Cell, Listing

# What a plugin gives beside types, by the name that the list has for it.
_GIVEN: Mapping[str, Callable[[Plugin], Sequence[str]]] = {
    "models": shipped.models,
    "columns": lambda plugin: tuple(of_plugins().get(plugin, ())),
    "formats": formats.added,
    "sources": pluginsources.schemes,
}


def plugins() -> Listing:
    """Each plugin with its distribution, the versions of zoo that it asks for, what it gives, its state, and the cause.

    Works whatever is wrong with any.
    """
    rows: list[tuple[Cell, ...]] = []
    with manager.quietly():
        given = {plugin: [told(plugin) for told in _GIVEN.values()] for plugin in manager.plugins}
        nothing: list[Sequence[str]] = [() for _ in _GIVEN]
        for plugin in manager.installed:
            needs = requirement(plugin.requires)
            about = (plugin.name, plugin.package, plugin.version, needs, plugin.state, plugin.cause)
            rows.append((*about, plugin.hooks, tuple(plugin.architectures), *given.get(plugin, nothing)))
    headers = ("plugin", "package", "version", "requires", "state", "cause", "hooks", "types", *_GIVEN)
    return Listing(headers, rows, brief=True)


def which(model_type: str) -> Listing:
    """Each plugin that claims a type, with its class and where that is; "counts" tells the one that is meant.

    Raises ArchitectureError for a type that none claims.
    """
    try:
        meant, doubt = manager.plugin_for(model_type), ""
    except UnknownTypeError:
        raise
    except ArchitectureError as error:
        meant, doubt = None, str(error)
    rows = [_place(plugin, model_type, plugin is meant) for plugin in manager.types[model_type]]
    headers = ("type", "plugin", "package", "version", "class", "file", "line", "counts")
    return Listing(headers, rows, (doubt,) if doubt else ())


def _place(plugin: Plugin, model_type: str, counts: bool) -> tuple[Cell, ...]:
    """Where a plugin's class of a type is; of one that cannot be imported, why not."""
    row = (model_type, plugin.name, plugin.package, plugin.version, plugin.architectures[model_type])
    try:
        architecture = manager.imported(plugin, model_type)
    except PluginError as error:
        return (*row, str(error), None, "no")
    try:
        first = inspect.getsourcelines(architecture)[1]
        file = inspect.getsourcefile(architecture)
    except (OSError, TypeError):  # made without a file
        file, first = None, 0
    return (*row, file, first or None, "yes" if counts else "no")
