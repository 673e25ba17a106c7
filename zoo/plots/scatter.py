"""A scatter: a point for each model, one column against another."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from math import ceil, isfinite
from typing import Any, NamedTuple

from zoo.errors import ZooError
from zoo.model import Model
from zoo.plots.axes import Axis, axis, rounded
from zoo.plots.labels import SIZE, Label, placed
from zoo.plots.lines import Fit, fits
from zoo.plots.picture import Picture
from zoo.plots.terminal import Terminal
from zoo.reports.column import Column
from zoo.reports.pareto import front
from zoo.text import counted, printable

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

    scores: which of the columns are scores. pareto: whether the front is drawn of those with the least x and the most
    y. Where hidden_size stands against parameters, so does the line that `zoo width` fits to each family.

    Raises ZooError for a column of words, and where no model has both values.
    """

    def __init__(
        self, models: Sequence[Model], x: Column, y: Column, pareto: bool = False, scores: Sequence[Column] = ()
    ) -> None:
        for column in (x, y):
            if not column.numeric:
                raise ZooError(f"column {column.name} holds words, which have no place on an axis")
        linear = [column.unit == "share" or column in scores for column in (x, y)]
        notes = {model: _left_out(model, [*zip((x, y), linear, strict=True)]) for model in models}
        shown = [model for model in models if notes[model] is None]
        self.notes = tuple(printable(f"{model.name} is left out: {note}") for model, note in notes.items() if note)
        if not shown:
            raise ZooError(f"there is no point to draw: {self.notes[0] if self.notes else 'no model is given'}")
        values = [[_number(column, model) for model in shown] for column in (x, y)]
        self.x: Axis = axis(x, values[0], shown[0].conditions, linear[0])
        self.y: Axis = axis(y, values[1], shown[0].conditions, linear[1])
        self.points = tuple(_point(model, x, y) for model in shown)
        self.front = front((point.x, point.y) for point in self.points) if pareto else []
        self.fits: list[Fit] = fits(shown) if {x.name, y.name} == GROWTH else []

    @property
    def title(self) -> str:
        """Which column against which."""
        return printable(f"{self.y.column.header} against {self.x.column.header}")

    @property
    def convention(self) -> str:
        """What the lines mean, in words."""
        least, most = self.x.column.header, self.y.column.header
        told = [f"dashed: the Pareto front, of the least {least} and the most {most}"] if len(self.front) > 1 else []
        if len(self.front) == 1:
            told.append(f"one point alone has the least {least} and the most {most}")
        if self.fits:
            told.append("lines: hidden as a power of parameters, by least squares")
        return printable("; ".join(told))

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
        places, steps = self._places((point.x, point.y) for point in chosen), self._places(self.front)
        found = dict(zip(order, placed(places, names, steps, WIDTH, HEIGHT), strict=True))
        return [found[at] for at in range(len(self.points))]

    def _places(self, values: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
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
        dashed = {"type": "line", "interpolate": "step-after", "strokeDash": [5, 4], "strokeWidth": 1.2}
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
            for at in (fit.start, fit.end):
                x, y = at if self.x.column.name == "parameters" else at[::-1]
                yield {"x": rounded(x), "y": rounded(y), "family": self.families[printable(fit.family)]}

    def _leads(self) -> Iterator[dict[str, Any]]:
        """Lines from points to their labels where these are far."""
        for point, label in zip(self.points, self.labels, strict=True):
            if label is not None and label.far:
                x2 = self.x.value(self.x.at(point.x) + 0.9 * label.dx / WIDTH)
                y2 = self.y.value(self.y.at(point.y) - 0.8 * label.dy / HEIGHT)
                yield {"x": point.x, "y": point.y, "x2": x2, "y2": y2}

    def _names(self) -> Iterator[dict[str, Any]]:
        for point, label in zip(self.points, self.labels, strict=True):
            if label is not None:
                yield {"x": point.x, "y": point.y, "name": point.name, **label._asdict()}

    def text(self, terminal: Terminal) -> str:
        """A field of letters, one for each model, and what they stand for."""
        from zoo.plots.field import field

        return field(self, terminal)


def _number(column: Column, model: Model) -> float:
    """A value that is known to be a number, as it is drawn; an integer may be larger than a float is precise."""
    value = column.value(model)
    assert isinstance(value, int | float)
    return float(value)


def _drawable(value: float) -> bool:
    try:
        return isfinite(value)
    except OverflowError:  # an integer beyond all floats
        return False


def _left_out(model: Model, columns: Sequence[tuple[Column, bool]]) -> str | None:
    """Why a model has no point; None where it has one. columns: each with whether its axis is linear."""
    for column, linear in columns:
        value = column.value(model)
        if value is None:
            why = column.why(model) if column.why else None
            return f"{column.header} is not known" + (f": {why}" if why else "")
        if not isinstance(value, int | float) or not _drawable(value):
            return f"{column.header} is {column.written(value)}, which is not one number"
        if value <= 0 and not linear:
            return f"{column.header} is {column.written(value)}, for which a logarithmic axis has no place"
    return None


def _point(model: Model, x: Column, y: Column) -> Point:
    texts = printable(x.cell(model)), printable(y.cell(model))
    return Point(printable(model.name), printable(model.model_type), _number(x, model), _number(y, model), texts)
