"""What GitHub shows of a run: annotations on lines of files, and the summary of a job's step.

Source: https://docs.github.com/actions/reference/workflow-commands-for-github-actions. The runner looks for commands in
both streams: for `::` at the start of a line, and of old for `##[` anywhere in it (ActionCommand.cs of actions/runner).
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from zoo.errors import reason
from zoo.formats import escapes
from zoo.regions.making import Filled
from zoo.regions.told import Told
from zoo.text import counted, inert, printable

MOST_BYTES = 1024 * 1024
"""Of a summary: GitHub refuses one that is longer."""

_RESERVE = 1024


def is_runner() -> bool:
    """Whether this is a job of GitHub Actions."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def annotation(told: Told | str, title: str) -> str:
    """The command that shows an error beside its line; one that is of no file, with the job."""
    place = {} if isinstance(told, str) else {"file": told.file, "line": str(told.line)}
    given = ",".join(f"{key}={_property(value)}" for key, value in {**place, "title": title}.items())
    return f"::error {given}::{_data(printable(told if isinstance(told, str) else told.text))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(printable(text)).replace(":", "%3A").replace(",", "%2C")


# --- the summary -----------------------------------------------------------------------------------------------------


def append_summary(told: Sequence[Told], tables: Sequence[Filled]) -> str:
    """Appends remarks and tables to the step's summary, if there is one; why that was not possible, if so."""
    if not (file := os.environ.get("GITHUB_STEP_SUMMARY")):
        return ""
    try:
        with Path(file).open("ab") as stream:
            stream.write(summary(told, tables, MOST_BYTES - stream.tell()).encode())
    except (OSError, ValueError) as error:
        return f"{file}: the summary cannot be written: {reason(error)}"
    return ""


def summary(told: Sequence[Told], tables: Sequence[Filled], room: int) -> str:
    """Remarks and tables in markdown, of at most `room` bytes; where that is too little, it ends with a whole row, and
    says how many are left out.
    """
    found, left, rows_out, full = [], room - _RESERVE, 0, False
    for line, is_row in _lines(told, tables):
        left -= len(line.encode()) + 1
        full = full or left < 0
        if full:
            rows_out += is_row
        else:
            found.append(line)
    if full and room > _RESERVE:
        limit = f"a summary has at most {MOST_BYTES // 1024:,} KiB"
        found += ["", f"Left out: {counted(rows_out, 'row')}; {limit}.", ""]
    return "".join(f"{line}\n" for line in found)


def _lines(told: Sequence[Told], tables: Sequence[Filled]) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it is a row: of a table, or a remark."""
    for one in told:
        yield f"- {escapes.markdown(inert(str(one)))}", True
    for table in tables:
        title = printable(f"{table.document.path}:{table.region.line}")
        lines = table.comparison.render("markdown").split("\n")
        for line in ("", f"**{escapes.markdown(title)}**", "", *lines[:2]):
            yield line, False
        for line in lines[2:]:
            yield line, True
    yield "", False
