"""Stacked bars: for each model, where its parameters sit."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from typing import Any, NamedTuple

from zoo.measures.roles import ROLES, Role
from zoo.model import Model
from zoo.plots.picture import Picture
from zoo.plots.terminal import Terminal, padded, wide, widest
from zoo.text import printable, short

# Okabe and Ito (2008), which people who do not see all colours tell apart, too; idle is a light tint of used.
COLOURS: Mapping[Role, str] = {
    "embedding": "#0072b2",
    "attention": "#e69f00",
    "MLP": "#009e73",
    "experts used": "#d55e00",
    "experts idle": "#f6cfae",
    "state space": "#cc79a7",
    "norms": "#f0e442",
    "other": "#999999",
    "head": "#56b4e9",
    "unknown": "#d9d9d9",
}

LETTERS: Mapping[Role, str] = {
    "embedding": "E",
    "attention": "A",
    "MLP": "M",
    "experts used": "X",
    "experts idle": "x",
    "state space": "S",
    "norms": "N",
    "other": "o",
    "head": "H",
    "unknown": "?",
}

ON_DARK = ("embedding",)
"""Roles whose colours are so dark that black text on them is hard to read."""

WIDTH, STEP, SHORTEST, LETTER = 640, 36, 42, 5.8
"""Pixels: the longest bar, from one bar to the next, the shortest piece of a bar into which its share goes, and what a
letter of a total is wide.
"""


class Piece(NamedTuple):
    """A part of a bar. start, end: where it lies in the bar, in parameters."""

    role: Role
    start: int
    end: int

    @property
    def parameters(self) -> int:
        """How many there are."""
        return self.end - self.start


class Bar(NamedTuple):
    """A model's bar. label: its name, and the class that is counted; total: what stands at the end."""

    name: str
    label: str
    parameters: int
    total: str
    pieces: tuple[Piece, ...]

    def part(self, piece: Piece) -> float:
        """The share of a piece in the whole."""
        return piece.parameters / self.parameters

    def told(self, piece: Piece) -> str:
        """A piece in words: `bert-base: attention: 28,348,416 parameters (25.7%)`."""
        return f"{self.name}: {piece.role}: {piece.parameters:,} parameters ({self.part(piece):.1%})"


_SEEN = 0.005
"""A bar that is shorter than this part of the longest is no more than a line."""


