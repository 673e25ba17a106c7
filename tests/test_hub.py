"""Configs from the Hub: which requests a reference leads to, and the cache that zoo shares with the client."""

import hashlib
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import huggingface_hub
import pytest
from hubcase import BERT, COUNT, Case
from hubserver import Fault
from huggingface_hub import hf_hub_download, scan_cache_dir, try_to_load_from_cache

import zoo
from zoo.hub.access import Access

SMALL = b'{"model_type": "bert", "architectures": ["BertModel"], "num_hidden_layers": 1}'
SMALL_COUNT = 31_515_648


# --- references ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reference", "name", "branch", "path"),
    [
        ("org/bert", "org/bert", "main", "/org/bert/resolve/main/config.json"),
        ("org/bert@dev", "org/bert", "dev", "/org/bert/resolve/dev/config.json"),
        ("org/bert@v1.0-rc.1", "org/bert", "v1.0-rc.1", "/org/bert/resolve/v1.0-rc.1/config.json"),
        ("org/bert@refs/pr/1", "org/bert", "refs/pr/1", "/org/bert/resolve/refs%2Fpr%2F1/config.json"),
        ("hf:org/bert", "org/bert", "main", "/org/bert/resolve/main/config.json"),
        ("hf:bert", "bert", "main", "/bert/resolve/main/config.json"),
        ("hf:bert@dev", "bert", "dev", "/bert/resolve/dev/config.json"),
    ],
)
def test_a_reference_is_one_request_for_one_file(case: Case, reference: str, name: str, branch: str, path: str) -> None:
    sha = case.hub.add(name, {"config.json": SMALL, "model.safetensors": b"x", "custom.py": b"x"}, branch=branch)
    assert case.count(reference) == SMALL_COUNT
    assert case.asked() == [f"GET {path} 200"]
    home = f"models--{name.replace('/', '--')}"
    assert case.written() == [f"{home}/refs/{branch}", f"{home}/snapshots/{sha}/config.json"]
    assert (case.cache / home / "refs" / branch).read_text() == sha
    assert (case.snapshot(name, sha) / "config.json").read_bytes() == SMALL


def test_a_commit_is_asked_for_once(case: Case) -> None:
    sha = case.hub.add("org/bert", {"config.json": SMALL})
    case.hub.add("org/bert", {"config.json": BERT})
    for _ in range(2):
        assert case.count(f"org/bert@{sha}") == SMALL_COUNT
    assert case.asked() == [f"GET /org/bert/resolve/{sha}/config.json 200"]
    assert case.written() == [f"models--org--bert/snapshots/{sha}/config.json"]


def test_a_branch_is_asked_for_each_time_and_what_it_was_stays(case: Case) -> None:
    first = case.hub.add("org/bert", {"config.json": SMALL})
    assert case.count("org/bert") == SMALL_COUNT
    last = case.hub.add("org/bert", {"config.json": BERT})
    assert case.count("org/bert") == COUNT
    assert len(case.hub.requests) == 2
    assert (case.cache / "models--org--bert" / "refs" / "main").read_text() == last
    assert case.count(f"org/bert@{first}") == SMALL_COUNT
    assert len(case.hub.requests) == 2


def test_a_variant_is_counted_from_the_same_file(case: Case, bert: str) -> None:
    run = case.zoo("compare", "org/bert", "org/bert,num_hidden_layers=1", "--format", "json")
    whole, variant = json.loads(run.out)
    assert (whole["parameters"], variant["parameters"]) == (COUNT, SMALL_COUNT)
    assert variant["model"] == "org/bert,num_hidden_layers=1"
    assert len(case.hub.requests) == 1


@pytest.mark.parametrize("reference", ["hf:bert", "org/bert@main", "org/bert@{sha}", "hf:org/bert@{sha}"])
def test_a_variant_of_a_repository_however_it_is_named(case: Case, bert: str, reference: str) -> None:
    case.hub.add("bert", {"config.json": BERT})
    variant = reference.format(sha=bert) + ",num_hidden_layers=1"
    assert case.count(variant) == SMALL_COUNT
    assert zoo.load(variant).name == variant


def test_what_was_read_is_told(case: Case, bert: str) -> None:
    (record,) = json.loads(case.zoo("compare", "org/bert", "--format", "json").out)
    assert (record["repository"], record["commit"], record["notes"]) == ("org/bert", bert, [])
    assert record["config_sha256"] == hashlib.sha256(BERT).hexdigest()
    origin = zoo.load(f"org/bert@{bert}").found.origin
    assert origin is not None
    assert (origin.repository.name, origin.commit) == ("org/bert", bert)


