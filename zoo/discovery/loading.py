"""Loads plugins, each by itself: judged before it is imported, imported in quarantine, and asked what it counts."""

import re
from collections.abc import Coroutine, Hashable, Iterable, Iterator, Mapping
from functools import partial
from importlib.metadata import Distribution, EntryPoint, distributions, entry_points
from typing import Any

import pluggy

from zoo import hookspecs
from zoo.discovery import files, hooks, quarantine
from zoo.discovery.compatibility import OWN, refusal
from zoo.discovery.plugin import Plugin
from zoo.discovery.settings import ALL, Settings
from zoo.errors import PluginError
from zoo.text import shown

GROUP = "zoo"
"""The entry-point group in which plugins are found."""

_MODULE = re.compile(r"[\w.]+(:[\w.]+)?\s*(\[.*\])?")
_TARGET = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")


def load_all(settings: Settings) -> tuple[Plugin, ...]:
    """Every plugin that is installed or named by the person, in what state it is; nothing is raised or told of any.

    Raises PluginError where the person names what is no module.
    """
    plugins = find_all(settings)
    load(plugins, settings)
    return plugins


def find_all(settings: Settings) -> tuple[Plugin, ...]:
    """The same plugins, none of them loaded. Raises PluginError likewise."""
    named = [Plugin(files.entry_point(file, GROUP), file) for file in dict.fromkeys(settings.files)]
    return (*map(Plugin, _installed()), *named)


def load(plugins: Iterable[Plugin], settings: Settings) -> None:
    """Loads plugins, each by itself; nothing is raised or told."""
    loading = _Loading(settings)
    # What the person names comes first: an installed plugin that is the same module is then the same plugin.
    for plugin in sorted(plugins, key=lambda plugin: plugin.file is None):
        loading.load(plugin)


def is_disabled(plugin: Plugin, settings: Settings) -> bool:
    """Whether the person wants to do without the plugin."""
    return any(map(plugin.is_called, settings.disabled)) or (ALL in settings.disabled and not _is_own(plugin))


def _is_own(plugin: Plugin) -> bool:
    return plugin.entry_point.dist is not None and plugin.package == OWN


def _installed() -> Iterable[EntryPoint]:
    try:
        return entry_points(group=GROUP)
    except Exception:  # of some distribution the metadata is broken; each by itself, then
        return [found for one in distributions() for found in _of(one)]


def _of(distribution: Distribution) -> Iterable[EntryPoint]:
    try:
        return [found for found in distribution.entry_points if found.group == GROUP]
    except Exception:
        return ()


class _Loading:
    """What is known while plugins are loaded, one after the other."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._hooks = pluggy.PluginManager("zoo")
        self._hooks.add_hookspecs(hookspecs)
        self._registered: dict[str, Plugin] = {}

    def load(self, plugin: Plugin) -> None:
        """Makes the plugin ready to answer; or leaves it out, and says why."""
        if is_disabled(plugin, self._settings):
            plugin.leave_out("ZOO_DISABLE_PLUGINS says so", disabled=True)
        elif not _is_own(plugin) and (refused := refusal(plugin.entry_point.dist)):
            plugin.leave_out(refused)
        else:
            try:
                self._load(plugin)
            except PluginError as error:
                plugin.leave_out(str(error))

    def _load(self, plugin: Plugin) -> None:
        """Raises PluginError for what leaves nothing of the plugin to be used."""
        module = self._imported(plugin)
        if self._hooks.is_registered(module):
            twin = self._registered[str(self._hooks.get_name(module))]
            same = f"its module {plugin.entry_point.value} is that of {twin.name} ({twin.distribution}), too"
            plugin.leave_out(same, disabled=twin.file is not None)
            return
        self._register(plugin, module)
        plugin.answers_by(partial(self._ask, plugin, module))
        plugin.architectures = _architectures(plugin)
        plugin.faults += hooks.mistakes(module)
        if not plugin.hooks and not plugin.faults:
            plugin.faults.append(f"it has none of the hooks {', '.join(hooks.names())}")

    def _imported(self, plugin: Plugin) -> Hashable:
        """The module or object at its entry point. Raises PluginError."""
        value, file = plugin.entry_point.value, plugin.file
        if not _MODULE.fullmatch(value):
            raise PluginError(f"its entry point {shown(value)} names no module")
        load = plugin.entry_point.load if file is None else partial(files.load, file)
        ran = quarantine.run(load, self._settings.seconds)
        if ran.fault:
            raise PluginError(f"cannot be imported: {ran.fault}")
        if ran.printed:
            plugin.faults.append(f"it prints when it is imported: {quarantine.quoted(ran.printed)}")
        if not isinstance(ran.given, Hashable) or ran.given is None:
            raise PluginError(f"its entry point {shown(value)} leads to {shown(ran.given)}, which has no hooks")
        return ran.given

    def _register(self, plugin: Plugin, module: Hashable) -> None:
        """Raises PluginError for what pluggy does not take."""
        name = f"{plugin.name} ({plugin.distribution})"
        try:
            self._hooks.register(module, name)
        except Exception as error:
            if self._hooks.is_registered(module):
                self._hooks.unregister(module)  # which pluggy leaves half done
            raise PluginError(" ".join(str(error).split())) from None
        self._registered[name] = plugin
        plugin.hooks = hooks.given(module)

    def _ask(self, plugin: Plugin, module: object, hook: str) -> Any:
        """What this plugin alone gives by a hook. Raises PluginError."""
        caller = self._hooks.subset_hook_caller(hook, self._hooks.get_plugins() - {module})
        ran = quarantine.run(lambda: [_whole(given) for given in caller()], self._settings.seconds)
        if ran.fault:
            raise PluginError(f"{hook}: {ran.fault}")
        if ran.printed:
            plugin.faults.append(f"{hook} prints: {quarantine.quoted(ran.printed)}")
        (given,) = ran.given or (None,)
        return given


def _whole(given: object) -> object:
    """The same; what is given one by one, by a function that yields, as a list, so that all of it is run here."""
    if isinstance(given, Coroutine):
        given.close()
        raise TypeError("a hook cannot be async")
    return list(given) if isinstance(given, Iterator) else given


def _architectures(plugin: Plugin) -> Mapping[str, str]:
    """What it counts. Raises PluginError for what is no mapping of a type to "module:Class"."""
    given = plugin.ask("zoo_architectures")
    if given is None and "zoo_architectures" not in plugin.hooks:
        return {}
    if not isinstance(given, Mapping):
        raise PluginError(f'zoo_architectures must give a mapping of model_type to "module:Class", got {shown(given)}')
    for model_type, target in dict(given).items():
        if not isinstance(model_type, str) or not model_type:
            raise PluginError(f"zoo_architectures: a model_type is a text, got {shown(model_type)}")
        if not isinstance(target, str) or not _TARGET.fullmatch(target):
            raise PluginError(f'zoo_architectures: {shown(model_type)} must be a "module:Class", got {shown(target)}')
    return dict(given)
