"""Whatever the Hub, the network or the cache does wrong gives one clear line, in bounded time and memory, or a cached
copy that is called one.
"""

import json
import socket
import threading
import time
import tracemalloc
import zlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from hubcase import BERT, CONNECTION, COUNT, Case, line_of
from hubserver import Fault
from huggingface_hub import constants, hf_hub_download

import zoo

LOG_IN = "log in with hf auth login, or set HF_TOKEN"
NO_REPOSITORY = f"no such repository on the Hub, or a private one (check the name; {LOG_IN})"
FAULT_OF_ITS_OWN = "the Hub has a fault of its own (503): try again later"
SLOW = "the Hub did not answer in 1 s (--timeout gives it longer)"
BROKE_OFF = "the connection to the Hub broke off: try again later"
NOT_ASKED = " is not asked: only https is (HF_ENDPOINT names the Hub)"
TOO_LARGE = "what the Hub sends is larger than 8,388,608 bytes, the cap"
NO_COMMIT = "config.json: the answer tells no commit: does a proxy or a login page stand before the Hub?"
PAGE = b"<!DOCTYPE html><html><title>Log in</title></html>"


def no_revision(name: str) -> str:
    return f"org/bert: there is no revision '{name}' of it (a branch, tag or commit is one)"


# --- what the Hub says ----------------------------------------------------------------------------------------------


def coded(status: int, code: str, message: str = "") -> Fault:
    return Fault(status=status, headers={"X-Error-Code": code, "X-Error-Message": message})


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        (coded(404, "RepoNotFound"), f"org/bert: {NO_REPOSITORY}"),
        (coded(401, "RepoNotFound", "Invalid username or password."), f"org/bert: {NO_REPOSITORY}"),
        (coded(404, "RevisionNotFound"), no_revision("main")),
        (coded(404, "EntryNotFound"), "org/bert: there is no config.json in the repository"),
        (coded(401, "", "Invalid credentials in Authorization header"),
         f"org/bert: the Hub does not accept the token: {LOG_IN} anew"),
        (Fault(status=404), f"org/bert: {NO_REPOSITORY}"),
        (Fault(status=403), f"org/bert: {NO_REPOSITORY}"),
        (Fault(status=400), "org/bert: the Hub answers 400"),
        (coded(451, "", "not\x1b[31m here"), "org/bert: the Hub answers 451: 'not\\x1b[31m here'"),
        (Fault(status=302), "org/bert: the Hub answers 302"),
        (Fault(body=PAGE), "org/bert: config.json: is an HTML or XML page, not a config.json"),
        (Fault(body=b"[1, 2]"), "org/bert: config.json: is JSON, but not an object of config keys: [1, 2]"),
        (Fault(body=b""), "org/bert: config.json: is empty, not a config.json"),
        (Fault(body=b'{"model_type": "be'),
         "org/bert: config.json: is not JSON: Unterminated string starting at: line 1 column 16 (char 15)"),
        (Fault(body=b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"),
         "org/bert: config.json: is a Git LFS pointer (git lfs pull fetches the file), not a config.json"),
        (Fault(status=200, body=PAGE), f"org/bert: {NO_COMMIT}"),
        (Fault(status=200, body=BERT), f"org/bert: {NO_COMMIT}"),
        (Fault(headers={"X-Repo-Commit": ""}), f"org/bert: {NO_COMMIT}"),
    ],
)  # fmt: skip
def test_an_answer_that_is_no_config_is_told_and_never_kept(case: Case, bert: str, fault: Fault, line: str) -> None:
    case.hub.fault("config.json", fault)
    assert case.fails("compare", "org/bert") == line
    assert len(case.hub.requests) == 1
    assert case.written() == []


@pytest.mark.parametrize(("token", "status"), [("", 401), ("hf_other", 403)])
def test_a_gated_repository_says_where_to_ask(
    case: Case, monkeypatch: pytest.MonkeyPatch, token: str, status: int
) -> None:
    case.hub.add("org/gated", {"config.json": BERT}, gated=True)
    monkeypatch.setenv("HF_TOKEN", token)
    assert case.fails("compare", "org/gated") == (
        f"org/gated: gated: ask for access at {case.hub.url}/org/gated, and {LOG_IN}"
    )
    assert case.asked() == [f"GET /org/gated/resolve/main/config.json {status}"]


