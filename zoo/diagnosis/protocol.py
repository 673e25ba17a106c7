"""What a trial tells the process that started it: JSON, a line each, over a pipe that nothing else is written to."""

import json
from collections.abc import Sequence
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

    def line(self) -> str:
        """As the trial writes it."""
        return json.dumps(self._asdict()) + "\n"


def read(told: bytes) -> Findings:
    """The last findings in the end of what a trial told, which may have been cut off on either side."""
    *lines, _ = told.split(b"\n")
    try:
        found: dict[str, Any] = json.loads(lines[-1])
    except (IndexError, ValueError):  # it told nothing yet, or more than is kept
        return Findings()
    return Findings(**found)
