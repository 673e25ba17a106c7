"""zoo: what a transformer is made of, exact to the last parameter, from its config alone.

import zoo

zoo.load("bert-base").parameters
print(zoo.compare("bert-base", "gpt3"))
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoo.breakdowns import Breakdown, show
    from zoo.cache import Cache, Kept
    from zoo.comparison import Comparison, compare
    from zoo.conditions import Conditions, MeasureError
    from zoo.errors import (
        ArchitectureError,
        ConfigError,
        PluginError,
        PluginWarning,
        RegistryError,
        UnknownModelError,
        ZooError,
    )
    from zoo.explainreport import ExplainReport, explain
    from zoo.explanation import Explanation
    from zoo.flops import Cost, Flops
    from zoo.listings import Listing, architectures, models, plugins
    from zoo.lora import Lora
    from zoo.measures import Component, Count, NamedTensor
    from zoo.memory import Fit, WeightMemory
    from zoo.model import Model, load
    from zoo.solving import Solution, solve
    from zoo.training import TrainingMemory
    from zoo.widthreport import Widths, width
    from zoo.widths import Width

__all__ = [
    "ArchitectureError",
    "Breakdown",
    "Cache",
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
    "Kept",
    "Listing",
    "Lora",
    "MeasureError",
    "Model",
    "NamedTensor",
    "PluginError",
    "PluginWarning",
    "RegistryError",
    "Solution",
    "TrainingMemory",
    "UnknownModelError",
    "WeightMemory",
    "Width",
    "Widths",
    "ZooError",
    "architectures",
    "compare",
    "explain",
    "load",
    "models",
    "plugins",
    "show",
    "solve",
    "width",
]

# Where the public names live. Imported when first used, so that the command can set its process up before it pays.
_HOMES = {
    "breakdowns": ("Breakdown", "show"),
    "cache": ("Cache", "Kept"),
    "comparison": ("Comparison", "compare"),
    "conditions": ("Conditions", "MeasureError"),
    "explainreport": ("ExplainReport", "explain"),
    "explanation": ("Explanation",),
    "flops": ("Cost", "Flops"),
    "listings": ("Listing", "architectures", "models", "plugins"),
    "measures": ("Component", "Count", "NamedTensor"),
    "lora": ("Lora",),
    "memory": ("Fit", "WeightMemory"),
    "model": ("Model", "load"),
    "solving": ("Solution", "solve"),
    "training": ("TrainingMemory",),
    "widthreport": ("Widths", "width"),
    "widths": ("Width",),
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