class Bars(Picture):
    """Bars of models, in their order; share: all of the same length, in which parts are told of the whole."""

    title = "Where the parameters sit"

    def __init__(self, models: Sequence[Model], share: bool = False) -> None:
        self.models, self.share = tuple(models), share
        self.notes = tuple(
            f"{model.name}: {model.status}: what its parameters are for is not known"
            for model in models
            if model.from_checkpoint
        )
        sizes = [model.parameters for model in models]
        if not share and min(sizes) < max(sizes) * _SEEN:
            self.notes += ("the smallest models are hardly seen beside the largest: --share makes all bars as long",)

    @cached_property
    def bars(self) -> tuple[Bar, ...]:
        """What is drawn."""
        return tuple(map(_bar, self.models))

    @property
    def roles(self) -> tuple[Role, ...]:
        """Those that any model has."""
        there = {piece.role for bar in self.bars for piece in bar.pieces}
        return tuple(role for role in ROLES if role in there)

    def longest(self, bar: Bar) -> int:
        """The parameters for which the whole width stands in a bar."""
        return bar.parameters if self.share else max(other.parameters for other in self.bars)

    @property
    def convention(self) -> str:
        """What is counted, in words."""
        active = "; active: those that one token passes through, embeddings included"
        return "parameters of the class named, tied tensors once" + (active if "experts idle" in self.roles else "")

    def specification(self) -> dict[str, Any]:
        """A band for each bar, a rectangle for each piece, its share in it, and the total behind it."""
        rows = [f"{number}\n{bar.label}" for number, bar in enumerate(self.bars)]
        lengths = [self.longest(bar) or 1 for bar in self.bars]
        drawn = list(zip(rows, self.bars, lengths, strict=True))
        pieces = [values for row, bar, longest in drawn for values in self._pieces(row, bar, longest)]
        totals = [
            {
                "row": row,
                "end": self._at(bar.parameters, all_),
                "text": bar.total,
                "width": wide(bar.total) * LETTER + 4,
            }
            for row, bar, all_ in drawn
        ]
        band = {
            "field": "row",
            "type": "nominal",
            "scale": {"domain": rows, "paddingInner": 0.25, "paddingOuter": 0.15},
            "axis": {
                "title": None,
                "labelExpr": "slice(split(datum.label, '\\n'), 1)",
                "ticks": False,
                "domain": False,
                "labelPadding": 8,
                "labelOffset": -6,
            },
        }
        colours = {"domain": list(self.roles), "range": [COLOURS[role] for role in self.roles]}
        along = {"field": "start", "type": "quantitative", "axis": self._axis(), "scale": self._scale()}
        return {
            "title": {"text": self.title, "subtitle": self.convention, "offset": 10},
            "width": WIDTH,
            "height": {"step": STEP},
            "encoding": {"y": band},
            "layer": [
                {
                    "data": {"values": pieces},
                    "mark": "bar",
                    "encoding": {
                        "x": along,
                        "x2": {"field": "end"},
                        "color": {"field": "role", "scale": colours, "legend": _LEGEND},
                        "description": {"field": "told"},
                    },
                },
                {
                    "data": {"values": [piece for piece in pieces if piece["wide"]]},
                    "mark": {"type": "text", "fontSize": 10, "aria": False, "color": {"expr": "datum.ink"}},
                    "encoding": {"x": {"field": "middle", "type": "quantitative"}, "text": {"field": "part"}},
                },
                {  # what totals stand on, so that no line of the grid goes through them
                    "data": {"values": totals},
                    "mark": {"type": "rect", "color": "white", "aria": False, "xOffset": 4, "x2Offset": _PAST},
                    "encoding": {"x": {"field": "end", "type": "quantitative"}, "x2": {"field": "end"}},
                },
                {
                    "data": {"values": totals},
                    "mark": {"type": "text", "align": "left", "dx": 6, "fontSize": 11, "aria": False},
                    "encoding": {"x": {"field": "end", "type": "quantitative"}, "text": {"field": "text"}},
                },
            ],
        }

    def _at(self, parameters: int, longest: int) -> float:
        """Where that lies along the axis."""
        return parameters / longest if self.share else float(parameters)

    def _pieces(self, row: str, bar: Bar, longest: int) -> Iterator[dict[str, Any]]:
        for piece in bar.pieces:
            start, end = self._at(piece.start, longest), self._at(piece.end, longest)
            yield {
                "row": row,
                "role": piece.role,
                "start": start,
                "end": end,
                "middle": (start + end) / 2,
                "part": f"{bar.part(piece):.0%}",
                "told": bar.told(piece),
                "wide": piece.parameters / longest * WIDTH >= SHORTEST,
                "ink": "white" if piece.role in ON_DARK else "black",
            }

    def _axis(self) -> dict[str, Any]:
        if self.share:
            return {"title": "share of the parameters", "format": ".0%", "tickCount": 5}
        return {"title": "parameters", "labelExpr": "replace(format(datum.value, '~s'), 'G', 'B')", "tickCount": 8}

    def _scale(self) -> dict[str, Any]:
        return {"domain": [0, 1 if self.share else max(map(float, map(self.longest, self.bars)), default=1) or 1]}

    def text(self, terminal: Terminal) -> str:
        """A line for each bar, a letter for each role."""
        names, totals = widest(bar.name for bar in self.bars), widest(bar.total for bar in self.bars)
        names = min(names, terminal.width // 3)
        width = max(terminal.width - names - totals - 4, 10)
        lines = [
            f"{padded(bar.name, names)}  {self._line(bar, width, terminal)}  {bar.total}".rstrip() for bar in self.bars
        ]
        keys = [f"{terminal.on(COLOURS[role], LETTERS[role])} {role}" for role in self.roles]
        return "\n".join([f"{self.title} ({self.convention})", "", *lines, "", "   ".join(keys)])

    def _line(self, bar: Bar, width: int, terminal: Terminal) -> str:
        """Pieces end where they should, to the nearest column; what comes after the bar is blank in the share of it."""
        ends = [round(width * piece.end / (self.longest(bar) or 1)) for piece in bar.pieces]
        starts = [0, *ends][: len(ends)]
        drawn = (
            terminal.on(COLOURS[piece.role], LETTERS[piece.role] * (end - start))
            for piece, start, end in zip(bar.pieces, starts, ends, strict=True)
        )
        return "".join(drawn)


_PAST = {"expr": "datum.width + 4"}

_LEGEND = {"title": None, "orient": "top", "columns": 5, "symbolType": "square", "offset": 8}


def _bar(model: Model) -> Bar:
    roles = model.roles()
    ends = list(accumulate(roles.values()))
    starts = [0, *ends]
    pieces = tuple(Piece(role, start, end) for role, start, end in zip(roles, starts, ends, strict=False))
    active = f" ({short(model.active_parameters)} active)" if "experts idle" in roles else ""
    name = printable(model.name)
    label = f"{name}\n{printable(model.class_name)}"
    return Bar(name, label, model.parameters, short(model.parameters) + active, pieces)
