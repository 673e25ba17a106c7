"""Where the labels of points go: beside them, clear of each other and of the points, and of lines where that can be."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from zoo.plots.terminal import wide

SIZE = 10
"""Of the letters, in pixels."""

_LETTER, _HEIGHT, _POINT = 5.4, 11, 5
"""Pixels: what a letter is wide on average, a line high, and a point around its middle."""

# Right, left, above, below, and between; nearer ones first.
_SIDES = ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (1, 1), (-1, -1), (-1, 1))
_DISTANCES = (8, 15, 24, 36, 50)

Place: TypeAlias = tuple[float, float]
Segment: TypeAlias = tuple[Place, Place]

_ALIGNED = {1: "left", 0: "center", -1: "right"}


class Label(NamedTuple):
    """From its point to the middle of the line, in pixels, rightwards and downwards; align: which end is there.

    far: whether a line must lead to it.
    """

    dx: float
    dy: float
    align: str
    far: bool

    def box(self, at: Place, text: str) -> "Box":
        """What the text takes up, beside a point there."""
        width = wide(text) * _LETTER
        left = at[0] + self.dx - {"left": 0, "center": width / 2, "right": width}[self.align]
        middle = at[1] + self.dy
        return Box(left, middle - _HEIGHT / 2, left + width, middle + _HEIGHT / 2)

    @property
    def lead(self) -> Place:
        """Where the line to it ends, as far from its point; before the letters begin."""
        return 0.9 * self.dx, 0.8 * self.dy


class Box(NamedTuple):
    """A rectangle, in pixels from the upper left corner."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        """Whether the two overlap."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def holds(self, place: Place) -> bool:
        """Whether it lies within."""
        return self.left <= place[0] <= self.right and self.top <= place[1] <= self.bottom

    def crossed(self, line: Segment) -> bool:
        """Whether a line goes through it."""
        (ax, ay), (bx, by) = line
        if max(ax, bx) < self.left or min(ax, bx) > self.right or max(ay, by) < self.top or min(ay, by) > self.bottom:
            return False
        sides = {
            (bx - ax) * (y - ay) > (by - ay) * (x - ax)
            for x in (self.left, self.right)
            for y in (self.top, self.bottom)
        }
        return len(sides) == 2


def placed(
    points: Sequence[Place], texts: Sequence[str], lines: Sequence[Segment], width: float, height: float
) -> list[Label | None]:
    """A label for each point, whose place is given in pixels from the upper left corner of a frame; the first ones
    choose first: where the fewest lines cross, and of such places the nearest. None where there is none that is free.

    lines: what is drawn beside the points and the lines that lead from them to their labels.
    """
    taken = [Box(x - _POINT, y - _POINT, x + _POINT, y + _POINT) for x, y in points]
    lines = list(lines)
    found: list[Label | None] = []
    for at, text in zip(points, texts, strict=True):
        best: tuple[int, Label, Box] | None = None
        for label in _PLACES:
            box = label.box(at, text)
            inside = box.left >= 0 and box.right <= width and box.top >= 0 and box.bottom <= height
            if not inside or any(box.meets(other) for other in taken):
                continue
            crossings = sum(box.crossed(line) for line in lines)
            if label.far:
                lead = _lead(at, label)
                crossings += sum(other.crossed(lead) for other in taken if not other.holds(at))
            if best is None or crossings < best[0]:
                best = crossings, label, box
            if not crossings:
                break
        found.append(None if best is None else best[1])
        if best is not None:
            taken.append(best[2])
            lines += [_lead(at, best[1])] * best[1].far
    return found


def _lead(at: Place, label: Label) -> Segment:
    right, down = label.lead
    return at, (at[0] + right, at[1] + down)


def _places() -> Iterator[Label]:
    """From the nearest on."""
    for distance in _DISTANCES:
        for across, down in _SIDES:
            slanted = 0.7 if across and down else 1
            dx, dy = across * distance * slanted, down * (distance * slanted + 3)
            yield Label(dx, dy, _ALIGNED[across], distance > _DISTANCES[0])


_PLACES = tuple(_places())
