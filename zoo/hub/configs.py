"""The config.json of repositories: from the cache where a commit is asked for, else from the Hub, several at once."""

import io
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
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

    kept: whether it is in the cache now.
    """

    config: Mapping[str, Any] | None
    origin: Origin
    notes: tuple[str, ...] = ()
    kept: bool = True


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

    results: list[Given | ZooError] = []
    for repository, result in zip(
        asked, together(lambda repository: _fetched(repository, access), asked, access.timeout, done), strict=True
    ):
        if isinstance(result, TimeoutError):
            result = too_slow(repository, access.timeout)
        if isinstance(result, UnreachableError | RefusedError) and not access.refresh:
            result = _cached(repository, f"not verified: {str(result).removeprefix(f'{repository}: ')}") or result
        if isinstance(result, Exception) and not isinstance(result, ZooError):
            raise result
        results.append(result)
    return results


def _fetched(repository: Repository, access: Access) -> Given:
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
    if repository.pinned and cache.is_absent(repository, commit, CONFIG):
        return Given(None, Origin(repository, commit, None))
    file = cache.snapshot(repository, commit) / CONFIG
    try:
        data = _read(file)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return ConfigError(f"{repository}: {file}: cannot be read: {error.strerror}")
    try:
        config = configfile.parse(io.BytesIO(data), f"{repository}: cached copy {file}")
    except ConfigError as error:
        return ConfigError(f"{error} (zoo fetch --refresh {repository} fetches it anew)")
    notes = (f"{repository}: cached copy of commit {commit[:12]}, {why}",) if why and not repository.pinned else ()
    return Given(config, Origin(repository, commit, data), notes)


def _read(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(configfile.LARGEST_FILE + 1)
