"""Loads plugins, each by itself: judged before it is imported, imported in quarantine, and asked what it counts."""

import re
from collections import Counter
from collections.abc import Coroutine, Hashable, Iterable, Mapping, Sequence
from functools import partial
from importlib.metadata import Distribution, EntryPoint, distributions, entry_points
from itertools import filterfalse
from pathlib import Path
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

LONGER = ", of which ZOO_PLUGIN_TIMEOUT may allow more"
"""What is told of a plugin that took too long."""


def fault(ran: quarantine.Ran[Any]) -> str:
    """Why a call gave nothing; where it took too long, also what allows more."""
    return f"{ran.fault}{LONGER if ran.endless else ''}"


_MODULE = re.compile(r"[\w.]+(:[\w.]+)?\s*(\[.*\])?")
_TARGET = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")


def load_all(settings: Settings) -> tuple[Plugin, ...]:
    """Every plugin that is installed or named by the person, in what state it is; nothing is raised or told of any."""
    plugins = find_all(settings)
    load(plugins, settings)
    return plugins


def find_all(settings: Settings) -> tuple[Plugin, ...]:
    """The same plugins, none of them loaded, in the order of their names, whatever the file system's is."""
    installed = sorted(_installed(), key=lambda plugin: (plugin.name, plugin.entry_point.value))
    found = (*installed, *map(_named, dict.fromkeys(settings.files)))
    times = Counter(plugin.name for plugin in found)
    for plugin in found:
        if times[plugin.name] > 1:
            plugin.word = plugin.package
    return found


def _named(file: Path) -> Plugin:
    try:
        return Plugin(files.entry_point(file, GROUP), file)
    except PluginError as error:
        plugin = Plugin(EntryPoint(file.stem, "", GROUP), file)
        plugin.leave_out(str(error))
        return plugin


def load(plugins: Iterable[Plugin], settings: Settings) -> None:
    """Loads plugins, each by itself; nothing is raised or told."""
    loading = _Loading(settings)
    for plugin in in_order(plugins):
        loading.load(plugin)


def in_order(plugins: Iterable[Plugin]) -> list[Plugin]:
    """The order in which plugins are loaded; of those with one module, the first is used."""
    # What the person names comes first: an installed plugin that is the same module is then the same plugin.
    return sorted(plugins, key=lambda plugin: plugin.file is None)


def is_disabled(plugin: Plugin, settings: Settings) -> bool:
    """Whether the person wants to do without the plugin."""
    return any(map(plugin.is_called, settings.disabled)) or (ALL in settings.disabled and not plugin.own)


def _installed() -> Iterable[Plugin]:
    try:
        return map(Plugin, entry_points(group=GROUP))
    except Exception:  # of some distribution the metadata is broken; each by itself, then
        found = {str(one.metadata["Name"]): one for one in reversed([*distributions()]) if _is_readable(one)}
        return [plugin for one in (*found.values(), *filterfalse(_is_readable, distributions())) for plugin in _of(one)]


def _is_readable(distribution: Distribution) -> bool:
    try:
        return bool(distribution.metadata["Name"]) and distribution.entry_points is not None
    except Exception:
        return False


def _of(distribution: Distribution) -> Iterable[Plugin]:
    """The plugins of a distribution; of one whose metadata cannot be read, what it may have had."""
    if _is_readable(distribution):
        return [Plugin(found) for found in distribution.entry_points if found.group == GROUP]
    try:
        text = distribution.read_text("entry_points.txt") or ""
        if f"[{GROUP}]" not in text:
            return []
        cause = "its entry_points.txt cannot be read"
    except Exception as error:
        cause = f"its metadata cannot be read: {quarantine.told(error)}"
    torn = Plugin(EntryPoint("unknown", "", GROUP), installed_by=distribution)
    torn.leave_out(cause)
    return [torn]


