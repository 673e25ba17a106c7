"""Tables for spreadsheets and programs: values separated by commas or tabs (RFC 4180), quoted where they must be."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

from zoo.text import printable

_DELIMITERS = {"csv": ",", "tsv": "\t"}

SEPARATED = tuple(_DELIMITERS)
"""The formats that carry raw values, under the names of columns."""

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?", re.ASCII)
# A spreadsheet runs what begins so, and may take the wide forms of East Asian keyboards for the same.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]")


def separated(headers: Sequence[str], rows: Iterable[Sequence[str]], style: str) -> str:
    """A table in a style of SEPARATED; a cell that a spreadsheet would run as a formula begins with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=_DELIMITERS[style], lineterminator="\n")
    writer.writerows(map(_harmless, (headers, *rows)))
    return out.getvalue().removesuffix("\n")


def _harmless(row: Sequence[str]) -> list[str]:
    cells = map(printable, row)
    return [f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell for cell in cells]