def test_what_is_not_there_is_told_by_the_hub_itself(case: Case, bert: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case.hub.add("org/own", {"config.json": BERT}, private=True)
    for token in ("", case.hub.other_token):
        monkeypatch.setenv("HF_TOKEN", token)
        for name in ("org/none", "org/own", "hf:none"):
            assert case.fails("compare", name) == f"{name.removeprefix('hf:')}: {NO_REPOSITORY}"
    assert case.fails("compare", "org/bert@dev") == no_revision("dev")
    assert case.fails("compare", f"org/bert@{'0' * 40}") == no_revision("0" * 40)
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    assert case.fails("compare", "org/bert") == f"org/bert: the Hub does not accept the token: {LOG_IN} anew"
    assert case.written() == []


def test_another_commit_than_the_one_asked_for_is_not_taken(case: Case, bert: str) -> None:
    case.hub.fault("config.json", Fault(headers={"X-Repo-Commit": "0" * 40}))
    assert case.fails("compare", f"org/bert@{bert}") == (
        f"org/bert@{bert}: config.json: the answer tells another commit than the one asked for: does a proxy or a "
        "login page stand before the Hub?"
    )
    assert case.written() == []


@pytest.mark.parametrize("header", ["X-Repo-Commit", "ETag", "X-Linked-Etag"])
@pytest.mark.parametrize(
    "value", ["../../../../evil", "/tmp/zoo-evil", '"../../../../../evil"', "..", "a" * 50_000, "\x01\x02", "C:\\evil"]
)
def test_what_a_header_says_is_never_a_path(case: Case, bert: str, header: str, value: str) -> None:
    case.hub.fault("config.json", Fault(headers={header: value}))
    if header == "X-Repo-Commit":
        line = case.fails("compare", "org/bert", "--timeout", "1")
        # What is no header at all, the client takes for a broken connection.
        assert line in (f"org/bert: {NO_COMMIT}", f"org/bert: {BROKE_OFF}")
        assert case.written() == []
    else:
        run = case.zoo("compare", "org/bert", "--timeout", "1")
        if run.code:
            assert line_of(run) == f"org/bert: {BROKE_OFF}"
        else:
            assert case.written() == ["models--org--bert/refs/main", f"models--org--bert/snapshots/{bert}/config.json"]
    assert not Path("/tmp/zoo-evil").exists()


@pytest.mark.parametrize(
    ("location", "told"),
    [
        ("http://example.com/config.json", f"http://example.com{NOT_ASKED}"),
        ("//example.com/config.json", f"http://example.com{NOT_ASKED}"),
        ("http://127.0.0.1.example.com/", f"http://127.0.0.1.example.com{NOT_ASKED}"),
        ("http://127.0.0.1@example.com/", f"http://example.com{NOT_ASKED}"),
        ("file:///etc/passwd", f"'file:///etc/passwd'{NOT_ASKED}"),
        ("ftp://example.com/x", f"ftp://example.com{NOT_ASKED}"),
        ("javascript:alert(1)", f"'javascript:alert(1)'{NOT_ASKED}"),
        ("http://[::1", "the Hub sends on to 'http://[::1', which is no address"),
    ],
)  # fmt: skip
def test_a_redirect_to_where_others_listen_is_not_followed(case: Case, bert: str, location: str, told: str) -> None:
    case.hub.fault("config.json", Fault(status=302, headers={"Location": location}))
    assert case.fails("compare", "org/bert") == f"org/bert: {told}"
    assert len(case.hub.requests) == 1
    assert case.written() == []


def test_a_redirect_on_the_hub_is_followed_and_a_loop_ends(
    case: Case, bert: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", case.hub.token)
    case.hub.fault("/org/old/", Fault(status=307, headers={"Location": "/org/bert/resolve/main/config.json"}))
    assert case.count("org/old") == COUNT
    assert all(request.headers["authorization"] == f"Bearer {case.hub.token}" for request in case.hub.requests)
    case.hub.requests.clear()
    case.hub.fault("config.json", Fault(status=302, headers={"Location": "/org/x/resolve/main/config.json"}))
    assert case.fails("compare", "org/loop") == (
        f"org/loop: {case.hub.url.removeprefix('http://')} sends on and on (5 redirects)"
    )
    assert len(case.hub.requests) == 5


# --- how much it sends ----------------------------------------------------------------------------------------------


def bomb() -> bytes:
    """Gzip of 1 GiB of zeros."""
    packer = zlib.compressobj(9, wbits=-15)
    mebibyte = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + mebibyte * 1024
    assert len(packed) < 2**21
    assert zlib.decompressobj(wbits=31).decompress(packed, 2**21) == bytes(2**21)
    return packed


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault(body=b'{"a": "' + b"a" * 100_000_000 + b'"}'), TOO_LARGE),
        (Fault(headers={"Content-Encoding": "gzip"}, body=bomb()),
         "config.json: is a compressed file, not a config.json"),
    ],
    ids=["100 MB", "gzip of 1 GiB"],
)  # fmt: skip
def test_what_is_too_large_takes_no_memory(case: Case, bert: str, fault: Fault, told: str) -> None:
    case.hub.fault("config.json", fault)
    tracemalloc.start()
    try:
        assert case.fails("compare", "org/bert") == f"org/bert: {told}"
        assert tracemalloc.get_traced_memory()[1] < 40_000_000
    finally:
        tracemalloc.stop()
    assert case.hub.requests[0].headers["accept-encoding"] == "identity"
    assert case.written() == []


