"""zoo: what a transformer is made of, exact to the last parameter, from its config alone.

import zoo

zoo.load("bert-base").parameters
print(zoo.compare("bert-base", "gpt3"))
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoo.checkpoints.model import FromCheckpoint
    from zoo.checkpoints.verification import Verification, verify
    from zoo.conditions import Conditions, MeasureError
    from zoo.errors import (
        ArchitectureError,
        CheckpointError,
        ConfigError,
        HubError,
        OutputError,
        PictureWarning,
        PluginError,
        PluginWarning,
        RegistryError,
        ResultsError,
        ResultsWarning,
        UnknownModelError,
        UnknownTypeError,
        ZooError,
    )
    from zoo.formats.format import Format
    from zoo.hub.access import Access
    from zoo.loading import load
    from zoo.measures.cache import Cache, Kept
    from zoo.measures.counts import Component, Count, NamedTensor
    from zoo.measures.explanation import Explanation
    from zoo.measures.flops import Cost, Flops
    from zoo.measures.lora import Lora
    from zoo.measures.memory import Fit, WeightMemory
    from zoo.measures.training import TrainingMemory
    from zoo.measures.widths import Width
    from zoo.model import Model
    from zoo.plots.picture import Picture
    from zoo.plots.plotting import plot
    from zoo.reports.breakdowns import Breakdown, show
    from zoo.reports.column import Column
    from zoo.reports.comparison import Comparison, compare
    from zoo.reports.explanation import ExplainReport, explain
    from zoo.reports.listings import Listing, architectures, models
    from zoo.reports.pluginlistings import plugins, which
    from zoo.reports.width import Widths, width
    from zoo.site.writing import write_site
    from zoo.solving.solution import Solution, solve
    from zoo.source import Source

__all__ = [
    "Access",
    "ArchitectureError",
    "Breakdown",
    "Cache",
    "CheckpointError",
    "Column",
    "Comparison",
    "Component",
    "Conditions",
    "ConfigError",
    "Cost",
    "Count",
    "ExplainReport",
    "Explanation",
    "Fit",
    "Flops",
    "Format",
    "FromCheckpoint",
    "HubError",
    "Kept",
    "Listing",
    "Lora",
    "MeasureError",
    "Model",
    "NamedTensor",
    "OutputError",
    "Picture",
    "PictureWarning",
    "PluginError",
    "PluginWarning",
    "RegistryError",
    "ResultsError",
    "ResultsWarning",
    "Solution",
    "Source",
    "TrainingMemory",
    "UnknownModelError",
    "UnknownTypeError",
    "Verification",
    "WeightMemory",
    "Width",
    "Widths",
    "ZooError",
    "architectures",
    "compare",
    "explain",
    "load",
    "models",
    "plot",
    "plugins",
    "show",
    "solve",
    "verify",
    "which",
    "width",
    "write_site",
]

# Where the public names live. Imported when first used, so that the command can set its process up before it pays.
_HOMES = {
    "hub.access": ("Access",),
    "checkpoints.model": ("FromCheckpoint",),
    "checkpoints.verification": ("Verification", "verify"),
    "reports.breakdowns": ("Breakdown", "show"),
    "measures.cache": ("Cache", "Kept"),
    "reports.column": ("Column",),
    "formats.format": ("Format",),
    "source": ("Source",),
    "reports.comparison": ("Comparison", "compare"),
    "conditions": ("Conditions", "MeasureError"),
    "reports.explanation": ("ExplainReport", "explain"),
    "measures.explanation": ("Explanation",),
    "measures.flops": ("Cost", "Flops"),
    "reports.listings": ("Listing", "architectures", "models"),
    "reports.pluginlistings": ("plugins", "which"),
    "measures.counts": ("Component", "Count", "NamedTensor"),
    "measures.lora": ("Lora",),
    "measures.memory": ("Fit", "WeightMemory"),
    "model": ("Model",),
    "loading": ("load",),
    "site.writing": ("write_site",),
    "plots.picture": ("Picture",),
    "plots.plotting": ("plot",),
    "solving.solution": ("Solution", "solve"),
    "measures.training": ("TrainingMemory",),
    "reports.width": ("Widths", "width"),
    "measures.widths": ("Width",),
}

if not TYPE_CHECKING:  # to a type checker, a name that is not there is not there

    def __getattr__(name):
        if name not in __all__:
            raise AttributeError(f"module 'zoo' has no attribute {name!r}")
        home = next((home for home, names in _HOMES.items() if name in names), "errors")
        globals()[name] = found = getattr(import_module(f"zoo.{home}"), name)
        return found

    def __dir__():
        return sorted({*globals(), *__all__})
