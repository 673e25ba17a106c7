"""`zoo models`: the registry."""

from pathlib import Path

import click

from zoo.commands import format_option, listed, registry_option


@click.command("models")
@click.argument("pattern", default="*")
@format_option
@registry_option
def command(pattern: str, style: str, registries: tuple[Path, ...]) -> int:
    """List the models of the registry.

    With a PATTERN those whose name or type fits: bert-*, or a part of the name.
    """
    from zoo.reports import listings

    return listed(listings.models(pattern, registries), style, f"no model fits {pattern!r}")