# --- how long it takes ----------------------------------------------------------------------------------------------


@contextmanager
def listening(every: float | None) -> Iterator[str]:
    """An endpoint that sends a byte of a header that never ends every so often, or nothing; None: is a black hole."""
    with socket.create_server(("127.0.0.1", 0), backlog=0 if every is None else 64) as server, ExitStack() as stack:
        address, ended = server.getsockname(), threading.Event()
        if every is None:  # once as many wait as may, what else comes is passed over in silence
            for _ in range(4):
                waiting = stack.enter_context(socket.socket())
                waiting.setblocking(False)
                waiting.connect_ex(address)
        else:
            threading.Thread(target=trickle, args=(server, every, ended), daemon=True).start()
        yield f"http://127.0.0.1:{address[1]}"
        ended.set()


def trickle(server: socket.socket, every: float, ended: threading.Event) -> None:
    with suppress(OSError), server.accept()[0] as connection:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-A: ")
        while not ended.wait(every):
            connection.sendall(b"a")


SLOWNESS = [
    Fault(stall=True),
    Fault(stall=True, cut=10),
    Fault(trickle=0.2),
    Fault(delay=30),
]


@pytest.mark.parametrize("fault", SLOWNESS, ids=["stall", "stall in the body", "trickle", "late"])
def test_a_slow_hub_is_given_up_at_the_time_out(case: Case, bert: str, fault: Fault) -> None:
    case.hub.fault("config.json", fault)
    run = case.zoo("compare", "org/bert", "--timeout", "1")
    assert line_of(run) == f"org/bert: {SLOW}"
    assert 0.9 < run.seconds < 3
    assert len(case.hub.requests) == 1
    assert case.written() == []


