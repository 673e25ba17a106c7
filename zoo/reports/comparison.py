"""Models side by side: `zoo compare`."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from zoo.conditions import Conditions
from zoo.errors import ZooError
from zoo.formats import RECORDS, draw, is_raw, json_text
from zoo.hub.access import USUAL, Access
from zoo.loading import expanded, load, load_all
from zoo.model import Model
from zoo.reports.column import Column, Value
from zoo.reports.columns import COLUMNS, column, columns, provenance
from zoo.reports.columnsets import SCORES
from zoo.reports.costcolumns import COSTS
from zoo.reports.differences import differences
from zoo.reports.layout import Layout, words
from zoo.reports.numbers import AMOUNTS, Numbers, scale
from zoo.reports.widthcolumns import WIDTHS
from zoo.sources import Paths, Reference, paths


class Comparison(NamedTuple):
    """Models in the order in which they are shown, and the columns that are.

    more: columns that are made for these models, beside those that any model has. base: the model whose amounts are
    taken from those of each.
    """

    models: tuple[Model, ...]
    columns: tuple[Column, ...]
    layout: Layout = Layout()
    more: tuple[Column, ...] = ()
    base: Model | None = None

    def records(self) -> list[dict[str, Any]]:
        """Everything about each model, whatever columns are shown: raw integers, None where there is no such thing.

        Columns that were asked for are there by their names, too.
        """
        shown = () if self.layout.columns is None else self.columns
        return [
            {**{column.name: column.value(model) for column in (*self.more, *shown)}, **facts(model)}
            for model in self.models
        ]

    def render(self, style: str = "table") -> str:
        """The comparison as text: "table", "markdown", "latex", "html", "csv", "tsv", "json", "jsonl", or a format of
        tabulate.

        csv and tsv carry raw numbers, json and jsonl the whole of `records()`. Raises ZooError for an unknown format.
        """
        if style in RECORDS:
            return json_text(self.records(), style)
        machine = is_raw(style)
        told = [self._raw(column) if machine else self._written(column) for column in self.columns]
        numeric = [self._is_numeric(column) for column in self.columns]
        if self.layout.transpose:
            # What tells the models apart becomes the header, whether it was asked for or not.
            rest = [lines for lines, column in zip(told, self.columns, strict=True) if column.name != "model"]
            headers = ["model", *(model.name for model in self.models)]
            return draw(headers, rest, [False, *(True for _ in self.models)], style)
        headers = [lines[0] for lines in told]
        return draw(headers, list(zip(*(lines[1:] for lines in told), strict=True)), numeric, style)

    def _is_numeric(self, column: Column) -> bool:
        """Whether a column goes to the right; one that a plugin adds only if it has a number."""
        there = column.name in COLUMNS or any(isinstance(column.value(model), int | float) for model in self.models)
        return column.numeric and there

    def _raw(self, column: Column) -> list[str]:
        """A column as a program reads it, from its header down."""
        return [column.key, *(str(column.raw(column.value(model))) for model in self.models)]

    def _written(self, column: Column) -> list[str]:
        """A column as a person reads it."""
        values = [column.value(model) for model in self.models]
        measured = values if column.beside is None else [column.beside.value(model) for model in self.models]
        numbers = [value for value in measured if isinstance(value, int | float)]
        unit = scale(numbers, column.unit, self.layout.numbers)
        scaled = column.unit in AMOUNTS

        def cell(value: Value) -> str:
            return (
                unit.text(value, column.signed) if scaled and isinstance(value, int | float) else column.written(value)
            )

        return [column.title(self.models[0].conditions, unit.unit, own=True), *map(cell, values)]

    def __str__(self) -> str:
        return self.render()

    def __repr__(self) -> str:
        return self.render()

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return self.render("html")


def compare(
    *references: Reference | Model,
    columns: str | Sequence[str] | None = None,
    sort: str | Sequence[str] | None = None,
    group_by: str | None = None,
    difference_to: Reference | Model | None = None,
    transpose: bool = False,
    numbers: Numbers = "usual",
    results: Paths = (),
    as_: str | None = None,
    strict: bool = False,
    registries: Paths = (),
    access: Access = USUAL,
    conditions: Conditions | None = None,
) -> Comparison:
    """The models that the references name, side by side; `bert-*` stands for all of the registry that fit.

    columns: names of COLUMNS (in columns) or of SETS (in columnsets) in the order wanted, or a text with commas between
    them; by default DEFAULT, and status where a model is not exact. sort, group_by, transpose, numbers: see `Layout`.
    difference_to: the model whose amounts are taken from those of each.
    results: files and folders with scores, which become columns; see `zoo.results`. What is of none of the models is
    told by a ResultsWarning.
    conditions: under which costs are told; if not given, each model's own. The rest as in `zoo.load`. Raises ZooError.
    """
    files = paths(registries)
    models = loaded(references, as_=as_, strict=strict, registries=files, access=access, conditions=conditions)
    if not models:
        raise ZooError("there is no model to compare")
    base = difference_to
    if base is not None and not isinstance(base, Model):
        base = load(base, as_=as_, strict=strict, registries=files, access=access)
    if base is not None and conditions is not None:
        base = base.under(conditions)
    shown = None if columns is None else words(columns)
    layout = Layout(shown, words(sort), group_by, base.name if base else None, transpose, numbers)
    more: tuple[Column, ...] = ()
    if of := paths(results):
        from zoo.results import columns_of

        more = columns_of(of, models)
    return arrange(models, layout, base, more)


def loaded(
    references: Sequence[Reference | Model],
    *,
    as_: str | None = None,
    strict: bool = False,
    registries: Paths = (),
    access: Access = USUAL,
    conditions: Conditions | None = None,
) -> list[Model]:
    """The models that the references name, at once; models among them stay what they are. Raises ZooError.

    conditions: under which costs are told; if not given, each model's own.
    """
    files = paths(registries)
    all_ = expanded(references, files)
    named = [reference for reference in all_ if not isinstance(reference, Model)]
    found = iter(load_all(named, as_=as_, strict=strict, registries=files, access=access))
    models = []
    for reference in all_:
        model = reference if isinstance(reference, Model) else next(found)
        if isinstance(model, ZooError):
            raise model
        models.append(model if conditions is None else model.under(conditions))
    return models


USUAL_SCORES = ("model", "parameters", "active", SCORES)
"""The columns where there are scores and none are asked for."""

_USUAL = Layout()


def arrange(
    models: Sequence[Model], layout: Layout = _USUAL, base: Model | None = None, more: Sequence[Column] = ()
) -> Comparison:
    """Loaded models as a Comparison; see `compare`.

    base: the model that the layout's `difference_to` names. more: columns made for these models, as scores are.
    """
    layout = layout.checked()
    doubtful = any(model.status != "exact" for model in models)
    usual = USUAL_SCORES if more else ("default",)
    chosen = columns(usual if layout.columns is None else layout.columns, more, doubtful)
    for name in reversed(layout.sort):
        models = sorted_by(models, name, more)
    if layout.group_by is not None:
        by = column(layout.group_by, more)
        chosen = (by, *(one for one in chosen if one.name != by.name))
        models = grouped(models, by)
    if base is not None:
        chosen = tuple(differences(chosen, base))
    return Comparison(tuple(models), chosen, layout, tuple(more), base)


def sorted_by(models: Sequence[Model], sort: str, more: Sequence[Column] = ()) -> list[Model]:
    """The models in the order of a column; `-name` for descending. What is equal stays in its order."""
    key = column(sort.removeprefix("-"), more)
    there = [model for model in models if key.value(model) is not None]
    missing = [model for model in models if key.value(model) is None]
    return sorted(there, key=key.rank, reverse=sort.startswith("-")) + missing


def grouped(models: Sequence[Model], by: Column) -> list[Model]:
    """Models with the same value together, in the order in which the values come first."""
    groups: dict[Value, list[Model]] = {}
    for model in models:
        groups.setdefault(by.value(model), []).append(model)
    return [model for group in groups.values() for model in group]


FACTS = (*COSTS, *WIDTHS)
"""The columns that every record has, under their names."""


def facts(model: Model) -> dict[str, Any]:
    """Everything that is known about a model, under stable names."""
    heads = {(attention.heads, attention.kv_heads, attention.head_dim) for attention in model.attentions()}
    ((query, keys, head_dim),) = heads if len(heads) == 1 else ((None, None, None),)
    return {
        "model": model.name,
        "model_type": model.model_type,
        "class": model.class_name,
        "parameters": model.parameters,
        "active_parameters": COLUMNS["active"].value(model),
        "embedding_parameters": COLUMNS["embedding_parameters"].value(model),
        "non_embedding_parameters": COLUMNS["non_embedding"].value(model),
        "status": model.status,
        "unknown_keys": list(model.unknown_keys),
        "layers": model.depths[0] if model.depths else None,
        "decoder_layers": model.depths[1] if len(model.depths) > 1 else None,
        "hidden_size": model.config.dimension("hidden_size"),
        "num_attention_heads": query,
        "num_key_value_heads": keys,
        "head_dim": head_dim,
        "intermediate_size": model.config.dimension("intermediate_size"),
        "vocab_size": model.config.dimension("vocab_size"),
        "max_position_embeddings": model.config.dimension("max_position_embeddings"),
        "published": model.entry.published if model.entry else None,
        "source": model.entry.source if model.entry else None,
        "registry": model.entry.origin if model.entry else None,
        **provenance(model),
        "notes": list(model.notes),
        **model.facts(),
        **costs(model),
    }


def costs(model: Model) -> dict[str, Any]:
    """Every cost and width of a model by the name of its column, and the conditions for which it is told."""
    told: dict[str, Any] = {column.name: column.value(model) for column in FACTS}
    return {**told, "conditions": model.conditions._asdict()}
