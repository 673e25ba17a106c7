"""`zoo show`: one model as a tree of its components."""

from pathlib import Path

import click

from zoo.commands import Reference, TakesReferences, format_option, model_options, tell
from zoo.errors import ZooError
from zoo.model import load


@click.command("show", cls=TakesReferences)
@click.argument("reference", metavar="REF", type=Reference())
@click.option("--depth", type=click.IntRange(min=0), metavar="N", help="Levels to show; all, if not given.")
@click.option("--tensors", "list_tensors", is_flag=True, help="List each tensor with its name and shape.")
@format_option
@model_options
def command(
    reference: str,
    depth: int | None,
    list_tensors: bool,
    style: str,
    as_: str | None,
    strict: bool,
    registries: tuple[Path, ...],
) -> None:
    """Show where the parameters of a model sit, as a tree with shares.

    Layers of one kind are one component, with how many copies there are; its count is that of all copies together.
    """
    from zoo import breakdowns
    from zoo.listings import tensors

    if list_tensors and depth is not None:
        raise ZooError("--tensors lists every tensor: it goes with no --depth")
    model = load(reference, as_=as_, strict=strict, registries=registries)
    tell([model])
    if list_tensors and style == "table":
        for tensor in model.tensors():
            click.echo(f"{tensor.name} {list(tensor.shape)}" + (f" tied to {tensor.tied_to}" if tensor.tied_to else ""))
    elif list_tensors:
        click.echo(tensors(model).render(style))
    else:
        breakdown = breakdowns.show(model, depth=depth)
        click.echo(str(breakdown) if style == "table" else breakdown.render(style))
