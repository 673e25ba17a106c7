"""Several things done at once, each with a time of its own to finish in."""

import threading
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

AT_ONCE = 32


def together(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    seconds: float,
    done: Callable[[], object] = lambda: None,
) -> list[Result | Exception]:
    """What `work` gives or raises for each item, in order; a TimeoutError for one that takes longer than `seconds`.

    done: called after each. What takes too long is left behind in a thread that keeps no process alive: of a name
    server or a connection that says nothing, nobody else gets free.
    """
    results: list[Result | Exception] = [TimeoutError() for _ in items]
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
            ends[place] = time.monotonic() + seconds
            threading.Thread(target=run, args=(place,), daemon=True).start()
        try:
            place, result = finished.get(timeout=max(0.0, min(ends.values()) - time.monotonic()))
            if ends.pop(place, None) is not None:
                results[place] = result
                done()
        except Empty:
            for late in [place for place, end in ends.items() if end <= time.monotonic()]:
                del ends[late]
                done()
    return results
