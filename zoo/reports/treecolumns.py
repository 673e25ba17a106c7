"""What `zoo show` says of each component: counts, and those costs that components add up to."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from zoo.blueprint import Part
from zoo.conditions import MeasureError
from zoo.measures.counts import Component, ComponentReading, Place
from zoo.model import Model
from zoo.text import binary, operations

if TYPE_CHECKING:
    from zoo.measures.flops import Cost


class TreeColumn(NamedTuple):
    """A column of the tree: its name and header, and the value of a component in a model of so many parameters.

    text: the value as a person reads it. reading: what tells the value, where it is more than a count. by_use: whether
    it depends on what a token does with the tensors.
    """

    name: str
    header: str
    value: Callable[[Component, int], Any] | None = None
    text: Callable[[Any], str] = "{:,}".format
    reading: Callable[[Model], ComponentReading] | None = None
    numeric: bool = True
    by_use: bool = False


def _nothing_known(*_: object) -> None:
    return None


def _flops(pick: "Callable[[Cost], int]") -> Callable[[Model], ComponentReading]:
    def of(model: Model) -> ComponentReading:
        from zoo.measures.flops import component_cost

        try:
            lengths = model.lengths()
        except MeasureError:
            return _nothing_known

        def told(parts: tuple[Part, ...], place: Place) -> int | None:
            try:
                found = component_cost(parts, place, lengths)
            except MeasureError:  # no length for tokens that it needs
                return None
            return None if found is None else pick(found)

        return told

    return of


def _cache(model: Model) -> ComponentReading:
    from zoo.measures.cache import component_bytes

    try:
        empty = model.cache()
    except MeasureError:
        empty = None
    return _nothing_known if empty is None else lambda parts, place: component_bytes(parts, place, empty)


_ALL = (
    TreeColumn("copies", "copies", lambda part, total: part.times, lambda times: f"{times:,}" if times > 1 else ""),
    TreeColumn("parameters", "parameters", lambda part, total: part.counts.parameters),
    TreeColumn("share", "share", lambda part, total: round(part.parameters / total, 6), "{:.2%}".format),
    TreeColumn("active", "active", lambda part, total: part.counts.active, by_use=True),
    TreeColumn("embedding_parameters", "embedding parameters", lambda part, total: part.counts.embedding, by_use=True),
    TreeColumn("flops", "FLOPs", text=operations, reading=_flops(lambda cost: cost.total)),
    TreeColumn("flops_weights", "FLOPs of weights", text=operations, reading=_flops(lambda cost: cost.weights)),
    TreeColumn("flops_scores", "FLOPs of scores", text=operations, reading=_flops(lambda cost: cost.scores)),
    TreeColumn("cache", "cache", text=binary, reading=_cache),
    TreeColumn("note", "note", lambda part, total: part.note, str, numeric=False),
)

TREE_COLUMNS = {column.name: column for column in _ALL}
"""The columns of the tree by name; every other column of a comparison is of the model as a whole."""

DEFAULT = ("copies", "parameters", "share", "note")
