"""Width growing with size, model by model and by the exponent of each family: `zoo width`."""

from collections.abc import Iterable, Sequence
from math import log
from typing import Any, NamedTuple

from zoo.conditions import Conditions
from zoo.errors import ZooError
from zoo.formats import RECORDS, is_raw, json_text, prose
from zoo.hub.access import USUAL, Access
from zoo.loading import load_all
from zoo.measures import dtypes
from zoo.model import Model
from zoo.registries.registry import registry as registries_of
from zoo.reports.comparison import Comparison, arrange, loaded
from zoo.reports.identity import identity
from zoo.reports.layout import Layout, words
from zoo.reports.listings import Listing
from zoo.sources import Paths, Reference, paths

DEFAULT = (
    "model", "parameters", "short", "vocab", "token_bits", "hidden", "dtype", "vector_bits", "bits_ratio",
    "layers", "hidden_per_layer", "head_dim", "embedding",
)  # fmt: skip
"""The columns that are shown where none are chosen."""

FEWEST = 3
"""Sizes that a family must have for an exponent: two always lie on a line."""


class Exponent(NamedTuple):
    """How width grows with size among models of one type: H as N to the power of `exponent`.

    models: how many different pairs of parameters N and hidden_size H it is fitted to. exponent: the slope of log H
    against log N by least squares; None where fewer than FEWEST sizes are there.
    """

    model_type: str
    models: int
    exponent: float | None


class Widths(NamedTuple):
    """Models side by side, and the exponent of each family; problems: which models could not be told of, and why."""

    comparison: Comparison
    exponents: tuple[Exponent, ...]
    problems: tuple[str, ...] = ()

    @property
    def models(self) -> tuple[Model, ...]:
        """The models in the order in which they are shown."""
        return self.comparison.models

    def records(self) -> list[dict[str, Any]]:
        """A mapping for each model, whatever columns are shown: raw numbers, None where there is no such thing."""
        return [{**identity(model), **model.width()._asdict()} for model in self.models]

    def render(self, style: str = "table") -> str:
        """As text in any style of `zoo.compare`: models, exponents, and what they show.

        csv and tsv carry the models alone, with raw numbers; json is an object of `models` (see `records`), `exponents`
        and `problems`. Raises ZooError for a style that there is not.
        """
        if style in RECORDS:
            exponents = [exponent._asdict() for exponent in self.exponents]
            return json_text({"models": self.records(), "exponents": exponents, "problems": self.problems}, style)
        if is_raw(style):
            return self.comparison.render(style)
        fits = [(family, models, _shown(exponent)) for family, models, exponent in self.exponents]
        headers = ("type", "sizes", "exponent of hidden against parameters")
        texts = [self.comparison.render(style), Listing(headers, fits).render(style)]
        return "\n\n".join([*texts, *(prose([line], style) for line in [self.conclusion()] if line)])

    def conclusion(self) -> str:
        """What the numbers show, in a sentence; empty where no model has a vocabulary."""
        bits = sorted(found for model in self.models if (found := model.width().token_bits) is not None)
        if not bits:
            return ""
        number = f"{bits[0]}" if bits[0] == bits[-1] else f"{bits[0]} to {bits[-1]}"
        return (
            f"{number} bits would do to tell the tokens apart. A vector is H wide because the matrices of the layers "
            "are about H by H, and there most parameters are."
        )

    def __str__(self) -> str:
        return self.render()


def _shown(exponent: float | None) -> str:
    return "none: too few sizes" if exponent is None else f"{exponent:.3f}"


def width(
    *references: Reference | Model,
    registry: bool = False,
    columns: str | Sequence[str] | None = None,
    sort: str | Sequence[str] = "parameters",
    dtype: str | None = None,
    as_: str | None = None,
    strict: bool = False,
    registries: Paths = (),
    access: Access = USUAL,
) -> Widths:
    """How wide the models are that the references name, by size; with `registry`, also all that have a name.

    columns, sort: as in `zoo.compare`. dtype: of the vectors; by default what each config says. The rest as in
    `zoo.load`. Raises ZooError; but what is wrong with an entry of the registry is told in `problems`.
    """
    files = paths(registries)
    at = None if dtype is None else Conditions(dtype=dtype)
    models = loaded(references, as_=as_, strict=strict, registries=files, access=access, conditions=at)
    entries = load_all(names(files) if registry else (), as_=as_, strict=strict, registries=files, access=access)
    readable, problems = told(entries, dtype)
    return arranged([*models, *readable], columns, sort, problems)


def names(files: Paths = ()) -> list[str]:
    """All that the registry names, `files` before what ships with zoo."""
    return registries_of(*paths(files)).matching("*")


def told(found: Iterable[Model | ZooError], dtype: str | None = None) -> tuple[list[Model], list[str]]:
    """The models of which width can be told, and what is wrong with the others. Raises MeasureError for no dtype."""
    conditions = Conditions(dtype=dtype and dtypes.dtype(dtype))
    models, problems = [], []
    for model in found:
        if isinstance(model, ZooError):  # one bad reference hides no other
            problems.append(str(model))
            continue
        try:
            model = model.under(conditions)
            model.width()  # what cannot be counted, or has no dtype that is known, is found out here
            models.append(model)
        except ZooError as error:
            problems.append(str(error) if str(error).startswith(model.name) else f"{model.name}: {error}")
    return models, problems


def arranged(
    models: Iterable[Model],
    columns: str | Sequence[str] | None = None,
    sort: str | Sequence[str] = "parameters",
    problems: Sequence[str] = (),
) -> Widths:
    """Loaded models as Widths, each name once; see `width`."""
    chosen = list({model.name: model for model in models}.values())
    if columns is None:
        columns = (*DEFAULT, *(["status"] if any(model.status != "exact" for model in chosen) else []))
    layout = Layout(words(columns), words(sort))
    return Widths(arrange(chosen, layout), exponents(chosen), tuple(problems))


def exponents(models: Iterable[Model]) -> tuple[Exponent, ...]:
    """How width grows with size in each family, which is a model_type, in the order of their names."""
    families: dict[str, set[tuple[int, int]]] = {}
    for model in models:
        wide = model.width()
        if wide.parameters and wide.hidden_size:
            families.setdefault(model.model_type, set()).add((wide.parameters, wide.hidden_size))
    return tuple(Exponent(family, len(sizes), _slope(sizes)) for family, sizes in sorted(families.items()))


def _slope(sizes: set[tuple[int, int]]) -> float | None:
    """The slope of log H against log N for pairs (N, H)."""
    from statistics import linear_regression

    if len({parameters for parameters, _ in sizes}) < FEWEST:
        return None
    logs = [(log(parameters), log(hidden_size)) for parameters, hidden_size in sorted(sizes)]
    return linear_regression([x for x, _ in logs], [y for _, y in logs]).slope
