"""Reads a config.json that a stranger wrote: capped before it is parsed, and strict about what it is."""

import json
import re
from pathlib import Path
from typing import IO, Any

from zoo.errors import ConfigError
from zoo.text import shown

LARGEST_FILE = 8 * 1024 * 1024
"""Bytes; the largest real ones hold some hundred thousand labels."""

DEEPEST = 64
"""Levels of nesting; real ones have about six."""

# A whole string, even one that never ends, so that brackets in it are passed over and no text is looked at twice.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{]|[\]}]', re.DOTALL)


def read(path: Path) -> dict[str, Any]:
    """The config in a file, or in the config.json of a folder. Raises ConfigError, naming the file."""
    file = path / "config.json" if path.is_dir() else path
    try:
        with file.open("rb") as stream:
            return parse(stream, str(file))
    except FileNotFoundError:
        what = "there is no config.json in the folder" if file != path else "no such file"
        raise ConfigError(f"{path}: {what}") from None
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None


def parse(stream: IO[bytes], where: str) -> dict[str, Any]:
    """The config in a stream of bytes; `where` names it in errors. Raises ConfigError for all that is not a config."""
    data = stream.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise ConfigError(f"{where}: larger than {LARGEST_FILE // 1024**2} MiB, the cap on a config")
    if kind := _other_kind(data):
        raise ConfigError(f"{where}: {kind}, not a config.json")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"{where}: is not UTF-8 text, as JSON must be") from None
    if _depth(data) > DEEPEST:
        raise ConfigError(f"{where}: nested deeper than {DEEPEST} levels, the cap on a config")
    try:
        config = json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise ConfigError(f"{where}: is not JSON: {error}") from None
    except _DuplicateKeyError as error:
        raise ConfigError(f"{where}: key {shown(error.args[0])} is given twice") from None
    except ValueError:  # the only one left: Python reads no int of more than 4,300 digits
        raise ConfigError(f"{where}: a number has too many digits") from None
    if not isinstance(config, dict):
        raise ConfigError(f"{where}: is JSON, but not an object of config keys: {shown(config)}")
    return config


class _DuplicateKeyError(Exception):
    pass


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _DuplicateKeyError(key)
            seen.add(key)
    return found


def _other_kind(data: bytes) -> str:
    """What the bytes are, where they are plainly something else."""
    start = data[:200].lstrip()
    if not start:
        return "is empty"
    if start.startswith(b"version https://git-lfs"):
        return "is a Git LFS pointer (git lfs pull fetches the file)"
    if start.startswith(b"<"):
        return "is an HTML or XML page"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "is UTF-16 or UTF-32 text"
    if data.startswith((b"PK\x03\x04", b"\x1f\x8b")):
        return "is a compressed file"
    if b"\0" in start:
        return "is binary, or text in another encoding than UTF-8"
    return ""


def _depth(data: bytes) -> int:
    if data.count(b"[") + data.count(b"{") <= DEEPEST:
        return 0
    depth = 0
    for token in _TOKEN.finditer(data):
        sign = token[0][:1]
        if sign in b"[{":
            depth += 1
            if depth > DEEPEST:
                break
        elif sign in b"]}":
            depth -= 1
    return depth if depth > DEEPEST else 0
