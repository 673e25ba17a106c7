"""A model held against a checkpoint: where that is, what it holds, and whether every difference is explained."""

import os
from pathlib import Path
from typing import NamedTuple

from zoo import configfile
from zoo.checkpoints.checkpoint import Checkpoint
from zoo.checkpoints.comparison import Comparison, Line
from zoo.checkpoints.contents import stated
from zoo.checkpoints.model import FromCheckpoint, checkpoints_of
from zoo.errors import CheckpointError, ConfigError, ZooError
from zoo.hub.access import USUAL, Access
from zoo.hub.repository import PREFIX, named
from zoo.loading import load
from zoo.model import Model
from zoo.sources import CHECKPOINTS, Found, Reference, find, repository_of


class Verification(NamedTuple):
    """How a model compares with a checkpoint: a line for each tensor of either.

    notes: what the person should be told about where the checkpoint comes from.
    """

    model: Model
    checkpoint: Checkpoint
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()

    @property
    def explained(self) -> bool:
        """Whether every difference is."""
        return all(line.explained for line in self.lines)

    def __repr__(self) -> str:
        how = "explained" if self.explained else "NOT explained"
        return f"<Verification of {self.model.name} against {self.checkpoint.name}: {how}>"


def verify(
    reference: Reference | Model, checkpoint: str | os.PathLike[str] | None = None, *, access: Access = USUAL
) -> Verification:
    """Holds the tensors of a model against those of a checkpoint, one by one; only headers are read.

    checkpoint: a safetensors file, a folder, an index, or a repository of the Hub; if not given, where the weights of
    the model are: its folder, its repository, or the one that its registry entry names. Raises CheckpointError for what
    is no checkpoint, or where there is nothing to hold against it; HubError for what the Hub does not give.
    """
    model = reference if isinstance(reference, Model) else load(reference, access=access)
    if isinstance(model, FromCheckpoint):
        raise CheckpointError(f"{model.name}: {model.reason}, so there is nothing to hold its weights against")
    place = _weights_of(model, access) if checkpoint is None else _beside(checkpoint, access)
    if place.weights is None:
        raise CheckpointError(f"{model.name}: nothing says where its weights are: name a checkpoint")
    (read,) = checkpoints_of([(place.weights, place.took)], access)
    if isinstance(read, ZooError):
        raise read
    own = place is model.found or not place.config
    quantization = stated(model.stated if own else place.config.get)
    notes = tuple(told for told in place.notes if told not in model.notes)
    return Verification(model, read, tuple(Comparison(model, read, quantization).lines()), notes)


def _weights_of(model: Model, access: Access) -> Found:
    """Where the weights of a model are, with the config beside them."""
    entry = model.entry
    if model.found.weights is None and entry and entry.hub:
        return find(f"{PREFIX}{repository_of(entry, model.name)}", access=access)
    return model.found


def _beside(checkpoint: str | os.PathLike[str], access: Access) -> Found:
    """Where a checkpoint is, with the config beside it, if there is one that can be read."""
    name = os.fspath(checkpoint)
    if not name:
        raise CheckpointError("the checkpoint has no name: give a file, a folder or a repository")
    here = isinstance(checkpoint, os.PathLike) or os.path.lexists(name) or name.endswith(CHECKPOINTS)
    if not here and (repository := named(name)):
        return find(f"{PREFIX}{repository}", access=access)
    path = Path(name)
    try:
        config = configfile.read(path if path.is_dir() else path.with_name("config.json"))
    except (ConfigError, OSError, ValueError):  # a checkpoint needs none
        config = {}
    return Found(name, config, weights=path)
