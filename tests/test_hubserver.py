"""The local Hub is one: the real client takes it for the real one, and its faults are those that are told."""

import json
import os
import re
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPConnection, HTTPResponse, IncompleteRead
from pathlib import Path

import huggingface_hub
import pytest
from hubserver import Fault, Hub
from huggingface_hub import HfApi, constants
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.hf_api import RepoFile, RepoFolder

CONFIG = b'{"model_type": "bert"}'
PATH = "/org/bert/resolve/main/config.json"


def safetensors(tensors: int) -> bytes:
    spans = {f"layer.{n}": {"dtype": "F32", "shape": [2], "data_offsets": [8 * n, 8 * n + 8]} for n in range(tensors)}
    header = json.dumps(spans).encode()
    return struct.pack("<Q", len(header)) + header + bytes(8 * tensors)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", True)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    with Hub() as hub:
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.setenv(name, hub.environment[name])
        huggingface_hub.close_session()  # one made before would not know of NO_PROXY
        yield hub
        huggingface_hub.close_session()


@pytest.fixture
def bert(hub: Hub) -> Hub:
    hub.add("org/bert", {"config.json": CONFIG})
    return hub


@pytest.fixture
def download(hub: Hub, tmp_path: Path) -> Callable[..., Path]:
    def get(name: str, file: str = "config.json", revision: str | None = None, token: str | bool = False) -> Path:
        return Path(
            huggingface_hub.hf_hub_download(
                name, file, revision=revision, token=token, endpoint=hub.url, cache_dir=tmp_path
            )
        )

    return get


def api(hub: Hub, token: str | bool = False) -> HfApi:
    return HfApi(endpoint=hub.url, token=token)


def connect(hub: Hub) -> HTTPConnection:
    return HTTPConnection(hub.url.removeprefix("http://"), timeout=10)


def ask(hub: Hub, path: str = PATH, method: str = "GET", **headers: str) -> tuple[HTTPResponse, bytes]:
    connection = connect(hub)
    try:
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def lines(hub: Hub) -> list[str]:
    return [f"{request.method} {request.path} {request.status}" for request in hub.requests]


def test_a_file_is_downloaded_and_then_cached(hub: Hub, download: Callable[..., Path]) -> None:
    sha = hub.add("org/bert", {"config.json": CONFIG})
    assert re.fullmatch("[0-9a-f]{40}", sha)
    path = download("org/bert")
    assert path.read_bytes() == CONFIG
    assert path.parent.name == sha
    assert lines(hub) == [f"HEAD {PATH} 200", f"GET {PATH} 200"]
    download("org/bert")
    assert lines(hub)[2:] == [f"HEAD {PATH} 200"]
    download("org/bert", revision=sha)
    assert len(hub.requests) == 3


@pytest.mark.parametrize("name", ["org/bert", "gpt2"])
@pytest.mark.parametrize("branch", ["main", "v1.0", "refs/pr/1", "ünï/100%"])
def test_names_old_and_new_at_any_branch(hub: Hub, download: Callable[..., Path], name: str, branch: str) -> None:
    hub.add(name, {"onnx/über config.json": CONFIG}, branch=branch)
    assert download(name, "onnx/über config.json", branch).read_bytes() == CONFIG
    assert api(hub).model_info(name, revision=branch).id == name
    tree = api(hub).list_repo_tree(name, revision=branch, recursive=True)
    assert [entry.path for entry in tree] == ["onnx", "onnx/über config.json"]


def test_a_branch_moves_and_commits_stay(hub: Hub, download: Callable[..., Path]) -> None:
    first = hub.add("org/bert", {"config.json": b"1"})
    other = hub.add("org/bert", {"config.json": b"2"}, branch="other")
    last = hub.add("org/bert", {"config.json": b"3"})
    assert len({first, other, last}) == 3
    found = {at: download("org/bert", revision=at).read_bytes() for at in (first, other, last, "main", "other")}
    assert found == {first: b"1", other: b"2", last: b"3", "main": b"3", "other": b"2"}
    assert api(hub).model_info("org/bert").sha == last


def test_a_commit_follows_from_its_content(hub: Hub) -> None:
    files = {"a": b"1", "b": b"2"}
    with Hub() as another:
        assert another.add("x/y", files) == hub.add("x/y", dict(reversed(files.items())), branch="other")
        assert another.add("x/y", {"a": b"1"}) != another.add("x/y", files) != another.add("x/y", files, lfs=["a"])


