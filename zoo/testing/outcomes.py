"""How a check ends that does not pass. pytest is imported by those only who have it run."""

from collections.abc import Iterable
from typing import NoReturn

from zoo.text import printable

MOST_LINES = 60
"""Of a failure; what is behind them is told by its number."""


def fail(lines: Iterable[str]) -> NoReturn:
    """Fails the test with these lines, made printable, without a traceback: it is not the kit's code that is wrong."""
    import pytest

    found = [printable(part) for line in lines for part in line.splitlines()]
    rest = len(found) - MOST_LINES
    pytest.fail("\n".join(found[:MOST_LINES] + ([f"... and {rest:,} more lines"] if rest > 0 else [])), pytrace=False)


def skip(reason: str) -> NoReturn:
    """Skips the test."""
    import pytest

    pytest.skip(printable(reason))
