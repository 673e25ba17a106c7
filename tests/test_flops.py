"""What a forward pass costs, on small trees counted by hand; and what is not known, or makes no sense."""

import json
from pathlib import Path
from typing import Any

import pytest
from test_plugins import GOOD, install, run

import zoo
from zoo.blueprint import (
    Part,
    Parts,
    again,
    attend,
    conv1d,
    embedding,
    experts,
    flatten,
    layer_norm,
    linear,
    longest,
    products,
    repeat,
    rms_norm,
    scope,
    split,
    state,
    stream,
    tensor,
    transposed_linear,
)
from zoo.conditions import MeasureError
from zoo.flops import Cost, UnknownCostError, flops
from zoo.lengths import Lengths, NoLengthError, lengths

TEXT, ENCODER = 7, 11


def costs(*parts: Part | Parts) -> tuple[Cost, Cost]:
    found = flops(flatten(parts), Lengths(TEXT, ENCODER))
    return found.text, found.encoder


def weights(*parts: Part | Parts) -> int:
    text, encoder = costs(*parts)
    assert encoder == Cost()
    assert text.scores == 0
    return text.weights


def scores(*parts: Part | Parts) -> int:
    text, encoder = costs(*parts)
    assert encoder == Cost()
    assert text.weights == 0
    return text.scores


@pytest.mark.parametrize(
    ("part", "operations"),
    [
        (linear("x", 3, 5), 2 * 15 * TEXT),
        (linear("x", 3, 5, tied_to="y.weight"), 2 * 15 * TEXT),  # shares storage, and is multiplied all the same
        (transposed_linear("x", 3, 5), 2 * 15 * TEXT),
        (conv1d("x", 6, 4, 5, groups=2), 2 * 4 * 3 * 5 * TEXT),
        (embedding("x", 10, 4), 0),
        (layer_norm("x", 4), 0),
        (rms_norm("x", 4), 0),
        (tensor("x", 4), 0),
        (tensor("x", 3, 5, use="matmul"), 2 * 15 * TEXT),
        (tensor("x", 3, 5, use="elementwise"), 0),
        (stream(1, linear("x", 3, 5)), 2 * 15),
        (stream(0, linear("x", 3, 5)), 0),
        (stream(lambda tokens: tokens * tokens, linear("x", 3, 5)), 2 * 15 * TEXT * TEXT),
        (stream(lambda tokens: tokens + 1, scope("y", stream(lambda tokens: 2 * tokens, linear("x", 3, 5)))), 480),
        (experts("x", 8, 2, tensor("up", 3, 5, use="matmul"), tensor("bias", 5)), 2 * 2 * 15 * TEXT),
        (experts("x.{}", 8, 2, linear("up", 3, 5), fused=False), 2 * 2 * 15 * TEXT),
    ],
)
def test_each_token_is_multiplied_by_each_matrix_that_it_passes(part: Part, operations: int) -> None:
    assert weights(part) == operations


def test_parts_that_more_vectors_pass_cost_again_and_hold_nothing_more() -> None:
    part = linear("x", 3, 5)
    assert weights(part, again(4, part)) == 2 * 15 * (TEXT + 4)
    assert weights(again(lambda tokens: 2 * tokens, part)) == 2 * 15 * 2 * TEXT


@pytest.mark.parametrize(
    ("part", "operations"),
    [
        (attend(heads=4, head_dim=6), 2 * 4 * TEXT * TEXT * 2 * 6),
        (attend(heads=4, head_dim=6, kv_heads=1), 2 * 4 * TEXT * TEXT * 2 * 6),
        (attend(heads=4, head_dim=6, window=2), 2 * 4 * TEXT * TEXT * 2 * 6),  # what is hidden is computed, too
        (attend(heads=4, head_dim=6, value_dim=5), 2 * 4 * TEXT * TEXT * (6 + 5)),
        (attend(heads=4, head_dim=6, causal=False, across=True), 2 * 4 * TEXT * ENCODER * 2 * 6),
        (attend(heads=4, head_dim=6, pairs=lambda queries, keys: queries + keys), 2 * 4 * 2 * TEXT * 2 * 6),
        (
            attend(heads=4, head_dim=6, value_dim=5, pairs=lambda *_: 10, value_pairs=lambda queries, _: 3 * queries),
            2 * 4 * (10 * 6 + 3 * TEXT * 5),
        ),
        (stream(3, attend(heads=4, head_dim=6)), 2 * 4 * 3 * 3 * 2 * 6),
        (stream(3, attend(heads=4, head_dim=6, causal=False, across=True)), 2 * 4 * 3 * ENCODER * 2 * 6),
        (products(lambda tokens: 5 * tokens), 5 * TEXT),
        (state("ssm", 3, 4), 0),
    ],
)
def test_scores_are_between_all_pairs_where_nothing_else_is_said(part: Part, operations: int) -> None:
    assert scores(part) == operations


def test_layers_cost_as_often_as_a_token_passes_through_them() -> None:
    body = [linear("x", 3, 5), attend(heads=1, head_dim=2)]
    once = 2 * 15 * TEXT + 2 * TEXT * TEXT * 4
    assert costs(repeat("layers", 6, body))[0].total == 6 * once
    assert costs(repeat("layers", 2, body, passes=12))[0].total == 12 * once
    assert costs(repeat("groups", 2, repeat("layers", 3, body), passes=5))[0].total == 15 * once

    def layer(wide: bool) -> Parts:
        yield attend(heads=1, head_dim=2), linear("x", 3, 50 if wide else 5)

    mixed = costs(repeat("layers", 10**9, split(10**9, range(4), True, False), layer))[0]
    assert mixed.weights == 2 * 15 * TEXT * (4 * 10 + 10**9 - 4)


def test_the_encoders_side_is_told_apart_but_not_what_the_decoder_makes_of_it() -> None:
    layer = [
        linear("query", 3, 5),
        stream("encoder", linear("key", 3, 5)),
        attend(heads=1, head_dim=5, causal=False, across=True),
    ]
    text, encoder = costs(
        scope(
            "model",
            stream("encoder", scope("encoder", repeat("layers", 2, linear("x", 3, 5), attend_to_all()))),
            scope("decoder", repeat("layers", 3, layer)),
        ),
        stream(1, linear("head", 3, 2)),
    )
    assert encoder == Cost(2 * 2 * 15 * ENCODER, 2 * 2 * ENCODER * ENCODER * 10)
    assert text == Cost(3 * 2 * 15 * (TEXT + ENCODER) + 2 * 6, 3 * 2 * TEXT * ENCODER * 10)


def attend_to_all() -> Part:
    return attend(heads=1, head_dim=5, causal=False)