def test_a_large_file_comes_from_elsewhere_and_without_the_token(hub: Hub, download: Callable[..., Path]) -> None:
    weights = safetensors(3)
    hub.add("org/bert", {"model.safetensors": weights}, lfs=["model.safetensors"], private=True)
    assert download("org/bert", "model.safetensors", token=hub.token).read_bytes() == weights
    head, get = hub.requests
    assert (head.status, head.headers["authorization"]) == (302, f"Bearer {hub.token}")
    assert (get.status, "authorization" in get.headers) == (200, False)
    assert get.path.startswith("/lfs/")
    assert ask(hub, get.path, authorization="Bearer whatever")[1] == weights
    assert hub.requests[-1].headers["authorization"] == "Bearer whatever"
    assert ask(hub, get.path, "HEAD")[0].headers["Content-Length"] == str(len(weights))
    response, part = ask(hub, get.path, range="bytes=8-15")
    assert (response.status, part) == (206, weights[8:16])


@pytest.mark.parametrize("lfs", [(), ("model.safetensors",)])
@pytest.mark.parametrize(("tensors", "gets"), [(2, 1), (3000, 2)])
def test_headers_of_weights(hub: Hub, lfs: tuple[str, ...], tensors: int, gets: int) -> None:
    hub.add("org/bert", {"model.safetensors": safetensors(tensors)}, lfs=lfs)
    metadata = api(hub).get_safetensors_metadata("org/bert")
    assert metadata.parameter_count == {"F32": 2 * tensors}
    assert [line[-3:] for line in lines(hub)].count("206") == gets


def test_headers_of_shards(hub: Hub) -> None:
    index = {"metadata": {}, "weight_map": {"layer.0": "1.safetensors", "layer.1": "2.safetensors"}}
    files = {"1.safetensors": safetensors(1), "2.safetensors": safetensors(2)}
    hub.add("org/bert", {**files, "model.safetensors.index.json": json.dumps(index).encode()}, lfs=files)
    assert api(hub).get_safetensors_metadata("org/bert").parameter_count == {"F32": 6}


def test_what_is_told_of_a_model(hub: Hub) -> None:
    sha = hub.add("org/bert", {"empty": b"", "hello": b"hello\n", "large": b"hello\n"}, lfs=["large"], gated=True)
    info = api(hub).model_info("org/bert", files_metadata=True)
    assert (info.id, info.author, info.sha, info.private, info.gated) == ("org/bert", "org", sha, False, "manual")
    assert info.siblings is not None
    empty, hello, large = info.siblings
    # What `git hash-object` says of these two.
    assert (empty.size, empty.blob_id) == (0, "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")
    assert (hello.size, hello.blob_id) == (6, "ce013625030ba8dba906f756967f9e9ca394464a")
    assert hello.lfs is None
    assert large.lfs is not None
    # What `sha256sum` says, and `git lfs pointer --file`.
    assert large.lfs.sha256 == "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
    assert (large.size, large.lfs.size, large.lfs.pointer_size) == (6, 6, 126)
    hub.add("org/bert", {})
    again = api(hub).model_info("org/bert")
    assert (again.siblings, again.gated) == ([], False)


def test_a_tree_comes_in_pages(hub: Hub) -> None:
    names = ["README.md", "onnx/a/x.bin", "onnx/a/y.bin", "onnx/z.bin", "z.json"]
    hub.add("org/bert", dict.fromkeys(names, b"data"), lfs=["onnx/z.bin"])
    hub.page = 2

    def tree(folder: str | None, recursive: bool) -> list[RepoFile | RepoFolder]:
        return list(api(hub).list_repo_tree("org/bert", folder, recursive=recursive))

    assert [entry.path for entry in tree(None, False)] == ["README.md", "onnx", "z.json"]
    assert [entry.path for entry in tree("onnx", False)] == ["onnx/a", "onnx/z.bin"]
    assert [entry.path for entry in tree("onnx/a", True)] == ["onnx/a/x.bin", "onnx/a/y.bin"]
    hub.requests.clear()
    entries = tree(None, True)
    assert [entry.path for entry in entries] == sorted([*names, "onnx", "onnx/a"])
    assert len(hub.requests) == 4
    assert [entry.path for entry in entries if isinstance(entry, RepoFolder)] == ["onnx", "onnx/a"]
    large = {entry.path: entry.lfs.size for entry in entries if isinstance(entry, RepoFile) and entry.lfs}
    assert large == {"onnx/z.bin": 4}
    # Clients before 1.0 spell it so.
    listed = json.loads(ask(hub, "/api/models/org/bert/tree/main/onnx?recursive=True&limit=2")[1])
    assert [entry["path"] for entry in listed] == ["onnx/a", "onnx/a/x.bin"]
    with pytest.raises(RemoteEntryNotFoundError):
        tree("nowhere", False)


