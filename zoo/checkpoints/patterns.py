"""Names of tensors folded for a reader: `model.layers.{0..31}.mlp.up_proj.weight` stands for 32 of them."""

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from itertools import product
from typing import NamedTuple, TypeAlias, TypeVar

MOST_NUMBERS = 8
"""In one name; those behind stay as they are. Real names have up to four."""

# Without leading zeros, so that a number gives back its digits, and with fewer than would be slow to read.
_NUMBER = re.compile(r"(?<![^.])(0|[1-9][0-9]{0,17})(?![^.])")

Numbers: TypeAlias = tuple[int, ...]

Key = TypeVar("Key", bound=Hashable)


class Folded(NamedTuple):
    """A pattern and the names that it stands for.

    `{0..2,5}` stands for each of 0, 1, 2 and 5; where there are two of these, for each pair. names: in that order.
    """

    pattern: str
    names: tuple[str, ...]


def fold(names: Iterable[str]) -> list[Folded]:
    """Patterns that stand for exactly these names, each for those that differ only in the numbers between their dots.

    In order of first appearance. Braces in a name are kept as they are.
    """
    return [folded for folded, _ in fold_by(dict.fromkeys(names))]


def fold_by(keys: Mapping[str, Key]) -> list[tuple[Folded, Key]]:
    """As `fold`, but only names of the same key, such as a shape, are folded together; each pattern with its key."""
    alike: dict[tuple[tuple[str, ...], Key], dict[Numbers, str]] = {}
    for name, key in keys.items():
        pieces = _NUMBER.split(name, MOST_NUMBERS)
        alike.setdefault((tuple(pieces[::2]), key), {})[tuple(map(int, pieces[1::2]))] = name
    found = [
        (Folded(_pattern(texts, sets), tuple(names[numbers] for numbers in product(*sets))), key)
        for (texts, key), names in alike.items()
        for sets in _products(names)
    ]
    place = {name: number for number, name in enumerate(keys)}
    return sorted(found, key=lambda folded: min(place[name] for name in folded[0].names))


def _products(tuples: Iterable[Numbers]) -> Iterator[tuple[Numbers, ...]]:
    """The tuples as products of sets, in ascending order: first numbers that are followed by the same go together."""
    rests: dict[int, set[Numbers]] = {}
    for numbers in tuples:
        if not numbers:
            yield ()
            return
        rests.setdefault(numbers[0], set()).add(numbers[1:])
    firsts: dict[frozenset[Numbers], list[int]] = {}
    for first, rest in rests.items():
        firsts.setdefault(frozenset(rest), []).append(first)
    for same, alike in firsts.items():
        for sets in _products(same):
            yield (tuple(sorted(alike)), *sets)


def _pattern(texts: tuple[str, ...], sets: tuple[Numbers, ...]) -> str:
    pieces = [texts[0]]
    for numbers, text in zip(sets, texts[1:], strict=True):
        pieces += _written(numbers), text
    return "".join(pieces)


def _written(numbers: Numbers) -> str:
    """Ascending numbers: one as it is, several in braces, those that follow each other as a range."""
    if len(numbers) == 1:
        return str(numbers[0])
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return "{" + ",".join(str(low) if low == high else f"{low}..{high}" for low, high in runs) + "}"
