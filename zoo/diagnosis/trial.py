"""Tries one plugin in this process, which is there for it alone; see `zoo.diagnosis.processes` for who starts it.

It is imported, asked by each of its hooks, and its types and models are counted.
"""

import json
import os
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TextIO

from zoo.diagnosis.counting import faults_of_model, faults_of_type
from zoo.diagnosis.protocol import Findings, Identity, some_of
from zoo.discovery.compatibility import OWN
from zoo.discovery.loading import find_all, load
from zoo.discovery.plugin import Plugin
from zoo.discovery.settings import Settings
from zoo.errors import ZooError
from zoo.manager import manager
from zoo.registries.registryfile import Entry
from zoo.text import shown

HEAVY = ("torch", "transformers", "tensorflow", "jax", "keras", "pandas", "scipy", "sklearn", "sympy", "matplotlib")
"""Modules that take longer to import than zoo takes for everything."""

MEMORY = 4 * 2**30
"""Bytes that a plugin may take."""


class Trial:
    """What is found out of one plugin, told as it is found."""

    def __init__(self, plugin: Plugin, channel: TextIO) -> None:
        self.plugin = plugin
        self._channel = channel
        self._findings = Findings()

    def run(self, settings: Settings) -> None:
        """Tries everything that the plugin gives; of one that is left out, nothing."""
        plugin = self.plugin
        self._tell(step="it is imported")
        began, before = time.perf_counter(), set(sys.modules)
        load((plugin,), settings)
        self._tell(seconds=time.perf_counter() - began, hooks=plugin.hooks, types=tuple(plugin.architectures))
        self._note_heavy(before, "it")
        if plugin.state != "left out":
            with manager.quietly():
                manager.take((plugin,), settings)
                self._ask()
                self._count_types()
                manager.take((plugin, *self._others(settings)), settings)
                self._count_models()
        self._tell(step="it ends", state=plugin.state)

    def _others(self, settings: Settings) -> tuple[Plugin, ...]:
        """What may count its models beside itself: the rest of its package, and zoo's own plugins."""
        mine = Identity.of(self.plugin)
        packages = (self.plugin.package, OWN)
        others = tuple(one for one in find_all(settings) if one.package in packages and Identity.of(one) != mine)
        self._tell(step="the rest of its package is imported")
        load(others, settings)
        return others

    def _ask(self) -> None:
        from zoo.reports.pluginlistings import plugins

        self._tell(step="its hooks are asked")
        plugins()  # which has everything checked that a plugin gives, and notes what is wrong

    def _count_types(self) -> None:
        for model_type in self.plugin.architectures:
            self._tell(step=f"its type {shown(model_type)} is counted")
            before = set(sys.modules)
            self._note(faults_of_type(self.plugin, model_type))
            self._note_heavy(before, f"the module of its type {shown(model_type)}")

    def _count_models(self) -> None:
        from zoo.registries.registry import registry

        known = registry()
        for name in known.matching("*"):
            try:
                if not self._gives(known[name]):
                    continue
            except ZooError as error:  # a bad entry; zoo's own are none
                self._note([str(error)])
                continue
            self._tell(step=f"its model {shown(name)} is counted")
            self._note(faults_of_model(name))
            self._tell(models=self._findings.models + 1)

    def _gives(self, entry: Entry) -> bool:
        """Whether a model is this plugin's: by its registry, or of zoo's own registry, by its type."""
        ours = "zoo_registries" in self.plugin.hooks or entry.model_type in self.plugin.architectures
        return ours and entry.plugin == self.plugin.package

    def _note(self, faults: Iterable[str]) -> None:
        self.plugin.faults += faults

    def _note_heavy(self, before: set[str], who: str) -> None:
        heavy = [name for name in HEAVY if name in sys.modules and name not in before]
        if heavy:
            self._note([f"{who} imports {' and '.join(heavy)} when it is imported: import such where it is used"])

    def _faults(self) -> Sequence[str]:
        plugin = self.plugin
        return [plugin.cause] if plugin.state == "left out" else some_of(list(dict.fromkeys(plugin.faults)))

    def _tell(self, **found: object) -> None:
        self._findings = self._findings._replace(faults=self._faults(), **found)  # type: ignore[arg-type]
        self._channel.write(self._findings.line())
        self._channel.flush()


def main() -> None:
    """Tries the plugin that the first argument identifies, as JSON."""
    wanted = Identity(*json.loads(sys.argv[1]))
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as channel:
        os.dup2(2, 1)  # what the plugin prints goes elsewhere
        _bound_memory()
        settings = Settings(files=wanted.files(), seconds=None)
        plugin = next(found for found in find_all(settings) if Identity.of(found) == wanted)
        Trial(plugin, channel).run(settings)


def _bound_memory() -> None:
    with suppress(ImportError, ValueError, OSError):  # not every system can
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, resource.getrlimit(resource.RLIMIT_DATA)[1]))


if __name__ == "__main__":
    main()