def test_models_come_in_pages(hub: Hub) -> None:
    names = [f"org/Bert-{number}" for number in range(5)]
    for name in [*names, "gpt2", "other/bert"]:
        hub.add(name, {})
    hub.add("org/hidden", {}, private=True)
    hub.page = 2

    def listed(token: str | bool = False, **query: str | int) -> list[str]:
        return [model.id for model in api(hub, token).list_models(**query)]  # type: ignore[arg-type]

    assert listed() == [*names, "gpt2", "other/bert"]
    assert len(hub.requests) == 4
    assert listed(search="bert", author="org") == names
    assert listed(author="org", token=hub.token) == [*names, "org/hidden"]
    assert listed(search="BERT", limit=3) == names[:3]
    assert listed(search="nothing") == []


@pytest.mark.parametrize(
    ("name", "file", "revision", "token", "error", "status"),
    [
        ("org/none", "config.json", None, False, RepositoryNotFoundError, 401),
        ("org/none", "config.json", None, "hf_secret", RepositoryNotFoundError, 404),
        ("org/private", "config.json", None, False, RepositoryNotFoundError, 401),
        ("org/private", "config.json", None, "hf_other", RepositoryNotFoundError, 404),
        ("org/gated", "config.json", None, False, GatedRepoError, 401),
        ("org/gated", "config.json", None, "hf_other", GatedRepoError, 403),
        ("org/bert", "config.json", "v2", False, RevisionNotFoundError, 404),
        ("org/bert", "config.json", "0" * 40, False, RevisionNotFoundError, 404),
        ("org/bert", "none.json", None, False, RemoteEntryNotFoundError, 404),
        ("org/bert", "config.json", None, "hf_wrong", HfHubHTTPError, 401),
    ],
)
def test_errors_are_those_of_the_hub(
    bert: Hub,
    download: Callable[..., Path],
    name: str,
    file: str,
    revision: str | None,
    token: str | bool,
    error: type[HfHubHTTPError],
    status: int,
) -> None:
    bert.add("org/private", {"config.json": CONFIG}, private=True)
    bert.add("org/gated", {"config.json": CONFIG}, gated=True)
    with pytest.raises(HfHubHTTPError) as raised:
        download(name, file, revision, token)
    assert type(raised.value) is error
    assert raised.value.response.status_code == status
    entry = error is RemoteEntryNotFoundError
    assert ("X-Repo-Commit" in raised.value.response.headers) is entry
    # The API answers likewise, except that what a gated model is may be known, and what is not a file is not asked.
    if not entry and error is not GatedRepoError:
        with pytest.raises(error) as told:
            api(bert, token).model_info(name, revision=revision)
        assert (type(told.value), told.value.response.status_code) == (error, status)


def test_the_token_opens(hub: Hub, download: Callable[..., Path]) -> None:
    hub.add("org/private", {"config.json": CONFIG}, private=True)
    hub.add("org/gated", {"config.json": CONFIG}, gated=True)
    hub.token = "hf_mine"
    assert download("org/private", token="hf_mine").read_bytes() == CONFIG
    assert download("org/gated", token="hf_mine").read_bytes() == CONFIG


@pytest.mark.parametrize(
    "path", ["/", "/api/models/a/b/c/d", "/api/datasets/a/b", "/lfs/" + "0" * 64, "/lfs/../x", "x"]
)
def test_what_is_not_there_is_not_found(bert: Hub, path: str) -> None:
    assert ask(bert, path)[0].status == 404


def test_other_methods_are_refused(bert: Hub) -> None:
    assert ask(bert, PATH, "POST")[0].status == 501


