"""A scatter in a terminal: a field of letters, one for each place where there are models, and the list of these."""

from collections.abc import Iterator, Mapping, Sequence
from string import ascii_letters, digits
from typing import TYPE_CHECKING, TypeAlias

from zoo.plots.terminal import Terminal, padded, widest
from zoo.text import printable

if TYPE_CHECKING:
    from zoo.plots.scatter import Point, Scatter

HEIGHT = 20
"""Lines of the field."""

LETTERS = digits[1:] + ascii_letters
"""One for each place; those for which there is none left share REST."""

REST = "*"

Cells: TypeAlias = Mapping[tuple[int, int], Sequence["Point"]]
"""The points in each place, by its line and column: those that are too near each other to be told apart."""


def field(scatter: "Scatter", terminal: Terminal) -> str:
    """The picture, as wide as the terminal."""
    lowest, highest = (choose(scatter.points, key=lambda point: point.y) for choose in (min, max))
    bottom, top = lowest.texts[1], highest.texts[1]
    margin = widest((top, bottom))
    width = max(terminal.width - margin - 3, 20)
    cells = _cells(scatter, width)
    named = {_line(scatter, lowest): bottom, _line(scatter, highest): top}
    front = f" (Pareto front: {scatter.preferred})" if scatter.front else ""
    return "\n".join(
        [
            f"{scatter.title}{front}",
            "",
            f"{'':{margin}} {scatter.y.title}",
            *(f"{named.get(at, ''):>{margin}} |{line}".rstrip() for at, line in enumerate(_drawn(cells, width))),
            f"{'':{margin}} +{'-' * width}",
            f"{'':{margin}}  {_below(scatter):>{width}}",
            "",
            *_listed(scatter, cells, terminal),
            *_exponents(scatter),
        ]
    )


def letter(number: int) -> str:
    """What stands for a place, by its number."""
    return LETTERS[number] if number < len(LETTERS) else REST


def _line(scatter: "Scatter", point: "Point") -> int:
    return round((1 - scatter.y.at(point.y)) * (HEIGHT - 1))


def _cells(scatter: "Scatter", width: int) -> Cells:
    cells: dict[tuple[int, int], list[Point]] = {}
    for point in scatter.points:
        at = _line(scatter, point), round(scatter.x.at(point.x) * (width - 1))
        cells.setdefault(at, []).append(point)
    return cells


def _drawn(cells: Cells, width: int) -> Iterator[str]:
    """The lines of the field."""
    drawn = [[" "] * width for _ in range(HEIGHT)]
    for number, (line, column) in enumerate(cells):
        drawn[line][column] = letter(number)
    yield from map("".join, drawn)


def _below(scatter: "Scatter") -> str:
    """What goes to the right, and the values of the outermost points."""
    left, right = (choose(scatter.points, key=lambda point: point.x).texts[0] for choose in (min, max))
    return f"{scatter.x.title}: {left} to {right}"


def _listed(scatter: "Scatter", cells: Cells, terminal: Terminal) -> Iterator[str]:
    """What each letter stands for, those in one place together, and the values."""
    on_front = set(scatter.front)
    names = min(widest(point.name for point in scatter.points), terminal.width // 2)
    widths = [widest(column) for column in zip(*(point.texts for point in scatter.points), strict=True)]
    for number, points in enumerate(cells.values()):
        for point in points:
            texts = "  ".join(f"{text:>{width}}" for text, width in zip(point.texts, widths, strict=True))
            front = "  on the Pareto front" if (point.x, point.y) in on_front else ""
            yield f"{letter(number)}  {padded(point.name, names)}  {texts}{front}"


def _exponents(scatter: "Scatter") -> Iterator[str]:
    """The lines, in words."""
    if scatter.fits:
        yield ""
    for fit in scatter.fits:
        yield f"{printable(fit.family)}: hidden as parameters to the power of {fit.exponent:.3f}"
