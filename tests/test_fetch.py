"""`zoo fetch`: which repositories it takes, what it prints of them, and that nothing of it is lost."""

import os
import pty
import subprocess
import sys
import termios

import pytest
from hubcase import BERT, CONNECTION, COUNT, Case, bytes_of
from hubserver import Fault


@pytest.fixture
def shas(case: Case) -> dict[str, str]:
    """The commits of some repositories."""
    return {name: case.hub.add(name, {"config.json": BERT}) for name in ("org/one", "org/two", "org/three", "old")}


def entry(name: str, **keys: str) -> str:
    lines = [f'{key} = "{value}"' for key, value in keys.items()]
    return "\n".join([f"[models.{name}]", 'model_type = "bert"', 'class = "BertModel"', *lines, ""])


def paths(case: Case) -> list[str]:
    return sorted(request.path for request in case.hub.requests)


def test_a_list_is_fetched_and_then_nobody_need_be_asked(case: Case, shas: dict[str, str]) -> None:
    run = case.zoo("fetch", "org/one", f"org/two@{shas['org/two']}", "hf:old", "org/three,num_hidden_layers=2")
    assert (run.code, run.err) == (0, "")
    names = ["org/one", "org/two", "old", "org/three"]
    assert run.out.splitlines() == [f"{name}@{shas[name]}" for name in names]
    assert len(case.hub.requests) == 4
    case.hub.close()
    for line in run.out.splitlines():
        assert case.count(f"hf:{line}") == COUNT
    assert len(case.hub.requests) == 4


def test_what_is_pinned_and_there_is_not_asked_for_again_but_with_refresh(case: Case, shas: dict[str, str]) -> None:
    pinned = f"org/one@{shas['org/one']}"
    for options, requests in (((), 1), ((), 1), (("--refresh",), 2)):
        run = case.zoo("fetch", pinned, *options)
        assert (run.code, run.out, run.err) == (0, f"{pinned}\n", "")
        assert len(case.hub.requests) == requests


def test_a_branch_is_brought_up_to_date(case: Case, shas: dict[str, str]) -> None:
    case.zoo("fetch", "org/one")
    last = case.hub.add("org/one", {"config.json": BERT, "README.md": b""})
    assert case.zoo("fetch", "org/one").out == f"org/one@{last}\n"
    assert (case.cache / "models--org--one" / "refs" / "main").read_text() == last


def test_zoo_toml_says_what_to_fetch_and_what_has_no_repository_is_passed_over(
    case: Case, shas: dict[str, str]
) -> None:
    pinned = entry("a", hub="org/one", revision=shas["org/one"])
    case.put("zoo.toml", (pinned + entry("b") + entry("c", hub="old")).encode())
    run = case.zoo("fetch")
    assert (run.code, run.err) == (0, "")
    assert run.out.splitlines() == [f"org/one@{shas['org/one']}", f"old@{shas['old']}"]
    assert paths(case) == ["/old/resolve/main/config.json", f"/org/one/resolve/{shas['org/one']}/config.json"]
    assert case.count("a", "--hub", "--offline") == COUNT


def test_registry_says_what_to_fetch(case: Case, shas: dict[str, str]) -> None:
    file = case.put("mine.toml", (entry("x", hub="org/two") + entry("y", hub="org/three")).encode())
    run = case.zoo("fetch", "--registry", str(file))
    assert (run.code, run.err) == (0, "")
    assert run.out.splitlines() == [f"org/two@{shas['org/two']}", f"org/three@{shas['org/three']}"]
    assert case.zoo("fetch", "--registry", str(file), "y").out == f"org/three@{shas['org/three']}\n"


def test_a_pattern_is_of_names_that_have_a_repository(case: Case, shas: dict[str, str]) -> None:
    case.put("zoo.toml", (entry("my-a", hub="org/one") + entry("my-b") + entry("my-c", hub="org/two")).encode())
    run = case.zoo("fetch", "my-*")
    assert (run.code, run.err) == (0, "")
    assert run.out.splitlines() == [f"org/{name}@{shas[f'org/{name}']}" for name in ("one", "two")]


def test_a_name_of_the_registry_is_fetched_from_its_repository(case: Case) -> None:
    sha = case.hub.add("google-bert/bert-base-uncased", {"config.json": BERT})
    assert case.zoo("fetch", "bert-base").out == f"google-bert/bert-base-uncased@{sha}\n"


def test_nothing_to_fetch_is_an_error(case: Case) -> None:
    told = "nothing to fetch: name models, or keep some in zoo.toml (zoo add writes it)"
    assert case.fails("fetch") == told
    case.put("zoo.toml", entry("mine").encode())
    assert case.fails("fetch") == told
    assert case.hub.requests == []


