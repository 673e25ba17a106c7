"""What is held against models of transformers, beside what they hold: each comparison is a function of a suite."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from zoo.testing.measuredcache import cache
from zoo.testing.measuredflops import flops
from zoo.testing.measuredtext import attention, longest
from zoo.testing.tried import Differences

if TYPE_CHECKING:
    from zoo.testing.costs import CostChecks

MEASURED: Mapping[str, Callable[["CostChecks", int], Differences]] = {
    "flops": flops,
    "cache": cache,
    "attention": attention,
    "longest": longest,
}
"""The comparisons by name."""
