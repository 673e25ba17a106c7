"""A picture, whatever it shows: as SVG, PNG, a page of HTML, or text in a terminal."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from zoo.errors import ZooError
from zoo.plots.terminal import Terminal
from zoo.text import near, shown


class Picture:
    """What `zoo.plot` gives. notes: what a reader should know that is not drawn, a line each."""

    notes: tuple[str, ...] = ()

    def specification(self) -> dict[str, Any]:
        """The picture in Vega-Lite. What strangers say stands in its data and titles, never in an expression."""
        raise NotImplementedError

    def text(self, terminal: Terminal) -> str:
        """The picture in letters."""
        raise NotImplementedError

    @property
    def title(self) -> str:
        """What is shown, in a few words."""
        raise NotImplementedError

    def svg(self) -> str:
        """A drawing: the same bytes wherever one version of vl-convert makes it, if its own fonts have all the letters.

        Raises ZooError where the extra `plot` is not installed.
        """
        from zoo.plots.drawing import svg

        return svg(self.specification())

    def png(self, scale: float = 2) -> bytes:
        """An image, `scale` pixels for each of the drawing's. Raises ZooError as `svg` does."""
        from zoo.plots.drawing import png

        return png(self.specification(), scale)

    def html(self) -> str:
        """A page by itself, without scripts: the drawing, and what each of its marks stands for where one points at it.

        Raises ZooError as `svg` does.
        """
        from zoo.plots.drawing import page

        return page(self.title, self.svg(), self.notes)

    def __str__(self) -> str:
        return self.text(Terminal())


FILES: dict[str, Callable[[Picture], bytes]] = {
    ".svg": lambda picture: picture.svg().encode(),
    ".png": lambda picture: picture.png(),
    ".html": lambda picture: picture.html().encode(),
}
"""What a file holds, by the ending of its name."""


def ending(file: Path) -> str:
    """The ending of a file's name. Raises ZooError for one that no picture has."""
    found = file.suffix.lower()
    if found not in FILES:
        raise ZooError(f"{file}: a picture ends in {', '.join(FILES)}, not {shown(file.suffix)}{near(found, FILES)}")
    return found