def test_headers_that_never_end_are_given_up_at_the_time_out(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(every=0.1) as url:
        monkeypatch.setattr(constants, "ENDPOINT", url)
        run = case.zoo("compare", "org/bert", "--timeout", "1")
        assert line_of(run) == f"org/bert: {SLOW}"
        assert run.seconds < 3


def test_thirty_models_in_a_black_hole_take_no_longer_than_one(case: Case) -> None:
    names = [f"org/model-{number}" for number in range(30)]
    with listening(every=None) as url:
        run = case.apart("compare", *names, "--timeout", "1", HF_ENDPOINT=url)
    assert (run.code, run.out) == (2, "")
    assert run.err.splitlines() == [f"zoo: {name}: {SLOW}" for name in names]
    assert run.seconds < 4


def test_one_slow_model_takes_no_time_from_the_others(case: Case, bert: str) -> None:
    case.hub.fault("/org/slow/", Fault(stall=True))
    run = case.apart("compare", "org/slow", "org/bert", "--timeout", "1", "--columns", "model")
    assert (run.code, run.err) == (2, f"zoo: org/slow: {SLOW}\n")
    assert run.out.split()[-1] == "org/bert"
    assert run.seconds < 4


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf", "1e9"])
def test_a_time_out_that_makes_no_sense(case: Case, seconds: str) -> None:
    line = case.fails("compare", "org/bert", f"--timeout={seconds}")
    assert line == (f"the time-out must be above 0 and at most 86,400 seconds, got {float(seconds):g}")
    assert case.hub.requests == []


# --- what may pass --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        *(Fault(status=status) for status in (500, 502, 503, 504)),
        Fault(status=429),
        Fault(status=429, headers={"Retry-After": "1"}),
        Fault(status=429, headers={"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}),
        Fault(cut=10),
    ],
)
def test_what_failed_once_is_asked_again(case: Case, bert: str, fault: Fault) -> None:
    case.hub.fault("config.json", fault, times=1)
    start = time.monotonic()
    assert case.count("org/bert") == COUNT
    assert len(case.hub.requests) == 2
    assert time.monotonic() - start > 0.4


@pytest.mark.parametrize(
    ("fault", "told"),
    [(Fault(status=503), FAULT_OF_ITS_OWN), (Fault(cut=10), BROKE_OFF)],
)
def test_what_fails_for_ever_is_asked_three_times(case: Case, bert: str, fault: Fault, told: str) -> None:
    case.hub.fault("config.json", fault)
    run = case.zoo("compare", "org/bert")
    assert line_of(run) == f"org/bert: {told}"
    assert len(case.hub.requests) == 3
    assert run.seconds < 5
    assert case.written() == []


def test_a_hub_that_wants_to_be_left_alone_for_long_is(case: Case, bert: str) -> None:
    case.hub.fault("config.json", Fault(status=429, headers={"Retry-After": "3600"}))
    run = case.zoo("compare", "org/bert")
    line = line_of(run)
    assert line.startswith("org/bert: the Hub limits how often it is asked (429): try again in 3,600 s, or log in")
    assert len(case.hub.requests) == 1
    assert run.seconds < 5


def test_a_dead_host_is_told_at_once(case: Case) -> None:
    case.hub.close()
    run = case.zoo("compare", "org/bert")
    assert line_of(run) == f"org/bert: {case.hub.url} cannot be reached: Connection refused {CONNECTION}"
    assert run.seconds < 5


NOT_SET_UP = "the Hub cannot be asked, as a proxy, certificates or a login is not set up as it should be: "


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:1", f"{NOT_SET_UP}ImportError: Using SOCKS proxy"),
        ("HTTPS_PROXY", "nonsense://proxy", f"{NOT_SET_UP}ValueError: Unknown scheme for proxy URL"),
        ("SSL_CERT_FILE", "/nowhere/at/all.pem", f"{NOT_SET_UP}FileNotFoundError: "),
        (
            "HF_ENDPOINT",
            "huggingface.example",
            "'huggingface.example/org/bert/",
        ),
        ("HF_ENDPOINT", "http://huggingface.example", "http://huggingface.example is not asked: only https is"),
        ("HF_TOKEN", "hf_\u00fc", "the token holds signs that no token has"),
        ("HF_TOKEN", "hf_a\x1bb", "the token holds signs that no token has"),
    ],
)
@pytest.mark.usefixtures("bert")
def test_an_environment_with_which_nothing_can_be_asked(case: Case, name: str, value: str, told: str) -> None:
    assert line_of(case.apart("compare", "org/bert", **{name: value})).startswith(f"org/bert: {told}")
    assert case.written() == []


# --- a cached copy --------------------------------------------------------------------------------------------------

UNREACHABLE: Mapping[str, tuple[Fault, str]] = {
    "server": (Fault(status=503), FAULT_OF_ITS_OWN),
    "stall": (Fault(stall=True), SLOW),
    "trickle": (Fault(trickle=0.2), SLOW),
    "cut": (Fault(cut=10), BROKE_OFF),
    "limit": (
        Fault(status=429, headers={"Retry-After": "3600"}),
        f"the Hub limits how often it is asked (429): try again in 3,600 s, or {LOG_IN}; what is pinned to a "
        "commit is asked for once",
    ),
    "gated": (coded(403, "GatedRepo"), f"gated: ask for access at URL/org/bert, and {LOG_IN}"),
    "gone": (coded(404, "RepoNotFound"), NO_REPOSITORY),
    "token": (
        coded(401, "", "Invalid credentials in Authorization header"),
        f"the Hub does not accept the token: {LOG_IN} anew",
    ),
    "portal": (Fault(status=200, body=PAGE), NO_COMMIT),
}


