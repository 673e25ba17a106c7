"""zoo: what a transformer is made of, exact to the last parameter, from its config alone.

import zoo

zoo.load("bert-base").parameters
print(zoo.compare("bert-base", "gpt3"))
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoo.comparison import Comparison, compare
    from zoo.errors import ZooError
    from zoo.listings import Listing, architectures, models, plugins
    from zoo.model import Model, load

# Public name -> module. Imported when first used, so that the command line can set its process up before it pays.
_HOMES = {
    "Comparison": "comparison",
    "Listing": "listings",
    "Model": "model",
    "ZooError": "errors",
    "architectures": "listings",
    "compare": "comparison",
    "load": "model",
    "models": "listings",
    "plugins": "listings",
}

__all__ = ["Comparison", "Listing", "Model", "ZooError", "architectures", "compare", "load", "models", "plugins"]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'zoo' has no attribute {name!r}")
    found: object = getattr(import_module(f"zoo.{_HOMES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
