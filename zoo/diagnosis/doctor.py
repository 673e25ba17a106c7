"""Which plugins are to be tried, and what their trials say together."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from zoo.diagnosis.processes import Diagnosis, diagnose
from zoo.diagnosis.protocol import Findings, Identity, Task, some_of
from zoo.discovery.loading import find_all, in_order, is_disabled, load
from zoo.discovery.plugin import Plugin
from zoo.discovery.settings import Settings
from zoo.errors import PluginError
from zoo.formats import RECORDS, json_text
from zoo.reports.listings import Cell, Listing
from zoo.text import near, shown


class Report(NamedTuple):
    """What was found of each plugin."""

    diagnoses: Sequence[Diagnosis]

    @property
    def well(self) -> bool:
        """Whether nothing is wrong with any."""
        return not any(one.faults for one in self.diagnoses)

    def records(self) -> list[dict[str, object]]:
        """A mapping for each plugin; `wrong` is a list, `seconds` what importing took."""
        return [
            {
                "plugin": one.plugin.name,
                "distribution": one.plugin.distribution,
                "state": one.outcome,
                "hooks": list(one.findings.hooks),
                "types": list(one.findings.types),
                "models": one.findings.models,
                "seconds": one.findings.seconds,
                "wrong": list(one.faults),
            }
            for one in self.diagnoses
        ]

    def render(self, style: str = "table") -> str:
        """As text: a row for each thing that is wrong; of a plugin with which all is well, one."""
        if style in RECORDS:
            return json_text(self.records(), style)
        headers = ("plugin", "distribution", "state", "types", "models", "what is wrong")
        return Listing(headers, [row for one in self.diagnoses for row in _rows(one)]).render(style)


def _rows(one: Diagnosis) -> Iterator[tuple[Cell, ...]]:
    plugin, found = one.plugin, one.findings
    for fault in one.faults or (None,):
        yield plugin.name, plugin.distribution, one.outcome, len(found.types), found.models, fault


def examine(names: Sequence[str], settings: Settings, preferred: Collection[str], seconds: float) -> Report:
    """Tries the plugins of these names, their own or those of their distributions; by default all.

    Those that the person disables are tried only if they are named. preferred: the types of which the person says who
    counts them. Raises PluginError for a name that none has.
    """
    plugins = find_all(settings)
    for name in names:
        if not any(plugin.is_called(name) for plugin in plugins):
            known = {word for plugin in plugins for word in (plugin.name, plugin.package)}
            raise PluginError(f"no plugin is called {shown(name)}{near(name, known)} (zoo plugins lists them)")
    enabled = [plugin for plugin in plugins if not is_disabled(plugin, settings)]
    chosen = [plugin for plugin in plugins if not names or any(map(plugin.is_called, names))]
    tried = diagnose({one: _task(one, enabled, seconds) for one in chosen if names or one in enabled})
    types = _own_types(enabled, settings) | {one.plugin: one.findings.types for one in tried if not one.plugin.own}
    settled = {*preferred, *(name for plugin, found in types.items() if plugin.file for name in found)}
    found = {plugin: Diagnosis(plugin, "disabled", (), Findings()) for plugin in chosen}
    found |= {one.plugin: _with_rivals(one, types, settled) for one in tried}
    return Report(list(found.values()))


def _task(plugin: Plugin, enabled: Sequence[Plugin], seconds: float) -> Task:
    """Its trial, of which those with its module are a part that zoo loads before it: what the person names is first."""
    order = in_order(enabled)
    before = order[: order.index(plugin)] if plugin in order else ()
    twins = (other for other in before if other.entry_point.value == plugin.entry_point.value)
    return Task(Identity.of(plugin), tuple(map(Identity.of, twins)), seconds)


def _own_types(enabled: Sequence[Plugin], settings: Settings) -> dict[Plugin, Sequence[str]]:
    """What zoo's own plugins count, also those that are not tried; they alone may be loaded here."""
    own = [plugin for plugin in enabled if plugin.own]
    load(own, settings)
    return {plugin: tuple(plugin.architectures) for plugin in own}


def _with_rivals(one: Diagnosis, types: Mapping[Plugin, Sequence[str]], settled: Collection[str]) -> Diagnosis:
    """The same, with the types that others count too, if it is not zoo's own and it is not settled which is meant."""
    if one.plugin.own:
        return one
    faults = [
        f"its type {shown(model_type)} is counted by {other.called}, too: "
        f"choose one with --prefer, or in zoo.toml below [prefer]"
        for other, counted in types.items()
        if other is not one.plugin
        for model_type in one.findings.types
        if model_type in counted and model_type not in settled
    ]
    outcome = "faulty" if faults and one.outcome == "ok" else one.outcome
    return one._replace(outcome=outcome, faults=(*one.faults, *some_of(faults)))