@pytest.mark.parametrize(
    ("wanted", "status", "first", "last"),
    [
        ("bytes=0-3", 206, 0, 3),
        ("bytes=5-5", 206, 5, 5),
        ("bytes=5-", 206, 5, 21),
        ("bytes=0-100000", 206, 0, 21),
        ("bytes=-4", 206, 18, 21),
        ("bytes=-100", 206, 0, 21),
        ("bytes=4-2", 200, 0, 21),
        ("bytes=-", 200, 0, 21),
        ("bytes=1-2,4-5", 200, 0, 21),
        ("lines=1-2", 200, 0, 21),
        ("bytes=22-", 416, 0, -1),
        ("bytes=22-30", 416, 0, -1),
        ("bytes=-0", 416, 0, -1),
    ],
)
def test_ranges(bert: Hub, wanted: str, status: int, first: int, last: int) -> None:
    response, body = ask(bert, range=wanted)
    assert (response.status, body) == (status, CONFIG[first : last + 1])
    told = {200: None, 206: f"bytes {first}-{last}/22", 416: "bytes */22"}[status]
    assert response.headers["Content-Range"] == told
    assert response.headers["Content-Length"] == str(len(body))


def test_a_head_tells_the_whole(bert: Hub) -> None:
    response, body = ask(bert, PATH, "HEAD", range="bytes=0-3")
    assert (response.status, response.headers["Content-Length"], body) == (200, "22", b"")


def test_a_request_is_recorded_as_it_came(bert: Hub) -> None:
    ask(bert, f"{PATH}?download=true", **{"X-Mine": "yes"})
    request = bert.requests[0]
    assert (request.method, request.path, request.status) == ("GET", f"{PATH}?download=true", 200)
    assert request.headers["x-mine"] == "yes"


def test_a_status_is_an_answer_of_its_own(bert: Hub) -> None:
    bert.fault("GET", Fault(status=429, headers={"Retry-After": "7"}, body=b"slow down"))
    bert.fault("HEAD", Fault(status=503))
    response, body = ask(bert, range="bytes=0-1")
    assert (response.status, response.headers["Retry-After"], body) == (429, "7", b"slow down")
    assert "ETag" not in response.headers
    assert ask(bert, PATH, "HEAD")[0].status == 503
    assert [request.status for request in bert.requests] == [429, 503]


def test_headers_and_body_in_place_of_the_usual(bert: Hub) -> None:
    bert.fault("", Fault(headers={"etag": '"x"', "X-More": "1", "X-Repo-Commit": ""}, body=b"something else"))
    response, body = ask(bert)
    assert (response.status, response.headers.get_all("ETag"), response.headers["X-More"]) == (200, ['"x"'], "1")
    assert "X-Repo-Commit" not in response.headers
    assert body == b"something else"
    response, body = ask(bert, range="bytes=10-")
    assert (response.status, response.headers["Content-Range"], body) == (206, "bytes 10-13/14", b"else")


@pytest.mark.parametrize("length", ["", "1000"])
def test_without_the_true_length_the_connection_ends(bert: Hub, length: str) -> None:
    bert.fault("", Fault(headers={"Content-Length": length}))
    connection = connect(bert)
    connection.request("GET", PATH)
    response = connection.getresponse()
    if length:
        with pytest.raises(IncompleteRead) as raised:
            response.read()
        assert raised.value.partial == CONFIG
    else:
        assert response.read() == CONFIG
    connection.close()


def test_an_ignored_range(bert: Hub) -> None:
    bert.fault("", Fault(ignore_range=True))
    response, body = ask(bert, range="bytes=0-3")
    assert (response.status, body) == (200, CONFIG)


def test_a_cut_answer(bert: Hub) -> None:
    bert.fault("", Fault(cut=5))
    with pytest.raises(IncompleteRead) as raised:
        ask(bert)
    assert raised.value.partial == CONFIG[:5]


def test_the_client_resumes_a_cut_answer(
    bert: Hub, download: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda seconds: None)
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 5)  # what the client has of an unfinished chunk it forgets
    bert.fault("GET", Fault(cut=5), times=2)
    assert download("org/bert").read_bytes() == CONFIG
    assert [request.headers.get("range") for request in bert.requests] == [None, None, "bytes=5-", "bytes=10-"]


def test_delays_add_up(bert: Hub) -> None:
    bert.delay = 0.1
    bert.fault("", Fault(delay=0.2))
    start = time.monotonic()
    assert ask(bert)[1] == CONFIG
    assert 0.3 <= time.monotonic() - start < 3


