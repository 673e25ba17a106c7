"""A picture, whatever it shows: as SVG, PNG, a page of HTML, or text in a terminal."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from zoo.errors import ZooError
from zoo.plots.terminal import Terminal
from zoo.replacement import held, replace
from zoo.text import near, shown

LARGEST_FILE = 64 * 1024 * 1024
"""Bytes; no picture that is replaced is larger."""


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
        """An image, `scale` pixels for each of the drawing's; a PictureWarning tells which letters no font has.

        Raises ZooError as `svg` does, and where it would be too large.
        """
        from zoo.plots.drawing import png

        return png(self.specification(), scale)

    def html(self) -> str:
        """A page by itself, without scripts: the drawing, and what each of its marks stands for where one points at it.

        Raises ZooError as `svg` does.
        """
        from zoo.plots.drawing import page

        return page(self.title, self.svg(), self.notes)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Draws into a file, by the ending of its name: one of FILES. One that holds the same already is left alone.

        Raises ZooError as `svg` and `png` do, for another ending, and where the file cannot be written.
        """
        file = Path(path)
        form = ending(file)
        before = held(file, LARGEST_FILE)
        if (after := FILES[form](self)) != before:
            replace(file, before, after)

    def __str__(self) -> str:
        return self.text(Terminal())

    def __repr__(self) -> str:
        return self.text(Terminal())

    def _repr_svg_(self) -> str | None:
        """What a notebook shows; the text, where the extra `plot` is not installed."""
        try:
            return self.svg()
        except ZooError:
            return None


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