@pytest.mark.parametrize("kind", UNREACHABLE)
def test_a_cached_copy_in_place_of_an_answer_is_called_one(case: Case, bert: str, kind: str) -> None:
    fault, why = UNREACHABLE[kind]
    assert case.count("org/bert") == COUNT
    before = case.written()
    case.hub.fault("config.json", fault)
    run = case.zoo("compare", "org/bert", "--format", "json", "--timeout", "1")
    told = f"org/bert: cached copy of commit {bert[:12]}, not verified: {why.replace('URL', case.hub.url)}"
    assert (run.code, run.err) == (0, f"zoo: note: {told}\n")
    (record,) = json.loads(run.out)
    assert (record["parameters"], record["notes"], record["commit"]) == (COUNT, [told], bert)
    assert run.seconds < 3
    assert case.written() == before


def test_a_cached_copy_is_called_one_in_python_and_in_every_command(case: Case, bert: str) -> None:
    assert zoo.load("org/bert").notes == ()
    case.hub.close()
    why = f"{case.hub.url} cannot be reached: Connection refused {CONNECTION}"
    told = f"org/bert: cached copy of commit {bert[:12]}, not verified: {why}"
    assert zoo.load("org/bert").notes == (told,)
    assert zoo.load("org/bert,num_hidden_layers=2").notes == (told,)
    assert zoo.compare("org/bert").records()[0]["notes"] == [told]
    for command in ("show", "explain", "flops", "memory"):
        run = case.zoo(command, "org/bert")
        assert (run.code, run.err) == (0, f"zoo: note: {told}\n")


def test_what_was_never_asked_for_is_no_cached_copy(case: Case, bert: str) -> None:
    case.count("org/bert")
    case.hub.close()
    for other in ("org/bert@dev", f"org/bert@{'0' * 40}", "org/other"):
        assert (
            case.fails("compare", other)
            == f"{other}: {case.hub.url} cannot be reached: Connection refused {CONNECTION}"
        )


def test_a_revision_that_is_no_more_is_no_reason_for_a_cached_copy(case: Case, bert: str) -> None:
    case.count("org/bert")
    case.hub.fault("config.json", coded(404, "RevisionNotFound"))
    assert case.fails("compare", "org/bert") == no_revision("main")


def test_of_ten_models_eight_are_compared_and_two_are_named(case: Case) -> None:
    names = [f"org/model-{number}" for number in range(10)]
    for name in names:
        case.hub.add(name, {"config.json": BERT}, private=name.endswith("3"))
    case.hub.fault("/org/model-7/", Fault(status=400))
    run = case.zoo("compare", *names, "--format", "csv", "--columns", "model,parameters")
    good = [name for name in names if name[-1] not in "37"]
    assert run.out.splitlines() == ["model,parameters", *(f"{name},{COUNT}" for name in good)]
    assert run.err.splitlines() == [
        f"zoo: org/model-3: {NO_REPOSITORY}",
        "zoo: org/model-7: the Hub answers 400",
    ]
    assert run.code == 2


# --- a cache that is not as it should be ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "is empty, not a config.json"),
        (BERT[:20], "is not JSON"),
        (PAGE, "is an HTML or XML page, not a config.json"),
        (b"version https://git-lfs.github.com/spec/v1", "is a Git LFS pointer"),
        (b"\0" * 50, "is binary"),
    ],
)
def test_a_broken_file_in_the_cache_is_named_and_can_be_healed(case: Case, data: bytes, what: str) -> None:
    sha = case.hub.add("org/bert", {"config.json": BERT})
    link = Path(hf_hub_download("org/bert", "config.json"))
    assert link.is_symlink()
    link.resolve().write_bytes(data)
    asked = len(case.hub.requests)
    for reference, options in ((f"org/bert@{sha}", ()), ("org/bert", ("--offline",))):
        line = case.fails("compare", reference, *options)
        assert line.startswith(f"{reference}: cached copy {link}: {what}")
        assert line.endswith(f"(zoo fetch --refresh {reference} fetches it anew)")
    assert len(case.hub.requests) == asked
    run = case.zoo("fetch", "--refresh", f"org/bert@{sha}")
    assert (run.code, run.out, run.err) == (0, f"org/bert@{sha}\n", "")
    assert case.count(f"org/bert@{sha}") == COUNT
    assert Path(hf_hub_download("org/bert", "config.json", local_files_only=True)).read_bytes() == BERT


