"""The Pareto front: what nothing else is preferred to."""

from collections.abc import Iterable


def front(points: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """The points to which no other is preferred: none has as little x and more y, or as much y and less x.

    Each once, in the order of x.
    """
    found: list[tuple[float, float]] = []
    for x, y in sorted(points, key=lambda point: (point[0], -point[1])):
        if not found or y > found[-1][1]:
            found.append((x, y))
    return found
