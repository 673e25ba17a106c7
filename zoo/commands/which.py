"""`zoo which`: where the code is that counts a type."""

import click

from zoo.commands import format_option, listed


@click.command("which")
@click.argument("model_type", metavar="TYPE")
@format_option
def command(model_type: str, style: str) -> int:
    """Tell which plugin counts a TYPE, and where.

    Its package with the version, its class, and the file and line of that. Where several plugins claim the type, each
    of them, and which is meant.
    """
    from zoo.reports import pluginlistings

    return listed(pluginlistings.which(model_type), style, "no architecture is installed")
