"""The page: markup, style, script and data as one file, which may load nothing and run nothing but its own script."""

import json
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import Any

from zoo.text import printable

GENERATOR = '<meta name="generator" content="zoo site">'
"""By which a page of zoo's is known."""

_ESCAPES = str.maketrans({sign: f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"})


def page(title: str, data: Mapping[str, Any]) -> str:
    """The page with this title that shows `data`, see `zoo.site.data`; the same for the same, to the byte."""
    style, script = _source("page.css"), _source("page.js")
    filled = {
        "policy": "; ".join(
            (
                "default-src 'none'",
                f"style-src '{_hash(style)}'",
                f"script-src '{_hash(script)}'",
                "img-src data:",
                "base-uri 'none'",
                "form-action 'none'",
            )
        ),
        "generator": GENERATOR,
        "title": escape(printable(title)),
        "style": style,
        "data": embedded(data),
        "script": script,
    }
    # From one mark to the next, so that what is put in is not looked into for marks.
    head, *rest = _source("page.html").split("{{")
    return head + "".join(filled[name] + text for name, _, text in (part.partition("}}") for part in rest))


def embedded(value: object) -> str:
    """JSON for a script element: no sign that ends the element, or opens another one, stands in it."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).translate(_ESCAPES)


def _source(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


def _hash(source: str) -> str:
    """What a content security policy calls a text that it allows."""
    return f"sha256-{b64encode(sha256(source.encode()).digest()).decode()}"
