"""From a specification to a drawing, by vl-convert: Vega in one file, with its own fonts, and without a browser."""

import re
from collections.abc import Sequence
from html import escape
from types import ModuleType
from typing import Any

from zoo.errors import ZooError

VEGA_LITE = "6.1"
"""The version that the specifications are in; the library has several."""

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
"""The first is the library's own, so that text is measured alike everywhere; the others are as wide, in a browser."""

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


def svg(specification: dict[str, Any]) -> str:
    """The drawing; what a mark stands for is its aria-label, and its title, which browsers show."""
    drawn: str = _library().vegalite_to_svg(_whole(specification), vl_version=VEGA_LITE, allowed_base_urls=[])
    return _MARK.sub(r"\1><title>\2</title></path>", drawn) + "\n"


def png(specification: dict[str, Any], scale: float) -> bytes:
    """The same in pixels, `scale` for each of the drawing's."""
    found: bytes = _library().vegalite_to_png(
        _whole(specification), vl_version=VEGA_LITE, scale=scale, allowed_base_urls=[]
    )
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
