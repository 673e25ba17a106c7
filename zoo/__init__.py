"""zoo: what a transformer is made of, exact to the last parameter, from its config alone."""

from zoo.errors import ZooError
from zoo.model import Model, load

__all__ = ["Model", "ZooError", "load"]
