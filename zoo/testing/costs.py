"""Whether FLOPs and cache, where they are declared, are what they must be."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar

from zoo.errors import ZooError
from zoo.model import Model
from zoo.testing import laws
from zoo.testing.checks import Checks, Finding
from zoo.testing.outcomes import skip
from zoo.testing.truths import Transformers, Truth, stated

if TYPE_CHECKING:
    import pytest

COMPARISONS: Mapping[str, tuple[str, ...]] = {
    "flops": ("flops", "runs", "with a cache"),
    "cache": ("cache", "cache window", "cache copies", "cache float32"),
    "attention": ("attention",),
    "longest": ("longest",),
}
"""What is held against transformers, with the checks to which what differs belongs."""


class CostChecks(Checks):
    """What a class says of its costs: by laws that hold for every model, and where transformers is a truth, by runs.

    small: fields beside those of `zoo.testing.small` with which transformers runs a small model of the type. It does so
    with each of the variants, too, which switch what attention sees, what is kept and what is multiplied.

    Exceptions of runs name a field that is set where they differ, or else the type: "cache" and "attention" (they
    differ), "cache window" (transformers keeps what is out of the window, too), "cache copies" (and the keys and values
    of a group once for each head), "longest", "runs" (it cannot run). "cache float32" names a state that is kept in
    float32 whatever the format, "with a cache" a class that is run without one.
    """

    truth: ClassVar[Truth | tuple[Truth, ...]] = ()
    small: ClassVar[Mapping[str, Any]] = {}
    checks: ClassVar[tuple[str, ...]] = (
        *("numbers", "scores", "matrices", "layers", "projections", "positions", "writing"),
        *(check for checks in COMPARISONS.values() for check in checks),
    )

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One test for each comparison with transformers where that is a truth, and one in all where it is missing."""
        super().pytest_generate_tests(metafunc)
        if "comparison" in metafunc.fixturenames:
            runs = any(isinstance(truth, Transformers) for truth in stated(self.truth))
            there = runs and find_spec("torch") and find_spec("transformers")
            metafunc.parametrize("comparison", [f"transformers {name}" for name in COMPARISONS] if there else ["none"])

    # --- laws --------------------------------------------------------------------------------------------------------

    def test_costs_are_numbers(self) -> None:
        """Whole, never negative, and no less for a longer text."""
        self.hold("numbers", obeying(laws.numbers))
        if unknown := [name for name in self.classes if self._silent(name)]:
            skip(f"nobody tells what a forward pass costs: FLOPs or cache are unknown of {', '.join(unknown)}")

    def test_attention_scores_pairs(self) -> None:
        """At least one for each token, and at most four times as many for twice the text."""
        self.hold("scores", obeying(laws.scores))

    def test_every_matrix_is_multiplied(self) -> None:
        """By a token at least, that is: two operations for each of its numbers."""
        self.hold("matrices", obeying(laws.matrices))

    def test_every_layer_attends(self) -> None:
        """Where any of its stack does; and a decoder sees what the encoder makes."""
        self.hold("layers", obeying(laws.layers))

    def test_projections_make_heads(self) -> None:
        """Queries, keys and values are as wide as what the matrices beside the attention make."""
        self.hold("projections", obeying(laws.projections))

    def test_positions_bound_the_text(self) -> None:
        """Where there is a table of them."""
        self.hold("positions", obeying(laws.positions))

    def test_what_writes_keeps_what_it_has_read(self) -> None:
        """A class that writes text has a cache, at some config at least."""
        self.hold("writing", CostChecks._without_cache)

    def _without_cache(self) -> Iterator[Finding]:
        for name in self.classes:
            if name.endswith(laws.WRITING) and not any(laws.keeps(model) for _, model in self.models(name)):
                line = f"{name} writes text, and keeps nothing for the next token: is attend(...) causal?"
                yield Finding(name, line)

    def models(self, class_name: str) -> Iterator[tuple[Mapping[str, Any], Model]]:
        """The configs at which laws are tried, with what they make: the default, and fields moved, one or several."""
        changes = [{}, *({key: value} for key, values in self.space.candidates.items() for value in values)]
        for config in ({}, *map(self.space.moved, (*changes, *self.variants))):
            if (model := self.tried(config, class_name)) is not None:
                yield config, model

    def _silent(self, class_name: str) -> bool:
        try:
            return None in laws.told(self.load({}, class_name), 1)
        except ZooError:
            return False

    # --- runs --------------------------------------------------------------------------------------------------------

    def test_costs(self, comparison: str) -> None:
        """They are those of transformers, in which small models are run."""
        truths = [truth for truth in stated(self.truth) if isinstance(truth, Transformers)]
        if not truths:
            skip("no truth by which costs could be held against runs: Transformers() is one")
        if comparison == "none":
            skip("needs torch and transformers, which are not installed")
        from zoo.testing import judge
        from zoo.testing.measured import MEASURED

        if not judge.knows(self.model_type):
            self.fail("transformers has no such type: state another truth than Transformers()")
        _, name = comparison.split()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # those of torch and transformers are not the plugin's
            found = list(MEASURED[name](self, truths[0].configs))
        for check in COMPARISONS[name]:
            self.settle(check, (finding for other, finding in found if other == check))


def obeying(law: laws.Law) -> Callable[[CostChecks], Iterable[Finding]]:
    """What breaks a law in the classes of a suite, at the configs at which laws are tried; each mistake once."""

    def found(suite: CostChecks) -> Iterable[Finding]:
        broken: dict[tuple[str, str], Finding] = {}
        for name in suite.classes:
            for config, model in suite.models(name):
                for finding in law(model):
                    at = f" (at {dict(config)})" if config else ""
                    broken.setdefault((name, finding.subject), finding._replace(text=finding.text + at))
        return broken.values()

    return found
