"""The kit's laws of costs can fail: a toy with each mistake in turn breaks the law that is meant for it."""

import pytest
from toys import Mistake, Outcomes, run, write

from zoo import load
from zoo.manager import manager

MODEL = """
from zoo.architecture import Architecture
from zoo.blueprint import (
    attend, embedding, linear, longest, products, repeat, rms_norm, scope, split, stream, tensor
)
from zoo.config import Config
from zoo.fields import derived, dim, per_head


class ToyConfig(Config):
    vocab_size: int = dim("V", 96)
    hidden_size: int = dim("H", 32)
    intermediate_size: int = dim("F", 48)
    num_hidden_layers: int = dim("L", 6)
    num_attention_heads: int = dim("A", 4)
    num_key_value_heads: int = dim("K", 2)
    head_dim: int = derived("D", per_head)
    max_position_embeddings: int = dim("P", 80)
    sliding_window: int | None = dim("W", 6)


class Toy(Architecture):
    config: ToyConfig
    prefix = "Toy"
    heads = {"ForCausalLM": "causal_lm", "Model": "model"}

    def model(self):
        c = self.config
        yield embedding("words", c.vocab_size, c.hidden_size)
        yield embedding("positions", c.max_position_embeddings, c.hidden_size), longest(c.max_position_embeddings)
        yield repeat("layers", c.num_hidden_layers, self.layer())
        yield rms_norm("norm", c.hidden_size)

    def layer(self):
        c = self.config
        H, F, A, K, D = c.hidden_size, c.intermediate_size, c.num_attention_heads, c.num_key_value_heads, c.head_dim
        yield scope(
            "attention",
            linear("query", H, A * D, bias=False),
            [linear(name, H, K * D, bias=False) for name in ("key", "value")],
            linear("output", A * D, H, bias=False),
            attend(heads=A, head_dim=D, kv_heads=K, window=c.sliding_window),
        )
        yield scope("mlp", linear("up", H, F), linear("down", F, H))

    def causal_lm(self):
        c = self.config
        yield scope("model", self.model())
        yield linear("lm_head", c.hidden_size, c.vocab_size, bias=False, tied_to="model.words.weight")
"""

SUITE = """

class Test_NAME(ArchitectureSuite):
    model_type = "NAME"
    pass
"""

LAYER = '        yield scope(\n            "attention"'
WINDOW = "kv_heads=K, window=c.sliding_window)"
ATTEND = f"            attend(heads=A, head_dim=D, {WINDOW},\n"
MLP = 'scope("mlp", linear("up", H, F), linear("down", F, H))'


def scoring(function: str) -> dict[str, str]:
    """The toy, whose attention scores so many pairs of queries and keys."""
    return {WINDOW: WINDOW[:-1] + f", pairs=lambda queries, keys: {function})"}


def multiplying(function: str) -> dict[str, str]:
    """The toy, with so many operations beside attention's."""
    return {LAYER: f"        yield products(lambda tokens: {function})\n{LAYER}"}


