"""Where an axis has its ticks: at round numbers, a few of them, of which the outermost are near its ends."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import ceil, floor, log, log2, log10

FEWEST, MOST = 4, 12
"""Ticks of an axis; at most so many if these are powers of ten."""

NEAR = 1 / 5
"""How far from an end the outermost tick may be, in lengths of the axis."""

_DIGITS = (
    (1.0, 2.0, 5.0),
    (1.0, 1.5, 2.0, 3.0, 5.0, 7.0),
    (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0),
    (1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 7.0, 8.0, 9.0),
)
"""Multiples of powers of ten, for ever smaller ranges."""


def linear(low: float, high: float) -> list[float]:
    """The ticks of a linear axis: multiples of 1, 2 or 5 times a power of ten."""
    return _chosen(_multiples(low, high), low, high, lambda value: (value - low) / (high - low))


def logarithmic(low: float, high: float) -> list[float]:
    """Powers of ten; where there are too few, 1, 2 and 5 times these; then more, and in the end as `linear`."""
    powers = range(floor(log10(low)), ceil(log10(high)) + 1)
    every = ceil(len(powers) / MOST)
    tens = [power for power in powers if power % every == 0]
    rounds = [_scaled((1.0,), tens, 10), *(_scaled(digits, powers, 10) for digits in _DIGITS)]
    return _chosen((*rounds, *_multiples(low, high)), low, high, lambda value: log(value / low) / log(high / low))


def binary(low: float, high: float) -> list[float]:
    """The same of bytes: powers of two, in a small range with halves, quarters and so on between them."""
    powers = range(floor(log2(low)), ceil(log2(high)) + 1)
    coarse = [_scaled((1.0,), [power for power in powers if power % every == 0], 2) for every in (10, 5, 2)]
    fine = [_scaled([1 + part / parts for part in range(parts)], powers, 2) for parts in (1, 2, 4, 8, 16)]
    return _chosen((*coarse, *fine), low, high, lambda value: log(value / low) / log(high / low))


def _scaled(digits: Sequence[float], powers: Iterable[int], base: int) -> list[float]:
    return [digit * float(base) ** power for power in powers for digit in digits]


def _multiples(low: float, high: float) -> Iterator[list[float]]:
    """Multiples of ever smaller steps."""
    largest = ceil(log10(high - low))
    for step in (digit * 10.0**power for power in range(largest, largest - 3, -1) for digit in (5, 2, 1)):
        yield [number * step for number in range(ceil(low / step), floor(high / step) + 1)]


def _exact(value: float) -> float:
    """Without the last bits, in which 3 times 0.1 is not 0.3; whole numbers as they are."""
    return value if value == floor(value) else float(f"{value:.12g}")


def _chosen(choices: Iterable[list[float]], low: float, high: float, at: Callable[[float], float]) -> list[float]:
    """The first choice of which enough is between low and high, and near both; at: where a value is, from 0 to 1."""
    for choice in choices:
        found = [value for value in map(_exact, choice) if low <= value <= high]
        if len(found) >= FEWEST and at(found[0]) <= NEAR and at(found[-1]) >= 1 - NEAR:
            return found
    return []
