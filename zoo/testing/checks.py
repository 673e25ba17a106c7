"""What every check starts from: the type, how it is loaded, which configs it is tried with, and what is excepted."""

import inspect
import os
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Never, Self

from zoo.architecture import Architecture
from zoo.config import Config
from zoo.errors import ArchitectureError, ConfigError, PluginError, ZooError
from zoo.loading import load
from zoo.manager import manager
from zoo.model import Model
from zoo.testing.configs import Space, own_space
from zoo.testing.declarations import misshapen
from zoo.testing.outcomes import fail, skip
from zoo.text import near, shown, some

if TYPE_CHECKING:
    import pytest


class Finding(NamedTuple):
    """What a check has found wrong. subject: of what, a field or a class, by which an exception names it."""

    subject: str
    text: str


class Checks:
    """The base of the checks, each family of which is a class of its own; `ArchitectureSuite` is all of them.

    A test of a type sets these:

    model_type: the type. start: fields of the config from which others are moved, where the defaults switch much off.
    variants: fields that are moved together, where only several switch something, as a window.
    candidates: by the key of config.json, values to move a field to, the likeliest first: for fields whose values
    nobody can guess, as strings, or guesses at which nothing is built.
    exceptions: by check and subject, `"moves: sliding_window"`, the reason why the type may fail there. One without a
    reason fails, and so does one that is not needed.
    base: of a delta, the type that it varies: what a check finds of that, too, it is not blamed for. No truth asks it.
    """

    model_type: ClassVar[str] = ""
    start: ClassVar[Mapping[str, Any]] = {}
    variants: ClassVar[Sequence[Mapping[str, Any]]] = ()
    candidates: ClassVar[Mapping[str, Sequence[Any]]] = {}
    exceptions: ClassVar[Mapping[str, str]] = {}
    base: ClassVar[str] = ""

    checks: ClassVar[tuple[str, ...]] = ()
    """The names of the checks that a family holds, by which exceptions name them."""

    _drawn = False
    """Whether what is told depends on chance."""

    def pytest_generate_tests(self, metafunc: "pytest.Metafunc") -> None:
        """For families whose tests are run several times: they call it by `super()`, so that each is asked."""

    def setup_method(self, method: Callable[[], None]) -> None:
        """Of a type that cannot be counted at all one test says so, and the others are skipped; so, too, where what is
        declared is nothing of its kind.
        """
        if any(self.misdeclared()):
            if method.__name__ != "test_declarations":
                skip("the test is not written as it must be: test_declarations says why")
            return
        if method.__name__ not in ("test_counts", "test_declarations") and self._fault():
            skip("the type cannot be counted at all: test_counts says why")

    def test_counts(self) -> None:
        """The type is there, and each class of it can be counted, at the default config and at `start`."""
        if fault := self._fault():
            self.fail(fault)

    @classmethod
    @cache
    def _fault(cls) -> str:
        """Why the type cannot be counted; empty where it can. A config that is refused is no fault."""
        if not cls.model_type:
            return "names no type: set model_type"
        try:
            for class_name in manager.architecture(cls.model_type).classes():
                for config in ({}, cls.start):
                    with suppress(ConfigError):
                        cls().load(config, class_name).parameters  # noqa: B018 - it is counted
        except (ArchitectureError, PluginError) as error:
            return str(error)
        return ""

    # --- what is tested ----------------------------------------------------------------------------------------------

    @cached_property
    def architecture(self) -> type[Architecture]:
        """The class that counts the type."""
        if not self.model_type:
            self.fail("names no type: set model_type")
        try:
            return manager.architecture(self.model_type)
        except ZooError as error:
            self.fail(str(error))

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes of the type, the usual one first."""
        return tuple(self.architecture.classes())

    @property
    def config_class(self) -> type[Config]:
        """The config of the type."""
        return self.architecture.config_class()

    @property
    def known_keys(self) -> set[str]:
        """The keys of config.json of which something is known, and those of the objects within which some are."""
        known = {*self.config_class.all_spellings(), *self.config_class.inert, *self.config_class.unread}
        return known | {key.partition(".")[0] for key in known}

    @cached_property
    def space(self) -> Space:
        """The configs to try the type with."""
        try:
            return own_space(self.config_class, self.start, self.candidates)
        except ZooError as error:
            self.fail(f"the default config cannot be made: {error}")

    def load(self, config: Mapping[str, Any], class_name: str | None = None) -> Model:
        """The model of a config, in the class that it names if none is given. Raises ZooError as `zoo.load` does."""
        named = {} if class_name is None else {"architectures": [class_name]}
        return load({**config, **named, "model_type": self.model_type})

    def tried(self, config: Mapping[str, Any], class_name: str | None = None) -> Model | None:
        """The same; None where it is refused. Fails the test where the plugin does not refuse it, but fails itself."""
        try:
            return self.load(config, class_name)
        except PluginError as error:
            self.fail(f"the plugin fails at {dict(config)}, and does not refuse it with a ConfigError: {error}")
        except ZooError:
            return None

    # --- how it ends -------------------------------------------------------------------------------------------------

    def hold(self, check: str, find: Callable[[Self], Iterable[Finding]]) -> None:
        """Settles what is found of the type, but for what is found of its base, too."""
        found = list(find(self))
        if found and self.base:
            base = self._of_base()
            inherited = {self._own_name(subject, base) for subject, _ in find(base)}
            found = [finding for finding in found if finding.subject not in inherited]
        self.settle(check, found)

    def _of_base(self) -> Self:
        """The same suite, of the base."""
        twin: type[Self] = type(self.base, (type(self),), {"model_type": self.base, "base": "", "exceptions": {}})
        return twin()

    def _own_name(self, subject: str, base: Self) -> str:
        """A subject of the base as it is called here: a class by the type's own prefix."""
        if subject not in base.classes:
            return subject
        return self.architecture.prefix + subject.removeprefix(base.architecture.prefix)

    def settle(self, check: str, found: Iterable[Finding], *, whole: bool = True) -> None:
        """Fails with what a check has found, but for what is excepted, and with exceptions that were not needed.

        whole: whether the check would have found, in this run, all that it can find.
        """
        findings = list(found)
        excepted = {key: key.partition(": ")[2] for key in self.exceptions if key.partition(": ")[0] == check}
        left = [finding for finding in findings if finding.subject not in excepted.values()]
        lines = [text for _, text in left]
        if left and check != "truth":
            names = dict.fromkeys(f'"{check}: {subject}"' for subject, _ in left)
            lines.append(f"(an exception that has a reason would be named {some(list(names), 3)})")
        unneeded = set(excepted.values()) - {subject for subject, _ in findings} if whole else set()
        lines += [
            f"the exception {shown(f'{check}: {subject}')} is not needed: remove it" for subject in sorted(unneeded)
        ]
        if lines:
            self.fail(*lines)

    def fail(self, *lines: str) -> Never:
        """Fails the test, saying of which type, and how it is run with the same random configs."""
        drawn = [f"(random configs were drawn: ZOO_TESTING_SEED={self.seed})"] if self._drawn else []
        fail([f"{self.model_type or type(self).__name__}: {lines[0]}", *lines[1:], *drawn])

    def test_declarations(self) -> None:
        """Each is of its kind. Candidates are for keys that there are; an exception names a check and what is excepted,
        and has a reason.
        """
        if wrong := list(self.misdeclared()):
            self.fail(*wrong)
        for key in [*self.start, *self.candidates, *(key for variant in self.variants for key in variant)]:
            if key not in self.known_keys:
                self.fail(f"the test moves {shown(key)}, of which nothing is known{near(key, self.known_keys)}")
        known = [check for family in type(self).__mro__ for check in vars(family).get("checks", ())]
        for key, reason in self.exceptions.items():
            check, _, subject = key.partition(": ")
            if check not in known:
                self.fail(f"exceptions: no check {shown(check)}{near(check, known)} (there are {', '.join(known)})")
            if not subject:
                self.fail(f'exceptions: {shown(key)} does not say what is excepted: write "{check}: field or class"')
            if not reason.strip():
                self.fail(f"exceptions: {shown(key)} has no reason: say why")

    def misdeclared(self) -> Iterator[str]:
        """What is declared that is nothing of its kind, each in a line that says how to write it."""
        names = ("model_type", "base", "start", "variants", "candidates", "exceptions")
        yield from misshapen({name: getattr(self, name) for name in names})
        if isinstance(self.base, str) and self.base:
            if self.base == self.model_type:
                yield f"base: {shown(self.base)} is the type itself: name the one that it varies, if it varies one"
            elif self.base not in manager.types:
                yield f"base: no plugin counts model_type {shown(self.base)}{near(self.base, manager.types)}"

    # --- where, and with what chance ----------------------------------------------------------------------------------

    @property
    def folder(self) -> Path:
        """Where the file of the test is, to which the files of truths are relative."""
        return Path(inspect.getfile(type(self))).parent

    @property
    def seed(self) -> str:
        """What random configs are drawn by, beside the names of type, class and check."""
        return os.environ.get("ZOO_TESTING_SEED") or "0"

    def chance(self, *words: str) -> random.Random:
        """A source of chance that is the same in each run."""
        self._drawn = True
        return random.Random(" ".join((self.seed, self.model_type, *words)))
