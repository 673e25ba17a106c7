"""On which scale scores are told: there is no mean of fractions and percentages together."""

from collections.abc import Iterable

from zoo.results.tasks import Task
from zoo.text import shown

MOST_OF_A_FRACTION, LEAST_OF_A_PERCENTAGE = 1, 1.5
"""Where the largest score of a task is no larger, it is a fraction; where it is larger than the other, a percentage."""


def mixture(tasks: Iterable[Task]) -> str | None:
    """Why those of the tasks that are for a mean have none together, in words; None where they have one.

    A task of which all scores are 0 is of no scale.
    """
    in_mean = [task for task in tasks if task.in_mean]
    fraction = next((task for task in in_mean if 0 < task.largest <= MOST_OF_A_FRACTION), None)
    percentage = next((task for task in in_mean if task.largest > LEAST_OF_A_PERCENTAGE), None)
    if fraction is None or percentage is None:
        return None
    (small, *_), (large, *_) = fraction.measure, percentage.measure
    return (
        f"scores of {shown(small)} are within 1, those of {shown(large)} go up to {percentage.largest:,.4g} "
        "(bring them onto one scale, of fractions or of percentages)"
    )
