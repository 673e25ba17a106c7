"""Several things done at once, each with a time of its own to finish in."""

import threading
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import TypeVar

from zoo.errors import ZooError

Item = TypeVar("Item")
Result = TypeVar("Result")

AT_ONCE = 32


def together(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    seconds: Sequence[float],
    late: Callable[[Item], Result | ZooError],
    done: Callable[[], object] = lambda: None,
) -> list[Result | ZooError]:
    """What `work` gives for each item, or the ZooError with which it fails, in order.

    seconds: how long each may take. late: what stands for one that takes longer. done: called after each. What takes
    too long is left behind in a thread that keeps no process alive: of a name server or a connection that says nothing,
    nobody else gets free.
    """
    results: dict[int, Result | Exception] = {}
    finished: SimpleQueue[tuple[int, Result | Exception]] = SimpleQueue()

    def run(place: int) -> None:
        try:
            finished.put((place, work(items[place])))
        except Exception as error:  # to be raised, or told, where the result is looked at
            finished.put((place, error))

    waiting = list(range(len(items)))[::-1]
    ends: dict[int, float] = {}
    while waiting or ends:
        while waiting and len(ends) < AT_ONCE:
            place = waiting.pop()
            ends[place] = time.monotonic() + seconds[place]
            threading.Thread(target=run, args=(place,), daemon=True).start()
        try:
            place, result = finished.get(timeout=max(0.0, min(ends.values()) - time.monotonic()))
            if ends.pop(place, None) is not None:
                results[place] = result
                done()
        except Empty:
            for place in [place for place, end in ends.items() if end <= time.monotonic()]:
                del ends[place]
                results[place] = late(items[place])
                done()
    return [_expected(results[place]) for place in range(len(items))]


def _expected(result: Result | Exception) -> Result | ZooError:
    """A result; what is neither that nor told in a line is a fault of zoo's, and raised."""
    if isinstance(result, Exception) and not isinstance(result, ZooError):
        raise result
    return result
