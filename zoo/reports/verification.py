"""What `zoo verify` tells: the tensors of a model beside those of a checkpoint, folded into patterns."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from zoo.checkpoints.comparison import Line, State
from zoo.checkpoints.patterns import fold_by
from zoo.checkpoints.verification import Verification
from zoo.formats import RECORDS, draw, is_raw, json_text
from zoo.reports.columns import provenance
from zoo.reports.identity import identity
from zoo.text import counted


class Row(NamedTuple):
    """Lines alike but for the numbers of layers and experts in their names; `parameters` of all together."""

    line: Line
    pattern: str
    tensors: int
    parameters: int

    @property
    def state(self) -> str:
        """In words, with whether it is explained."""
        return self.line.state if self.line.explained else f"{self.line.state}, NOT explained"


class VerificationReport(NamedTuple):
    """A verification, to be printed."""

    verification: Verification

    def rows(self) -> list[Row]:
        """What is not explained first, what matches last."""
        # By state, as what is missing may be called as something else that is there.
        states: dict[State, dict[str, Line]] = {}
        for line in self.verification.lines:
            states.setdefault(line.state, {})[line.name] = line
        rows = [
            Row(key, folded.pattern, len(folded.names), sum(lines[name].parameters for name in folded.names))
            for lines in states.values()
            for folded, key in fold_by({name: line._replace(name="", parameters=0) for name, line in lines.items()})
        ]
        return sorted(rows, key=lambda row: (row.line.explained, row.line.state == "matched"))

    def record(self) -> dict[str, Any]:
        """Everything, for a program; shapes as lists."""
        told = self.verification
        return {
            **identity(told.model),
            "parameters": told.model.parameters,
            "status": told.model.status,
            **provenance(told.model),
            "notes": [*told.model.notes, *told.notes],
            "checkpoint": told.checkpoint.name,
            "files": list(told.checkpoint.files),
            "explained": told.explained,
            "tensors": dict(Counter(line.state for line in told.lines)),
            "patterns": [
                {
                    "state": row.line.state,
                    "explained": row.line.explained,
                    "pattern": row.pattern,
                    "tensors": row.tensors,
                    "parameters": row.parameters,
                    "shape": list(row.line.shape),
                    "stored": row.line.stored or None,
                    "why": row.line.why or None,
                }
                for row in self.rows()
            ],
        }

    def render(self, style: str = "table") -> str:
        """As text in any style of `zoo.compare`."""
        if style in RECORDS:
            return json_text(self.record(), style)
        if is_raw(style):
            headers = ["state", "explained", "tensors", "name", "shape", "stored", "parameters", "why"]
            numeric = [header in ("tensors", "parameters") for header in headers]
            return draw(headers, [_raw(row) for row in self.rows()], numeric, style)
        rows = [
            [row.state, f"{row.tensors:,}", row.pattern, _shape(row.line), f"{row.parameters:,}", row.line.why]
            for row in self.rows()
        ]
        headers = ["state", "tensors", "name", "shape", "parameters", "why"]
        return draw(headers, rows, [False, True, False, False, True, False], style)

    def heading(self) -> Iterator[str]:
        """What is held against what, and how it ends."""
        told = self.verification
        files = counted(len(told.checkpoint.files), "file")
        yield f"{told.model.name}: {told.model.class_name}, {told.model.parameters:,} parameters"
        yield f"checkpoint: {told.checkpoint.name}: {counted(len(told.checkpoint.tensors), 'tensor')} in {files}"
        yield self.conclusion()

    def conclusion(self) -> str:
        """Whether everything is explained, in a line."""
        lines = self.verification.lines
        matched = Counter(line.state for line in lines)["matched"]
        unexplained = Counter(line.state for line in lines if not line.explained)
        if unexplained:
            return f"{_match(matched)}; NOT explained: " + ", ".join(f"{n:,} {s}" for s, n in unexplained.items())
        others = len(lines) - matched
        rest = f"{others:,} more {'is' if others == 1 else 'are'} explained" if others else "there is no other"
        return f"{_match(matched)}, and {rest}"


def _match(number: int) -> str:
    return f"{counted(number, 'tensor')} {'matches' if number == 1 else 'match'}"


def _raw(row: Row) -> list[str]:
    line = row.line
    explained = "yes" if line.explained else "no"
    shape = str(list(line.shape))
    return [line.state, explained, str(row.tensors), row.pattern, shape, line.stored, str(row.parameters), line.why]


def _shape(line: Line) -> str:
    shape = str(list(line.shape))
    return f"{shape}, stored {line.stored}" if line.state == "different" else shape
