"""What plugins give by a hook beside architectures: of each all that it gives, or nothing, and then it is blamed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from zoo.discovery import quarantine
from zoo.errors import PluginError
from zoo.manager import Plugin, manager
from zoo.text import shown

Made = TypeVar("Made")


def taken(hook: str, plugins: Iterable[Plugin], made: Callable[[list[object]], Made]) -> Iterator[tuple[Plugin, Made]]:
    """Each of the plugins that has the hook, with what is made of the list that it gives.

    made: raises PluginError for what is wrong in the list; the plugin is then blamed, and passed over.
    """
    for plugin in plugins:
        if hook not in plugin.hooks:
            continue
        try:
            found = made(_listed(plugin, hook))
        except PluginError as error:
            manager.blame(plugin, f"{hook} left out: {str(error).removeprefix(f'{hook}: ')}")
        else:
            yield plugin, found


def _listed(plugin: Plugin, hook: str) -> list[object]:
    answer = plugin.ask(hook)
    if not isinstance(answer, Iterable) or isinstance(answer, str):
        raise PluginError(f"must give a list, got {shown(answer)}")
    try:
        return list(answer)
    except (Exception, SystemExit) as error:  # whatever somebody's iterator does
        raise PluginError(quarantine.told(error)) from error


def check(called: str, values: Mapping[str, object], right: Mapping[str, bool]) -> None:
    """Raises PluginError for the first field that is not right, with its value."""
    for field, is_right in right.items():
        if not is_right:
            raise PluginError(f"{called}: {field} cannot be {shown(values[field])}")


def rivals(plugins: Sequence[Plugin]) -> str:
    """Of two plugins or more that give the same: which they are, and what a person can do."""
    names = " and ".join(f"{plugin.name} ({plugin.distribution})" for plugin in plugins)
    return f"{names}: leave one out, with ZOO_DISABLE_PLUGINS={plugins[-1].name}"
