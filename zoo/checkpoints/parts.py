"""The parameters of a checkpoint as the parts that an architecture states: scopes, repeated layers, tensors.

They are read off the names alone: dots nest, a whole number between dots numbers a layer or an expert, and layers that
hold the same are stated once. So counts, breakdowns and tensor lists come from `zoo.measures.counts`, as of any model.
No name tells how many of the experts a token uses, nor what it does with a tensor.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping
from typing import NamedTuple, TypeAlias

from zoo.blueprint import Group, Part, Repeat, Scope, Shape, Tensor, Use
from zoo.checkpoints.checkpoint import Checkpoint
from zoo.checkpoints.contents import Content

DEEPEST = 24
"""Levels of nesting; what is below is one name, dots and all. Real checkpoints have about twelve."""

# No zero before other digits, so that a number gives its name back; and no more digits than anything has layers.
_NUMBER = re.compile(r"0|[1-9][0-9]{0,8}")


class _Named(NamedTuple):
    """A tensor, its name taken apart at the dots."""

    steps: list[str]
    shape: Shape
    use: Use


_Known: TypeAlias = dict[frozenset[Hashable], tuple[Part, ...]]
"""Parts by what they hold, so that equal ones are the same object, whatever order they were stored in."""


def parts(checkpoint: Checkpoint, contents: Mapping[str, Content]) -> tuple[Part, ...]:
    """The parameters and packed weights, each under the name that it is `of`, with the shape that it stands for.

    A weight of which only the number is known has that as its one dimension; one of which nothing is known, and all
    that is no parameter, is not among them. A module's own tensors come before what is nested in it, and layers in the
    order of their numbers; all else is as in the checkpoint.
    """
    found: list[_Named] = []
    for name in checkpoint.tensors:
        kind, numbers, shape, of, _ = contents[name]
        if kind in ("parameter", "packed") and numbers is not None:
            use: Use = "elementwise" if shape is not None and len(shape) < 2 else "unknown"
            found.append(_Named(of.split(".", DEEPEST), (numbers,) if shape is None else shape, use))
    return _stated(found, 0, {})


def _stated(tensors: list[_Named], depth: int, known: _Known) -> tuple[Part, ...]:
    """The parts that these tensors are, whose names agree in all steps before `depth`."""
    found: list[Part] = []
    keys: list[Hashable] = []
    nested: defaultdict[str, list[_Named]] = defaultdict(list)
    for tensor in tensors:
        name = tensor.steps[depth]
        if len(tensor.steps) > depth + 1:
            nested[name].append(tensor)
        else:
            found.append(Tensor(name, tensor.shape, tensor.use))
            keys.append(("tensor", name, tensor.shape, tensor.use))

    def repeated(name: str, layers: dict[int, list[_Named]], at: int) -> None:
        repeat = _repeat(name, layers, at, known)
        found.append(repeat)
        keys.append(("layers", name, *((tuple(group.numbers), id(group.parts)) for group in repeat.groups)))

    if layers := {int(name): below for name, below in nested.items() if _NUMBER.fullmatch(name)}:
        repeated("{}", layers, depth + 1)
    for first, below in nested.items():
        if _NUMBER.fullmatch(first):
            continue
        steps = _chain(first, below, depth + 1)
        name, at = ".".join(steps), depth + len(steps)
        # In the name of repeated layers, {} would stand for the number.
        inner, rest = ({}, below) if "{}" in name else _divided(below, at)
        if inner:
            repeated(name, inner, at + 1)
        if rest:
            scope = Scope(name, _stated(rest, at, known))
            found.append(scope)
            keys.append(("scope", name, id(scope.parts)))
    return known.setdefault(frozenset(keys), tuple(found))


def _chain(first: str, below: list[_Named], depth: int) -> list[str]:
    """The steps of a scope: also those that follow, if at least two do of which each holds nothing but the next.

    So a tree is not much larger than its leaves are many, whoever made the names; and what wraps a model takes one row.
    """
    steps = [first]
    for at in range(depth, min(len(tensor.steps) for tensor in below) - 1):
        step = below[0].steps[at]
        if _NUMBER.fullmatch(step) or any(tensor.steps[at] != step for tensor in below):
            break
        steps.append(step)
    return steps if len(steps) > 2 else [first]


def _divided(tensors: list[_Named], depth: int) -> tuple[dict[int, list[_Named]], list[_Named]]:
    """Those that are in numbered layers, by their numbers, and the others."""
    layers: defaultdict[int, list[_Named]] = defaultdict(list)
    others: list[_Named] = []
    for tensor in tensors:
        if len(tensor.steps) > depth + 1 and _NUMBER.fullmatch(tensor.steps[depth]):
            layers[int(tensor.steps[depth])].append(tensor)
        else:
            others.append(tensor)
    return layers, others


def _repeat(name: str, layers: dict[int, list[_Named]], depth: int, known: _Known) -> Repeat:
    kinds: dict[int, tuple[tuple[Part, ...], list[int]]] = {}
    for number in sorted(layers):
        stated = _stated(layers[number], depth, known)
        kinds.setdefault(id(stated), (stated, []))[1].append(number)
    groups = (Group(_range(numbers), len(numbers), len(numbers), stated) for stated, numbers in kinds.values())
    return Repeat(name, tuple(groups))


def _range(numbers: list[int]) -> Collection[int]:
    """Ascending numbers, as a range where none is left out."""
    whole = range(numbers[0], numbers[-1] + 1)
    return whole if len(whole) == len(numbers) else numbers