def test_a_folder_of_that_name_goes_first(case: Case, bert: str) -> None:
    case.put("org/bert/config.json", SMALL)
    assert case.count("org/bert") == SMALL_COUNT
    assert case.hub.requests == []
    assert case.count("hf:org/bert") == COUNT
    assert len(case.hub.requests) == 1


def entry(**keys: str) -> bytes:
    lines = [f'{key} = "{value}"' for key, value in keys.items()]
    return "\n".join(
        ["[models.mine]", 'model_type = "bert"', 'class = "BertModel"', "config.num_hidden_layers = 1", *lines]
    ).encode()


def test_a_name_is_counted_from_its_entry_and_with_hub_from_the_repository(case: Case, bert: str) -> None:
    case.put("zoo.toml", entry(hub="org/bert"))
    assert case.count("mine") == SMALL_COUNT
    assert case.hub.requests == []
    assert case.count("mine", "--hub") == COUNT
    assert case.asked() == ["GET /org/bert/resolve/main/config.json 200"]


def test_an_entry_says_which_commit_and_which_bytes(case: Case, bert: str) -> None:
    case.hub.add("org/bert", {"config.json": SMALL})
    case.put("zoo.toml", entry(hub="org/bert", revision=bert, sha256=hashlib.sha256(BERT).hexdigest()))
    assert case.count("mine", "--hub") == COUNT
    case.put("zoo.toml", entry(hub="org/bert", revision=bert, sha256=hashlib.sha256(SMALL).hexdigest()))
    assert case.fails("compare", "mine", "--hub") == (
        f"mine: config.json of org/bert@{bert} is not the one that sha256 in the registry is of "
        f"(zoo add org/bert@{bert} --name mine --registry zoo.toml writes the entry anew)"
    )
    assert case.asked() == [f"GET /org/bert/resolve/{bert}/config.json 200"]


@pytest.mark.parametrize("file", ["zoo.toml", "of others/mine.toml"])
@pytest.mark.parametrize("reference", ["mine", "mine,num_hidden_layers=3"])
def test_what_the_message_about_other_bytes_says_helps(case: Case, bert: str, reference: str, file: str) -> None:
    last = case.hub.add("org/bert", {"config.json": SMALL})
    path = case.put(file, entry(hub="org/bert", revision=bert, sha256=hashlib.sha256(SMALL).hexdigest()))
    compare = ("compare", reference, "--hub", "--registry", file)
    line = case.fails(*compare)
    assert line.startswith(f"{reference}: config.json of org/bert@{bert} is not the one")
    advice = line.partition("(zoo ")[2].removesuffix(" writes the entry anew)")
    assert case.zoo(*shlex.split(advice)).out.startswith(f"{file}: updated mine: org/bert@{bert[:12]}, ")
    assert case.zoo(*compare).code == 0
    text = path.read_text()
    assert text.count("[models.") == 1
    assert last not in text
    assert [path for path in case.work.rglob("*") if path.is_file()] == [path]


@pytest.mark.parametrize("typed", ["none", "other", "none,vocab_size=7"])
@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault(), "org/none: no such repository on the Hub"),
        (Fault(status=404, headers={"X-Error-Code": "EntryNotFound"}), "org/none: there is no config.json"),
        (Fault(status=200, body=b"[]", headers={"X-Repo-Commit": "0" * 40}), "org/none: config.json: is JSON, but not"),
    ],
)
def test_what_the_hub_does_not_give_is_told_with_the_name_that_was_typed(
    case: Case, typed: str, fault: Fault, told: str
) -> None:
    text = entry(hub="org/none").decode().replace("mine", "none")
    case.put("zoo.toml", f'{text}\naliases = ["other"]'.encode())
    case.hub.fault("", fault)
    assert case.fails("compare", typed, "--hub").startswith(f"{typed}: {told}")


def test_a_name_of_no_repository_in_an_entry_is_told_with_file_and_entry(case: Case) -> None:
    case.put("zoo.toml", entry(hub="org/../bert"))
    for arguments in (("compare", "mine", "--hub"), ("fetch",), ("verify", "mine")):
        assert case.fails(*arguments) == "zoo.toml: models.mine: hub 'org/../bert' names no repository"
    assert case.hub.requests == []


def test_an_entry_without_repository_has_nothing_to_fetch(case: Case) -> None:
    case.put("zoo.toml", entry())
    assert case.fails("compare", "mine", "--hub").startswith(
        "mine: the registry (zoo.toml) names no repository of it on the Hub"
    )
    assert case.fails("compare", "gpt3", "--hub").startswith("gpt3: the registry (built-in) names no repository")
    assert case.hub.requests == []


