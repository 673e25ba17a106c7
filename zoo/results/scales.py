"""On which scale scores are told: there is no mean of fractions and percentages together."""

from collections.abc import Iterable, Sequence

from zoo.results.joining import Measure, measure
from zoo.results.score import Score
from zoo.results.tasks import Task
from zoo.text import shown

MOST_OF_A_FRACTION, LEAST_OF_A_PERCENTAGE = 1, 1.5
"""Where the largest score of a task is no larger, it is a fraction; where it is larger than the other, a percentage."""


def mixture(scores: Sequence[Score], tasks: Iterable[Task]) -> str | None:
    """Why those of the tasks that are for a mean have none together, in words; None where they have one.

    A task of which all scores are 0 is of no scale.
    """
    largest: dict[Measure, float] = {task.measure: 0 for task in tasks if task.in_mean}
    for score in scores:
        if (one := measure(score)) in largest:
            largest[one] = max(largest[one], abs(score.value))
    fraction = next((one for one, most in largest.items() if 0 < most <= MOST_OF_A_FRACTION), None)
    percentage = next((one for one, most in largest.items() if most > LEAST_OF_A_PERCENTAGE), None)
    if fraction is None or percentage is None:
        return None
    (small, *_), (large, *_) = fraction, percentage
    return (
        f"scores of {shown(small)} are within 1, those of {shown(large)} go up to {largest[percentage]:,.4g} "
        "(bring them onto one scale, of fractions or of percentages)"
    )
