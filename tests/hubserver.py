"""A Hugging Face Hub on this machine, for tests: real HTTP, and what the real client asks for.

Sources: the client's own code (huggingface_hub 2.4) and https://huggingface.co/docs/hub/api.
"""

import hashlib
import json
import os
import re
import socket
import sys
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat
from pathlib import PurePosixPath
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qsl, unquote, urlencode

_NAME = r"(?P<name>[^/]+(?:/[^/]+)?)"
_RESOLVE = re.compile(rf"/{_NAME}/resolve/(?P<revision>[^/]+)/(?P<file>.+)")
_MODEL = re.compile(rf"/api/models/{_NAME}(?:/revision/(?P<revision>[^/]+))?")
_TREE = re.compile(rf"/api/models/{_NAME}/tree/(?P<revision>[^/]+)(?:/(?P<folder>.+))?")
_LFS = re.compile(r"/lfs/(?P<sha256>[0-9a-f]{64})")
_RANGE = re.compile(r"bytes=(?=.*\d)(\d*)-(\d*)", re.ASCII)
_DATE = "2026-01-01T00:00:00.000Z"


class Request(NamedTuple):
    """A request as it came: the path with its query, the names of the headers in lower case.

    `status` is that of the answer; 0 where none is given.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    status: int


class Fault(NamedTuple):
    """What is wrong with an answer.

    With a `status` it is an answer of its own: these headers and this body, nothing else. Without, it is the usual one,
    these headers added or in place of the usual (left out where they are ""), this body in place of the usual, and of
    it the range that was asked for.
    """

    status: int | None = None
    headers: Mapping[str, str] = {}
    body: bytes | None = None
    delay: float = 0.0
    """Seconds before the answer, beside the hub's own."""
    stall: bool = False
    """No answer, or no more after `cut` bytes of the body, while the connection stays open until the hub closes."""
    cut: int | None = None
    """Bytes of the body that are sent, though Content-Length says all, before the connection is closed."""
    trickle: float | None = None
    """Seconds before each byte of the body."""
    ignore_range: bool = False


