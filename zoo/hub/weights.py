"""The headers of the weights in a repository, read by a few ranged requests: which tensors there are. No weight is."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import quote

from zoo.checkpoints import files, index
from zoo.checkpoints.checkpoint import Checkpoint
from zoo.checkpoints.header import Header, length, parse
from zoo.errors import CheckpointError, HubError, ZooError
from zoo.hub import cache, headers
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


def checkpoints(took: Mapping[Repository, float], access: Access) -> dict[Repository, Checkpoint | ZooError]:
    """What the weights of each repository hold: from the cache, where they or their headers are, else from the Hub,
    which is asked for all at once, and what it gives of a commit is kept.

    took: the repositories, and seconds that each has taken already. A HubError stands for what the Hub does not give, a
    CheckpointError for what is no checkpoint, or where there is none.
    """
    cached = {repository: _cached(repository, access) for repository in took}
    left = {name: max(0.1, access.timeout - took[name]) for name, found in cached.items() if found is None}

    def work(repository: Repository) -> Checkpoint:
        return _asked(repository, left[repository], access.timeout)

    def late(repository: Repository) -> ZooError:
        return too_slow(repository, access.timeout)

    asked = dict(zip(left, together(work, list(left), list(left.values()), late), strict=True))
    return {repository: found or asked[repository] for repository, found in cached.items()}


def _cached(repository: Repository, access: Access) -> Checkpoint | ZooError | None:
    """What the cache has; None where the Hub is to be asked."""
    commit = cache.commit_of(repository) if repository.pinned or access.asks_nobody else None
    fault: ZooError | None = None
    if commit and not access.refresh:
        folder = cache.snapshot(repository, commit)
        try:
            if files.weights(entry.name for entry in folder.iterdir()):
                return files.read(folder)._replace(name=f"{repository} (in the cache)")
        except CheckpointError as error:  # not all of it is there, or not whole
            fault = error
        except OSError:
            pass
        if kept := headers.kept(repository, commit):
            return kept
    if not access.asks_nobody:
        return None
    where = cache.folder()
    return fault or HubError(
        f"{repository}: its weights are not in the cache {where}, nor their headers, and offline nobody is asked "
        f"(zoo fetch --headers {repository})"
    )


def _asked(repository: Repository, seconds: float, allowed: float) -> Checkpoint:
    found = _read(repository, seconds, allowed)
    if repository.pinned:
        with suppress(OSError):  # it is asked for again, then
            headers.keep(repository, repository.revision, found)
    return found


def _read(repository: Repository, seconds: float, allowed: float) -> Checkpoint:
    client = Client(repository, seconds, allowed)
    where = str(repository)
    name = files.chosen(_names(client), where)
    if not name.endswith(".json"):
        header = _header(client, name)
        return Checkpoint(where, header.tensors, (name,), header.metadata)
    weight_map = index.shards(client.file(name, index.LARGEST_INDEX).data, f"{where}: {name}")
    shards = sorted(set(weight_map.values()))
    given = together(
        partial(_header, client), shards, [seconds] * len(shards), lambda shard: too_slow(repository, allowed)
    )
    found: dict[str, Header] = {}
    for shard, result in zip(shards, given, strict=True):
        if isinstance(result, ZooError):
            raise result
        found[shard] = result
    return index.joined(where, weight_map, found)


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
