"""Whether a count costs the same for few layers or experts and for thousands: in steps of the interpreter, not time."""

import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, ClassVar

from zoo.blueprint import Experts, Part, Repeat, Scope, Stream
from zoo.model import Model
from zoo.testing.checks import Checks, Finding

FEW, MANY = 48, 4_800
"""Layers or experts; both divide by what layers often go by."""


class EndlessError(BaseException):
    """Something took more steps than it may. No Exception, so that nobody takes it for one of a plugin."""


def effort(action: Callable[[], object], most: int) -> int:
    """The steps of Python's interpreter, its opcodes, that an action takes; raises EndlessError when they are too many.

    What is done within functions written in C takes none.
    """
    steps = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal steps
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        steps += 1
        if steps > most:
            raise EndlessError
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        action()
    finally:
        sys.settrace(before)
    return steps


class EffortChecks(Checks):
    """Layers of one kind are stated once, however many they are."""

    checks: ClassVar[tuple[str, ...]] = ("effort",)

    def test_cost_is_independent_of_layers(self) -> None:
        """No field that is a number of layers or experts makes a count dearer."""
        self.hold("effort", EffortChecks._dear)

    def _dear(self) -> Iterator[Finding]:
        spelt = self.config_class.all_spellings()
        start = self.tried(self.space.start)
        for key, values in self.space.candidates.items():
            moved = [
                model
                for value in values
                if type(value) is int and (model := self.tried(self.space.moved({key: value})))
            ]
            if start is None or all(_stacks(model) == _stacks(start) for model in moved):
                continue
            field = spelt[key]
            few, many = (self._steps(key, number) for number in (FEW, MANY))
            if few is None or many is None:
                yield Finding(
                    field, f"{key}: no model is built at {FEW} or at {MANY:,} of them, so their cost is not known"
                )
            elif many > 1.5 * few + 200:
                yield Finding(
                    field,
                    f"{key}: a count takes {few:,} steps of the interpreter at {FEW}, and {many:,} at {MANY:,}: "
                    "state layers by their kinds with repeat(name, number, ...), experts with experts(...), in no loop",
                )

    def _steps(self, key: str, number: int) -> int | None:
        """The steps of loading and counting a model; None where it is refused."""
        fields = self.space.moved({key: number})
        if self.tried(fields) is None:  # which does, too, what is done but once
            return None
        try:
            return effort(lambda: self.load(fields).parameters, MANY * 10_000)
        except EndlessError:
            return MANY * 10_000


def _stacks(model: Model) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """How many layers, and how many experts, the model has in each place, and how many tensors in all."""
    return model.depths, tuple(_experts(model.parts)), sum(1 for _ in model.tensors())


def _experts(parts: tuple[Part, ...]) -> Iterator[int]:
    for part in parts:
        match part:
            case Experts():
                yield part.number
                yield from _experts(part.parts)
            case Scope() | Stream():
                yield from _experts(part.parts)
            case Repeat():
                for group in part.groups:
                    yield from _experts(group.parts)