class Hub:
    """A Hub at `url`, from `start` to `close`, or as a context manager.

    What is in Git LFS comes from another host, as it does on the Hub: from http://localhost, which is the same server.
    """

    delay: float = 0.0
    """Seconds that each answer waits."""
    most_waiting: int = 0
    """How many answers have waited at the same time at most."""
    page: int = 1000
    """Entries of a list that come at once."""
    token: str = "hf_secret"
    """The one that opens private and gated repositories."""
    other_token: str = "hf_other"
    """One that is valid and opens nothing."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.closing = threading.Event()
        self._repositories: dict[str, _Repository] = {}
        self._large: dict[str, bytes] = {}
        self._faults: list[tuple[re.Pattern[str], Iterator[Fault]]] = []
        self._lock = threading.Lock()
        self._waiting = 0
        self._server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": self}))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.environment = {
            "HF_ENDPOINT": self.url,
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "NO_PROXY": "127.0.0.1,localhost",
            # What could come in from outside: the lower-case name that goes first, tokens, and being offline.
            "no_proxy": "127.0.0.1,localhost",
            "HF_TOKEN": "",
            "HUGGING_FACE_HUB_TOKEN": "",
            "HF_TOKEN_PATH": os.devnull,
            "HF_OIDC_RESOURCE": "",
            "HF_HUB_OFFLINE": "",
            "TRANSFORMERS_OFFLINE": "",
        }

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """While an answer waits."""
        with self._lock:
            self._waiting += 1
            self.most_waiting = max(self.most_waiting, self._waiting)
        yield
        with self._lock:
            self._waiting -= 1

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        """End all connections, those that stall, too; from then on the port refuses. Closing twice is no error."""
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._server.hang_up()

    def add(
        self,
        name: str,
        files: Mapping[str, bytes],
        *,
        branch: str = "main",
        lfs: Collection[str] = (),
        gated: bool = False,
        private: bool = False,
    ) -> str:
        """Commit just these files, some of them to Git LFS; gives the commit, which the branch means from now on.

        The same name and files are the same commit. Whether a repository is gated or private the last call says.
        """
        commit = {path: _file(data, path in lfs) for path, data in sorted(files.items())}
        sha = _sha1(repr((name, [(path, file.oid) for path, file in commit.items()])))
        with self._lock:
            repository = self._repositories.get(name, _Repository({}, {}, gated, private))
            repository.branches[branch] = sha
            repository.commits[sha] = commit
            self._repositories[name] = repository._replace(gated=gated, private=private)
            self._large |= {file.sha256: file.data for file in commit.values() if file.lfs}
        return sha

    def fault(self, pattern: str, fault: Fault, *, times: int | None = None) -> None:
        """Answer requests whose "METHOD PATH" the regex finds with a fault: all of them, or the first so many.

        Where several faults fit it is the one that was added last.
        """
        faults = repeat(fault) if times is None else repeat(fault, times)
        with self._lock:
            self._faults.append((re.compile(pattern), faults))

    def answer(self, method: str, path: str, headers: Mapping[str, str]) -> "tuple[_Answer, Fault]":
        """What to send for a request, which is recorded, and what to do wrong in sending it."""
        with self._lock:
            fault = self._fault(f"{method} {path}")
            try:
                answer = self._usual(path, headers.get("authorization", ""))
            except _RefusedError as refusal:
                answer = refusal.answer
            answer = answer.changed(fault)
            if method == "GET":
                answer = answer.part(headers.get("range", ""))
            silent = fault.stall and fault.cut is None
            self.requests.append(Request(method, path, headers, 0 if silent else answer.status))
        return answer, fault

    def _fault(self, line: str) -> Fault:
        for pattern, faults in reversed(self._faults):
            if pattern.search(line) and (fault := next(faults, None)):
                return fault
        return Fault()

    def _usual(self, target: str, authorization: str) -> "_Answer":
        path, _, text = target.partition("?")
        if match := _LFS.fullmatch(path):
            return self._stored(match["sha256"])
        token, query = authorization.removeprefix("Bearer "), dict(parse_qsl(text))
        if token not in ("", self.token, self.other_token):
            raise _RefusedError(401, "", "Invalid credentials in Authorization header")
        if path == "/api/models":
            return self._models(query, token)
        if match := _TREE.fullmatch(path):
            return self._tree(match, query, token)
        if match := _RESOLVE.fullmatch(path):
            return self._resolve(match, token)
        if match := _MODEL.fullmatch(path):
            return self._model(match, query, token)
        raise _RefusedError(404, "", "Sorry, we can't find the page you are looking for.")

    def _found(self, match: re.Match[str], token: str) -> "tuple[_Repository, str, Mapping[str, _File]]":
        """The repository that a path names, the commit, and its files."""
        repository = self._repositories.get(unquote(match["name"]))
        if repository is None or (repository.private and token != self.token):
            status, message = (404, "Repository not found") if token else (401, "Invalid username or password.")
            raise _RefusedError(status, "RepoNotFound", message)
        revision = unquote(match["revision"] or "main")
        sha = repository.branches.get(revision, revision)
        if sha not in repository.commits:
            raise _RefusedError(404, "RevisionNotFound", f"Invalid rev id: {match['revision']}")
        return repository, sha, repository.commits[sha]

    def _resolve(self, match: re.Match[str], token: str) -> "_Answer":
        repository, sha, files = self._found(match, token)
        if repository.gated and token != self.token:
            raise _RefusedError(403 if token else 401, "GatedRepo", f"Access to model {match['name']} is restricted.")
        file = files.get(unquote(match["file"]))
        if file is None:
            raise _RefusedError(404, "EntryNotFound", "Entry not found", sha)
        headers = {"X-Repo-Commit": sha, "ETag": f'"{file.oid}"', "Accept-Ranges": "bytes"}
        if not file.lfs:
            return _Answer(200, {**headers, "Content-Type": "text/plain; charset=utf-8"}, file.data, ranged=True)
        location = f"http://localhost:{self._server.server_port}/lfs/{file.sha256}"
        linked = {"X-Linked-Etag": f'"{file.sha256}"', "X-Linked-Size": str(len(file.data)), "Location": location}
        return _Answer(302, {**headers, **linked})

    def _stored(self, sha256: str) -> "_Answer":
        if sha256 not in self._large:
            return _Answer(404)
        headers = {"ETag": f'"{sha256}"', "Accept-Ranges": "bytes", "Content-Type": "application/octet-stream"}
        return _Answer(200, headers, self._large[sha256], ranged=True)

    def _model(self, match: re.Match[str], query: Mapping[str, str], token: str) -> "_Answer":
        repository, sha, files = self._found(match, token)
        siblings: list[dict[str, object]] = [{"rfilename": path} for path in files]
        if "blobs" in query:
            for sibling, file in zip(siblings, files.values(), strict=True):
                sibling |= {"size": len(file.data), "blobId": file.oid, "lfs": file.stored("sha256")}
        name = unquote(match["name"])
        about = {"sha": sha, "lastModified": _DATE, "disabled": False, "siblings": siblings}
        return _json({**_listed(name, repository), **about, "author": name.rpartition("/")[0]})

    def _models(self, query: Mapping[str, str], token: str) -> "_Answer":
        found = [
            _listed(name, repository)
            for name, repository in self._repositories.items()
            if not repository.private or token == self.token
            if query.get("search", "").lower() in name.lower()
            if query.get("author") in (None, name.rpartition("/")[0])
        ]
        return self._paged("/api/models", found, query)

    def _tree(self, match: re.Match[str], query: Mapping[str, str], token: str) -> "_Answer":
        _, sha, files = self._found(match, token)
        prefix = unquote(f"{match['folder']}/") if match["folder"] else ""
        inside = [path for path in files if path.startswith(prefix)]
        if prefix and not inside:
            raise _RefusedError(404, "EntryNotFound", f"{match['folder']} does not exist", sha)
        folders = {str(folder) for path in inside for folder in PurePosixPath(path).parents} - {"."}
        entries = [
            _entry(path, files.get(path))
            for path in sorted({*inside, *(folder for folder in folders if folder.startswith(prefix))})
            if query.get("recursive", "").lower() == "true" or "/" not in path.removeprefix(prefix)
        ]
        return self._paged(match[0], entries, query)

    def _paged(self, path: str, entries: Sequence[object], query: Mapping[str, str]) -> "_Answer":
        start = int(query.get("cursor", "0"))
        end = start + min(int(query.get("limit", self.page)), self.page)
        answer = _json(entries[start:end])
        if end >= len(entries):
            return answer
        link = f'<{self.url}{path}?{urlencode({**query, "cursor": end})}>; rel="next"'
        return answer._replace(headers={**answer.headers, "Link": link})


class _File(NamedTuple):
    data: bytes
    sha256: str
    oid: str
    """Of git: the hash of the file, or of the pointer that stands for it."""
    pointer_size: int
    lfs: bool

    def stored(self, digest: str) -> dict[str, object] | None:
        """What the API tells of a file in Git LFS, whose hash has several names."""
        return {digest: self.sha256, "size": len(self.data), "pointerSize": self.pointer_size} if self.lfs else None


def _file(data: bytes, lfs: bool) -> _File:
    sha256 = hashlib.sha256(data).hexdigest()
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {len(data)}\n".encode()
    blob = pointer if lfs else data
    return _File(data, sha256, hashlib.sha1(b"blob %d\0" % len(blob) + blob).hexdigest(), len(pointer), lfs)


class _Repository(NamedTuple):
    commits: dict[str, Mapping[str, _File]]
    branches: dict[str, str]
    gated: bool
    private: bool


class _Answer(NamedTuple):
    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""
    ranged: bool = False

    def changed(self, fault: Fault) -> "_Answer":
        if fault.status is not None:
            return _Answer(fault.status, fault.headers, fault.body or b"")
        body = self.body if fault.body is None else fault.body
        return _Answer(self.status, {**self.headers, **fault.headers}, body, self.ranged and not fault.ignore_range)

    def part(self, wanted: str) -> "_Answer":
        """The part that a Range header wants; all, where it is none or of a kind that may be ignored (RFC 9110)."""
        match = _RANGE.fullmatch(wanted)
        if not match or not self.ranged:
            return self
        first, last = match.groups()
        size = len(self.body)
        start = int(first) if first else max(size - int(last), 0)
        end = min(int(last) + 1, size) if first and last else size
        if start >= size:
            return _Answer(416, {"Content-Range": f"bytes */{size}"})
        if start >= end:
            return self
        return _Answer(206, {**self.headers, "Content-Range": f"bytes {start}-{end - 1}/{size}"}, self.body[start:end])


class _RefusedError(Exception):
    def __init__(self, status: int, code: str, message: str, commit: str = "") -> None:
        headers = {"X-Error-Code": code, "X-Error-Message": message, "X-Repo-Commit": commit}
        answer = _json({"error": message})
        self.answer = _Answer(status, {**answer.headers, **headers}, answer.body)


def _json(value: object) -> _Answer:
    return _Answer(200, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(value).encode())


def _sha1(text: str) -> str:
    return hashlib.sha1(text.encode()).hexdigest()


def _listed(name: str, repository: _Repository) -> dict[str, object]:
    rights = {"private": repository.private, "gated": "manual" if repository.gated else False}
    return {"id": name, "modelId": name, **rights, "likes": 0, "downloads": 0, "tags": [], "createdAt": _DATE}


def _entry(path: str, file: _File | None) -> dict[str, object]:
    if file is None:
        return {"type": "directory", "oid": _sha1(path), "size": 0, "path": path}
    lfs = {"lfs": file.stored("oid")} if file.lfs else {}
    return {"type": "file", "oid": file.oid, "size": len(file.data), "path": path, **lfs}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self._connections: set[socket.socket] = set()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self._connections.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        for connection in list(self._connections):
            with suppress(OSError):  # it may be closed by now
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # a client may go away
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    hub: Hub

    def do_GET(self) -> None:
        received = {name.lower(): value for name, value in self.headers.items()}
        answer, fault = self.hub.answer(self.command, self.path, received)
        with self.hub.waiting():
            self.hub.closing.wait(self.hub.delay + fault.delay)
        if fault.stall and fault.cut is None:
            self._stall()
            return
        self._start(answer, fault.cut is not None)
        if self.command == "GET":
            self._send(answer.body[: fault.cut], fault.trickle)
        if fault.stall:
            self._stall()

    do_HEAD = do_GET  # noqa: N815

    def _start(self, answer: _Answer, last: bool) -> None:
        size = str(len(answer.body))
        headers = {"Content-Length": size} | {name.title(): value for name, value in answer.headers.items()}
        self.send_response(answer.status)
        for name, value in headers.items():
            if value:
                self.send_header(name, value)
        # After another length than was told, no further answer could be told apart.
        if last or headers["Content-Length"] != size:
            self.close_connection = True
        self.end_headers()

    def _send(self, body: bytes, trickle: float | None) -> None:
        if trickle is None:
            self.wfile.write(body)
            return
        for byte in body:
            if self.hub.closing.wait(trickle):
                self.close_connection = True
                break
            self.wfile.write(bytes([byte]))

    def _stall(self) -> None:
        self.hub.closing.wait()
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass
