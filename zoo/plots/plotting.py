"""Pictures of models by their references: `zoo.plot`, and the choice between bars and a scatter."""

from collections.abc import Sequence

from zoo.conditions import Conditions
from zoo.errors import ZooError
from zoo.hub.access import USUAL, Access
from zoo.model import Model
from zoo.plots.bars import Bars
from zoo.plots.picture import Picture
from zoo.plots.scatter import Scatter
from zoo.reports.column import Column
from zoo.reports.columns import column
from zoo.reports.comparison import loaded
from zoo.sources import Paths, Reference, paths


def plot(
    *references: Reference | Model,
    x: str | None = None,
    y: str | None = None,
    share: bool = False,
    pareto: bool = False,
    results: Paths = (),
    as_: str | None = None,
    strict: bool = False,
    registries: Paths = (),
    access: Access = USUAL,
    conditions: Conditions | None = None,
) -> Picture:
    """A picture of the models that the references name; `bert-*` stands for all of the registry that fit.

    Without more, bars of where the parameters sit; share: in parts of the whole. With x and y, names of columns of
    `zoo.compare`, a scatter; pareto: with the front of those to which no other is preferred, by less of an amount
    (parameters, bytes, FLOP) and more of all else.

    results: files and folders with scores, which are columns, too; what is of none of the models is told by a
    ResultsWarning. conditions: under which costs are told; if not given, each model's own. The rest as in `zoo.load`.
    Raises ZooError.
    """
    models = loaded(references, as_=as_, strict=strict, registries=registries, access=access, conditions=conditions)
    more: tuple[Column, ...] = ()
    if of := paths(results):
        from zoo.results import columns_of

        more = columns_of(of, models)
    return picture(models, x, y, share, pareto, more)


def picture(
    models: Sequence[Model],
    x: str | None = None,
    y: str | None = None,
    share: bool = False,
    pareto: bool = False,
    more: Sequence[Column] = (),
) -> Picture:
    """Loaded models as a picture; see `plot`. more: columns made for these models, as scores are."""
    check(x, y, share, pareto)
    if not models:
        raise ZooError("there is no model to draw")
    if x is None or y is None:
        return Bars(models, share)
    return Scatter(models, column(x, more), column(y, more), pareto, more)


def check(x: str | None, y: str | None, share: bool, pareto: bool) -> None:
    """Raises ZooError for choices that do not go together."""
    if (x is None) != (y is None):
        raise ZooError("a scatter needs both --x and --y")
    if x is not None and share:
        raise ZooError("--share is of bars, not of a scatter (--x and --y)")
    if x is None and pareto:
        raise ZooError("--pareto is of a scatter: name --x and --y")
