"""Where the labels of points go: beside them, clear of each other, of the points and of a line through some."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from zoo.plots.terminal import wide

SIZE = 10
"""Of the letters, in pixels."""

_LETTER, _HEIGHT, _POINT = 5.4, 11, 5
"""Pixels: what a letter is wide on average, a line high, and a point around its middle."""

# Right, left, above, below, and between; nearer ones first.
_SIDES = ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (1, 1), (-1, -1), (-1, 1))
_DISTANCES = (8, 15, 24, 36, 50)

_ALIGNED = {1: "left", 0: "center", -1: "right"}


class Label(NamedTuple):
    """From its point to the middle of the line, in pixels, rightwards and downwards; align: which end is there.

    far: whether a line must lead to it.
    """

    dx: float
    dy: float
    align: str
    far: bool


class _Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "_Box") -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


def placed(
    points: Sequence[tuple[float, float]],
    texts: Sequence[str],
    steps: Sequence[tuple[float, float]],
    width: float,
    height: float,
) -> list[Label | None]:
    """A label for each point, whose place is given in pixels from the upper left corner of a frame; the first ones
    choose first. None where there is no place in the frame that is free.

    steps: the corners of a line that goes to the right from each of them, and then up to the next.
    """
    taken = [_Box(x - _POINT, y - _POINT, x + _POINT, y + _POINT) for x, y in points]
    for (left, bottom), (right, top) in pairwise(steps):
        taken += [_Box(left, bottom - 1, right, bottom + 1), _Box(right - 1, top, right + 1, bottom)]
    found: list[Label | None] = []
    for (x, y), text in zip(points, texts, strict=True):
        for label, box in _places(x, y, wide(text) * _LETTER):
            inside = box.left >= 0 and box.right <= width and box.top >= 0 and box.bottom <= height
            if inside and not any(box.meets(other) for other in taken):
                taken.append(box)
                found.append(label)
                break
        else:
            found.append(None)
    return found


def _places(x: float, y: float, width: float) -> Iterator[tuple[Label, _Box]]:
    for distance in _DISTANCES:
        for across, down in _SIDES:
            slanted = 0.7 if across and down else 1
            dx, dy = across * distance * slanted, down * (distance * slanted + 3)
            left = x + dx + {1: 0, 0: -width / 2, -1: -width}[across]
            label = Label(dx, dy, _ALIGNED[across], distance > _DISTANCES[0])
            yield label, _Box(left, y + dy - _HEIGHT / 2, left + width, y + dy + _HEIGHT / 2)
