"""From a specification to a drawing, by vl-convert: Vega in one file, with its own fonts, and without a browser."""

import re
import warnings
from collections.abc import Sequence
from functools import lru_cache
from html import escape, unescape
from types import ModuleType
from typing import Any

from zoo.errors import PictureWarning, ZooError
from zoo.text import some

VEGA_LITE = "6.1"
"""The version that the specifications are in; the library has several."""

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
"""The first is the library's own, so that text is measured alike everywhere; the others are as wide, in a browser."""

LARGEST = 8000
"""Pixels: how wide or high an image is at most."""

INK, PALE, GRID = "#222222", "#555555", "#e4e4e4"

# Pixels: at the sides for letters of a viewer without these fonts, which may be wider than those measured.
_ROOM = {"left": 30, "right": 30, "top": 12, "bottom": 12}

_LOOK = {
    "font": FONT,
    "view": {"stroke": None},
    "title": {"anchor": "start", "color": INK, "fontSize": 15, "subtitleColor": PALE, "subtitleFontSize": 11},
    "axis": {
        "labelColor": INK,
        "labelFontSize": 11,
        "labelLimit": 400,
        "titleColor": INK,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "gridColor": GRID,
        "domainColor": PALE,
        "tickColor": PALE,
    },
    "legend": {"labelColor": INK, "labelFontSize": 11, "labelLimit": 400, "titleColor": INK, "titleFontSize": 12},
}

_MARK = re.compile(r'(<path aria-label="([^"]*)"[^>]*)/>')
_SIZE = re.compile(r'<svg [^>]*\bwidth="([\d.]+)" height="([\d.]+)"')
_TEXT = re.compile(r">([^<>]+)<")


def svg(specification: dict[str, Any]) -> str:
    """The drawing; what a mark stands for is its aria-label, and its title, which browsers show."""
    return _MARK.sub(r"\1><title>\2</title></path>", _drawn(specification)) + "\n"


def png(specification: dict[str, Any], scale: float) -> bytes:
    """The same in pixels, `scale` for each of the drawing's; letters that its own fonts lack come from the system's.

    What no font has is told by a PictureWarning. Raises ZooError for an image of more than LARGEST pixels.
    """
    drawn = _drawn(specification)
    size = _SIZE.search(drawn)
    assert size
    if (most := max(map(float, size.groups())) * scale) > LARGEST:
        raise ZooError(
            f"a PNG would be {most:,.0f} pixels wide or high, and {LARGEST:,} is the most: draw fewer models, or into "
            ".svg or .html"
        )
    if boxed := _boxed(drawn):
        told = f"no font here has all letters of {some(boxed)}: the PNG shows boxes; SVG and HTML take a viewer's fonts"
        warnings.warn(told, PictureWarning, stacklevel=3)
    found: bytes = _library().svg_to_png(drawn, scale=scale)
    return found


def _drawn(specification: dict[str, Any]) -> str:
    found: str = _library().vegalite_to_svg(_whole(specification), vl_version=VEGA_LITE, allowed_base_urls=[])
    return found


def _boxed(drawn: str) -> list[str]:
    """The texts of a drawing in which there is a letter that no font has."""
    texts = dict.fromkeys(unescape(text) for text in _TEXT.findall(drawn) if not text.isascii())
    return [text for text in texts if any(_letter(sign) == _letter(_NO_LETTER) for sign in text if not sign.isascii())]


_NO_LETTER = "\U0010ffff"
"""Which Unicode keeps from being one, so that each font shows it as a box."""


@lru_cache(4096)
def _letter(sign: str) -> bytes:
    """What a sign looks like."""
    text = f'<text x="4" y="18" font-family="{FONT}" font-size="16">{escape(sign)}</text>'
    found: bytes = _library().svg_to_png(f'<svg xmlns="http://www.w3.org/2000/svg" width="30" height="24">{text}</svg>')
    return found


def page(title: str, drawing: str, notes: Sequence[str]) -> str:
    """A page that shows a drawing, and asks nobody for anything."""
    told = "".join(f"<p>{escape(note)}</p>\n" for note in notes)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{escape(title)}</title>\n"
        f"<style>body {{ margin: 1.5em; background: white; color: {INK}; font-family: {FONT}; }} "
        "svg { max-width: 100%; height: auto; overflow: visible; }</style>\n"
        f"</head>\n<body>\n{drawing}{told}</body>\n</html>\n"
    )


def _whole(specification: dict[str, Any]) -> dict[str, Any]:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "background": "white",
        "padding": _ROOM,
        "config": _LOOK,
        **specification,
    }


def _library() -> ModuleType:
    try:
        import vl_convert
    except ImportError:
        raise ZooError("to draw a picture, install the extra: pip install 'paramzoo[plot]'") from None
    library: ModuleType = vl_convert
    return library
