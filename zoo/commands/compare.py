"""`zoo compare`: models side by side."""

import click

from zoo.commands import Loader, Reference, TakesReferences, cost_options, fail, model_options, tell, tell_of_costs
from zoo.conditions import Conditions
from zoo.errors import ZooError
from zoo.reports.columns import COLUMNS


@click.command("compare", cls=TakesReferences, epilog=f"Columns: {', '.join(COLUMNS)}.")
@click.argument("references", metavar="REF...", nargs=-1, required=True, type=Reference())
@click.option("--columns", metavar="NAME,...", help="Columns to show, in this order.")
@click.option("--sort", metavar="NAME", help="Column to sort by; -NAME for the largest first.")
@click.option(
    "--format",
    "style",
    default="table",
    metavar="FORMAT",
    help="table, markdown, latex, csv, tsv, json, or any format of tabulate.",
)
@cost_options
@model_options
def command(
    references: tuple[str, ...],
    columns: str | None,
    sort: str | None,
    style: str,
    loader: Loader,
    conditions: Conditions,
) -> int:
    """Show models side by side.

    Parameters are those of the class shown: tied tensors once, buffers not. Active are those that one token passes
    through, embeddings included. Embedding is the share of lookup tables (tokens, positions, segments). Columns of
    costs (flops, cache, weights, ...) are told at --length, or where that is not given, at the length that the model is
    made for.
    """
    from zoo.reports.comparison import arrange

    names = None if columns is None else [name.strip() for name in columns.split(",")]
    arrange([], names, sort)  # a misspelt column is told before anything is read
    code = 0
    models = []
    for found in loader.models(references):
        if isinstance(found, ZooError):
            code = fail(str(found))
            continue
        try:
            model = found.under(conditions)
            model.parameters  # noqa: B018 - what cannot be counted is found out here
            models.append(model)
        except ZooError as error:
            code = fail(str(error))
    tell(models)
    if models:
        if style != "json":
            tell_of_costs(models, names or ())
        click.echo(arrange(models, names, sort).render(style))
    return code
