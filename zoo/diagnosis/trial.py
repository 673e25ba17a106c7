"""Tries one plugin in this process, which is there for it alone; see `zoo.diagnosis.processes` for who starts it.

It is imported, asked by each of its hooks, and its types and models are counted.
"""

import math
import os
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import TextIO

from zoo.diagnosis import protocol
from zoo.diagnosis.counting import faults_of_model, faults_of_type
from zoo.diagnosis.protocol import Identity, Task
from zoo.discovery.heavy import HEAVY
from zoo.discovery.loading import LONGER, find_all, load
from zoo.discovery.plugin import Plugin
from zoo.discovery.settings import Settings
from zoo.errors import PluginError, ZooError
from zoo.manager import manager
from zoo.registries.registryfile import Entry
from zoo.text import shown

LIMITS = {"RLIMIT_DATA": 4 * 2**30, "RLIMIT_FSIZE": 64 * 2**20}
"""Bytes of memory that a plugin may take, and of any file that it writes, what it prints among them."""


class Trial:
    """What is found out of one plugin, told as it is found."""

    def __init__(self, task: Task, channel: TextIO) -> None:
        self._limit = Settings.of(os.environ).seconds or math.inf
        self._time = task.seconds
        self._channel = channel
        meant = (task.plugin, *task.twins)
        # All the time of the trial is for whatever the plugin does.
        self._settings = Settings(files=tuple(file for one in meant for file in one.files()), seconds=None)
        self._found = {Identity.of(plugin): plugin for plugin in find_all(self._settings)}
        self.plugin = self._found[task.plugin]
        self._twins = tuple(map(self._found.__getitem__, task.twins))
        self._told = 0

    def run(self) -> None:
        """Tries everything that the plugin gives; of one that is left out, nothing."""
        with manager.quietly():
            own = self._own()
            manager.take(own, self._settings)  # it may ask zoo for a model while it is imported
            self._import()
            if self.plugin.state in ("ok", "faulty"):
                manager.take((self.plugin,), self._settings)
                self._ask()
                self._count_types()
                manager.take((self.plugin, *own, *self._siblings()), self._settings)
                self._count_models()
        self._tell(step="it ends", state=self.plugin.state)

    def _own(self) -> tuple[Plugin, ...]:
        """Zoo's own plugins beside this one."""
        own = tuple(one for one in self._found.values() if one.own and one is not self.plugin)
        load(own, self._settings)
        return own

    def _import(self) -> None:
        plugin = self.plugin
        self._tell(step="it is imported")
        began, before = time.perf_counter(), set(sys.modules)
        load((*self._twins, plugin), self._settings)
        seconds = time.perf_counter() - began
        if plugin.state == "left out":
            plugin.faults = [plugin.cause]
        elif plugin.state != "disabled":
            self._note_slow(seconds, "it")
            self._note_heavy(before, "it")
        self._tell(seconds=seconds, hooks=plugin.hooks, types=tuple(plugin.architectures))

    def _siblings(self) -> tuple[Plugin, ...]:
        """The rest of its package, which may count the models that it names."""
        mine, module = self.plugin.package, self.plugin.entry_point.value
        if self.plugin.own or "zoo_registries" not in self.plugin.hooks:
            return ()
        siblings = tuple(one for one in self._found.values() if one.package == mine and one.entry_point.value != module)
        self._tell(step="the rest of its package is imported")
        # One that hangs has a trial of its own, and is not to take all the time of this one.
        seconds = min(self._limit, self._time / (1 + len(siblings)))
        load(siblings, self._settings._replace(seconds=seconds))
        return siblings

    def _ask(self) -> None:
        from zoo.reports.pluginlistings import plugins

        self._tell(step="its hooks are asked")
        plugins()  # which has everything checked that a plugin gives, and notes what is wrong

    def _count_types(self) -> None:
        for model_type in self.plugin.architectures:
            self._tell(step=f"its type {shown(model_type)} is counted")
            module = f"the module of its type {shown(model_type)}"
            began, before = time.perf_counter(), set(sys.modules)
            with suppress(PluginError):  # which counting tells
                manager.imported(self.plugin, model_type)
            self._note_slow(time.perf_counter() - began, module)
            self._note(faults_of_type(self.plugin, model_type))
            self._note_heavy(before, module)

    def _count_models(self) -> None:
        from zoo.registries.registry import registry

        known, counted = registry(), 0
        for name in known.matching("*"):
            try:
                if not self._gives(known[name]):
                    continue
            except ZooError as error:  # a bad entry; zoo's own are none
                self._note([str(error)])
                continue
            self._tell(step=f"its model {shown(name)} is counted")
            self._note(faults_of_model(name))
            counted += 1
            self._tell(models=counted)

    def _gives(self, entry: Entry) -> bool:
        """Whether a model is this plugin's: by its registry, or of zoo's own registry, by its type."""
        ours = "zoo_registries" in self.plugin.hooks or entry.model_type in self.plugin.architectures
        return ours and entry.plugin == self.plugin.package

    def _note(self, faults: Iterable[str]) -> None:
        self.plugin.faults += faults

    def _note_slow(self, seconds: float, who: str) -> None:
        if seconds > self._limit:
            allowed = f"{self._limit:g} s{LONGER}"
            self._note([f"{who} takes {seconds:.1f} s to be imported, and zoo waits {allowed}"])

    def _note_heavy(self, before: set[str], who: str) -> None:
        heavy = [name for name in HEAVY if name in sys.modules and name not in before]
        if heavy:
            self._note([f"{who} imports {' and '.join(heavy)} when it is imported: import such where it is used"])

    def _tell(self, **changed: object) -> None:
        new = self.plugin.faults[self._told :]
        self._told += len(new)
        self._channel.write(protocol.line(**changed, faults=new))
        self._channel.flush()


def main() -> None:
    """Does the task that the first argument tells."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as channel:
        os.dup2(2, 1)  # what the plugin prints goes elsewhere
        _bound()
        Trial(Task.read(sys.argv[1]), channel).run()


def _bound() -> None:
    try:
        import resource
    except ImportError:  # not every system has limits
        return
    for name, most in LIMITS.items():
        limit = vars(resource)[name]
        with suppress(ValueError, OSError):
            resource.setrlimit(limit, (most, resource.getrlimit(limit)[1]))


if __name__ == "__main__":
    main()
