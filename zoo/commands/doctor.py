"""`zoo doctor`: whether the plugins are well."""

import click

from zoo.commands import format_option
from zoo.errors import ZooError

UNWELL = 1
"""The exit code where something is wrong with a plugin."""

LONGEST = 3600
"""Seconds that the trial of a plugin may take at most."""


@click.command("doctor")
@click.argument("names", metavar="[PLUGIN]...", nargs=-1)
@click.option(
    "--timeout",
    type=float,
    default=30,
    show_default=True,
    metavar="SECONDS",
    help="How long the trial of one plugin may take.",
)
@format_option
def command(names: tuple[str, ...], timeout: float, style: str) -> int:
    """Try every plugin, or those that are named.

    PLUGIN is its name, or that of its package. Each is tried in a process of its own: imported, asked by each of its
    hooks, every class of its types counted at the default config and every model of its registries. What is told is
    whatever goes wrong there, what it prints, and whether it imports heavy modules; a plugin that hangs or crashes is
    ended. The exit code is 0 only if all is well, and 1 if not.
    """
    if not 0 < timeout <= LONGEST:  # nor is NaN
        raise ZooError(f"--timeout must be a number of seconds up to {LONGEST:,}, got {timeout:g}")
    from zoo.diagnosis.doctor import examine
    from zoo.formats import prose
    from zoo.manager import manager, preferences

    prose((), style)  # which tells of a format that there is not, before all is tried
    report = examine(names, manager.settings, {*manager.settings.prefer, *preferences()}, timeout)
    click.echo(report.render(style))
    return 0 if report.well else UNWELL