def test_a_broken_file_is_fetched_anew_where_the_hub_is_asked_anyway(case: Case, bert: str) -> None:
    Path(hf_hub_download("org/bert", "config.json")).resolve().write_bytes(b"")
    assert case.count("org/bert") == COUNT
    assert case.count(f"org/bert@{bert}") == COUNT


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault(status=400), "the Hub answers 400"),
        (Fault(status=503), FAULT_OF_ITS_OWN),
        (coded(404, "RepoNotFound"), NO_REPOSITORY),
    ],
)
def test_a_refresh_that_fails_says_so_and_leaves_what_was_there(case: Case, bert: str, fault: Fault, told: str) -> None:
    case.count("org/bert")
    case.hub.fault("config.json", fault)
    for reference in ("org/bert", f"org/bert@{bert}"):
        assert case.fails("fetch", "--refresh", reference, "--timeout", "1") == f"{reference}: {told}"
    assert case.count(f"org/bert@{bert}") == COUNT


def test_a_link_that_leads_nowhere_is_replaced(case: Case, bert: str) -> None:
    link = Path(hf_hub_download("org/bert", "config.json"))
    link.resolve().unlink()
    assert case.count(f"org/bert@{bert}") == COUNT
    assert link.read_bytes() == BERT
    assert not link.is_symlink()


@pytest.mark.parametrize("ref", [b"", b"../../../../work", b"0" * 39, b"\xff" * 40, b"a" * 100_000])
def test_a_broken_ref_in_the_cache_is_as_good_as_none(case: Case, bert: str, ref: bytes) -> None:
    case.count("org/bert")
    file = case.cache / "models--org--bert" / "refs" / "main"
    file.write_bytes(ref)
    case.put("config.json", BERT)
    assert "is not in the cache" in case.fails("compare", "org/bert", "--offline")
    assert case.count("org/bert") == COUNT
    assert file.read_text() == bert


@pytest.mark.parametrize("pinned", [False, True])
@pytest.mark.parametrize("variable", ["HF_HOME", "HF_HUB_CACHE"])
def test_a_cache_that_cannot_be_written_is_told_and_nothing_else_is_wrong(
    case: Case, bert: str, monkeypatch: pytest.MonkeyPatch, variable: str, pinned: bool
) -> None:
    monkeypatch.setenv(variable, str(case.put("file", b"mine") / "below"))
    reference = f"org/bert@{bert}" if pinned else "org/bert"
    folder = f"{case.work}/file/below{'/hub' if variable == 'HF_HOME' else ''}"
    told = f"{reference}: not kept: {folder} cannot be written: Not a directory (HF_HOME names another)"
    run = case.zoo("compare", reference, "--format", "json")
    assert (run.code, run.err) == (0, f"zoo: note: {told}\n")
    (record,) = json.loads(run.out)
    assert (record["parameters"], record["notes"]) == (COUNT, [told])
    run = case.zoo("fetch", reference)
    assert (run.code, run.out, run.err) == (2, "", f"zoo: note: {told}\n")
    assert (case.work / "file").read_bytes() == b"mine"


def test_twelve_processes_at_once_fill_a_cold_cache(case: Case, bert: str) -> None:
    case.hub.delay = 0.3
    with ThreadPoolExecutor(12) as pool:
        runs = list(
            pool.map(lambda _: case.apart("compare", "org/bert", "--format", "json", "--timeout", "30"), range(12))
        )
    for run in runs:
        assert (run.code, run.err) == (0, "")
        assert json.loads(run.out)[0]["parameters"] == COUNT
    assert case.written() == ["models--org--bert/refs/main", f"models--org--bert/snapshots/{bert}/config.json"]
    assert (case.snapshot("org/bert", bert) / "config.json").read_bytes() == BERT
