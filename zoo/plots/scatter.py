"""A scatter: a point for each model, one column against another."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from math import ceil
from typing import Any, NamedTuple

from zoo.errors import ZooError
from zoo.model import Model
from zoo.plots.axes import Axis, axis, rounded
from zoo.plots.labels import SIZE, Label, Place, Segment, placed
from zoo.plots.lines import Fit, fits
from zoo.plots.notes import left_out, why_not
from zoo.plots.picture import Picture
from zoo.plots.terminal import Terminal
from zoo.reports.column import Column
from zoo.reports.numbers import AMOUNTS
from zoo.reports.pareto import front
from zoo.text import counted, printable, short

# Okabe and Ito (2008) without the yellow, which is too pale for a point; each with each shape, the shape changing last.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#7f7f7f")
_SHAPES = ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross", "triangle-right", "triangle-left")

WIDTH, HEIGHT = 660, 460
"""Pixels of the frame."""

_LEGEND_LINES = 24

GROWTH = {"parameters", "hidden"}
"""The columns of which one against the other shows how width grows with size."""


class Point(NamedTuple):
    """A model, and its values, as they are drawn and as a person reads them."""

    name: str
    family: str
    x: float
    y: float
    texts: tuple[str, str]


class Scatter(Picture):
    """Models by two columns, on logarithmic axes but for shares and scores, which are linear.

    scores: which of the columns are scores. pareto: whether the front is drawn of those to which no other is preferred:
    less of an amount (parameters, bytes, FLOP) is better, and more of all else. Where hidden_size stands against
    parameters, so does the line that `zoo width` fits to each family.

    Raises ZooError for a column of words, and where no model has both values.
    """

    def __init__(
        self, models: Sequence[Model], x: Column, y: Column, pareto: bool = False, scores: Sequence[Column] = ()
    ) -> None:
        for column in (x, y):
            if not column.numeric:
                raise ZooError(f"column {column.name} holds words, which have no place on an axis")
        linear = [column.unit == "share" or column in scores for column in (x, y)]
        drawn = [*zip((x, y), linear, strict=True)]
        reasons = {model: why_not(model, drawn) for model in models}
        shown = [model for model in models if reasons[model] is None]
        self.notes = left_out({model: reason for model, reason in reasons.items() if reason})
        if not shown:
            raise ZooError(f"there is no point to draw: {'; '.join(self.notes) or 'no model is given'}")
        values = [[_number(column, model) for model in shown] for column in (x, y)]
        self.x: Axis = axis(x, values[0], shown[0].conditions, linear[0])
        self.y: Axis = axis(y, values[1], shown[0].conditions, linear[1])
        self.points = tuple(_point(model, x, y) for model in shown)
        self.front = _front(self.points, x, y) if pareto else []
        self.fits: list[Fit] = fits(shown) if {x.name, y.name} == GROWTH else []

    @property
    def title(self) -> str:
        """Which column against which."""
        return printable(f"{self.y.column.header} against {self.x.column.header}")

    @property
    def convention(self) -> str:
        """What the lines mean, in words."""
        told = []
        if len(self.front) > 1:
            told.append(f"dashed: the Pareto front, of {self.preferred}")
        elif self.front:
            told.append(f"one point alone has {self.preferred}")
        if self.fits:
            told.append("lines: hidden as a power of parameters, by least squares")
        return printable("; ".join(told))

    @property
    def preferred(self) -> str:
        """What the front is of: `the least parameters and the most hidden`."""
        most = [f"the {'least' if _less(axis.column) else 'most'} {axis.column.header}" for axis in (self.x, self.y)]
        return printable(" and ".join(most))

    @cached_property
    def families(self) -> dict[str, str]:
        """What the legend calls each family: with the exponent of its line, if it has one."""
        exponents = {printable(fit.family): f" (exponent {fit.exponent:.3f})" for fit in self.fits}
        names = sorted({point.family for point in self.points})
        return {name: name + exponents.get(name, "") for name in names}

    @cached_property
    def labels(self) -> list[Label | None]:
        """Where the names of the points stand; those on the front choose first."""
        on_front = set(self.front)
        order = sorted(range(len(self.points)), key=lambda at: (self.points[at].x, self.points[at].y) not in on_front)
        chosen = [self.points[at] for at in order]
        names = [point.name for point in chosen]
        places = self._places((point.x, point.y) for point in chosen)
        found = dict(zip(order, placed(places, names, self._lines(), WIDTH, HEIGHT), strict=True))
        return [found[at] for at in range(len(self.points))]

    def _lines(self) -> list[Segment]:
        """What names should keep clear of, in pixels: the steps of the front, and the fitted lines."""
        lines = [*self._steps(), *map(self._ends, self.fits)]
        return [(start, end) for start, end in map(self._places, lines)]

    def _steps(self) -> Iterator[Segment]:
        """The front goes from each point straight to below or above the next, or the other way round."""
        for (left, first), (right, second) in pairwise(self.front):
            corner = (right, first) if _less(self.x.column) else (left, second)
            yield (left, first), corner
            yield corner, (right, second)

    def _places(self, values: Iterable[Place]) -> list[Place]:
        """In pixels from the upper left corner of the frame."""
        return [(self.x.at(x) * WIDTH, (1 - self.y.at(y)) * HEIGHT) for x, y in values]

    def specification(self) -> dict[str, Any]:
        """Lines below, points, names beside them."""
        unlabelled = self.labels.count(None)
        crowded = f"no place for {counted(unlabelled, 'name')} of {len(self.points):,}" if unlabelled else ""
        x, y = self.x.encoding("x"), self.y.encoding("y")
        here = {"x": {"field": "x", "type": "quantitative"}, "y": {"field": "y", "type": "quantitative"}}
        shades = {"domain": list(self.families.values()), "range": self._cycled(_COLOURS)}
        shapes = {
            "domain": list(self.families.values()),
            "range": [_SHAPES[at // len(_COLOURS) % len(_SHAPES)] for at in range(len(self.families))],
        }
        columns = ceil(len(self.families) / _LEGEND_LINES)
        legend = {"title": "family", "columns": columns, "symbolLimit": 0}
        colour = {"field": "family", "type": "nominal", "scale": shades, "legend": legend}
        shape = {"field": "family", "type": "nominal", "scale": shapes, "legend": legend}
        steps = "step-after" if _less(self.x.column) else "step-before"
        dashed = {"type": "line", "interpolate": steps, "strokeDash": [5, 4], "strokeWidth": 1.2}
        rule = {"type": "line", "strokeWidth": 1.4, "opacity": 0.7, "clip": True}
        point = {"type": "point", "filled": True, "size": 60, "opacity": 1, "stroke": "white", "strokeWidth": 0.5}
        beside = {name: {"expr": f"datum.{name}"} for name in ("dx", "dy", "align")}
        text = {"type": "text", "fontSize": SIZE, "baseline": "middle", "aria": False, **beside}
        return {
            "title": {
                "text": self.title,
                "subtitle": "; ".join(filter(None, (self.convention, crowded))),
                "offset": 10,
            },
            "width": WIDTH,
            "height": HEIGHT,
            "layer": [
                {
                    "data": {"values": list(self._points())},
                    "mark": point,
                    "encoding": {"x": x, "y": y, "color": colour, "shape": shape, "description": {"field": "told"}},
                },
                {
                    "data": {"values": [{"x": at[0], "y": at[1]} for at in self.front]},
                    "mark": {**dashed, "color": "#444444", "aria": False},
                    "encoding": here,
                },
                {
                    "data": {"values": list(self._fits())},
                    "mark": {**rule, "aria": False},
                    "encoding": {**here, "color": {"field": "family", "type": "nominal"}},
                },
                {
                    "data": {"values": list(self._leads())},
                    "mark": {"type": "rule", "color": "#888888", "strokeWidth": 0.6, "aria": False},
                    "encoding": {**here, "x2": {"field": "x2"}, "y2": {"field": "y2"}},
                },
                {
                    "data": {"values": list(self._grounds())},
                    "mark": {"type": "rect", "color": "white", "opacity": 0.8, "aria": False},
                    "encoding": {**here, "x2": {"field": "x2"}, "y2": {"field": "y2"}},
                },
                {
                    "data": {"values": list(self._names())},
                    "mark": text,
                    "encoding": {**here, "text": {"field": "name", "type": "nominal"}},
                },
            ],
        }

    def _cycled(self, choice: Sequence[str]) -> list[str]:
        return [choice[at % len(choice)] for at in range(len(self.families))]

    def _points(self) -> Iterator[dict[str, Any]]:
        headers = [printable(axis.column.header) for axis in (self.x, self.y)]
        for point in self.points:
            values = ", ".join(f"{header} {text}" for header, text in zip(headers, point.texts, strict=True))
            told = f"{point.name} ({point.family}): {values}"
            yield {"x": point.x, "y": point.y, "family": self.families[point.family], "told": told}

    def _fits(self) -> Iterator[dict[str, Any]]:
        for fit in self.fits:
            for x, y in self._ends(fit):
                yield {"x": rounded(x), "y": rounded(y), "family": self.families[printable(fit.family)]}

    def _ends(self, fit: Fit) -> Segment:
        """From where to where the line of a family goes."""
        if self.x.column.name == "parameters":
            return fit.start, fit.end
        (first, low), (last, high) = fit.start, fit.end
        return (low, first), (high, last)

    def _leads(self) -> Iterator[dict[str, Any]]:
        """Lines from points to their labels where these are far."""
        for point, label in zip(self.points, self.labels, strict=True):
            if label is not None and label.far:
                right, down = label.lead
                x2 = self.x.value(self.x.at(point.x) + right / WIDTH)
                y2 = self.y.value(self.y.at(point.y) - down / HEIGHT)
                yield {"x": point.x, "y": point.y, "x2": x2, "y2": y2}

    def _grounds(self) -> Iterator[dict[str, Any]]:
        """What the names stand on, so that those can be read that could not keep clear of all lines."""
        for at, point, label in zip(
            self._places((point.x, point.y) for point in self.points), self.points, self.labels, strict=True
        ):
            if label is not None:
                box = label.box(at, point.name)
                left, right = (self.x.value(side / WIDTH) for side in (box.left, box.right))
                top, bottom = (self.y.value(1 - side / HEIGHT) for side in (box.top, box.bottom))
                yield {"x": left, "x2": right, "y": bottom, "y2": top}

    def _names(self) -> Iterator[dict[str, Any]]:
        for point, label in zip(self.points, self.labels, strict=True):
            if label is not None:
                yield {
                    "x": point.x,
                    "y": point.y,
                    "name": point.name,
                    "dx": label.dx,
                    "dy": label.dy,
                    "align": label.align,
                }

    def text(self, terminal: Terminal) -> str:
        """A field of letters, one for each place where there are models, and what they stand for."""
        from zoo.plots.field import field

        return field(self, terminal)


def _number(column: Column, model: Model) -> float:
    """A value that is known to be a number, as it is drawn; an integer may be larger than a float is precise."""
    value = column.value(model)
    assert isinstance(value, int | float)
    return float(value)


def _less(column: Column) -> bool:
    """Whether less is better: of an amount, in whatever form it is told."""
    return column.unit in AMOUNTS or column.text is short


def _front(points: Iterable[Point], x: Column, y: Column) -> list[Place]:
    """The points to which no other is preferred, from left to right."""
    along, up = 1 if _less(x) else -1, -1 if _less(y) else 1
    return sorted((a * along, b * up) for a, b in front((point.x * along, point.y * up) for point in points))


def _point(model: Model, x: Column, y: Column) -> Point:
    texts = printable(x.cell(model)), printable(y.cell(model))
    return Point(printable(model.name), printable(model.model_type), _number(x, model), _number(y, model), texts)