class _Loading:
    """What is known while plugins are loaded, one after the other."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._hooks = pluggy.PluginManager("zoo")
        self._hooks.add_hookspecs(hookspecs)
        self._registered: dict[str, Plugin] = {}

    def load(self, plugin: Plugin) -> None:
        """Makes the plugin ready to answer; or leaves it out, and says why."""
        if plugin.state == "left out":
            return
        try:
            if is_disabled(plugin, self._settings):
                plugin.leave_out("ZOO_DISABLE_PLUGINS says so", disabled=True)
            elif not plugin.own and (refused := refusal(plugin.requires)):
                plugin.leave_out(refused, remedy=f"upgrade {OWN}, or install another {plugin.package}")
            else:
                self._load(plugin)
        except PluginError as error:
            plugin.leave_out(str(error))
        except Exception as error:  # what it is made of is somebody's code, too
            plugin.leave_out(quarantine.told(error))

    def _load(self, plugin: Plugin) -> None:
        """Raises PluginError for what leaves nothing of the plugin to be used."""
        module = self._imported(plugin)
        if self._hooks.is_registered(module):
            twin = self._registered[str(self._hooks.get_name(module))]
            same = f"its module {plugin.entry_point.value} is that of {twin.called}, too"
            plugin.leave_out(same, disabled=twin.file is not None)
            return
        marked = self._register(plugin, module)
        plugin.hooks = tuple(name for name in hooks.names() if name in marked)
        plugin.answers_by(partial(self._ask, plugin, module))
        plugin.architectures = _architectures(plugin)
        plugin.faults += hooks.mistakes(module, marked)
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
            raise PluginError(f"cannot be imported: {fault(ran)}")
        if ran.printed:
            plugin.faults.append(f"it prints when it is imported: {quarantine.quoted(ran.printed)}")
        if not isinstance(ran.given, Hashable) or ran.given is None:
            raise PluginError(f"its entry point {shown(value)} leads to {shown(ran.given)}, which has no hooks")
        return ran.given

    def _register(self, plugin: Plugin, module: Hashable) -> Sequence[str]:
        """The names of its functions that are marked as hooks. Raises PluginError for what pluggy does not take."""
        name = f"{plugin.called} = {plugin.entry_point.value}"
        try:
            self._hooks.register(module, name)
        except Exception as error:
            if self._hooks.is_registered(module):
                self._hooks.unregister(module)  # which pluggy leaves half done
            raise PluginError(" ".join(quarantine.told(error).split())) from None
        self._registered[name] = plugin
        callers = self._hooks.get_hookcallers(module) or ()
        for caller in callers:
            if any(one.plugin is module and (one.wrapper or one.hookwrapper) for one in caller.get_hookimpls()):
                self._hooks.unregister(module)
                raise PluginError(f"{caller.name} is a wrapper, and no hook of zoo can be one")
        return [caller.name for caller in callers]

    def _ask(self, plugin: Plugin, module: object, hook: str) -> Any:
        """What this plugin alone gives by a hook. Raises PluginError."""
        caller = self._hooks.subset_hook_caller(hook, self._hooks.get_plugins() - {module})
        ran = quarantine.run(lambda: [_whole(given) for given in caller()], self._settings.seconds)
        if ran.fault:
            raise PluginError(f"{hook}: {fault(ran)}")
        if ran.printed:
            plugin.faults.append(f"{hook} prints: {quarantine.quoted(ran.printed)}")
        (given,) = ran.given or (None,)
        return given


def _whole(given: object) -> object:
    """The same as a dict or a list of its own, so that all of it is made here, where it is watched."""
    if isinstance(given, Coroutine):
        given.close()
        raise TypeError("a hook cannot be async")
    if isinstance(given, Mapping):
        return dict(given)
    return list(given) if isinstance(given, Iterable) and not isinstance(given, str) else given


def _architectures(plugin: Plugin) -> Mapping[str, str]:
    """What it counts. Raises PluginError for what is no mapping of a type to "module:Class"."""
    given = plugin.ask("zoo_architectures")
    if given is None and "zoo_architectures" not in plugin.hooks:
        return {}
    if not isinstance(given, Mapping):
        raise PluginError(f'zoo_architectures must give a mapping of model_type to "module:Class", got {shown(given)}')
    for model_type, target in given.items():
        if not isinstance(model_type, str) or not model_type:
            raise PluginError(f"zoo_architectures: a model_type is a text, got {shown(model_type)}")
        if not isinstance(target, str) or not _TARGET.fullmatch(target):
            raise PluginError(f'zoo_architectures: {shown(model_type)} must be a "module:Class", got {shown(target)}')
    return given
