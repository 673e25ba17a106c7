"""Requests to the Hub, through huggingface_hub: its endpoint, token, offline mode and HTTP client.

Only here is it imported. Its own functions for files wait 23 seconds for a dead host, take as much as a server sends,
and write where an ETag says, and to make its headers asks the Hub about agents; so the requests are made here, each
bounded in time and bytes, and made again only where that may help.
"""

import os
import re
import time
from collections.abc import Mapping
from importlib.metadata import version
from ipaddress import ip_address
from platform import python_version
from typing import Any, NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from zoo.errors import HubError
from zoo.hub.repository import Repository, is_commit
from zoo.text import shown

TRIES = 3
"""How often a request is made in all that fails in a way that may pass."""

_CONNECTION = "check the connection, the proxy, and HF_ENDPOINT if it is set"
_LOG_IN = "log in with hf auth login, or set HF_TOKEN"
_REDIRECTS = 5
_ERRNO = re.compile(r"^\[Errno -?\d+\] ")
_MAY_PASS = (500, 502, 503, 504)


class UnreachableError(HubError):
    """The Hub, or what stands before it, does not do what it should: it may another time. A cached copy will do."""


class RefusedError(HubError):
    """The Hub does not give the repository to this person, or says that there is none. A cached copy will do."""


class MissingFileError(HubError):
    """A file is not in a repository that is there; `commit` is where it was looked for."""

    def __init__(self, message: str, commit: str | None) -> None:
        super().__init__(message)
        self.commit = commit


class Answer(NamedTuple):
    """What a request gave.

    commit: the one that the revision is. size: of the whole file, where it is told. next: of a list that goes on, what
    to add to its path for the next page.
    """

    data: bytes
    commit: str | None
    size: int | None
    next: str | None


