"""Whether FLOPs and cache, where they are declared, are what they must be."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar

from zoo.model import Model
from zoo.testing import laws
from zoo.testing.checks import Checks, Finding
from zoo.testing.outcomes import skip
from zoo.testing.truths import Transformers, Truth, stated

if TYPE_CHECKING:
    import pytest

MIXTURES = 4
"""Configs with several fields moved at once at which laws are tried, beside those with one."""

COMPARISONS: Mapping[str, tuple[str, ...]] = {
    "flops": ("flops", "runs", "with a cache"),
    "cache": ("cache", "cache window", "cache copies", "cache float32"),
    "attention": ("attention",),
    "longest": ("longest",),
}
"""What is held against transformers, with the checks to which what differs belongs."""


class CostChecks(Checks):
    """What a class says of its costs: by laws that hold for every model, and where transformers is a truth, by runs.

    small: fields beside those of `zoo.testing.small` with which transformers runs a small model of the type. variants:
    changes to that config that switch what attention sees, what is kept and what is multiplied; each is run, too.

    Exceptions of runs name a field that is set where they differ, or else the type: "cache" and "attention" (they
    differ), "cache window" (transformers keeps what is out of the window, too), "cache copies" (and the keys and values
    of a group once for each head), "longest", "runs" (it cannot run). "cache float32" names a state that is kept in
    float32 whatever the format, "with a cache" a class that is run without one.
    """

    truth: ClassVar[Truth | tuple[Truth, ...]] = ()
    small: ClassVar[Mapping[str, Any]] = {}
    variants: ClassVar[Sequence[Mapping[str, Any]]] = ()
    checks: ClassVar[tuple[str, ...]] = (
        *("numbers", "scores", "matrices", "layers", "projections", "positions", "writing"),
        *(check for checks in COMPARISONS.values() for check in checks),
    )

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One test for each comparison with transformers where that is a truth, and one in all where it is missing."""
        super().pytest_generate_tests(metafunc)
        if "comparison" in metafunc.fixturenames:
            runs = any(isinstance(truth, Transformers) for truth in stated(self.truth))
            names = list(COMPARISONS) if find_spec("torch") and find_spec("transformers") else [""]
            ids = [f"transformers {name}".strip() for name in names]
            metafunc.parametrize("comparison", names if runs else [], ids=ids if runs else None)

    # --- laws --------------------------------------------------------------------------------------------------------

    def test_costs_are_numbers(self) -> None:
        """Whole, never negative, and no less for a longer text."""
        self._obeyed("numbers", laws.numbers)
        if unknown := [name for name in self.classes if self._silent(name)]:
            skip(f"nobody tells what a forward pass costs: FLOPs or cache are unknown of {', '.join(unknown)}")

    def test_attention_scores_pairs(self) -> None:
        """At least one for each token, and at most four times as many for twice the text."""
        self._obeyed("scores", laws.scores)

    def test_every_matrix_is_multiplied(self) -> None:
        """By a token at least, that is: two operations for each of its numbers."""
        self._obeyed("matrices", laws.matrices)

    def test_every_layer_attends(self) -> None:
        """Where any of its stack does; and a decoder sees what the encoder makes."""
        self._obeyed("layers", laws.layers)

    def test_projections_make_heads(self) -> None:
        """Queries, keys and values are as wide as what the matrices beside the attention make."""
        self._obeyed("projections", laws.projections)

    def test_positions_bound_the_text(self) -> None:
        """Where there is a table of them."""
        self._obeyed("positions", laws.positions)

    def test_what_writes_keeps_what_it_has_read(self) -> None:
        """A class that writes text has a cache, at some config at least."""
        self.settle("writing", self._without_cache())

    def _without_cache(self) -> Iterator[Finding]:
        for name in self.classes:
            if name.endswith(laws.WRITING) and not any(map(laws.keeps, self._models(name))):
                line = f"{name} writes text, and keeps nothing for the next token: is attend(...) causal?"
                yield Finding(name, line)

    def _obeyed(self, check: str, law: laws.Law) -> None:
        """Holds each class against a law, at the configs at which laws are tried; each mistake is told once."""
        found: dict[tuple[str, str], Finding] = {}
        for name in self.classes:
            for model in self._models(name):
                for finding in law(model):
                    at = f" (at {dict(model.found.config)})" if model.given else ""
                    found.setdefault((name, finding.subject), finding._replace(text=finding.text + at))
        self.settle(check, found.values())

    def _models(self, class_name: str) -> Iterator[Model]:
        """At the default config, with each field moved by itself, and with several."""
        drawn = [{}, *({key: value} for key, values in self.space.candidates.items() for value in values)]
        configs = [{}, self.space.start, *map(self.space.moved, drawn)]
        yield from (model for config in configs if (model := self.tried(config, class_name)) is not None)

    def _silent(self, class_name: str) -> bool:
        model = self.tried({}, class_name)
        return model is not None and None in laws.told(model, 1)

    # --- runs --------------------------------------------------------------------------------------------------------

    def test_costs(self, comparison: str) -> None:
        """They are those of transformers, in which small models are run."""
        if not comparison:
            skip("needs torch and transformers, which are not installed")
        from zoo.testing import judge
        from zoo.testing.measured import MEASURED

        if not judge.knows(self.model_type):
            self.fail("transformers has no such type: state another truth than Transformers()")
        (truth,) = (truth for truth in stated(self.truth) if isinstance(truth, Transformers))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # those of torch and transformers are not the plugin's
            found = list(MEASURED[comparison](self, truth.configs))
        for check in COMPARISONS[comparison]:
            self.settle(check, (finding for other, finding in found if other == check))
