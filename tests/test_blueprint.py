"""The tree of parts and its readings, on small trees counted by hand."""

from collections.abc import Iterable
from typing import Any

import pytest

from zoo.blueprint import (
    Part,
    Without,
    attend,
    conv1d,
    embedding,
    experts,
    flatten,
    folded,
    layer_norm,
    linear,
    repeat,
    rms_norm,
    scope,
    split,
    tensor,
    transposed_linear,
)
from zoo.errors import ConfigError
from zoo.measures.counts import Component, attentions, breakdown, count, tensors


@pytest.mark.parametrize(
    ("part", "shapes"),
    [
        (linear("x", 3, 5), {"x.weight": (5, 3), "x.bias": (5,)}),
        (linear("x", 3, 5, bias=False), {"x.weight": (5, 3)}),
        (transposed_linear("x", 3, 5), {"x.weight": (3, 5), "x.bias": (5,)}),
        (conv1d("x", 6, 4, 7, groups=2), {"x.weight": (4, 3, 7), "x.bias": (4,)}),
        (embedding("x", 10, 4), {"x.weight": (10, 4)}),
        (layer_norm("x", 4), {"x.weight": (4,), "x.bias": (4,)}),
        (rms_norm("x", 4), {"x.weight": (4,)}),
        (tensor("x", 2, 3, 4), {"x": (2, 3, 4)}),
    ],
)
def test_parts_hold_what_pytorch_modules_of_that_name_hold(part: Part, shapes: dict[str, tuple[int, ...]]) -> None:
    parts = flatten((part,))
    assert {found.name: found.shape for found in tensors(parts)} == shapes


def test_a_tied_tensor_is_named_and_counts_nothing() -> None:
    parts = flatten(
        (
            embedding("words", 10, 4),
            linear("head", 4, 10, tied_to="words.weight"),
            tensor("bias", 10, tied_to="head.bias"),
        )
    )
    assert count(parts).parameters == 40 + 10
    assert [(found.name, found.tied_to) for found in tensors(parts) if found.tied_to] == [
        ("head.weight", "words.weight"),
        ("bias", "head.bias"),
    ]


def test_only_lookup_tables_are_embeddings() -> None:
    parts = flatten((embedding("words", 10, 4), linear("head", 4, 10, bias=False)))
    assert count(parts) == (80, 80, 40)


def test_equal_layers_are_multiplied_and_written_out_in_order() -> None:
    parts = (repeat("layer", 3, rms_norm("norm", 4)),)
    assert count(parts).parameters == 12
    assert [found.name for found in tensors(parts)] == [f"layer.{i}.norm.weight" for i in range(3)]


def test_layers_of_several_kinds_keep_their_numbers_and_are_built_once_a_kind() -> None:
    built = []

    def body(kind: str) -> Part:
        built.append(kind)
        return rms_norm("norm", 4 if kind == "wide" else 2)

    parts = (repeat("layer", 4, ["wide", "thin", "thin", "wide"], body),)
    assert sorted(built) == ["thin", "wide"]
    assert [found.shape for found in tensors(parts)] == [(4,), (2,), (2,), (4,)]
    assert [found.name for found in tensors(parts)] == [f"layer.{i}.norm.weight" for i in range(4)]
    assert count(parts).parameters == 12


def test_split_is_closed_form_for_any_number_of_layers() -> None:
    layers = 10**12
    kinds = split(layers, range(1, layers, 2), "odd", "even")
    assert len(kinds["odd"]) == len(kinds["even"]) == layers // 2
    assert 10**11 in kinds["even"]
    assert 10**11 not in kinds["odd"]
    assert split(4, range(0), "none", "all").keys() == {"all"}
    assert split(4, range(4), "all", "none").keys() == {"all"}
    assert split(4, range(1, 2), "same", "same") == {"same": range(4)}


def test_split_tells_ranges_as_ranges_and_the_first_layers_first() -> None:
    assert list(split(61, range(3, 61), "sparse", "dense").items()) == [("dense", range(3)), ("sparse", range(3, 61))]
    assert list(split(12, range(1), "first", "rest").items()) == [("first", range(1)), ("rest", range(1, 12))]


def test_without_is_the_rest_of_a_range() -> None:
    rest = Without(range(10), range(0, 10, 3))
    assert list(rest) == [1, 2, 4, 5, 7, 8]
    assert len(rest) == 6
    assert 3 not in rest
    assert 11 not in rest


@pytest.mark.parametrize("fused", [True, False])
def test_of_experts_a_token_uses_some(fused: bool) -> None:
    parts = (experts("experts", 8, 2, tensor("up", 3, 4, use="matmul"), fused=fused),)
    assert count(parts) == (96, 24, 0)
    names = ["experts.up"] if fused else [f"experts.{i}.up" for i in range(8)]
    assert [found.name for found in tensors(parts)] == names
    assert {found.shape for found in tensors(parts)} == ({(8, 3, 4)} if fused else {(3, 4)})


def test_numbers_stand_where_the_name_says() -> None:
    parts = (experts("expert_{}.mlp", 2, 1, tensor("up", 3), fused=False),)
    assert [found.name for found in tensors(parts)] == ["expert_0.mlp.up", "expert_1.mlp.up"]


def test_more_experts_at_work_than_there_are() -> None:
    with pytest.raises(ConfigError, match="8 experts per token"):
        experts("experts", 4, 8, tensor("up", 3))


def test_the_breakdown_adds_up_at_every_node() -> None:
    layer = scope("mlp", experts("experts", 8, 2, tensor("up", 3, 4)), rms_norm("norm", 4))
    parts = flatten((embedding("words", 10, 4), repeat("layers", 3, ["a", "b", "a"], lambda _: layer)))

    def check(components: Iterable[Component]) -> None:
        for component in components:
            if component.children:
                sums = tuple(map(sum, zip(*(child.counts for child in component.children), strict=True)))
                assert sums == component.counts
                check(component.children)

    tree = tuple(breakdown(parts))
    assert tuple(map(sum, zip(*(node.counts for node in tree), strict=True))) == count(parts)
    check(tree)
    assert [node.name for node in tree] == ["words", "layers.0,2", "layers.1"]


def test_attention_holds_nothing_and_is_found_once_a_kind() -> None:
    parts = (repeat("layers", 5, attend(heads=8, kv_heads=2, head_dim=16)),)
    assert count(parts).parameters == 0
    (found,) = attentions(parts)
    assert (found.heads, found.kv_heads, found.head_dim, found.window, found.causal) == (8, 2, 16, None, True)


def test_query_heads_divide_among_key_value_heads() -> None:
    with pytest.raises(ConfigError, match="num_attention_heads 8 is not a multiple of num_key_value_heads 3"):
        attend(heads=8, kv_heads=3, head_dim=16)


def test_layer_numbers_as_a_reader_writes_them() -> None:
    assert folded(range(12)) == "0-11"
    assert folded(range(1)) == "0"
    assert folded(range(0, 10**12, 2)) == "0,2,4,..."
    assert folded([1, 5]) == "1,5"


@pytest.mark.parametrize("at", [range(2, 15, 3), [2, 12], [-1]])
def test_a_layer_that_there_is_not_is_no_kind(at: "range | list[int]") -> None:
    with pytest.raises(ValueError, match="there is no layer"):
        split(12, at, "conv", "attention")


@pytest.mark.parametrize("size", [-1, 2.5, "4"])
def test_a_size_that_no_tensor_has(size: Any) -> None:
    with pytest.raises(ValueError, match="no tensor has the shape"):
        tensor("weight", 4, size)
