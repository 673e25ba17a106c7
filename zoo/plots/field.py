"""A scatter in a terminal: a field of letters, one for each model, and the list of what they stand for."""

from collections.abc import Iterator
from string import ascii_letters, digits
from typing import TYPE_CHECKING

from zoo.plots.terminal import Terminal, padded, widest
from zoo.text import printable

if TYPE_CHECKING:
    from zoo.plots.scatter import Point, Scatter

HEIGHT = 20
"""Lines of the field."""

LETTERS = digits[1:] + ascii_letters
"""One for each model; those for which there is none left share the last."""

REST = "*"


def field(scatter: "Scatter", terminal: Terminal) -> str:
    """The picture, as wide as the terminal."""
    rows = [letter(number) for number in range(len(scatter.points))]
    return "\n".join(
        [
            f"{scatter.title}{f' ({scatter.convention})' if scatter.convention else ''}",
            "",
            *_drawn(scatter, rows, terminal),
            "",
            *_listed(scatter, rows, terminal),
            *_exponents(scatter),
        ]
    )


def letter(number: int) -> str:
    """What stands for a model, by its number."""
    return LETTERS[number] if number < len(LETTERS) else REST


def _drawn(scatter: "Scatter", letters: list[str], terminal: Terminal) -> Iterator[str]:
    """The field between its axes, at whose ends the values stand of the outermost points."""
    lowest, highest = (choose(scatter.points, key=lambda point: point.y) for choose in (min, max))
    leftmost, rightmost = (choose(scatter.points, key=lambda point: point.x) for choose in (min, max))
    bottom, top, left, right = lowest.texts[1], highest.texts[1], leftmost.texts[0], rightmost.texts[0]
    margin = widest((top, bottom))
    width = max(terminal.width - margin - 3, 20)

    def line_of(point: "Point") -> int:
        return round((1 - scatter.y.at(point.y)) * (HEIGHT - 1))

    drawn = [[" "] * width for _ in range(HEIGHT)]
    for point, sign in reversed([*zip(scatter.points, letters, strict=True)]):
        drawn[line_of(point)][round(scatter.x.at(point.x) * (width - 1))] = sign  # of two in one place, the first
    named = {line_of(lowest): bottom, line_of(highest): top}
    yield f"{'':{margin}} {scatter.y.title}"
    for number, line in enumerate(drawn):
        yield f"{named.get(number, ''):>{margin}} |{''.join(line)}".rstrip()
    yield f"{'':{margin}} +{'-' * width}"
    yield f"{'':{margin}}  {f'{scatter.x.title}: {left} to {right}':>{width}}"


def _listed(scatter: "Scatter", letters: list[str], terminal: Terminal) -> Iterator[str]:
    """What each letter stands for, and the values."""
    on_front = set(scatter.front)
    names = min(widest(point.name for point in scatter.points), terminal.width // 2)
    widths = [widest(column) for column in zip(*(point.texts for point in scatter.points), strict=True)]
    for sign, point in zip(letters, scatter.points, strict=True):
        texts = "  ".join(f"{text:>{width}}" for text, width in zip(point.texts, widths, strict=True))
        front = "  on the Pareto front" if (point.x, point.y) in on_front else ""
        yield f"{sign}  {padded(point.name, names)}  {texts}{front}"


def _exponents(scatter: "Scatter") -> Iterator[str]:
    """The lines, in words."""
    if scatter.fits:
        yield ""
    for fit in scatter.fits:
        yield f"{printable(fit.family)}: hidden as parameters to the power of {fit.exponent:.3f}"
