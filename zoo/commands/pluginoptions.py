"""--plugin and --prefer, which every command takes, before its name or behind it."""

from pathlib import Path
from typing import Any

import click

from zoo.discovery.files import entry_point
from zoo.errors import PluginError
from zoo.manager import GROUP, manager
from zoo.text import shown

_GIVEN = "zoo.plugins"


def _use(context: click.Context, option: click.Parameter, given: tuple[Any, ...]) -> None:
    """Has the manager use what was given so far, until the command line has been run."""
    if not given:
        return
    if _GIVEN not in context.meta:
        context.meta[_GIVEN] = {"files": (), "prefer": {}}
        context.find_root().call_on_close(manager.use)
    told = context.meta[_GIVEN]
    if option.name == "modules":
        for file in given:
            _check(file)
        told["files"] += given
    else:
        told["prefer"].update(_preference(word) for word in given)
    manager.use(**told)


def _check(file: Path) -> None:
    try:
        entry_point(file, GROUP)
    except PluginError as error:
        raise PluginError(f"--plugin {shown(str(file))}: {error}") from None


def _preference(word: str) -> tuple[str, str]:
    model_type, _, plugin = word.partition("=")
    if not model_type or not plugin:
        raise click.UsageError(f"--prefer takes TYPE=PLUGIN, got {word}")
    return model_type, plugin


PLUGIN_OPTIONS = (
    click.Option(
        ["--plugin", "modules"],
        multiple=True,
        metavar="FILE",
        type=click.Path(path_type=Path),
        expose_value=False,
        is_eager=True,
        callback=_use,
        help="A module that is a plugin, though in no package; may be given several times.",
    ),
    click.Option(
        ["--prefer", "prefer"],
        multiple=True,
        metavar="TYPE=PLUGIN",
        expose_value=False,
        is_eager=True,
        callback=_use,
        help="Of several plugins that count a type, the one that is meant; may be given several times.",
    ),
)
