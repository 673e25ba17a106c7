"""Named sets of columns, usable wherever columns are named: `--columns size,flops`."""

from collections.abc import Iterable, Sequence

from zoo.errors import ZooError
from zoo.reports.column import Column
from zoo.reports.columns import LISTED, known
from zoo.text import near, shown

DEFAULT = (
    "model", "class", "parameters", "short", "active", "embedding",
    "layers", "hidden", "heads", "ffn", "vocab", "context",
)  # fmt: skip

SETS = {
    "default": DEFAULT,
    "size": (
        "model", "parameters", "short", "active", "embedding_parameters", "non_embedding", "embedding", "published",
    ),
    "memory": ("model", "parameters", "dtype", "weights", "cache", "cache_per_token", "training"),
    "shape": ("model", "family", "layers", "hidden", "heads", "head_dim", "ffn", "vocab", "context"),
}  # fmt: skip
"""Each set by its name. There are two more: "all", and "scores", of what results say, where there are any."""

ALL, SCORES = "all", "scores"


def columns(names: Sequence[str], scores: Iterable[Column] = (), doubtful: bool = False) -> tuple[Column, ...]:
    """The columns that are named, singly or by sets, in their order; what a set has that is there already is left out.

    scores: those that results say. doubtful: whether some model is not exact, which every set then tells.

    Raises ZooError for a name that is none, or is given twice.
    """
    there = {**known(), **{column.name: column for column in scores}}
    sets = {**SETS, ALL: tuple(there)}
    if len(there) > len(known()):
        # What has a colon in its name is a part of another score.
        sets[SCORES] = tuple(column.name for column in scores if ":" not in column.name)
    chosen: dict[str, None] = {}
    for name in names:
        if names.count(name) > 1:
            raise ZooError(f"column {shown(name)} is named twice")
        if name not in there and name not in sets:
            raise ZooError(f"no column {shown(name)}{near(name, (*sets, *there))} ({LISTED})")
        chosen |= dict.fromkeys(sets.get(name, (name,)))
    if doubtful and any(name in sets for name in names):
        chosen["status"] = None
    return tuple(there[name] for name in chosen)
