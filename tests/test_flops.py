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
from zoo.measures.flops import Cost, UnknownCostError, flops
from zoo.measures.lengths import Lengths, NoLengthError, lengths

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
    to_all = attend(heads=1, head_dim=5, causal=False)
    text, encoder = costs(
        scope(
            "model",
            stream("encoder", scope("encoder", repeat("layers", 2, [linear("x", 3, 5), to_all]))),
            scope("decoder", repeat("layers", 3, layer)),
        ),
        stream(1, linear("head", 3, 2)),
    )
    assert encoder == Cost(2 * 2 * 15 * ENCODER, 2 * 2 * ENCODER * ENCODER * 10)
    assert text == Cost(3 * 2 * 15 * (TEXT + ENCODER) + 2 * 6, 3 * 2 * TEXT * ENCODER * 10)


# --- what is not known -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "part",
    [
        tensor("x", 3, 5),
        scope("outer", experts("experts", 8, 2, tensor("x", 3, 5))),
        repeat("layers", 2, linear("x", 3, 5)),  # a layer in which no token sees another
        scope("outer", stream("encoder", repeat("layers", 2, repeat("inner", 3, linear("x", 3, 5))))),
    ],
)
def test_a_part_that_does_not_tell_its_cost_makes_all_of_it_unknown(part: Part) -> None:
    with pytest.raises(UnknownCostError):
        costs(linear("known", 3, 5), part)


def test_a_plugin_that_declares_no_cost_gives_none_and_not_zero(tmp_path: Path) -> None:
    layers = 'yield repeat("layers", 2, linear("dense", self.config.hidden_size, self.config.hidden_size))'
    dense = 'yield linear("dense", self.config.hidden_size, self.config.hidden_size)'
    assert dense in GOOD
    source = GOOD.replace(dense, layers).replace("import linear", "import linear, repeat")
    install(tmp_path, "toy", source)
    config = tmp_path / "config.json"
    config.write_text('{"model_type": "toy"}')
    done = run(tmp_path, "compare", str(config), "--columns", "parameters,flops", "--length", "5", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    (record,) = json.loads(done.stdout)
    assert record["parameters"] == 40
    assert record["flops"] is None


# --- models ----------------------------------------------------------------------------------------------------------


def load(model_type: str, **config: Any) -> zoo.Model:
    return zoo.load({"model_type": model_type, **config})


def test_bert_costs_what_its_layers_are_made_of() -> None:
    n, H, L = 384, 768, 12
    found = load("bert", architectures=["BertModel"]).flops(n)
    assert found is not None
    assert found.weights == L * 2 * n * (4 * H * H + 2 * H * 4 * H) + 2 * H * H  # the pooler sees one token
    assert found.scores == L * 4 * n * n * H
    assert found.encoder == Cost()
    assert found.training == 3 * found.total
    assert found.per_token == found.total / n
    assert found.per_encoder_token == 0


def test_a_mixture_of_experts_costs_what_its_active_experts_do() -> None:
    sizes = {"hidden_size": 64, "num_attention_heads": 8, "num_hidden_layers": 3, "intermediate_size": 96}
    few, more = (load("mixtral", **sizes, num_local_experts=8, num_experts_per_tok=k).flops(10) for k in (2, 5))
    many = load("mixtral", **sizes, num_local_experts=16, num_experts_per_tok=2).flops(10)
    assert few is not None
    assert more is not None
    assert many is not None
    assert more.total - few.total == 3 * 3 * (2 * 3 * 64 * 96 * 10)
    assert many.total - few.total == 3 * (2 * 64 * 8 * 10)  # a wider router


def test_encoder_and_decoder_have_lengths_of_their_own() -> None:
    model = load("t5")
    at = {(n, m): model.flops(n, encoder_length=m) for n in (10, 20) for m in (30, 60)}
    found = {lengths: costs for lengths, costs in at.items() if costs is not None}
    assert len(found) == 4
    assert found[10, 30].encoder == found[20, 30].encoder
    assert found[10, 60].encoder.weights == 2 * found[10, 30].encoder.weights
    assert found[10, 60].encoder.scores == 4 * found[10, 30].encoder.scores
    # Of the decoder, cross-attention alone grows with what is read: keys and values, and their scores.
    H, L, D, A = 512, 6, 64, 8
    assert found[10, 60].text.weights - found[10, 30].text.weights == L * 2 * 30 * 2 * H * A * D
    assert found[10, 60].text.scores - found[10, 30].text.scores == L * 4 * 10 * 30 * A * D
    assert found[10, 30].per_encoder_token == found[10, 30].encoder.total / 30
    assert found[10, 30].per_token == found[10, 30].text.total / 10


def test_what_an_encoder_alone_reads_is_its_text() -> None:
    model = load("t5", architectures=["T5EncoderModel"])
    found, same = model.flops(40), model.flops(7, encoder_length=40)
    assert found is not None
    assert same is not None
    assert found.text == Cost()
    assert found.encoder == same.encoder
    assert found.per_token == found.encoder.total / 40


def test_one_more_layer_costs_as_much_as_the_last_one_however_many_there_are() -> None:
    one, two, many = (load("llama", num_hidden_layers=layers).flops(100) for layers in (1, 2, 10**9))
    assert one is not None
    assert two is not None
    assert many is not None
    assert many.total - two.total == (10**9 - 2) * (two.total - one.total)


# --- lengths ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [0, -1, 513, 10**30, 1.5, True, "12"])
def test_a_length_that_a_model_cannot_have_is_one_line(length: Any) -> None:
    with pytest.raises(MeasureError, match="length") as caught:
        load("bert").flops(length)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("length", [0, -1, 1_025, True])
def test_so_is_one_that_an_encoder_cannot_have(length: Any) -> None:
    with pytest.raises(MeasureError, match="encoder length"):
        load("bart").flops(5, encoder_length=length)


def test_where_the_config_names_no_length_one_is_asked_for() -> None:
    with pytest.raises(NoLengthError, match=r"\(--length\)"):
        load("bloom").flops()
    with pytest.raises(NoLengthError, match=r"\(--length\)"):
        load("t5").flops(encoder_length=5)
    found = load("t5").flops(5)
    assert found is not None
    assert found.lengths == Lengths(5, 5)  # of an encoder nothing else is said
    assert load("bloom").flops(10**6) is not None


def test_a_text_is_as_long_as_every_table_holds() -> None:
    parts = flatten((longest(9), scope("x", longest(5)), stream("encoder", scope("y", longest(3)))))
    assert lengths(parts, 100, None, None) == Lengths(5, 3)
    assert lengths((), 100, None, None) == Lengths(100, None)
    assert lengths(parts, 100, 4, None) == Lengths(4, 3)
    with pytest.raises(MeasureError, match="nothing in the model reads an encoder's tokens"):
        lengths((), 100, 5, 5)
    assert lengths(flatten((longest(0),)), 100, None, None).text is None
    with pytest.raises(MeasureError, match="positions for 5 tokens"):
        lengths(parts, 100, 6, None)
    with pytest.raises(MeasureError, match="positions for 0 tokens"):
        lengths(flatten((longest(-1),)), 100, 1, None)


def test_a_text_is_by_default_as_long_as_it_can_be() -> None:
    assert zoo.load({"model_type": "roberta", "max_position_embeddings": 514}).lengths().text == 512
    assert zoo.load({"model_type": "bert"}).lengths().text == 512
    assert zoo.load({"model_type": "led"}).lengths() == (1_024, 16_384)
    assert zoo.load({"model_type": "llama"}).lengths().text == 2_048
