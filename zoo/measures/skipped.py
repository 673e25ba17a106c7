"""Which modules a quantization leaves as they are: the names that it lists, matched as transformers matches them.

Source: `should_convert_module` in transformers 5.23 (quantizers/quantizers_utils.py). A name stands for the module, for
all below it, and for every module whose full name ends so; `.*` stands for anything.
"""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from itertools import accumulate

from zoo.conditions import MeasureError
from zoo.measures.flops import UnknownCostError
from zoo.text import shown

_PLAIN = re.compile(r"(?:[A-Za-z_]|\.\*)(?:[\w.-]|\.\*)*", re.ASCII)


MOST_NAMES = 10_000
"""The cap on the names in a list; the longest of published models have hundreds."""


class Skipped:
    """Names of modules, parts of such names, or patterns with `.*` in them.

    numbers: the layers that any of them can tell from others. patterns: how many have to be tried one by one.

    Raises UnknownCostError for what is more than names and `.*`: they come from strangers, and a regular expression may
    take for ever. Raises MeasureError for more than MOST_NAMES.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        names = {pattern.rstrip(".") for pattern in patterns}
        if len(names) > MOST_NAMES:
            raise MeasureError(f"quantization_config lists more than {MOST_NAMES:,} modules")
        for name in names:
            if not _PLAIN.fullmatch(name) or re.search(r"\d\.\*|\.\*\d", name):
                raise UnknownCostError(f"which modules {shown(name)} means is not known")
        self._names = frozenset(name for name in names if "*" not in name)
        self._globs = [name.replace(".*", "*") for name in names if "*" in name]
        self.patterns = len(self._globs)
        self.numbers = sorted({int(digits) for name in names for digits in re.findall(r"\d{1,12}", name)})

    def __contains__(self, module: str) -> bool:
        above = list(accumulate(module.split("."), lambda path, name: f"{path}.{name}"))
        if not self._names.isdisjoint(above) or not self._names.isdisjoint(module[i:] for i in range(len(module))):
            return True
        return any(fnmatchcase(path, glob) for glob in self._globs for path in above)