MISTAKES = {
    "fails": Mistake("test_costs_are_numbers", ("ToyModel at 1 tokens", "ZeroDivisionError"), scoring("queries // 0")),
    "negative": Mistake("test_costs_are_numbers", ("operations", "whole numbers from 0"), multiplying("-(10**9)")),
    "half": Mistake("test_costs_are_numbers", ("at 1 tokens: 384.0", "whole"), scoring("queries * keys / 2")),
    "shrinks": Mistake(
        "test_costs_are_numbers",
        ("at 3 tokens", "operations, which is less than"),
        multiplying("10**9 // tokens"),
    ),
    "alone": Mistake("test_attention_scores_pairs", ("pairs of attend(heads=4", "itself at least"), scoring("1")),
    "triples": Mistake(
        "test_attention_scores_pairs",
        ("gives 262,144 for 64 tokens", "2,097,152", "between pairs"),
        scoring("queries * keys * keys"),
    ),
    "unused": Mistake(
        "test_every_matrix_is_multiplied",
        ("model.layers.*.mix [32, 32] is said to be multiplied by no token", 'use="matmul"'),
        {LAYER: f'        yield tensor("mix", H, H, use="elementwise")\n{LAYER}'},
    ),
    "passed_by": Mistake("test_every_matrix_is_multiplied", ("in matrices", "stream(...)"), {MLP: f"stream(0, {MLP})"}),
    "some_layers": Mistake(
        "test_every_layer_attends",
        ("ToyModel: layers.1 has neither attend(...) nor state(...)",),
        {
            "c.num_hidden_layers, self.layer())": (
                "c.num_hidden_layers, split(c.num_hidden_layers, range(0, c.num_hidden_layers, 2), True, False),"
                " self.layer)"
            ),
            "def layer(self)": "def layer(self, attending)",
            ATTEND: ATTEND.replace("attend(", "[attend(").replace("),", ")] if attending else [],"),
        },
    ),
    "unheard_encoder": Mistake(
        "test_every_layer_attends",
        ("nothing sees what the encoder makes",),
        {
            '        yield embedding("words"': (
                '        yield stream("encoder", scope("encoder", repeat("layers", 2, self.layer())))\n'
                '        yield embedding("words"'
            )
        },
    ),
    "kv_heads": Mistake(
        "test_projections_make_heads",
        ("model.layers.*.attention: attend(...) says 4 heads of 8, 4 for keys and values", "(16, 32), (16, 32)"),
        {"kv_heads=K, ": ""},
    ),
    "positions": Mistake(
        "test_positions_bound_the_text",
        ("a table [80, 32] for 80 positions", "longest(80) is missing"),
        {", longest(c.max_position_embeddings)": ""},
    ),
    "more_positions": Mistake(
        "test_positions_bound_the_text",
        ("a table [82, 32] for 80 positions", "longest(80) is missing"),
        {
            "c.max_position_embeddings, c.hidden_size), longest(c.max_position_embeddings)": (
                "c.max_position_embeddings + 2, c.hidden_size)"
            )
        },
    ),
    "two_ways": Mistake(
        "test_what_writes_keeps_what_it_has_read",
        ("ToyForCausalLM writes text, and keeps nothing",),
        {"window=c.sliding_window)": "window=c.sliding_window, causal=False)"},
    ),
    "window": Mistake("test_fields_move", ("sliding_window: moves no tensor",), {", window=c.sliding_window": ""}),
    "unneeded": Mistake(
        "test_every_matrix_is_multiplied",
        ("'matrices: mix' is not needed",),
        suite={"    pass": '    exceptions = {"matrices: mix": "a matrix that there is not"}'},
    ),
}
GOOD = {
    "good": Mistake("", ()),
    "excepted": Mistake(
        "",
        (),
        MISTAKES["unused"].model,
        suite={"    pass": '    exceptions = {"matrices: mix": "is added to what a token is"}'},
    ),
    "as_many_words": Mistake(
        "",
        (),
        {
            'dim("V", 96)': 'dim("V", 80)',
            '        yield embedding("positions", c.max_position_embeddings, c.hidden_size), '
            "longest(c.max_position_embeddings)\n": "",
        },
    ),
    "silent": Mistake("", (), {ATTEND: ""}, suite={"    pass": '    exceptions = {"moves: sliding_window": "unsaid"}'}),
}
ALL = GOOD | MISTAKES

TESTS = (
    "numbers or pairs or multiplied or layer_attends or make_heads or bound_the_text or writes or fields_move or costs"
)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    folder = tmp_path_factory.mktemp("toys")
    write(folder, ALL, MODEL, SUITE, "from zoo.testing import ArchitectureSuite\n")
    return run(folder, ALL, "-k", TESTS)


@pytest.mark.parametrize("name", GOOD)
def test_a_good_toy_obeys_every_law(outcomes: Outcomes, name: str) -> None:
    assert outcomes.failed[name] == {}


def test_what_nobody_tells_is_a_skip_with_its_reason(outcomes: Outcomes) -> None:
    skipped = outcomes.skipped
    unknown = "FLOPs or cache are unknown of ToyForCausalLM, ToyModel"
    assert unknown in skipped["silent"]["test_costs_are_numbers"]
    assert list(skipped["good"]) == ["test_costs[none]"]
    assert "Transformers() is one" in skipped["good"]["test_costs[none]"]


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_breaks_the_law_that_is_meant_for_it(outcomes: Outcomes, name: str) -> None:
    mistake, failed = MISTAKES[name], outcomes.failed[name]
    assert mistake.check in failed, f"caught by {list(failed)} only"
    for words in mistake.said:
        assert words in failed[mistake.check]
    assert "Traceback" not in failed[mistake.check]


def test_every_built_in_class_tells_its_costs() -> None:
    silent = [
        class_name
        for model_type, plugin in manager
        if plugin.distribution.startswith("paramzoo ")
        for class_name in manager.architecture(model_type).classes()
        for model in [load({"model_type": model_type, "architectures": [class_name]})]
        if model.flops(1) is None or model.cache(1) is None
    ]
    assert not silent
