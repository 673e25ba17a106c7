"""What a trial is told, and what it tells: JSON, a line each, in a file that nothing else is written to."""

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, Self

from zoo.discovery.plugin import Plugin, State

MOST_FAULTS = 20
"""The cap on the faults that are told of one plugin."""


def some_of(faults: Sequence[str]) -> Sequence[str]:
    """The faults, or the first of them and how many more there are."""
    left = len(faults) - MOST_FAULTS
    return [*faults[:MOST_FAULTS], f"and {left:,} more"] if left > 0 else faults


class Identity(NamedTuple):
    """Which plugin is meant, of those that are installed and those that the person names."""

    name: str
    value: str
    distribution: str
    file: str | None

    @classmethod
    def of(cls, plugin: Plugin) -> Self:
        """That of a plugin; a file by its full path."""
        point, file = plugin.entry_point, plugin.file
        if file:
            return cls(point.name, point.value, "", str(file.expanduser().absolute()))
        return cls(point.name, point.value, plugin.distribution, None)

    def files(self) -> tuple[Path, ...]:
        """The file that the person named, if one did."""
        return (Path(self.file),) if self.file else ()


class Task(NamedTuple):
    """What a trial is to do: it tries `plugin`, and may take so many seconds.

    twins: the plugins at the same module that zoo loads before this one.
    """

    plugin: Identity
    twins: tuple[Identity, ...]
    seconds: float

    @classmethod
    def read(cls, text: str) -> Self:
        """What `line` wrote."""
        plugin, twins, seconds = json.loads(text)
        return cls(Identity(*plugin), tuple(Identity(*twin) for twin in twins), seconds)

    def line(self) -> str:
        """As the trial is told it."""
        return json.dumps(self)


class Findings(NamedTuple):
    """What a trial found out so far.

    step: what it does, as "it is imported". hooks, types: that the plugin has. models: how many were counted.
    seconds: that importing took. state: None until the trial is through. faults: what is wrong.
    """

    step: str = "it starts"
    hooks: Sequence[str] = ()
    types: Sequence[str] = ()
    models: int = 0
    seconds: float | None = None
    state: State | None = None
    faults: Sequence[str] = ()


def line(**changed: object) -> str:
    """What a trial writes of findings that are new: the values of fields, and the faults that are to be added."""
    return json.dumps(changed) + "\n"


def read(told: Iterable[bytes]) -> Findings:
    """The findings in the lines that a trial told, the last of which may have been cut off."""
    found: dict[str, Any] = {}
    faults: list[str] = []
    for one in told:
        with suppress(ValueError):
            changed = json.loads(one)
            faults += changed.pop("faults", ())
            found |= changed
    return Findings(**found, faults=some_of(list(dict.fromkeys(faults))))
