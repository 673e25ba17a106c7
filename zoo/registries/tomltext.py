"""TOML as text: how values are written, and a file of which one table changes and all else stays as it is.

tomlkit writes keys and values. They are put in place here, since tomlkit (0.15) does not leave the rest as it is: a new
key goes below the comment over the next table, and a sub-table that is removed takes that comment along.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

WIDTH = 120
"""Characters of a line; a longer list has a line for each item."""

# Strings and comments whole, so that brackets and line ends in them are passed over.
_TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:[^"\\]|\\.)*"'
    r"|'[^']*'"
    r"|#[^\n]*|[\[\]{}\n]",
    re.DOTALL,
)


def assignments(path: Sequence[str], value: Any) -> str:
    """The lines that give `value` to the key at `path`: of a table each of its keys has its own.

    Raises ValueError for null, which TOML does not have.
    """
    if isinstance(value, Mapping) and value:
        return "".join(assignments((*path, word), inner) for word, inner in value.items())
    line = f"{dotted(path)} = {_written(value)}\n"
    if isinstance(value, list | tuple) and len(line) > WIDTH:
        items = "".join(f"    {_written(item)},\n" for item in value)
        return f"{dotted(path)} = [\n{items}]\n"
    return line


def dotted(path: Sequence[str]) -> str:
    """The key at a path: `models."llama-3.1-8b"`."""
    import tomlkit

    return _printable(tomlkit.key(path).as_string())


def _written(value: Any) -> str:
    """A value on one line. Lists and tables of tomlkit would take time that grows with the square of their size."""
    import tomlkit

    match value:
        case list() | tuple():
            return f"[{', '.join(map(_written, value))}]"
        case Mapping():
            inner = ", ".join(f"{dotted([key])} = {_written(item)}" for key, item in value.items())
            return f"{{{inner}}}"
        case None:
            raise ValueError("TOML has no null in a list")
        case _:
            return _printable(tomlkit.item(value).as_string())


def _printable(text: str) -> str:
    """What tomlkit wrote, with all that could steer a terminal or an editor written as an escape."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else f"\\U{ord(sign):08x}" for sign in text)


def appended(text: str, path: Sequence[str], lines: str) -> str:
    """A TOML file with one more table at its end, which has these lines."""
    newline = _newline(text)
    if text and not text.endswith("\n"):
        text += newline
    gap = newline if text and not text.endswith(("\n\n", "\n\r\n")) else ""
    return text + gap + f"[{dotted(path)}]\n{lines}".replace("\n", newline)


def updated(text: str, path: Sequence[str], lines: Mapping[str, str]) -> str:
    """A TOML file whose table at `path` has, for each key in `lines`, these lines in place of what gave the key.

    Comments in what gave it are put before them, and all else stays as it is. Where the table has no header of its own,
    no lines are put in.
    """
    header, newline = tuple(path), _newline(text)
    fresh = {key: new.replace("\n", newline) for key, new in lines.items()}
    whole = text if text.endswith("\n") else text + newline
    found: list[str] = []
    inside: tuple[str, ...] = ()
    end = None
    for statement in _statements(whole):
        place = _keys(statement)
        if statement.lstrip().startswith("["):
            inside = place
        elif place:
            place = inside + place
        key = place[len(header)] if place[: len(header)] == header != place else None
        if key is not None and key in lines:
            found += [comment + newline for comment in _comments(statement)]
            found.append(fresh.pop(key, "") if inside == header else "")
        else:
            found.append(statement)
        if inside == header and place:
            end = len(found)
    if end is not None:
        found[end:end] = fresh.values()
    after = "".join(found)
    return after if whole == text else after.removesuffix(newline)


def _newline(text: str) -> str:
    return "\r\n" if text.partition("\n")[0].endswith("\r") else "\n"


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


def _keys(statement: str) -> tuple[str, ...]:
    """The keys that lead to what a header or key gives; those of an inline table that has only one are among them."""
    import tomllib

    value: Any = tomllib.loads(statement)
    keys: list[str] = []
    while isinstance(value, dict) and len(value) == 1:
        ((word, value),) = value.items()
        keys.append(word)
    return tuple(keys)


def _comments(statement: str) -> list[str]:
    return [token[0].rstrip() for token in _TOKEN.finditer(statement) if token[0].startswith("#")]
