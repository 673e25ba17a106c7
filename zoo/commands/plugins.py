"""`zoo plugins`: who counts it."""

import click

from zoo.commands import format_option, listed


@click.command("plugins")
@format_option
def command(style: str) -> int:
    """List the plugins that are installed.

    Each with what it counts, or why it could not be used.
    """
    from zoo.reports import pluginlistings

    return listed(pluginlistings.plugins(), style, "no plugin is installed")
