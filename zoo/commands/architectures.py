"""`zoo architectures`: what can be counted."""

import click

from zoo.commands import format_option, listed


@click.command("architectures")
@click.argument("model_type", required=False, metavar="[TYPE]")
@format_option
def command(model_type: str | None, style: str) -> int:
    """List the types that can be counted.

    With a TYPE its classes and config fields.
    """
    from zoo.reports import listings

    tables = [listings.architectures()] if model_type is None else listings.architecture(model_type)
    return max([listed(table, style, "no architecture is installed") for table in tables])
