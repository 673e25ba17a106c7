"""Sizes of memory as people write them: 24GiB is 24 x 2^30 bytes, 24GB is 24 x 10^9."""

import re
from decimal import Decimal

from zoo.conditions import MeasureError
from zoo.text import shown

_PREFIXES = "kMGTP"
UNITS = {
    "B": 1,
    **{f"{prefix}B": 10 ** (3 * power) for power, prefix in enumerate(_PREFIXES, 1)},
    **{f"{prefix.upper()}iB": 2 ** (10 * power) for power, prefix in enumerate(_PREFIXES, 1)},
}
"""Bytes of each unit."""

LARGEST = 2**63
"""More bytes than any memory has."""


def parse(text: str) -> int:
    """Bytes: "24GiB", "1.5 GB", or a plain number of them.

    Raises MeasureError for anything else, and for "24G", of which nobody knows whether it is 10^9 or 2^30 bytes.
    """
    match = re.fullmatch(r"\s*(\d{1,20}(?:\.\d{1,20})?)\s*([A-Za-z]*)\s*", text, re.ASCII)
    if not match:
        raise MeasureError(f"not a size: {shown(text)} (such as 24GiB, 24GB or a number of bytes)")
    number, unit = Decimal(match[1]), match[2]
    known = {name.lower(): size for name, size in UNITS.items()}
    if unit and unit.upper() in _PREFIXES.upper():
        ten, two = (name for name in UNITS if name.upper().startswith(unit.upper()) and name != "B")
        each = f"1 {ten} is {UNITS[ten]:,} bytes, 1 {two} {UNITS[two]:,}"
        raise MeasureError(f"size {shown(text)}: {number}{ten} or {number}{two}? ({each})")
    if unit and unit.lower() not in known:
        raise MeasureError(f"size {shown(text)}: no unit {shown(unit)} (there are {', '.join(UNITS)})")
    found = int(number * known.get(unit.lower(), 1))
    if not 0 < found < LARGEST:
        raise MeasureError(f"size {shown(text)}: must be at least one byte and less than 2^63")
    return found


def size(memory: int | str) -> int:
    """Bytes, given as a number of them or as people write it. Raises MeasureError as `parse` does."""
    if isinstance(memory, str):
        return parse(memory)
    if isinstance(memory, bool) or not isinstance(memory, int) or not 0 < memory < LARGEST:
        raise MeasureError(
            f"memory must be a whole number of bytes, at least one and less than 2^63, got {shown(memory)}"
        )
    return memory


def decimal(size: int) -> str:
    """Bytes in powers of ten: `2.15 GB` is 2.15 x 10^9 of them; fewer than 1,000 as they are: `512 B`."""
    for power, unit in reversed(list(enumerate(("kB", "MB", "GB", "TB", "PB", "EB"), 1))):
        if size >= 10 ** (3 * power) * 0.999995:  # what would round up to 1000.00 of the smaller unit is one of this
            return f"{size / 10 ** (3 * power):,.2f} {unit}"
    return f"{size} B"
