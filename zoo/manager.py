"""Finds the plugins and asks them for architectures. What a plugin breaks, it breaks for its own types only."""

import importlib
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Any, NamedTuple

import pluggy

from zoo import hookspecs
from zoo.architecture import Architecture
from zoo.errors import ArchitectureError, PluginError, PluginWarning, UnknownTypeError
from zoo.text import near, printable, shown

GROUP = "zoo"
"""The entry-point group in which plugins are found."""


class Plugin(NamedTuple):
    """An installed plugin: its entry point, the types it counts, and why it could not be used, if so.

    ask: gives what the plugin's function of the hook of that name does; None where it has none.
    """

    entry_point: EntryPoint
    architectures: Mapping[str, str] = MappingProxyType({})
    error: str = ""
    ask: Callable[[str], Any] = lambda hook: None

    @property
    def name(self) -> str:
        """The name of its entry point."""
        return self.entry_point.name

    @property
    def distribution(self) -> str:
        """The distribution that installed it, and its version."""
        found = self.entry_point.dist
        return f"{found.name} {found.version}" if found else "unknown"


class Manager:
    """The plugins of one process, loaded once."""

    @cached_property
    def plugins(self) -> tuple[Plugin, ...]:
        """Every plugin installed. One that fails to load is told by a PluginWarning, and kept with its error."""
        hooks = pluggy.PluginManager("zoo")
        hooks.add_hookspecs(hookspecs)
        loaded = tuple(_load(hooks, entry_point) for entry_point in entry_points(group=GROUP))
        for plugin in loaded:
            if plugin.error:
                warnings.warn(PluginWarning(printable(f"plugin left out: {plugin.error}")), stacklevel=2)
        return loaded

    @cached_property
    def types(self) -> Mapping[str, tuple[Plugin, ...]]:
        """Each model_type with the plugins that claim it."""
        claims: dict[str, tuple[Plugin, ...]] = {}
        for plugin in self.plugins:
            for model_type in plugin.architectures:
                claims[model_type] = (*claims.get(model_type, ()), plugin)
        return claims

    def architecture(self, model_type: str) -> type[Architecture]:
        """The architecture of a model_type.

        Raises ArchitectureError for a type that no plugin or more than one claims, PluginError for one that is broken.
        """
        claims = self.types.get(model_type, ())
        if not claims:
            raise UnknownTypeError(
                f"no plugin counts model_type {shown(model_type)}{near(model_type, self.types)} "
                "(zoo architectures lists them; CONTRIBUTING.md tells how to add one)"
            )
        if len(claims) > 1:
            rivals = " and ".join(f"{plugin.name} ({plugin.distribution})" for plugin in claims)
            raise ArchitectureError(f"model_type {shown(model_type)} is claimed by {rivals}; uninstall one of them")
        return _imported(claims[0], model_type)

    def type_of_class(self, class_name: str) -> str:
        """The model_type that has the class, for configs that do not tell it. Imports types until one has it."""
        names: list[str] = []
        for model_type, claims in self.types.items():
            if len(claims) == 1:
                try:
                    architecture = _imported(claims[0], model_type)
                except PluginError:  # it breaks only those who ask for its types
                    continue
                if class_name in architecture.classes() or class_name in architecture.aliases:
                    return model_type
                names += architecture.classes()
        raise UnknownTypeError(
            f"no model_type given, and no plugin has class {shown(class_name)}{near(class_name, names)}"
        )

    def __iter__(self) -> Iterator[tuple[str, Plugin]]:
        """Each type with the plugin that counts it, in the order of their names."""
        return ((model_type, claims[0]) for model_type, claims in sorted(self.types.items()))


def _load(hooks: pluggy.PluginManager, entry_point: EntryPoint) -> Plugin:
    where = f"entry point {entry_point.name} = {entry_point.value}"

    def ask(hook: str) -> Any:
        (given,) = hooks.subset_hook_caller(hook, set(hooks.get_plugins()) - {module})() or (None,)
        return given

    try:
        module = entry_point.load()
        hooks.register(module)
        given = ask("zoo_architectures")
    except (Exception, SystemExit) as error:  # whatever somebody's module does at import
        return Plugin(entry_point, error=f"{where}: {type(error).__name__}: {error}")
    if given is None:
        return Plugin(entry_point, ask=ask)
    if not isinstance(given, Mapping) or not all(isinstance(word, str) for pair in given.items() for word in pair):
        return Plugin(
            entry_point, error=f'{where}: zoo_architectures must give a mapping of model_type to "module:Class"'
        )
    return Plugin(entry_point, given, ask=ask)


def _imported(plugin: Plugin, model_type: str) -> type[Architecture]:
    target = plugin.architectures[model_type]
    module, _, name = target.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    except (Exception, SystemExit) as error:  # whatever somebody's module does at import
        raise PluginError(f"plugin {plugin.name}: {target}: {type(error).__name__}: {error}") from error
    if not (isinstance(found, type) and issubclass(found, Architecture)):
        raise PluginError(f"plugin {plugin.name}: {target} is not a zoo Architecture")
    try:
        found.classes(), found.config_class()
    except Exception as error:
        raise PluginError(f"plugin {plugin.name}: {target}: {type(error).__name__}: {error}") from error
    return found


manager = Manager()
