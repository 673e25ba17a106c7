"""`zoo width`: why vectors are so wide."""

from functools import partial

import click

from zoo.commands import (
    Loader,
    Reference,
    TakesReferences,
    columns_option,
    fail,
    format_option,
    model_options,
    registry_files,
    sort_option,
    tell,
)

_registry_file = registry_files(
    "--registry-file", "What --registry FILE is to other commands: its entries come before all others."
)


@click.command("width", cls=TakesReferences)
@click.argument("references", metavar="[REF...]", nargs=-1, type=Reference())
@click.option("--registry", "all_named", is_flag=True, help="All models that have a name, beside those that are given.")
@columns_option
@sort_option
@click.option("--dtype", metavar="DTYPE", help="Number format of the vectors; by default each config's own.")
@format_option
@partial(model_options, registry=_registry_file)
def command(
    references: tuple[str, ...],
    all_named: bool,
    columns: tuple[str, ...] | None,
    sort: tuple[str, ...],
    dtype: str | None,
    style: str,
    loader: Loader,
) -> int:
    """Show how wide models are, and why.

    The bits that tell tokens apart, and those that a vector holds; beside them hidden_size over layers, the width of a
    head, and the share of the embedding; sorted by size, if not by --sort. Below, how width grows with size in each
    type: hidden_size as parameters to the power of the exponent, by least squares.

    Here --registry takes no file: it means all models of the registry.
    """
    from zoo.reports import width as widthreport

    if not references and not all_named:
        raise click.UsageError("name a model, or all of them with --registry", click.get_current_context())
    order = sort or ("parameters",)
    widthreport.arranged([], columns, order)  # a misspelt column is told before anything is read
    wanted = [*references, *(widthreport.names(loader.registries) if all_named else ())]
    models, problems = widthreport.told(loader.models(wanted), dtype)
    code = max([0, *map(fail, problems)])
    tell(models)
    if models:
        click.echo(widthreport.arranged(models, columns, order, problems).render(style))
    return code
