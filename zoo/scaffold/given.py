"""The model that a package is filled in from: its config, and what its weights hold, where there are some."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from zoo.checkpoints.checkpoint import Checkpoint
from zoo.errors import ConfigError, UnknownModelError, ZooError
from zoo.hub.access import Access
from zoo.hub.repository import Origin
from zoo.sources import Found, find, has_weights


class Given(NamedTuple):
    """A config as config.json holds it, and what is known beside it.

    origin: the commit on the Hub that it is of. weights: what its checkpoint holds. notes: what the person should be
    told.
    """

    config: Mapping[str, Any]
    origin: Origin | None = None
    weights: Checkpoint | None = None
    notes: tuple[str, ...] = ()

    @property
    def class_name(self) -> str | None:
        """The class that the config names, if it does."""
        match self.config.get("architectures"):
            case [str(name), *_]:
                return name
        return None


def given(reference: str, access: Access) -> Given:
    """What a config.json, a folder with one, or a repository of the Hub gives.

    Raises ZooError for what gives no config, and for a variant or a name of the registry, which is no config.json.
    """
    found = find(reference, access=access)
    if found.changes:
        raise UnknownModelError(
            f"--from {reference}: is a variant, or a name of the registry: give a config.json, a folder or org/name"
        )
    if not found.config:
        raise ConfigError(f"--from {reference}: there is no config.json, or nothing in it")
    weights = _weights(found, access)
    if isinstance(weights, ZooError):
        told = f"no header of weights is recorded: {weights}"
        return Given(found.config, found.origin, notes=(*found.notes, told))
    return Given(found.config, found.origin, weights, found.notes)


def _weights(found: Found, access: Access) -> Checkpoint | ZooError | None:
    """What the weights beside the config hold, or why that cannot be read; None where there are none."""
    if found.weights is None or (isinstance(found.weights, Path) and not has_weights(found.weights)):
        return None
    from zoo.checkpoints.model import checkpoints_of

    (read,) = checkpoints_of([(found.weights, found.took)], access)
    return read