class Client:
    """Requests about one repository until a moment in time.

    seconds: how long they may take; allowed: of how many these are what is left, if some have gone by.
    """

    def __init__(self, repository: Repository, seconds: float, allowed: float | None = None) -> None:
        from huggingface_hub import __version__, constants, get_token
        from huggingface_hub.utils import get_session  # type: ignore[attr-defined]

        self.repository, self.allowed = repository, seconds if allowed is None else allowed
        self.end = time.monotonic() + seconds
        self.endpoint = constants.ENDPOINT.rstrip("/")
        try:
            self._session: Any = get_session()  # an httpx.Client, of whichever httpx the version of huggingface_hub has
            token = None if constants.HF_HUB_DISABLE_IMPLICIT_TOKEN else get_token()
        except Exception as error:  # whatever it is that a library does not like about the environment
            why = f"a proxy, certificates or a login is not set up as it should be: {type(error).__name__}: {error}"
            raise UnreachableError(f"{repository}: the Hub cannot be asked, as {why}") from error
        if token and not (token.isascii() and token.isprintable()):
            raise RefusedError(f"{repository}: the token holds signs that no token has: {_LOG_IN} anew")
        self._headers = {
            "user-agent": _user_agent(__version__),
            "accept-encoding": "identity",  # a cap on what comes is then one on what it becomes
            **({"authorization": f"Bearer {token}"} if token else {}),
        }

    def file(self, name: str, most: int, last: int | None = None) -> Answer:
        """A file of the repository, or its bytes 0 to `last`; no more than `most` of it.

        Raises HubError in all its kinds.
        """
        url = f"{self.endpoint}/{self.repository.name}/resolve/{quote(self.repository.revision, safe='')}/{quote(name)}"
        asked = {} if last is None else {"range": f"bytes=0-{last}"}
        return self._patiently(url, asked, most, name)

    def api(self, path: str, most: int) -> Answer:
        """What the Hub's API says at `path` of the repository. Raises HubError in all its kinds."""
        return self._patiently(f"{self.endpoint}/api/models/{self.repository.name}{path}", {}, most, "")

    def _patiently(self, url: str, headers: Mapping[str, str], most: int, name: str) -> Answer:
        for tries in range(1, TRIES + 1):
            try:
                return self._once(url, headers, most, name)
            except _AgainError as error:
                wait = error.wait if error.wait is not None else 0.25 * 2**tries
                if tries == TRIES or time.monotonic() + wait >= self.end:
                    raise UnreachableError(f"{self.repository}: {error}") from None
            time.sleep(wait)
        raise AssertionError

    def _once(self, url: str, headers: Mapping[str, str], most: int, name: str) -> Answer:
        try:
            return self._request(url, {**self._headers, **headers}, most, name)
        except (HubError, _AgainError):
            raise
        except Exception as error:
            raise self._failed(error) from error

    def _request(self, url: str, headers: Mapping[str, str], most: int, name: str) -> Answer:
        commit = size = None
        for _ in range(_REDIRECTS):
            self._safe(url)
            with self._session.stream(
                "GET", url, headers=headers, follow_redirects=False, timeout=self._left()
            ) as answer:
                commit = commit or answer.headers.get("x-repo-commit")
                size = size or _number(answer.headers.get("x-linked-size"))
                if answer.has_redirect_location:
                    target = self._target(url, answer.headers["location"])
                    if urlsplit(target)[:2] != urlsplit(url)[:2]:  # the token is for the Hub, and for nobody else
                        headers = {key: value for key, value in headers.items() if key != "authorization"}
                    url = target
                    continue
                if answer.status_code == 416 and "range" in headers:  # there is nothing from byte 0 on
                    return Answer(b"", commit, 0, None)
                self._check(answer, commit, name)
                partial = answer.status_code == 206
                whole = answer.headers.get("content-range", "").rpartition("/")[2] if partial else None
                size = _number(whole) or size or (None if partial else _number(answer.headers.get("content-length")))
                link = answer.links.get("next", {}).get("url")
                page = None if link is None else f"?{urlsplit(link).query}"  # of the Hub, whatever host the link names
                return Answer(self._body(answer, most, partial or "range" in headers), commit, size, page)
        raise UnreachableError(f"{self.repository}: {urlsplit(url).netloc} sends on and on ({_REDIRECTS} redirects)")

    def _target(self, url: str, location: str) -> str:
        """Where a redirect leads. Raises UnreachableError where that is no address."""
        try:
            return urlsplit(urljoin(url, location)).geturl()
        except ValueError:
            raise UnreachableError(
                f"{self.repository}: the Hub sends on to {shown(location)}, which is no address"
            ) from None

    def _body(self, answer: Any, most: int, cut: bool) -> bytes:
        """The body, in time; more than `most` of it is an error, or left where a part of the file was asked for."""
        found = bytearray()
        for chunk in answer.iter_raw():  # what is compressed, though nobody asked for that, stays so
            found += chunk
            self._left()
            if len(found) > most:
                if cut:
                    break
                raise HubError(f"{self.repository}: what the Hub sends is larger than {most:,} bytes, the cap")
        return bytes(found[:most])

    def _left(self) -> float:
        left = self.end - time.monotonic()
        if left <= 0:
            raise too_slow(self.repository, self.allowed)
        return left

    def _safe(self, url: str) -> None:
        """Raises HubError for a way on which others can listen in, or change what comes."""
        parts = urlsplit(url)
        if parts.scheme == "https" or (parts.scheme == "http" and _loopback(parts.hostname or "")):
            return
        where = f"{parts.scheme}://{parts.hostname}" if parts.hostname else shown(url)
        raise HubError(f"{self.repository}: {where} is not asked: only https is (HF_ENDPOINT names the Hub)")

    def _check(self, answer: Any, commit: str | None, name: str) -> None:
        """Raises what the status stands for, if it is not success."""
        status, code = answer.status_code, answer.headers.get("x-error-code", "")
        said = answer.headers.get("x-error-message", "")
        if status in (200, 206):
            return
        if status == 429:
            seconds = _number(answer.headers.get("retry-after"))
            soon = "later" if seconds is None else f"in {seconds:,} s"
            raise _AgainError(
                f"the Hub limits how often it is asked (429): try again {soon}, or {_LOG_IN}; what is pinned to a "
                "commit is asked for once",
                seconds,
            )
        if status in _MAY_PASS:
            raise _AgainError(f"the Hub has a fault of its own ({status}): try again later")
        if code == "GatedRepo":
            raise RefusedError(
                f"{self.repository}: gated: ask for access at {self.endpoint}/{self.repository.name}, and {_LOG_IN}"
            )
        if status == 401 and said.startswith("Invalid credentials"):
            raise RefusedError(f"{self.repository}: the Hub does not accept the token: {_LOG_IN} anew")
        if code == "RevisionNotFound":
            revision = shown(self.repository.revision)
            raise HubError(
                f"{self.repository.name}: there is no revision {revision} of it (a branch, tag or commit is one)"
            )
        if code == "EntryNotFound" or (code == "" and status == 404 and commit):
            found = commit if commit and is_commit(commit) else None
            raise MissingFileError(f"{self.repository}: there is no {name} in the repository", found)
        if code == "RepoNotFound" or status in (401, 403, 404):
            raise RefusedError(
                f"{self.repository}: no such repository on the Hub, or a private one (check the name; {_LOG_IN})"
            )
        raise HubError(f"{self.repository}: the Hub answers {status}" + (f": {shown(said)}" if said else ""))

    def _failed(self, error: Exception) -> Exception:
        """What an exception of the client means; which httpx it comes from has changed with the client's versions."""
        kinds = {kind.__name__ for kind in type(error).__mro__}
        if "OfflineModeIsEnabled" in kinds:
            return UnreachableError(f"{self.repository}: offline mode is on (HF_HUB_OFFLINE)")
        if "TimeoutException" in kinds:
            return too_slow(self.repository, self.allowed)
        if "ConnectError" in kinds or "ProxyError" in kinds:
            why = _ERRNO.sub("", str(error)) or "no answer"
            return UnreachableError(f"{self.repository}: {self.endpoint} cannot be reached: {why} ({_CONNECTION})")
        if "TransportError" in kinds or "StreamError" in kinds:
            return _AgainError("the connection to the Hub broke off: try again later")
        return HubError(f"{self.repository}: {type(error).__name__}: {error}")


def _user_agent(client: str) -> str:
    """Who asks, as the client of that version says it; with the origin that a person may add to it."""
    words = [f"zoo/{version('paramzoo')}", f"hf_hub/{client}", f"python/{python_version()}"]
    origin = os.environ.get("HF_HUB_USER_AGENT_ORIGIN")
    return "; ".join(words + ([f"origin/{origin}"] if origin else []))


class _AgainError(Exception):
    """What may go better another time; `wait`: after how many seconds, where that was said."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


def too_slow(repository: Repository, seconds: float) -> UnreachableError:
    """The error for a request that took too long."""
    return UnreachableError(f"{repository}: the Hub did not answer in {seconds:g} s (--timeout gives it longer)")


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None
