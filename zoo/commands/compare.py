"""`zoo compare`: models side by side."""

from pathlib import Path

import click

from zoo.commands import (
    Loader,
    Reference,
    TakesReferences,
    cost_options,
    layout_options,
    model_options,
    results_option,
    scores,
    tell,
    tell_of_costs,
)
from zoo.conditions import Conditions
from zoo.formats import RECORDS
from zoo.reports.columns import COLUMNS
from zoo.reports.columnsets import ALL, SCORES, SETS
from zoo.reports.layout import Layout

_SETS = f"Sets of columns: {', '.join((*SETS, ALL))}; {SCORES}, with --results."


@click.command("compare", cls=TakesReferences, epilog=f"{_SETS} Columns: {', '.join(COLUMNS)}.")
@click.argument("references", metavar="REF...", nargs=-1, required=True, type=Reference())
@layout_options
@click.option(
    "--format",
    "style",
    default="table",
    metavar="FORMAT",
    help="table, markdown, latex, html, csv, tsv, json, jsonl, or any format of tabulate or of a plugin.",
)
@results_option
@cost_options
@model_options
def command(
    references: tuple[str, ...],
    layout: Layout,
    style: str,
    results: tuple[Path, ...],
    loader: Loader,
    conditions: Conditions,
) -> int:
    """Show models side by side.

    bert-* stands for all names of the registry that fit. Parameters are those of the class shown: tied tensors once,
    buffers not. Active are those that one token passes through, embeddings included. Embedding is the share of lookup
    tables (tokens, positions, segments). Columns of costs (flops, cache, weights, ...) are told at --length, or where
    that is not given, at the length that the model is made for. --difference-to puts beside parameters, bytes and
    operations how much more they are than another model's.
    """
    from zoo.reports.comparison import FACTS, arrange

    # A misspelt column is told before anything is read, if no results can have it.
    told = () if results else arrange([], layout).columns
    wanted = (*references, *([layout.difference_to] if layout.difference_to else []))
    loader.check(wanted)
    models, code = loader.usable(references, conditions, FACTS if style in RECORDS else told)
    base = next((model for model in models if model.name == layout.difference_to), None)
    others = []
    if base is None and layout.difference_to is not None:
        others = [base := loader.model(layout.difference_to).under(conditions)]
    tell([*models, *others])
    if models:
        comparison = arrange(models, layout, base, scores(results, models))
        if style not in RECORDS and layout.columns is not None:
            tell_of_costs(models, comparison.columns)
        click.echo(comparison.render(style))
    return code
