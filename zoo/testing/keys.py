"""Whether keys of which the plugin knows nothing are reported, and values that no model can have are refused."""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, ClassVar

from zoo.common_keys import COMMON
from zoo.errors import PluginError, ZooError
from zoo.testing.checks import Checks, Finding
from zoo.testing.effort import EndlessError, effort
from zoo.text import shown

UNHEARD_OF = "zoo_unheard_of"

HOSTILE: tuple[Any, ...] = (
    3, 0, -1, 1.5, float("nan"), True, False, "x", "", "\x1b[2J", None, {}, {"x": 1}, [], [3], ["x"], [[]], [None],
    [[["global"], 1]], [{}],
)  # fmt: skip
"""Values of every kind."""

HUGE = 10**13

MOST_STEPS = 2_000_000
"""Of the interpreter, before a count at a huge value is taken for endless; thousands do."""


class KeyChecks(Checks):
    """A config is data from a stranger."""

    checks: ClassVar[tuple[str, ...]] = ("unknown keys", "hostile values")

    def test_unknown_keys(self) -> None:
        """A key of which the plugin knows nothing makes the count unverified, and is named; in nested objects, too."""
        self.hold("unknown keys", KeyChecks._swallowed)

    def _swallowed(self) -> Iterator[Finding]:
        known = self.known_keys
        new = [UNHEARD_OF, *(word for key in sorted(known) for word in (f"{key}_{UNHEARD_OF}", f"{UNHEARD_OF}_{key}"))]
        yield from self._untold(new, dict.fromkeys(new, 3))
        outer = {key.partition(".")[0] for key in known - COMMON.keys() if "." in key}
        outer |= {key for key, values in self.candidates.items() if any(isinstance(one, Mapping) for one in values)}
        for key in sorted(outer):
            yield from self._untold([UNHEARD_OF], {key: {UNHEARD_OF: 3}}, key)

    def _untold(self, new: list[str], config: Mapping[str, Any], subject: str = "") -> Iterator[Finding]:
        """subject: the key of an object within which the new ones are."""
        where = f" within {subject}" if subject else ""
        try:
            told = self.load(config).unknown_keys
        except ZooError as error:
            yield Finding(subject or UNHEARD_OF, f"a key that nobody has heard of{where} is refused: {error}")
            return
        missing = [key for key in new if not any(one == key or one.endswith(f".{key}") for one in told)]
        if missing:
            yield Finding(
                subject or missing[0],
                f"{missing[0]}{where}: a key of which nothing is known, and it is not reported: the count says exact, "
                "where the key may be the one that changes a shape",
            )

    def test_hostile_values(self) -> None:
        """Any value in any field gives a count, or one printable line that blames the config and not the plugin."""
        self.hold("hostile values", KeyChecks._hurt)

    def _hurt(self) -> Iterator[Finding]:
        for key in sorted(self.config_class.all_spellings()):
            configs = [{key: value} for value in (*HOSTILE, HUGE)]
            for config in (*configs, *self._of_wrong_length(key)):
                if told := self._hurt_by(config, most_steps=MOST_STEPS if config[key] is HUGE else None):
                    yield Finding(key, f"{key}: {_written(config[key])}: {told}")
                    break

    def _of_wrong_length(self, key: str) -> Iterator[Mapping[str, Any]]:
        """Configs with lists of what the field takes, and more or fewer of it than it takes."""
        for value in self.space.candidates.get(key, ()):
            if isinstance(value, list):
                yield from (self.space.moved({key: wrong}) for wrong in (value * 2, value[:-1]))

    def _hurt_by(self, config: Mapping[str, Any], most_steps: int | None) -> str:
        """What goes wrong; empty where nothing does. most_steps: of the interpreter, if they are bounded."""
        for class_name in self.classes if most_steps is None else self.classes[:1]:
            try:
                if most_steps is None:
                    self._counted(config, class_name)
                else:
                    effort(partial(self._counted, config, class_name), most_steps)
            except PluginError as error:
                return f"the plugin fails, where it should refuse the value with a ConfigError: {error}"
            except ZooError as error:
                if not str(error).isprintable():
                    return f"the error is not one printable line: {str(error)!r}"
            except EndlessError:
                return "counting does not end: bound the field with dim(), and loop over kinds of layers only"
        return ""

    def _counted(self, config: Mapping[str, Any], class_name: str) -> int:
        return self.load(config, class_name).parameters


def _written(value: Any) -> str:
    return shown(json.dumps(value))
