"""A plugin as zoo sees it: where it comes from, what it gives, and what is wrong with it."""

from collections.abc import Callable, Mapping
from functools import cached_property
from importlib.metadata import EntryPoint, PackageMetadata
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from zoo.errors import PluginError
from zoo.text import shown

State: TypeAlias = Literal["ok", "faulty", "left out", "disabled"]


class Plugin:
    """A plugin: a module or object at an entry point, or a file that the person named.

    hooks: the names of those that it has. architectures: each model_type that it counts, with "module:Class".
    faults: what is wrong with it, a line each.
    """

    def __init__(self, entry_point: EntryPoint, file: Path | None = None) -> None:
        self.entry_point = entry_point
        self.file = file
        self.hooks: tuple[str, ...] = ()
        self.architectures: Mapping[str, str] = MappingProxyType({})
        self.faults: list[str] = []
        self._left_out = ""
        self._disabled = False
        self._answers: Callable[[str], Any] | None = None

    def answers_by(self, ask: Callable[[str], Any]) -> None:
        """From now on, `ask` gives what its function of a hook does; it raises PluginError."""
        self._answers = ask

    def leave_out(self, why: str, *, disabled: bool = False) -> None:
        """From now on nothing of it is used. disabled: because the person wishes it."""
        self._left_out, self._disabled = why, disabled

    def ask(self, hook: str) -> Any:
        """What its function of the hook gives; None where it has none. Raises PluginError for what it does wrong."""
        return self._answers(hook) if self._answers and hook in self.hooks else None

    @property
    def state(self) -> State:
        """Whether it is used, used though something is wrong with it, left out for that, or by the person's wish."""
        if self._left_out:
            return "disabled" if self._disabled else "left out"
        return "faulty" if self.faults else "ok"

    @property
    def cause(self) -> str:
        """Why it is in that state; empty where all is well."""
        return self._left_out or "; ".join(self.faults)

    @property
    def name(self) -> str:
        """The name of its entry point, or the path of its file."""
        return self.entry_point.name

    @cached_property
    def package(self) -> str:
        """The distribution that installed it; of one that none did, its file."""
        return self._metadata["Name"] or "unknown" if self.entry_point.dist else str(self.file)

    @cached_property
    def version(self) -> str:
        """The version of that distribution; empty where there is none."""
        return self._metadata["Version"] or "unknown" if self.entry_point.dist else ""

    @cached_property
    def _metadata(self) -> PackageMetadata:
        found = self.entry_point.dist
        assert found is not None
        return found.metadata

    @property
    def distribution(self) -> str:
        """The distribution that installed it, and its version."""
        return f"{self.package} {self.version}".strip()

    def is_called(self, word: str) -> bool:
        """Whether a person who writes the word means this plugin: by its own name, or that of its distribution."""
        return word in (self.name, self.package)

    def blamed(self, what: str) -> PluginError:
        """The line that tells what is wrong with it, and what a person can do."""
        if self.file:
            return PluginError(f"plugin {self.file}: {what}; mend the file, or do without it")
        who = f"plugin {shown(self.name)[1:-1]} ({self.distribution})"
        return PluginError(f"{who}: {what}; {self.remedy}")

    @property
    def remedy(self) -> str:
        """What a person can do who does not write the plugin."""
        return f"upgrade or uninstall {self.package}, or set ZOO_DISABLE_PLUGINS={self.name}"
