"""The config.json of repositories: from the cache where a commit is asked for, else from the Hub, several at once."""

import io
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from zoo import configfile
from zoo.errors import ConfigError, HubError, ZooError
from zoo.hub import cache
from zoo.hub.access import Access
from zoo.hub.repository import Origin, Repository, is_commit

CONFIG = "config.json"


class Given(NamedTuple):
    """What a repository gives: its config, none where it has no config.json; whence; and what to know about that.

    kept: whether it is in the cache now. took: seconds that the Hub took.
    """

    config: Mapping[str, Any] | None
    origin: Origin
    notes: tuple[str, ...] = ()
    kept: bool = True
    took: float = 0.0


def configs(
    repositories: Sequence[Repository], access: Access, done: Callable[[], object] = lambda: None
) -> list[Given | ZooError]:
    """What each repository gives, or the error with which it does not, in their order.

    done: called after each. A commit that is in the cache is read from there, with no request and without the client.
    """
    access.checked()
    found: dict[Repository, Given | ZooError] = {}
    asked: list[Repository] = []
    for repository in dict.fromkeys(repositories):
        cached = None if access.refresh else _pinned(repository)
        if cached is not None or access.asks_nobody:
            found[repository] = cached or _offline(repository)
            done()
        else:
            asked.append(repository)
    if asked:
        found |= zip(asked, _ask(asked, access, done), strict=True)
    return [found[repository] for repository in repositories]


def _ask(asked: Sequence[Repository], access: Access, done: Callable[[], object]) -> list[Given | ZooError]:
    from zoo.hub.client import RefusedError, UnreachableError, too_slow
    from zoo.hub.together import together

    def late(repository: Repository) -> ZooError:
        return too_slow(repository, access.timeout)

    results: list[Given | ZooError] = []
    given = together(partial(_fetched, access), asked, [access.timeout] * len(asked), late, done)
    for repository, result in zip(asked, given, strict=True):
        if isinstance(result, UnreachableError | RefusedError) and not access.refresh:
            result = _cached(repository, f"not verified: {str(result).removeprefix(f'{repository}: ')}") or result
        results.append(result)
    return results


def _fetched(access: Access, repository: Repository) -> Given:
    start = time.monotonic()
    given = _asked(access, repository)
    return given._replace(took=time.monotonic() - start)


def _asked(access: Access, repository: Repository) -> Given:
    from zoo.hub.client import Client, MissingFileError

    try:
        answer = Client(repository, access.timeout).file(CONFIG, configfile.LARGEST_FILE)
    except MissingFileError as error:
        if error.commit is None:
            raise
        with suppress(OSError):  # it is asked for again, then
            cache.keep_absence(repository, error.commit, CONFIG)
        return Given(None, Origin(repository, error.commit, None))
    where = f"{repository}: {CONFIG}"
    commit = answer.commit
    if commit is None or not is_commit(commit) or (repository.pinned and commit != repository.revision):
        from zoo.hub.client import UnreachableError

        what = "another commit than the one asked for" if repository.pinned and commit else "no commit"
        raise UnreachableError(f"{where}: the answer tells {what}: does a proxy or a login page stand before the Hub?")
    config = configfile.parse(io.BytesIO(answer.data), where)
    origin = Origin(repository, commit, answer.data)
    try:
        cache.keep(repository, commit, CONFIG, answer.data)
    except OSError as error:
        told = f"{repository}: not kept: {cache.folder()} cannot be written: {error.strerror} (HF_HOME names another)"
        return Given(config, origin, (told,), kept=False)
    return Given(config, origin)


def _pinned(repository: Repository) -> Given | ZooError | None:
    return _cached(repository, "") if repository.pinned else None


def _offline(repository: Repository) -> Given | ZooError:
    cached = _cached(repository, "not verified: nobody is asked offline")
    where = f"{cache.folder()}"
    return cached or HubError(
        f"{repository}: is not in the cache {where}, and offline nobody is asked (zoo fetch {repository})"
    )


def _cached(repository: Repository, why: str) -> Given | ZooError | None:
    """What the cache has of a repository; `why`: the reason for which that is taken, unless a commit is asked for."""
    commit = cache.commit_of(repository)
    if commit is None:
        return None
    notes = (f"{repository}: cached copy of commit {commit[:12]}, {why}",) if why and not repository.pinned else ()
    file = cache.snapshot(repository, commit) / CONFIG
    try:
        if cache.is_absent(repository, commit, CONFIG):
            return Given(None, Origin(repository, commit, None), notes)
        data = _read(file)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return ConfigError(f"{repository}: {file}: cannot be read: {error.strerror}")
    try:
        config = configfile.parse(io.BytesIO(data), f"{repository}: cached copy {file}")
    except ConfigError as error:
        return ConfigError(f"{error} (zoo fetch --refresh {repository} fetches it anew)")
    return Given(config, Origin(repository, commit, data), notes)


def _read(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(configfile.LARGEST_FILE + 1)
