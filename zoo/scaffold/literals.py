"""Python as a formatter leaves it: values, annotations, fields of a config, comments. What goes in is a stranger's."""

import math
import re
from collections.abc import Sequence
from textwrap import wrap
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from zoo.errors import PluginError
from zoo.fields import Field

WIDTH = 120
"""Characters of a line."""

MOST_KEYS = 40
"""Keys that a comment lists."""

# What a comment may show of a key: nothing in it ends the comment, or says something to a tool.
_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,59}")
_PLAIN = (int, bool, str, float)


def value(given: object) -> str:
    """A number, truth value, text or None. Raises TypeError for anything else."""
    match given:
        case None | bool():
            return repr(given)
        case int():
            return f"{given:_}"
        case float():
            return repr(given) if math.isfinite(given) else f'float("{given}")'
        case str():
            return text(given)
        case _:
            raise TypeError(f"{type(given).__name__} has no literal here")


def text(given: str) -> str:
    """A text in the quotes that need fewer escapes, double ones if that is the same; ASCII only."""
    quote = "'" if given.count('"') > given.count("'") else '"'
    inner = "".join(ascii(sign)[1:-1] for sign in given)
    return quote + inner.replace(quote, f"\\{quote}") + quote


def annotation(given: Any, where: str) -> str:
    """An annotation of a field. Raises PluginError, which names the field by `where`, for one that needs an import."""
    if given is None or given is NoneType:
        return "None"
    if given is Any:
        return "Any"
    if given in _PLAIN or given in (list, dict, tuple):
        return str(given.__name__)
    origin, inner = get_origin(given), get_args(given)
    if origin in (Union, UnionType):
        return " | ".join(annotation(kind, where) for kind in inner)
    if origin is Literal:
        return f"Literal[{', '.join(map(value, inner))}]"
    if origin in (list, dict, tuple):
        return f"{origin.__name__}[{', '.join('...' if kind is ... else annotation(kind, where) for kind in inner)}]"
    raise PluginError(f"{where} is of a kind that zoo new cannot write: {given}")


def field(name: str, declared: Field, default: object, where: str) -> str:
    """The line of a config's class that gives a field this default. Raises PluginError as `annotation`."""
    written = value(default)
    if declared.symbol is not None:
        least = "" if declared.minimum == 1 else f", minimum={declared.minimum}"
        written = f"dim({text(declared.symbol)}, {written}{least})"
    return f"{name}: {annotation(declared.annotation, where)} = {written}"


def keys(given: Sequence[str]) -> str:
    """Keys of a config as a comment may list them."""
    words = [key for key in given if _WORD.fullmatch(key)][:MOST_KEYS]
    more = len(given) - len(words)
    others = f"{more:,} more in tests/config.json" if more else ""
    return ", ".join([*words, others] if words and others else words or [others])


def comment(words: str, indent: str = "    ") -> str:
    """A comment of as many lines as it takes."""
    start = f"{indent}# "
    return "\n".join(wrap(words, WIDTH, initial_indent=start, subsequent_indent=start, break_on_hyphens=False))
