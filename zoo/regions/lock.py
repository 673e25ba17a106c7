"""zoo.lock: what the tables in documents were counted from, so that they can be counted again without a network.

A lock is data from a stranger: capped before it is parsed, read strictly, and what it names is never more than a name.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from zoo.errors import ZooError
from zoo.regions.paths import is_inside
from zoo.registries.tomltext import assignments
from zoo.text import near, shown

LARGEST_FILE = 2 * 1024 * 1024
"""Bytes; some five thousand rows. With the next cap it bounds the time that hostile TOML takes."""

MOST_DOTS = 40
"""In a line, strings apart: tomllib takes time that grows with the square of the parts of a key."""

VERSION = 1
"""Of the format."""

ENTRY = ("config", "null", "unverified")
"""What of a registry's entry a row has, beside what every row tells."""

_HEAD = "# What zoo counted the tables from. `zoo table --write` writes it; commit it, and change nothing by hand.\n"


class LockError(ZooError):
    """A lock that is none; the message names it."""


class Row(NamedTuple):
    """What one row of a table was counted from.

    model: the reference. repository, commit: whence its config is, empty where nobody says. sha256: of the bytes of the
    config.json of a repository; else of what was read of the config: type, class and the fields that are no defaults;
    or of what was read of the weights.
    plugin, distribution, zoo: what counted it, with versions; no plugin counts weights. as_: the class that was asked
    for, empty where it is the config's own. entry: of a model of the Hub what a registry would hold beside that, the
    keys in ENTRY, so that it can be counted from here.
    """

    model: str
    model_type: str
    class_name: str
    status: str
    parameters: int
    repository: str
    commit: str
    sha256: str
    plugin: str
    distribution: str
    zoo: str
    as_: str = ""
    entry: Mapping[str, Any] | None = None


class Table(NamedTuple):
    """A table in a file, which is named as from the folder of the lock.

    recipe, body: the hashes of what its marker says, and of what zoo wrote below, line ends as LF. results: the hash of
    the scores in each file or folder of results. columns: of those that a plugin adds, which and of what version.
    rows: of all models, the one of `difference-to` last.
    """

    file: str
    recipe: str
    body: str
    results: Mapping[str, str]
    columns: Mapping[str, str]
    rows: tuple[Row, ...]


Lock = tuple[Table, ...]
"""The tables of all files, those of a file in their order."""


# --- written ---------------------------------------------------------------------------------------------------------

# Field -> key in the file; the other fields bear the names of their keys.
_KEYS = {"model_type": "type", "class_name": "class", "as_": "as"}


def written(lock: Lock) -> bytes:
    """A lock as a file: the same for the same tables, whatever the order of their files. Raises LockError for what a
    lock cannot hold.
    """
    lock = tuple(sorted(lock, key=lambda table: table.file))
    lines = [_HEAD, f"version = {VERSION}\n"]
    for table in lock:
        lines.append("\n[[table]]\n")
        lines += _lines({**table._asdict(), "rows": None}, table.file)
        for row in table.rows:
            lines.append("\n[[table.row]]\n")
            lines += _lines(row._asdict(), row.model)
    data = "".join(lines).encode()
    if len(data) > LARGEST_FILE:
        raise LockError(f"the lock would be larger than {LARGEST_FILE // 1024:,} KiB, the cap on it: name fewer models")
    if repr(read(data, "the lock")) != repr(lock):  # NaN is not equal to itself
        raise LockError("the lock would not read back as it was written")
    return data


def _lines(values: Mapping[str, Any], name: str) -> Iterator[str]:
    for field, value in values.items():
        if value is None or value == "" or (field in ("results", "columns") and not value):
            continue
        try:
            yield assignments([_KEYS.get(field, field)], value)
        except ValueError as error:
            raise LockError(f"{name}: the lock cannot hold its {field}: {error}") from None


# --- read ------------------------------------------------------------------------------------------------------------

_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_HASH = re.compile(r"[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-f]{40}")


def read(data: bytes, where: str) -> Lock:
    """What a lock holds; `where` names it in errors. Raises LockError for all that is none."""
    found = _parsed(data, where)
    _known(found, ("version", "table"), where)
    if "version" not in found:
        raise LockError(f"{where}: is no lock that zoo wrote: it tells no version")
    if found["version"] != VERSION:
        raise LockError(f"{where}: is of version {shown(found['version'])}, and this zoo reads version {VERSION}")
    return tuple(_table(one, f"{where}: table {number}") for number, one in enumerate(_list(found, "table", where), 1))