@pytest.mark.parametrize(
    "reference",
    [
        "../x/y",
        "a/../b",
        "a/..",
        "../b",
        "..b/c",
        "a/b..c",
        "a//b",
        "a/b/c",
        "/etc/passwd/x",
        "a\\b/c",
        "org/name@",
        "org/name@../../x",
        "org/name@a/../b",
        "org/name@/etc",
        "org/name@a b",
        "org/name@a%2e%2e",
        "org/name@-x",
        "org/name@" + "a" * 10_000,
        "org/name@ünï",
        "org/na me",
        "org/name?x",
        "org/name#x",
        "org/n--x",
        "org/\x1b[31mname",
        "org/name\n",
        "org/name@main\n",
        "org/nam\u202ee",
        "org/" + "a" * 10_000,
        "a" * 10_000 + "/b",
        "hf:",
        "hf:/",
        "hf:a/b/c",
        "hf:..",
        "hf:../..",
        "hf:org/name@../../x",
        "hf:org/na\0me",
        "hf:" + "a" * 10_000,
        "https://evil.example/org/name",
        "hf:https://evil.example/org/name",
    ],
)
def test_what_names_no_repository_is_told_and_nobody_is_asked(case: Case, reference: str) -> None:
    line = case.fails("compare", reference)
    assert "org/name" in line
    assert case.hub.requests == []
    assert case.written() == []


# --- requests ------------------------------------------------------------------------------------------------------


def test_a_comparison_asks_once_for_each_model_and_says_who_asks(case: Case, bert: str) -> None:
    case.hub.add("org/small", {"config.json": SMALL})
    run = case.zoo("compare", "org/bert", "org/small", "hf:org/bert", "org/bert,num_hidden_layers=3", "bert-base")
    assert (run.code, run.err) == (0, "")
    assert sorted(case.asked()) == [f"GET /org/{name}/resolve/main/config.json 200" for name in ("bert", "small")]
    for request in case.hub.requests:
        assert request.headers["user-agent"].startswith("zoo/")
        assert "hf_hub/" in request.headers["user-agent"]
        assert "authorization" not in request.headers
        assert "range" not in request.headers


def test_nothing_else_is_asked_and_written_by_the_client(case: Case, bert: str) -> None:
    run = case.apart("compare", "org/bert", HF_HUB_DISABLE_TELEMETRY="0", AI_AGENT="some")
    assert (run.code, run.err) == (0, "")
    assert case.asked() == ["GET /org/bert/resolve/main/config.json 200"]
    assert len(case.written()) == 2


