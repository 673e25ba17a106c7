"""`zoo show`: one model as a tree of its components."""

import click

from zoo.commands import (
    Loader,
    Reference,
    TakesReferences,
    comma_separated,
    cost_options,
    format_option,
    model_options,
    tell,
    tell_of_costs,
)
from zoo.conditions import Conditions
from zoo.errors import ZooError
from zoo.formats import RECORDS


@click.command("show", cls=TakesReferences)
@click.argument("reference", metavar="REF", type=Reference())
@click.option("--depth", type=click.IntRange(min=0), metavar="N", help="Levels to show; all, if not given.")
@click.option("--tensors", "list_tensors", is_flag=True, help="List each tensor with its name and shape.")
@click.option(
    "--columns",
    metavar="NAME,...",
    callback=comma_separated,
    help="What to say of each component, or above the tree of the model.",
)
@format_option
@cost_options
@model_options
def command(
    reference: str,
    depth: int | None,
    list_tensors: bool,
    columns: tuple[str, ...] | None,
    style: str,
    loader: Loader,
    conditions: Conditions,
) -> None:
    """Show where the parameters of a model sit.

    A tree of components, each with its share of the whole. Layers of one kind are one component, with how many copies
    there are; its count is that of all copies together. --columns copies,parameters,share,active,flops,cache,note tells
    more of each component; columns of zoo compare that are of the whole model stand above the tree.
    """
    from zoo.reports import breakdowns
    from zoo.reports.columns import known
    from zoo.reports.listings import tensors
    from zoo.reports.treecolumns import DEFAULT

    if list_tensors and (depth is not None or columns is not None):
        raise ZooError("--tensors lists every tensor: it goes with no --depth and no --columns")
    names = DEFAULT if columns is None else columns
    names = breakdowns.checked(names)
    model = loader.model(reference).under(conditions)
    tell([model])
    if list_tensors and style == "table":
        for tensor in model.tensors():
            click.echo(f"{tensor.name} {list(tensor.shape)}" + (f" tied to {tensor.tied_to}" if tensor.tied_to else ""))
    elif list_tensors:
        click.echo(tensors(model).render(style))
    else:
        if style not in RECORDS:
            tell_of_costs([model], [one for name, one in known().items() if name in names])
        breakdown = breakdowns.show(model, depth=depth, columns=names)
        click.echo(str(breakdown) if style == "table" else breakdown.render(style))
