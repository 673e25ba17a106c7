"""`zoo columns`: what a comparison can say of a model."""

import click

from zoo.commands import format_option


@click.command("columns")
@format_option
def command(style: str) -> None:
    """List the columns of comparisons.

    What --columns and --sort take, with the units of the values and the sets that each column is in.
    """
    from zoo.reports.listings import columns

    click.echo(columns().render(style))