def test_the_token_is_for_the_hub_and_for_nobody_else(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    case.hub.add("org/own", {"config.json": SMALL}, lfs=["config.json"], private=True)
    monkeypatch.setenv("HF_TOKEN", case.hub.token)
    assert case.count("org/own") == SMALL_COUNT
    hub, elsewhere = case.hub.requests
    assert (hub.status, hub.headers["authorization"]) == (302, f"Bearer {case.hub.token}")
    assert (elsewhere.path[:5], elsewhere.status, "authorization" in elsewhere.headers) == ("/lfs/", 200, False)


def test_a_gated_model_opens_with_the_token(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    case.hub.add("org/gated", {"config.json": SMALL}, gated=True)
    monkeypatch.setenv("HF_TOKEN", case.hub.token)
    assert case.count("org/gated") == SMALL_COUNT


# --- the cache -----------------------------------------------------------------------------------------------------


def test_what_zoo_fetched_the_client_finds(case: Case, bert: str) -> None:
    case.hub.add("org/bert", {"config.json": SMALL}, branch="dev")
    case.count("org/bert")
    case.count("org/bert@dev")
    case.count(f"org/bert@{bert}")
    requests = len(case.hub.requests)
    for revision, data in (("main", BERT), ("dev", SMALL), (bert, BERT)):
        path = hf_hub_download("org/bert", "config.json", revision=revision, local_files_only=True)
        assert Path(path).read_bytes() == data
        assert try_to_load_from_cache("org/bert", "config.json", revision=revision) == path
    assert len(case.hub.requests) == requests
    found = scan_cache_dir(case.cache)
    assert found.warnings == []
    (repository,) = found.repos
    assert (repository.repo_id, repository.repo_type) == ("org/bert", "model")
    assert repository.refs.keys() == {"main", "dev"}
    assert repository.refs["main"].commit_hash == bert


@pytest.mark.parametrize("name", ["org/bert", "gpt2"])
def test_what_the_client_fetched_zoo_finds(case: Case, name: str) -> None:
    sha = case.hub.add(name, {"config.json": SMALL})
    assert Path(hf_hub_download(name, "config.json")).is_symlink()
    requests = len(case.hub.requests)
    assert case.count(f"hf:{name}@{sha}") == SMALL_COUNT
    assert zoo.load(f"hf:{name}", access=Access(offline=True)).parameters == SMALL_COUNT
    assert len(case.hub.requests) == requests


def test_the_client_goes_on_with_a_cache_in_which_zoo_wrote(case: Case, bert: str) -> None:
    case.count("org/bert")
    last = case.hub.add("org/bert", {"config.json": SMALL, "other.json": b"{}"})
    assert Path(hf_hub_download("org/bert", "config.json")).read_bytes() == SMALL
    assert case.count(f"org/bert@{last}") == SMALL_COUNT
    assert Path(hf_hub_download("org/bert", "config.json", revision=bert)).read_bytes() == BERT
    assert scan_cache_dir(case.cache).warnings == []


@pytest.mark.parametrize(
    "environment",
    [
        {"HF_HOME": "/x/home"},
        {"HF_HOME": "~/home"},
        {"HF_HOME": "$PLACE/home"},
        {"HF_HOME": ""},
        {"HF_HUB_CACHE": "/x/cache", "HF_HOME": "/x/home"},
        {"HF_HUB_CACHE": "~/${PLACE}/cache"},
        {"HUGGINGFACE_HUB_CACHE": "/x/legacy", "HF_HOME": "/x/home"},
        {"HUGGINGFACE_HUB_CACHE": "~/$PLACE", "HF_HUB_CACHE": "relative"},
        {"HUGGINGFACE_HUB_CACHE": "~/$PLACE"},
        {"XDG_CACHE_HOME": "/x/xdg"},
        {"XDG_CACHE_HOME": "~/$PLACE"},
        {"XDG_CACHE_HOME": "/x/xdg", "HF_HOME": "/x/home"},
        {},
    ],
)
def test_the_cache_is_where_the_client_has_it(case: Case, environment: dict[str, str]) -> None:
    program = (
        "from zoo.hub.cache import folder\nfrom huggingface_hub import constants\n"
        "print(folder(), constants.HF_HUB_CACHE, sep='\\n')"
    )
    inherited = {name: value for name, value in os.environ.items() if name != "HF_HOME"}
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={**inherited, "HOME": str(case.home), "PLACE": "/x/place", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    ours, theirs = run.stdout.splitlines()
    assert Path(ours) == Path(theirs)


def test_a_commit_in_the_cache_costs_neither_request_nor_client(case: Case, bert: str) -> None:
    case.count(f"org/bert@{bert}")
    case.hub.close()
    program = (
        f"import sys, zoo\nprint(zoo.load('org/bert@{bert}').parameters)\n"
        "print(sorted(sys.modules.keys() & {'huggingface_hub', 'httpx', 'httpx2', 'requests', 'ssl', 'tqdm'}))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == [str(COUNT), "[]"]


# --- offline -------------------------------------------------------------------------------------------------------

OFFLINE = [
    (("--offline",), {}),
    ((), {"HF_HUB_OFFLINE": "1"}),
    ((), {"HF_HUB_OFFLINE": "yes"}),
    ((), {"TRANSFORMERS_OFFLINE": "1"}),
    ((), {"TRANSFORMERS_OFFLINE": "ON", "HF_HUB_OFFLINE": ""}),
]


@pytest.mark.parametrize(("options", "environment"), OFFLINE)
def test_offline_nobody_is_asked(
    case: Case, bert: str, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], environment: dict[str, str]
) -> None:
    case.count("org/bert")
    case.hub.requests.clear()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    run = case.zoo("compare", "org/bert", "--format", "json", *options)
    told = f"org/bert: cached copy of commit {bert[:12]}, not verified: nobody is asked offline"
    assert (run.code, run.err) == (0, f"zoo: note: {told}\n")
    (record,) = json.loads(run.out)
    assert (record["parameters"], record["notes"], record["commit"]) == (COUNT, [told], bert)
    assert case.count(f"org/bert@{bert}", *options) == COUNT
    for reference in ("org/other", "org/bert@dev", f"org/bert@{'0' * 40}"):
        assert case.fails("compare", reference, *options) == (
            f"{reference}: is not in the cache {case.cache}, and offline nobody is asked (zoo fetch {reference})"
        )
    assert case.hub.requests == []


def test_offline_is_off_where_the_client_takes_it_for_off(
    case: Case, bert: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for value in ("0", "false", "no"):
        monkeypatch.setenv("HF_HUB_OFFLINE", value)
        monkeypatch.setenv("TRANSFORMERS_OFFLINE", "1")
        assert case.count("org/bert") == COUNT
    assert len(case.hub.requests) == 3


def test_a_program_that_told_the_client_to_be_offline_asks_nobody(
    case: Case, bert: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case.count("org/bert")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    (note,) = zoo.load("org/bert").notes
    assert note == f"org/bert: cached copy of commit {bert[:12]}, not verified: offline mode is on (HF_HUB_OFFLINE)"
    assert len(case.hub.requests) == 1
