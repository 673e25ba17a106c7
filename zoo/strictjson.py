"""From a stranger's bytes to JSON: capped before they are parsed, and strict about what they are."""

import json
import re
from collections.abc import Callable
from itertools import accumulate
from typing import Any, NamedTuple

from zoo.errors import ZooError
from zoo.text import shown

DEEPEST = 64
"""Levels of nesting; real files have about six."""

MOST = 5_000_000
"""Lists and objects; each takes twenty times its bytes once it is parsed. A million tensors have three million."""


class Form(NamedTuple):
    """What the bytes should be, in the words of whoever reads them.

    noun: as in "the cap on a config". file: as in "is empty, not a config.json". holds: as in "not an object of config
    keys". largest: bytes. error: what is raised. integer: what the digits of an integer mean.
    """

    noun: str
    file: str
    holds: str
    largest: int
    error: type[ZooError]
    integer: Callable[[str], object] = int


def parse(data: bytes, where: str, form: Form) -> dict[str, Any]:
    """The JSON object that `data` is; `where` names it in errors. Raises the form's error for all that is none.

    A caller need not read more than `form.largest` + 1 bytes. A byte order mark is passed over.
    """
    found = value(data, where, form)
    if not isinstance(found, dict):
        raise form.error(f"{where}: is JSON, but not an object {form.holds}: {shown(found)}")
    return found


def value(data: bytes, where: str, form: Form) -> Any:
    """The same for JSON of any kind."""
    if len(data) > form.largest:
        raise form.error(f"{where}: larger than {_size(form.largest)}, the cap on a {form.noun}")
    if kind := other_kind(data) or _binary(data):
        raise form.error(f"{where}: {kind}, not a {form.file}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise form.error(f"{where}: is not UTF-8 text, as JSON must be") from None
    if excess := _excess(data):
        raise form.error(f"{where}: {excess}, the cap on a {form.noun}")
    try:
        return json.loads(text, object_pairs_hook=_once, parse_int=form.integer)
    except json.JSONDecodeError as error:
        raise form.error(f"{where}: is not JSON: {error}") from None
    except _DuplicateKeyError as error:
        raise form.error(f"{where}: key {shown(error.args[0])} is given twice") from None
    except ValueError:  # the only one left: Python reads no int of more than 4,300 digits
        raise form.error(f"{where}: a number has too many digits") from None


def other_kind(data: bytes) -> str:
    """What a file that begins so is, where that is plainly no JSON and no weights, as in "is empty"; else nothing."""
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
    return ""


def _binary(data: bytes) -> str:
    return "is binary, or text in another encoding than UTF-8" if b"\0" in data[:200] else ""


def _size(largest: int) -> str:
    return f"{largest // 10**6} MB" if largest % 10**6 == 0 else f"{largest // 1024**2} MiB"


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


# A whole string, even one that never ends, so that brackets in it are passed over and no text is looked at twice.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NO_BRACKETS = bytes(set(range(256)) - set(_STEPS))


def _excess(data: bytes) -> str:
    if data.count(b"[") + data.count(b"{") <= DEEPEST:
        return ""
    brackets = _STRING.sub(b"", data).translate(None, delete=_NO_BRACKETS)
    if len(brackets) > 2 * MOST:
        return f"more than {MOST:,} lists and objects"
    if max(accumulate(map(_STEPS.__getitem__, brackets)), default=0) > DEEPEST:
        return f"nested deeper than {DEEPEST} levels"
    return ""
