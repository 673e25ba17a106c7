"""`zoo explain`: how a count comes about."""

from pathlib import Path

import click

from zoo.commands import Reference, TakesReferences, model_options, tell
from zoo.model import load


@click.command("explain", cls=TakesReferences)
@click.argument("reference", metavar="REF", type=Reference())
@click.option("--format", "style", default="text", metavar="FORMAT", help="text, markdown, latex or json.")
@model_options
def command(reference: str, style: str, as_: str | None, strict: bool, registries: tuple[Path, ...]) -> None:
    """Explain how the parameters of a model come about.

    Each component by its formula in the fields of the config, the numbers put in, and the result; beside the whole the
    rule of thumb 12·L·H² + V·H, with what it leaves out. The formulas are derived from the definition that counts.
    """
    from zoo.reports.explanation import explain

    model = load(reference, as_=as_, strict=strict, registries=registries)
    tell([model])
    click.echo(explain(model).render(style))
