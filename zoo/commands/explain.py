"""`zoo explain`: how a count comes about."""

import click

from zoo.commands import Loader, Reference, TakesReferences, model_options, tell


@click.command("explain", cls=TakesReferences)
@click.argument("reference", metavar="REF", type=Reference())
@click.option("--format", "style", default="text", metavar="FORMAT", help="text, markdown, latex, json or jsonl.")
@model_options
def command(reference: str, style: str, loader: Loader) -> None:
    """Explain how the parameters of a model come about.

    Each component by its formula in the fields of the config, the numbers put in, and the result; beside the whole the
    rule of thumb 12·L·H² + V·H, with what it leaves out. The formulas are derived from the definition that counts.
    """
    from zoo.reports.explanation import explain

    model = loader.model(reference)
    tell([model])
    click.echo(explain(model).render(style))
