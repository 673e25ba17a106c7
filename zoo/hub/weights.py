"""The headers of the weights in a repository, read by a few ranged requests: which tensors there are. No weight is."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import quote

from zoo.checkpoints import files, index
from zoo.checkpoints.checkpoint import Checkpoint
from zoo.checkpoints.header import Header, length, parse
from zoo.errors import CheckpointError, HubError
from zoo.hub import assets, cache
from zoo.hub.access import Access
from zoo.hub.client import Client, UnreachableError, too_slow
from zoo.hub.repository import Repository
from zoo.hub.together import together

FIRST = 100_000
"""Bytes asked for at first, as the client does: most headers are shorter."""

LARGEST_LIST = 16 * 1024 * 1024
"""Bytes of one page of a list of files."""

MOST_PAGES = 20

# What becomes part of an address: nothing else is looked at.
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,200}")


def checkpoint(repository: Repository, access: Access) -> Checkpoint:
    """What the weights of a repository hold: from the cache, where they or their headers are, else from the Hub.

    What the Hub gives of a commit is kept. Raises HubError for what the Hub does not give, CheckpointError for what is
    no checkpoint, or where there is none.
    """
    commit = cache.commit_of(repository) if repository.pinned or access.asks_nobody else None
    if commit and not access.refresh:
        folder = cache.snapshot(repository, commit)
        if folder.is_dir() and files.weights(entry.name for entry in folder.iterdir()):
            try:
                return files.read(folder)._replace(name=f"{repository} (in the cache)")
            except CheckpointError:  # not all of it is there, or not whole
                if access.asks_nobody:
                    raise
        if found := assets.kept(repository, commit):
            return found
    if access.asks_nobody:
        raise HubError(f"{repository}: no weights of it are in the cache {cache.folder()}, and offline nobody is asked")
    found = _bounded(repository, access)
    if repository.pinned:
        with suppress(OSError):  # it is asked for again, then
            assets.keep(repository, repository.revision, found)
    return found


def _bounded(repository: Repository, access: Access) -> Checkpoint:
    (found,) = together(partial(_asked, access.timeout), [repository], access.timeout)
    if isinstance(found, TimeoutError):
        raise too_slow(repository, access.timeout)
    if isinstance(found, Exception):
        raise found
    return found


def _asked(seconds: float, repository: Repository) -> Checkpoint:
    client = Client(repository, seconds)
    where = str(repository)
    name = files.chosen(_names(client), where)
    if not name.endswith(".json"):
        header = _header(client, name)
        return Checkpoint(where, header.tensors, (name,), header.metadata)
    weight_map = index.shards(client.file(name, index.LARGEST_INDEX).data, f"{where}: {name}")
    shards = sorted(set(weight_map.values()))
    headers: dict[str, Header] = {}
    for shard, found in zip(shards, together(partial(_header, client), shards, seconds), strict=True):
        if isinstance(found, TimeoutError):
            raise too_slow(repository, seconds)
        if isinstance(found, Exception):
            raise found
        headers[shard] = found
    return index.joined(where, weight_map, headers)


def _names(client: Client) -> Iterator[str]:
    """The files at the top of the repository."""
    page: str | None = ""
    for _ in range(MOST_PAGES):
        if page is None:
            return
        answer = client.api(f"/tree/{quote(client.repository.revision, safe='')}{page}", LARGEST_LIST)
        names = (str(entry["path"]) for entry in _entries(client, answer.data) if entry.get("type") == "file")
        yield from filter(_PLAIN.fullmatch, names)
        page = answer.next


def _entries(client: Client, data: bytes) -> list[dict[str, Any]]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(isinstance(entry, dict) and "path" in entry for entry in found):
        raise UnreachableError(
            f"{client.repository}: what the Hub gives is no list of files: does a proxy stand before it?"
        )
    return found


def _header(client: Client, name: str) -> Header:
    where = f"{client.repository}: {name}"
    answer = client.file(name, FIRST, last=FIRST - 1)
    whole = 8 + length(answer.data, where, answer.size)
    if whole > len(answer.data):
        answer = client.file(name, whole, last=whole - 1)
    if len(answer.data) < whole:
        raise CheckpointError(f"{where}: ends within its header, of {whole:,} bytes")
    return parse(answer.data[8:whole], None if answer.size is None else answer.size - whole, where)
