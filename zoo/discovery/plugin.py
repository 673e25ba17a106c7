"""A plugin as zoo sees it: where it comes from, what it gives, and what is wrong with it."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from importlib.metadata import Distribution, EntryPoint, PackageMetadata
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from zoo.discovery.compatibility import OWN
from zoo.errors import PluginError

State: TypeAlias = Literal["ok", "faulty", "left out", "disabled"]


class Plugin:
    """A plugin: a module or object at an entry point, or a file that the person named.

    file: that, where it is one. installed_by: the distribution that installed it, where one did.
    hooks: the names of those that it has. architectures: each model_type that it counts, with "module:Class".
    faults: what is wrong with it, a line each. word: by which a person means it and no other.
    """

    def __init__(
        self, entry_point: EntryPoint, file: Path | None = None, installed_by: Distribution | None = None
    ) -> None:
        self.entry_point = entry_point
        self.file = file
        self.installed_by = installed_by or entry_point.dist
        self.hooks: tuple[str, ...] = ()
        self.architectures: Mapping[str, str] = MappingProxyType({})
        self.faults: list[str] = []
        self.word = entry_point.name
        self._left_out = self._remedy = ""
        self._disabled = False
        self._answers: Callable[[str], Any] | None = None

    def answers_by(self, ask: Callable[[str], Any]) -> None:
        """From now on, `ask` gives what its function of a hook does; it raises PluginError."""
        self._answers = ask

    def leave_out(self, why: str, *, disabled: bool = False, remedy: str = "") -> None:
        """From now on nothing of it is used. disabled: by the person's wish. remedy: what helps, if not the usual."""
        self._left_out, self._disabled, self._remedy = why, disabled, remedy

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
        """The name of its entry point; of a file, that of its module."""
        return self.entry_point.name

    @property
    def package(self) -> str:
        """The distribution that installed it; of one that none did, its file."""
        return self._said("Name") if self.installed_by else str(self.file)

    @property
    def version(self) -> str:
        """The version of that distribution; empty where there is none."""
        return self._said("Version") if self.installed_by else ""

    @property
    def own(self) -> bool:
        """Whether it comes with zoo."""
        return self.installed_by is not None and self.package == OWN

    @property
    def requires(self) -> Sequence[str]:
        """What that distribution requires, a line each."""
        return self._metadata.get_all("Requires-Dist") or () if self._metadata else ()

    @cached_property
    def _metadata(self) -> PackageMetadata | None:
        try:
            return self.installed_by.metadata if self.installed_by else None
        except Exception:  # somebody's file
            return None

    def _said(self, key: str) -> str:
        """What the metadata says, where it does."""
        return str(self._metadata[key] or "unknown") if self._metadata else "unknown"

    @property
    def distribution(self) -> str:
        """The distribution that installed it, and its version."""
        return f"{self.package} {self.version}".strip()

    @property
    def called(self) -> str:
        """Its name, and where it comes from."""
        return str(self.file) if self.file else f"{self.name} ({self.distribution})"

    def is_called(self, word: str) -> bool:
        """Whether a person who writes the word means this plugin: by its own name, its distribution, or its file."""
        if self.file:
            return word == self.name or Path(word).absolute() == self.file.absolute()
        return word == self.name or _normalized(word) == _normalized(self.package)

    def blamed(self, what: str) -> PluginError:
        """The line that tells what is wrong with it, and what a person can do."""
        return PluginError(f"plugin {self.called}: {what}; {self.remedy}")

    @property
    def remedy(self) -> str:
        """What a person can do who does not write the plugin."""
        if self._remedy:
            return self._remedy
        if self.file:
            return "mend the file, or do without it"
        return f"upgrade or uninstall {self.package}, or set ZOO_DISABLE_PLUGINS={self.word}"


def _normalized(name: str) -> str:
    """The name of a distribution as all spellings of it are (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