def test_a_trickle(bert: Hub) -> None:
    bert.fault("", Fault(trickle=0.1))
    connection = connect(bert)
    start = time.monotonic()
    connection.request("GET", PATH)
    response = connection.getresponse()
    assert response.read(3) == CONFIG[:3]
    assert 0.3 <= time.monotonic() - start < 2
    connection.close()


@pytest.mark.parametrize("fault", [Fault(stall=True), Fault(stall=True, cut=5)])
def test_a_stall_lasts_until_the_hub_closes(bert: Hub, fault: Fault) -> None:
    bert.fault("", fault)
    connection = connect(bert)
    connection.request("GET", PATH)
    assert connection.sock is not None
    stalled = connection.sock
    stalled.settimeout(0.3)
    received = b""
    with suppress(TimeoutError):
        while data := stalled.recv(1000):
            received += data
    assert received.partition(b"\r\n\r\n")[2] == CONFIG[: fault.cut or 0]
    assert bool(received) is bool(fault.cut)
    with pytest.raises(TimeoutError):
        stalled.recv(1000)
    assert bert.requests[0].status == (200 if fault.cut else 0)
    bert.close()
    assert stalled.recv(1000) == b""
    connection.close()


def test_a_fault_for_some_requests_and_some_times(bert: Hub) -> None:
    bert.fault("^GET .*json$", Fault(status=500), times=2)
    bert.fault("config", Fault(status=502), times=1)
    assert [ask(bert)[0].status for _ in range(4)] == [502, 500, 500, 200]
    assert ask(bert, "/api/models")[0].status == 200


def test_connections_are_kept(bert: Hub) -> None:
    connection = connect(bert)
    sockets = []
    for path, method in [(PATH, "GET"), (PATH, "HEAD"), ("/none/none/resolve/main/x", "GET"), ("/api/models", "GET")]:
        connection.request(method, path)
        connection.getresponse().read()
        sockets.append(connection.sock)
    assert sockets == [sockets[0]] * 4
    assert sockets[0] is not None
    connection.close()


def test_many_at_once(bert: Hub) -> None:
    bert.delay = 0.3
    start = time.monotonic()
    with ThreadPoolExecutor(32) as pool:
        statuses = [response.status for response, _ in pool.map(lambda _: ask(bert), range(64))]
    assert statuses == [200] * 64
    assert len(bert.requests) == 64
    assert time.monotonic() - start < 64 * 0.3 / 4


def test_a_closed_hub_is_gone(bert: Hub) -> None:
    connection = connect(bert)
    connection.request("GET", PATH)
    connection.getresponse().read()
    kept = connection.sock
    bert.close()
    assert kept is not None
    assert kept.recv(1) == b""
    connection.close()
    with pytest.raises(ConnectionRefusedError):
        ask(bert)
    bert.close()


def test_a_client_that_goes_away_is_passed_over(bert: Hub, capfd: pytest.CaptureFixture[str]) -> None:
    bert.add("org/bert", {"config.json": bytes(20_000_000)})
    for rest in (b" HTTP/1.1\r\n\r\n", b" HTTP/1.1\r\nRa", b""):
        with socket.create_connection(("127.0.0.1", int(bert.url.rpartition(":")[2]))) as gone:
            gone.sendall(f"GET {PATH}".encode() + rest)
            # Reset, not closed in order, so that the server's next write fails.
            gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert ask(bert)[1] == bytes(20_000_000)
    assert capfd.readouterr() == ("", "")


def test_the_environment_is_all_that_a_process_needs(bert: Hub, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hf_from_file")
    program = (
        "from huggingface_hub import constants, hf_hub_download\n"
        "print(constants.HF_HUB_DISABLE_XET, hf_hub_download('org/bert', 'config.json'))"
    )
    outside = {**os.environ, "HF_TOKEN": "hf_theirs", "http_proxy": "http://127.0.0.1:1", "HF_HUB_OFFLINE": "1"}
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={**outside, "HF_HOME": str(tmp_path), **bert.environment},
        capture_output=True,
        text=True,
        check=True,
    )
    xet_is_off, path = run.stdout.split()
    assert (xet_is_off, Path(path).read_bytes()) == ("True", CONFIG)
    assert lines(bert) == [f"HEAD {PATH} 200", f"GET {PATH} 200"]
    assert not any("authorization" in request.headers for request in bert.requests)
