"""TOML as text: how values are written, and a file of which one table changes and all else stays as it is."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

WIDTH = 120
"""Characters of a line; a longer list is written over several."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")

# Strings and comments whole, so that brackets and line ends in them are passed over.
_TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:[^"\\]|\\.)*"'
    r"|'[^']*'"
    r"|#[^\n]*|[\[\]{}\n]",
    re.DOTALL,
)


def assignments(path: Sequence[str], value: Any) -> Iterator[str]:
    """The statements, with no line end, that give `value` to the key at `path`: of a table one for each of its keys.

    Raises ValueError for what TOML does not have: null, half of a surrogate pair.
    """
    if isinstance(value, Mapping) and value:
        for word, inner in value.items():
            yield from assignments((*path, word), inner)
    else:
        start = f"{dotted(path)} = "
        line = start + _written(value)
        yield line if len(line) <= WIDTH or not isinstance(value, list | tuple) else start + _folded(value)


def dotted(path: Sequence[str]) -> str:
    """The key at a path: `models."llama-3.1-8b"`."""
    return ".".join(word if _BARE.fullmatch(word) else _string(word) for word in path)


def _written(value: Any) -> str:
    """A value on one line."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return _string(value)
        case list() | tuple():
            return f"[{', '.join(map(_written, value))}]"
        case Mapping():
            inner = ", ".join(f"{dotted([key])} = {_written(item)}" for key, item in value.items())
            return f"{{ {inner} }}" if inner else "{}"
        case _:
            raise ValueError(f"TOML has no {'null' if value is None else type(value).__name__} in a list")


def _folded(values: Sequence[Any]) -> str:
    """A list over several lines."""
    lines = [""]
    for value in values:
        item = f" {_written(value)},"
        if lines[-1] and len(lines[-1]) + len(item) > WIDTH - 3:
            lines.append("")
        lines[-1] += item
    return "\n".join(("[", *(f"   {line}" for line in lines), "]"))


def _string(text: str) -> str:
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ValueError("TOML has no half of a surrogate pair, as in a string of it")
    quoted = json.dumps(text, ensure_ascii=False)
    return quoted if quoted.isprintable() else "".join(map(_escaped, quoted))


def _escaped(sign: str) -> str:
    return sign if sign.isprintable() else f"\\U{ord(sign):08x}"


def appended(text: str, path: Sequence[str], lines: Iterable[str]) -> str:
    """A TOML file with one more table at its end, which has these statements."""
    newline = _newline(text)
    if text and not text.endswith("\n"):
        text += newline
    gap = newline if text and not text.endswith(("\n\n", "\n\r\n")) else ""
    return text + gap + "".join(_ended([f"[{dotted(path)}]", *lines], newline))


def updated(text: str, path: Sequence[str], lines: Mapping[str, Sequence[str]]) -> str:
    """A TOML file whose table at `path` has, for each key in `lines`, these statements in place of what gave the key.

    Comments in what gave it are put before them, and all else stays as it is; so does all, where the table has no
    header of its own.
    """
    header, newline = tuple(path), _newline(text)
    fresh = {key: _ended(statements, newline) for key, statements in lines.items()}
    whole = text if text.endswith("\n") else text + newline
    found: list[str] = []
    end = None
    for statement, inside, keys in _placed(whole, header):
        key = keys[len(header)] if keys[: len(header)] == header and keys != header else None
        if key is not None and key in lines:
            found += _ended(_comments(statement), newline)
            found += fresh.pop(key, []) if inside == header else []
        else:
            found.append(statement)
        if inside == header and keys:
            end = len(found)
    if end is not None:
        found[end:end] = [line for statements in fresh.values() for line in statements]
    after = "".join(found)
    return after if whole == text else after.removesuffix(newline)


def _placed(text: str, header: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Each statement, the header that it stands under, and the path of what it gives.

    There is none of a comment or blank line, nor of a key under a header that does not begin so.
    """
    inside: tuple[str, ...] = ()
    for statement in _statements(text):
        sign = statement.lstrip()[:1]
        if sign == "[":
            inside = _path(statement)
            yield statement, inside, inside
        elif sign in ("", "#") or inside[: len(header)] != header:
            yield statement, inside, ()
        else:
            yield statement, inside, (*inside, *_path(statement))


def _newline(text: str) -> str:
    return "\r\n" if text.partition("\n")[0].endswith("\r") else "\n"


def _ended(lines: Iterable[str], newline: str) -> list[str]:
    return [line.replace("\n", newline) + newline for line in lines]


def _statements(text: str) -> Iterator[str]:
    """Headers, keys with their values, comments, blank lines, each with its line end; together they are the text."""
    start = depth = 0
    for token in _TOKEN.finditer(text):
        sign = token[0]
        if sign in ("[", "{"):
            depth += 1
        elif sign in ("]", "}"):
            depth -= 1
        elif sign == "\n" and depth == 0:
            yield text[start : token.end()]
            start = token.end()
    if start < len(text):
        yield text[start:]


def _path(statement: str) -> tuple[str, ...]:
    """The keys that lead to what a header or key gives; those of an inline table that has only one are among them."""
    import tomllib

    value: Any = tomllib.loads(statement)
    path: list[str] = []
    while isinstance(value, dict) and len(value) == 1:
        ((word, value),) = value.items()
        path.append(word)
    return tuple(path)


def _comments(statement: str) -> list[str]:
    return [token[0].rstrip() for token in _TOKEN.finditer(statement) if token[0].startswith("#")]
