"""`zoo columns`: what a comparison can say of a model."""

import click

from zoo.commands import format_option


@click.command("columns")
@format_option
def command(style: str) -> None:
    """List the columns that --columns and --sort take, with their units and the sets that they are in."""
    from zoo.reports.listings import columns

    click.echo(columns().render(style))