def _parsed(data: bytes, where: str) -> dict[str, Any]:
    import tomllib

    if len(data) > LARGEST_FILE:
        raise LockError(f"{where}: larger than {LARGEST_FILE // 1024:,} KiB, the cap on a lock")
    try:
        text = data.decode("utf-8-sig")
        if any(_STRING.sub("", line).count(".") > MOST_DOTS for line in text.split("\n")):
            raise LockError(f"{where}: is no lock that zoo wrote: a line has more than {MOST_DOTS} dots")
        return tomllib.loads(text)
    except UnicodeDecodeError:
        raise LockError(f"{where}: is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        told = "; a merge left its marks (take either side, and run zoo table --write)" if b"<<<<<<<" in data else ""
        raise LockError(f"{where}: is not TOML: {error}{told}") from None
    except (RecursionError, ValueError):  # nesting without end, or a number of too many digits
        raise LockError(f"{where}: is no lock: nested too deep, or a number too long") from None


def _table(found: Mapping[str, Any], where: str) -> Table:
    _known(found, ("file", "recipe", "body", "results", "columns", "row"), where)
    file = _text(found, "file", where)
    if not is_inside(file):
        raise LockError(f"{where}: file must be a path below the folder of the lock, got {shown(file)}")
    results, columns = (_mapping(found, key, where) for key in ("results", "columns"))
    hashes = {path: _hash(results, path, f"{where}: results") for path in results}
    plugins = {name: _text(columns, name, f"{where}: columns") for name in columns}
    rows = tuple(_row(one, where) for one in _list(found, "row", where))
    return Table(file, _hash(found, "recipe", where), _hash(found, "body", where), hashes, plugins, rows)


_MAY_MISS = ("repository", "commit", "plugin", "distribution", "as_")


def _row(found: Mapping[str, Any], where: str) -> Row:
    keys = {field: _KEYS.get(field, field) for field in Row._fields}
    _known(found, tuple(keys.values()), f"{where}: row")
    at = f"{where}: row {shown(found.get('model'))}"
    values: dict[str, Any] = {}
    for field, key in keys.items():
        if field in ("parameters", "entry"):
            values[field] = found.get(key)
        elif field in _MAY_MISS and key not in found:
            values[field] = ""
        else:
            values[field] = (_hash if field == "sha256" else _text)(found, key, at)
    count, entry = values["parameters"], values["entry"]
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count < 2**200:
        raise LockError(f"{at}: parameters must be a count, got {shown(count)}")
    if entry is not None and not (isinstance(entry, dict) and all(key in ENTRY for key in entry)):
        raise LockError(f"{at}: entry must be a table of {', '.join(ENTRY)}, got {shown(entry)}")
    if values["commit"] and not _COMMIT.fullmatch(values["commit"]):
        raise LockError(f"{at}: commit must be 40 digits of 0-9 and a-f, got {shown(values['commit'])}")
    return Row(**values)


def _known(found: Mapping[str, Any], keys: Sequence[str], where: str) -> None:
    for key in found:
        if key not in keys:
            raise LockError(f"{where}: no key {shown(key)}{near(key, keys)}")


def _list(found: Mapping[str, Any], key: str, where: str) -> list[dict[str, Any]]:
    listed = found.get(key, [])
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise LockError(f"{where}: {key} must be tables, [[{key}]], got {shown(listed)}")
    return listed


def _mapping(found: Mapping[str, Any], key: str, where: str) -> dict[str, Any]:
    value = found.get(key, {})
    if not isinstance(value, dict):
        raise LockError(f"{where}: {key} must be a table, got {shown(value)}")
    return value


def _text(found: Mapping[str, Any], key: str, where: str) -> str:
    value = found.get(key)
    if not isinstance(value, str) or not value:
        raise LockError(f"{where}: {shown(key)} must be a text, got {shown(value)}")
    return value


def _hash(found: Mapping[str, Any], key: str, where: str) -> str:
    value = _text(found, key, where)
    if not _HASH.fullmatch(value):
        raise LockError(f"{where}: {shown(key)} must be 64 digits of 0-9 and a-f, got {shown(value)}")
    return value