def test_what_fails_is_named_and_the_others_are_fetched(case: Case, shas: dict[str, str]) -> None:
    bare = case.hub.add("org/bare", {"README.md": b""})
    case.hub.fault("/org/two/", Fault(status=400))
    case.put("folder/config.json", BERT)
    case.put("zoo.toml", entry("mine").encode())
    run = case.zoo(
        "fetch",
        "nonsense",
        "none-*",
        "mine",
        "folder",
        "org/one",
        "org/two",
        "org/none",
        "org/bare",
        "org/../x",
        "hf:old",
    )
    assert run.code == 2
    assert run.out.splitlines() == [f"org/one@{shas['org/one']}", f"old@{shas['old']}"]
    told = [line.removeprefix("zoo: ") for line in run.err.splitlines()]
    assert [line.split(" (")[0] for line in told] == [
        "no model or file is named 'nonsense'",
        "no model or file is named 'none-*'",
        "mine: the registry",
        "folder: is a file or folder, and not on the Hub",
        "no model or file is named 'org/../x'",
        "org/two: the Hub answers 400",
        "org/none: no such repository on the Hub, or a private one",
        f"org/bare: there is no config.json; nor from its weights: org/bare@{bare}: holds no safetensors file",
    ]


@pytest.mark.parametrize("model_type", ['"model_type": null, ', ""])
def test_a_type_that_only_the_class_tells_needs_no_weights(case: Case, model_type: str) -> None:
    sha = case.hub.add("org/own", {"config.json": f'{{{model_type}"architectures": ["BertModel"]}}'.encode()})
    run = case.zoo("fetch", "org/own")
    assert (run.code, run.out, run.err) == (0, f"org/own@{sha}\n", "")
    assert len(case.hub.requests) == 1


def test_bytes_that_are_not_those_of_the_entry_are_an_error(case: Case, shas: dict[str, str]) -> None:
    case.put("zoo.toml", entry("a", hub="org/one", revision=shas["org/one"], sha256="0" * 64).encode())
    assert case.fails("fetch") == (
        f"a: config.json of org/one@{shas['org/one']} is not the one that sha256 in the registry is of (zoo add "
        f"org/one@{shas['org/one']} --name a --registry zoo.toml writes the entry anew)"
    )


def test_headers_are_read_once_also_of_what_no_plugin_counts(case: Case) -> None:
    weights = bytes_of({"w": ("F32", (2, 2))})
    shas = [
        case.hub.add("org/bert", {"config.json": BERT, "model.safetensors": weights}),
        case.hub.add("org/bare", {"model.safetensors": weights}),
    ]
    asked = 3 * len(shas)
    for options, requests in ((("--headers",), asked), (("--headers", "--refresh"), 2 * asked)):
        run = case.zoo("fetch", "org/bert", "org/bare", *options)
        assert (run.code, run.err) == (0, "")
        assert run.out.splitlines() == [f"org/bert@{shas[0]}", f"org/bare@{shas[1]}"]
        assert len(case.hub.requests) == requests
    assert case.zoo("fetch", f"org/bert@{shas[0]}", f"org/bare@{shas[1]}", "--headers").code == 0
    assert len(case.hub.requests) == requests


def test_weights_that_cannot_be_read_are_told(case: Case, shas: dict[str, str]) -> None:
    run = case.zoo("fetch", "org/one", "--headers")
    assert (run.code, run.out) == (2, f"org/one@{shas['org/one']}\n")
    assert run.err == f"zoo: org/one@{shas['org/one']}: holds no safetensors file\n"


def test_that_there_is_no_config_is_fetched_only_where_it_is_kept(
    case: Case, shas: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    case.hub.add("org/bare", {"model.safetensors": bytes_of({"w": ("F32", (2, 2))})})
    monkeypatch.setenv("HF_HUB_CACHE", str(case.put("file", b"mine") / "below"))
    run = case.zoo("fetch", "org/bare")
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith(f"zoo: note: org/bare: not kept: {case.work}/file/below cannot be written")


def test_offline_nothing_is_fetched(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    told = "fetch asks the Hub, and offline nobody is asked (--offline, HF_HUB_OFFLINE)"
    assert case.fails("fetch", "org/one", "--offline") == told
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert case.fails("fetch", "org/one") == told
    assert case.hub.requests == []


def test_a_hub_out_of_reach_leaves_the_copy_and_says_so(case: Case, shas: dict[str, str]) -> None:
    case.zoo("fetch", "org/one")
    case.hub.close()
    run = case.zoo("fetch", "org/one", "org/two")
    dead = f"{case.hub.url} cannot be reached: Connection refused {CONNECTION}"
    assert (run.code, run.out) == (2, f"org/one@{shas['org/one']}\n")
    assert run.err.splitlines() == [
        f"zoo: note: org/one: cached copy of commit {shas['org/one'][:12]}, not verified: {dead}",
        f"zoo: org/two: {dead}",
    ]


def test_a_bar_shows_the_progress_on_a_terminal_and_nowhere_else(case: Case, shas: dict[str, str]) -> None:
    command = ["fetch", "org/one", "org/two"]
    printed = "".join(f"{name}@{shas[name]}\n" for name in ("org/one", "org/two"))
    apart = case.apart(*command)
    assert (apart.code, apart.out, apart.err) == (0, printed, "")
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    with os.fdopen(ours, "rb", buffering=0) as terminal, os.fdopen(theirs, "wb", buffering=0) as stderr:
        run = subprocess.run([sys.executable, "-m", "zoo", *command], stdout=subprocess.PIPE, stderr=stderr, check=True)
        os.set_blocking(ours, False)
        shown = terminal.read(100_000) or b""
    assert run.stdout.decode() == printed
    assert b"0/2" in shown
    assert b"model" in shown
    assert shown.endswith(b" \r")  # and is gone in the end
