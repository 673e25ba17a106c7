"""Models side by side: `zoo compare`."""

import os
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from zoo.conditions import Conditions
from zoo.errors import ZooError
from zoo.hub.access import USUAL, Access
from zoo.loading import load_all
from zoo.measures.widths import COLUMNS as WIDTHS
from zoo.model import Model
from zoo.reports import tables
from zoo.reports.column import Column
from zoo.reports.columns import COLUMNS, DEFAULT, column, columns
from zoo.reports.costcolumns import COSTS
from zoo.sources import Reference


class Comparison(NamedTuple):
    """Models in the order in which they are shown, and the columns that are."""

    models: tuple[Model, ...]
    columns: tuple[Column, ...]

    def records(self) -> list[dict[str, Any]]:
        """Everything about each model, whatever columns are shown: raw integers, None where there is no such thing."""
        return [facts(model) for model in self.models]

    def render(self, style: str = "table") -> str:
        """The comparison as text: "table", "markdown", "latex", "csv", "tsv", "json", or a format of tabulate.

        csv and tsv carry raw numbers, json the whole of `records()`. Raises ZooError for an unknown format.
        """
        if style == "json":
            import json

            return json.dumps(self.records(), indent=2)
        if style in ("csv", "tsv"):
            rows = [[column.raw(model) for column in self.columns] for model in self.models]
            headers = [column.name for column in self.columns]
        else:
            rows = [[column.cell(model) for column in self.columns] for model in self.models]
            headers = [column.title(self.models[0].conditions) for column in self.columns]
        return tables.draw(headers, rows, [column.numeric for column in self.columns], style)

    def __str__(self) -> str:
        return self.render()


def compare(
    *references: Reference | Model,
    columns: Sequence[str] | None = None,
    sort: str | None = None,
    as_: str | None = None,
    strict: bool = False,
    registries: Iterable[str | os.PathLike[str]] = (),
    access: Access = USUAL,
    conditions: Conditions | None = None,
) -> Comparison:
    """The models that the references name, side by side.

    columns: names of COLUMNS (in columns) in the order wanted; by default DEFAULT, and status where one is not exact.
    sort: one of them, ascending, or with a "-" before it descending; models without the value come last.
    conditions: under which costs are told; if not given, each model's own. The rest as in `zoo.load`. Raises ZooError.
    """
    models = loaded(references, as_=as_, strict=strict, registries=registries, access=access)
    if conditions is not None:
        models = [model.under(conditions) for model in models]
    return arrange(models, columns, sort)


def loaded(
    references: Sequence[Reference | Model],
    *,
    as_: str | None = None,
    strict: bool = False,
    registries: Iterable[str | os.PathLike[str]] = (),
    access: Access = USUAL,
) -> list[Model]:
    """The models that the references name, at once; models among them stay what they are. Raises ZooError."""
    named = [reference for reference in references if not isinstance(reference, Model)]
    found = iter(load_all(named, as_=as_, strict=strict, registries=registries, access=access))
    models = []
    for reference in references:
        model = reference if isinstance(reference, Model) else next(found)
        if isinstance(model, ZooError):
            raise model
        models.append(model)
    return models


def arrange(models: Sequence[Model], names: Sequence[str] | None = None, sort: str | None = None) -> Comparison:
    """Loaded models as a Comparison; see `compare`."""
    doubtful = any(model.status != "exact" for model in models)
    chosen = columns((*DEFAULT, *(["status"] if doubtful else [])) if names is None else names)
    if sort is not None:
        models = sorted_by(models, sort)
    return Comparison(tuple(models), chosen)


def sorted_by(models: Sequence[Model], sort: str) -> list[Model]:
    """The models in the order of a column; `-name` for descending."""
    key = column(sort.removeprefix("-"))
    there = [model for model in models if key.value(model) is not None]
    missing = [model for model in models if key.value(model) is None]
    return sorted(there, key=key.rank, reverse=sort.startswith("-")) + missing


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


def provenance(model: Model) -> dict[str, Any]:
    """Which commit of which repository the config is of; as its registry entry says, where it comes from that."""
    origin, entry = model.found.origin, model.entry
    return {
        "repository": origin.repository.name if origin else entry and entry.hub,
        "commit": origin.commit if origin else entry and entry.revision,
        "config_sha256": origin.sha256 if origin else entry and entry.sha256,
    }


def costs(model: Model) -> dict[str, Any]:
    """Every cost and width of a model by the name of its column, and the conditions for which it is told."""
    told: dict[str, Any] = {column.name: column.value(model) for column in (*COSTS, *WIDTHS)}
    return {**told, "conditions": model.conditions._asdict()}
