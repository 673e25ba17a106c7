"""The config.json of repositories: from the cache where a commit is asked for, else from the Hub, several at once."""

import io
import time
from collections.abc import Callable, Mapping, Sequence
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

    def fetched(repository: Repository) -> Given | ZooError:
        start = time.monotonic()
        given: Given | ZooError
        try:
            given = _asked(access, repository)
        except (RefusedError, UnreachableError) as error:
            given = instead(repository, error)
        return _that_took(time.monotonic() - start, given)

    def late(repository: Repository) -> Given | ZooError:
        return _that_took(access.timeout, instead(repository, too_slow(repository, access.timeout)))

    def instead(repository: Repository, error: ZooError) -> Given | ZooError:
        if access.refresh:
            return error
        return _cached(repository, f"not verified: {str(error).removeprefix(f'{repository}: ')}") or error

    return together(fetched, asked, [access.timeout] * len(asked), late, done)


def _that_took(seconds: float, given: Given | ZooError) -> Given | ZooError:
    return given._replace(took=seconds) if isinstance(given, Given) else given


def _asked(access: Access, repository: Repository) -> Given:
    from zoo.hub.client import Client, MissingFileError

    try:
        answer = Client(repository, access.timeout).file(CONFIG, configfile.LARGEST_FILE)
    except MissingFileError as error:
        commit = error.commit
        if commit is None or (repository.pinned and commit != repository.revision):
            raise
        bare = Given(None, Origin(repository, commit, None))
        return _kept(bare, partial(cache.keep_absence, repository, commit, CONFIG))
    where = f"{repository}: {CONFIG}"
    commit = answer.commit
    if commit is None or not is_commit(commit) or (repository.pinned and commit != repository.revision):
        from zoo.hub.client import UnreachableError

        what = "another commit than the one asked for" if repository.pinned and commit else "no commit"
        raise UnreachableError(f"{where}: the answer tells {what}: does a proxy or a login page stand before the Hub?")
    config = configfile.parse(io.BytesIO(answer.data), where)
    given = Given(config, Origin(repository, commit, answer.data))
    return _kept(given, partial(cache.keep, repository, commit, CONFIG, answer.data))


def _kept(given: Given, keep: Callable[[], None]) -> Given:
    """What was given, after it is put into the cache, or with a note that it cannot be."""
    try:
        keep()
    except OSError as error:
        where = f"{cache.folder()} cannot be written: {error.strerror} (HF_HOME names another)"
        return given._replace(notes=(f"{given.origin.repository}: not kept: {where}",), kept=False)
    return given


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
