"""What plugins give by a hook beside architectures: of each all that it gives, or nothing, and then it is blamed."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from re import Pattern
from typing import NamedTuple, TypeVar

from zoo.discovery import quarantine
from zoo.errors import PluginError
from zoo.manager import Plugin, manager
from zoo.text import shown

Made = TypeVar("Made")
One = TypeVar("One", bound=NamedTuple)


class Kind(NamedTuple):
    """A kind of thing that plugins give under names. noun: what one is called. key: the field that has the name.

    form: of a name; told: the same in words, with what such a name is. among: what shares the names.
    """

    noun: str
    key: str
    form: Pattern[str]
    told: str
    among: str


def taken(hook: str, plugins: Iterable[Plugin], made: Callable[[list[object]], Made]) -> Iterator[tuple[Plugin, Made]]:
    """Each of the plugins that has the hook, with what is made of the list that it gives.

    made: raises PluginError for what is wrong in the list, or whatever somebody's objects raise; the plugin is then
    blamed, and passed over.
    """
    for plugin in plugins:
        if hook not in plugin.hooks:
            continue
        try:
            found = made(_listed(plugin, hook))
        except PluginError as error:
            manager.blame(plugin, f"{hook} left out: {str(error).removeprefix(f'{hook}: ')}")
        except Exception as error:
            manager.blame(plugin, f"{hook} left out: {quarantine.told(error)}")
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


def by_names(
    given: Iterable[object],
    kind: Kind,
    of: type[One],
    taken: Collection[str],
    right: Callable[[One], Mapping[str, bool]],
) -> dict[str, One]:
    """What is given by its names, which are none of `taken`. right: whether each field but the name is as it must be.

    Raises PluginError for what is of another type, has no name or another one's, or a field that is not right.
    """
    found: dict[str, One] = {}
    for one in given:
        if not isinstance(one, of):
            raise PluginError(f"must give {kind.noun}s (zoo.{of.__name__}), got {shown(one)}")
        fields = one._asdict()
        name = fields[kind.key]
        if not isinstance(name, str) or not kind.form.fullmatch(name):
            raise PluginError(f"{shown(name)} is no {kind.told}")
        if name in taken or name in found:
            raise PluginError(f"there is a {kind.among} {name} already")
        for field, is_right in right(one).items():
            if not is_right:
                raise PluginError(f"{kind.noun} {name}: {field} cannot be {shown(fields[field])}")
        found[name] = one
    return found


def rivals(plugins: Sequence[Plugin]) -> str:
    """Of two plugins or more that give the same: which they are, and what a person can do."""
    names = " and ".join(plugin.called for plugin in plugins)
    return f"{names}: leave one out, with ZOO_DISABLE_PLUGINS={plugins[-1].word}"
