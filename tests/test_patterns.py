"""Folded names: a pattern stands for exactly the names that it was made of."""

import re
import time
from itertools import chain, product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.checkpoints.patterns import Folded, fold, fold_by

SET = re.compile(r"\{([0-9.,]+)\}")


def expanded(pattern: str) -> tuple[str, ...]:
    """The names that a pattern stands for, written independently of what makes patterns."""
    pieces = SET.split(pattern)
    sets = [
        chain.from_iterable(
            range(int(run.split("..")[0]), int(run.split("..")[-1]) + 1) for run in pieces[number].split(",")
        )
        for number in range(1, len(pieces), 2)
    ]
    return tuple(
        "".join(chain.from_iterable(zip(pieces[::2], [*map(str, numbers), ""], strict=True)))
        for numbers in product(*sets)
    )


@pytest.mark.parametrize(
    ("names", "patterns"),
    [
        ([f"model.layers.{n}.mlp.weight" for n in range(32)], ["model.layers.{0..31}.mlp.weight"]),
        ([f"h.{n}.e.{e}.w1" for n in range(4) for e in range(8)], ["h.{0..3}.e.{0..7}.w1"]),
        ([f"h.{n}" for n in (9, 0, 2, 1, 5, 7, 8)], ["h.{0..2,5,7..9}"]),
        (["h.3.w"], ["h.3.w"]),
        (["h.0.w", "h.1.w"], ["h.{0..1}.w"]),
        (["0.w", "1.w"], ["{0..1}.w"]),
        (["7", "9"], ["{7,9}"]),
        (["b", "a"], ["b", "a"]),
        # Layers 0 and 2 have two experts, layer 1 has three.
        (
            ["h.0.e.0", "h.0.e.1", "h.1.e.0", "h.1.e.1", "h.1.e.2", "h.2.e.0", "h.2.e.1"],
            ["h.{0,2}.e.{0..1}", "h.1.e.{0..2}"],
        ),
        # No numbers: leading zeros, a sign, a letter, another script's digits.
        (["h.00.w", "h.01.w"], ["h.00.w", "h.01.w"]),
        (["h.-1.w", "h.1e5.w", "h.٣.w", "conv1.w", "conv2.w"], ["h.-1.w", "h.1e5.w", "h.٣.w", "conv1.w", "conv2.w"]),
        (["a{0..1}.w", "{}.w"], ["a{0..1}.w", "{}.w"]),
        (["", ".", "a..b", "a.0.", "a.1."], ["", ".", "a..b", "a.{0..1}."]),
        ([], []),
    ],
)
def test_patterns(names: list[str], patterns: list[str]) -> None:
    assert [folded.pattern for folded in fold(names)] == patterns
    assert sorted(chain.from_iterable(folded.names for folded in fold(names))) == sorted(names)


def test_patterns_are_in_the_order_of_first_appearance() -> None:
    names = ["embed", *(f"h.{n}.{part}" for n in range(3) for part in ("q", "mlp")), "h.7.q", "norm"]
    assert [folded.pattern for folded in fold(names)] == ["embed", "h.{0..2,7}.q", "h.{0..2}.mlp", "norm"]


def test_names_are_in_the_order_of_the_pattern() -> None:
    assert fold(["h.10", "h.2", "h.1"]) == [Folded("h.{1..2,10}", ("h.1", "h.2", "h.10"))]


def test_a_key_keeps_names_apart() -> None:
    shapes = {"h.0.w": (4, 4), "norm": (4,), "h.1.w": (4, 4), "h.2.w": (8, 4)}
    assert fold_by(shapes) == [
        (Folded("h.{0..1}.w", ("h.0.w", "h.1.w")), (4, 4)),
        (Folded("norm", ("norm",)), (4,)),
        (Folded("h.2.w", ("h.2.w",)), (8, 4)),
    ]


PIECES = st.integers(0, 12).map(str) | st.sampled_from(["layers", "w", "", "00", "9" * 30, "x1", "٣"])
NAMES = st.lists(st.lists(PIECES, max_size=6).map(".".join), unique=True, max_size=40)


@settings(max_examples=500, deadline=None)
@given(NAMES)
def test_expanding_is_the_inverse_of_folding(names: list[str]) -> None:
    found = fold(names)
    assert all(expanded(folded.pattern) == folded.names for folded in found)
    assert sorted(chain.from_iterable(folded.names for folded in found)) == sorted(names)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sets(st.integers(0, 30), min_size=1, max_size=6), min_size=1, max_size=3), st.randoms())
def test_a_product_of_sets_is_one_pattern(sets: list[set[int]], random: Random) -> None:
    names = [".".join(["h", *map(str, numbers)]) for numbers in product(*sets)]
    random.shuffle(names)
    (folded,) = fold(names)
    assert sorted(folded.names) == sorted(names)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.text("01.{}a,", max_size=8), st.integers(0, 1), max_size=30))
def test_each_name_is_in_one_pattern_with_its_key(keys: dict[str, int]) -> None:
    found = fold_by(keys)
    assert sorted((name, key) for folded, key in found for name in folded.names) == sorted(keys.items())


@pytest.mark.parametrize("name", ["0." * 100_000, "." * 200_000, "{" * 200_000, "7" * 200_000])
def test_a_hostile_name_is_folded_quickly(name: str) -> None:
    start = time.process_time()
    assert fold([name]) == [Folded(name, (name,))]
    assert time.process_time() - start < 2


def test_the_names_of_a_large_mixture_of_experts() -> None:
    parts = [f"{part}_proj.{tensor}" for part in ("gate", "up", "down") for tensor in ("weight", "weight_scale_inv")]
    names = [f"model.layers.{n}.mlp.experts.{e}.{part}" for n in range(61) for e in range(256) for part in parts]
    start = time.process_time()
    assert [folded.pattern for folded in fold(names)] == [
        f"model.layers.{{0..60}}.mlp.experts.{{0..255}}.{part}" for part in parts
    ]
    assert time.process_time() - start < 3  # 0.3 s on the machine that this was written on
