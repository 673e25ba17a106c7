"""Which plugins are to be tried, and what their trials say together."""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from zoo.diagnosis.processes import Diagnosis, diagnose
from zoo.diagnosis.protocol import Findings, some_of
from zoo.discovery.compatibility import OWN
from zoo.discovery.loading import find_all, is_disabled
from zoo.discovery.settings import Settings
from zoo.errors import PluginError
from zoo.formats import RECORDS, draw, json_text
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
        headers = ("plugin", "distribution", "state", "types", "models", "import", "what is wrong")
        rows = [row for one in self.diagnoses for row in _rows(one)]
        return draw(headers, rows, [False, False, False, True, True, True, False], style)


def _rows(one: Diagnosis) -> Iterable[list[str]]:
    found = one.findings
    seconds = "-" if found.seconds is None else f"{found.seconds:.2f} s"
    place = [one.plugin.name, one.plugin.distribution, one.outcome]
    first, *others = one.faults or ("-",)
    yield [*place, f"{len(found.types):,}", f"{found.models:,}", seconds, first]
    yield from ([*place, "", "", "", fault] for fault in others)


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
    chosen = [plugin for plugin in plugins if not names or any(map(plugin.is_called, names))]
    passed = [] if names else [plugin for plugin in chosen if is_disabled(plugin, settings)]
    tried = diagnose([plugin for plugin in chosen if plugin not in passed], seconds)
    found = {plugin: Diagnosis(plugin, "disabled", (), Findings()) for plugin in passed}
    found |= {one.plugin: _with_rivals(one, tried, preferred) for one in tried}
    return Report([found[plugin] for plugin in chosen])


def _with_rivals(one: Diagnosis, tried: Sequence[Diagnosis], preferred: Collection[str]) -> Diagnosis:
    """The same, with the types that others count too, if it is not zoo's own and nobody says which is meant."""
    if one.plugin.package == OWN:
        return one
    faults = [
        f"its type {shown(model_type)} is counted by {other.plugin.name} ({other.plugin.distribution}), too: "
        f"choose one with --prefer, or in zoo.toml below [prefer]"
        for model_type in one.findings.types
        for other in tried
        if other.plugin != one.plugin and model_type in other.findings.types and model_type not in preferred
    ]
    outcome = "faulty" if faults and one.outcome == "ok" else one.outcome
    return one._replace(outcome=outcome, faults=(*one.faults, *some_of(faults)))
