"""Models counted from the weights in a repository: a few ranged requests for headers, and no weight is read."""

import ctypes
import json
from collections.abc import Mapping
from math import prod
from typing import Any

import pytest
import safetensors
from hubcase import BERT, Case, line_of
from hubserver import Fault, Hub
from huggingface_hub import hf_hub_download, scan_cache_dir

import zoo
from zoo.hub.access import Access

STRANGE = b'{"model_type": "nobodys", "architectures": ["NobodysModel"]}'
"""A config of a type that no plugin counts."""

FIRST = 100_000
"""Bytes asked for at first."""

SHAPES = {"embed.weight": (1000, 512), "layers.0.weight": (1024, 1024), "layers.1.weight": (1024, 1024)}
COUNT = 1000 * 512 + 2 * 1024 * 1024


def weights(shapes: Mapping[str, tuple[int, ...]]) -> bytes:
    """A file of zeros, as the library writes it."""
    numbers = ctypes.create_string_buffer(max(4 * prod(shape) for shape in shapes.values()))
    specs = {
        name: safetensors.TensorSpec(
            dtype="float32", shape=list(shape), data_ptr=ctypes.addressof(numbers), data_len=4 * prod(shape)
        )
        for name, shape in shapes.items()
    }
    return bytes(safetensors.serialize(specs))


def sharded(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, bytes]:
    """The same in a file for each tensor, and their index."""
    shards = {f"model-{number:05}-of-{len(shapes):05}.safetensors": name for number, name in enumerate(shapes, start=1)}
    index = {"metadata": {"total_size": 1}, "weight_map": {name: shard for shard, name in shards.items()}}
    files = {shard: weights({name: shapes[name]}) for shard, name in shards.items()}
    return {**files, "model.safetensors.index.json": json.dumps(index).encode()}


def record(case: Case, *arguments: str) -> dict[str, Any]:
    """What is told of a model that is counted from its weights."""
    run = case.zoo("compare", *arguments, "--format", "json")
    assert run.code == 0
    assert run.err.startswith(f"zoo: warning: {arguments[0]}: from checkpoint: counted from the header of its weights")
    (found,) = json.loads(run.out)
    assert (found["status"], found["active_parameters"]) == ("from checkpoint", None)
    return dict(found)


def ranges(hub: Hub) -> dict[str, list[str | None]]:
    """The ranges that were asked for, by the file; a request that was sent on counts once."""
    found: dict[str, list[str | None]] = {}
    for request in hub.requests:
        if request.path.endswith(".safetensors"):
            found.setdefault(request.path.rpartition("/")[2], []).append(request.headers.get("range"))
    return found


@pytest.mark.parametrize("config", [{"config.json": STRANGE}, {}], ids=["of nobody's type", "without config.json"])
@pytest.mark.parametrize("lfs", [False, True], ids=["in git", "in LFS"])
@pytest.mark.parametrize("name", ["model.safetensors", "adapter_model.safetensors", "consolidated.safetensors"])
def test_one_file_is_read_by_one_range(case: Case, config: dict[str, bytes], lfs: bool, name: str) -> None:
    data = weights(SHAPES)
    assert len(data) > 10_000_000
    sha = case.hub.add("org/own", {**config, name: data, "README.md": b""}, lfs=[name] if lfs else [])
    found = record(case, "org/own")
    assert (found["parameters"], found["stored"], found["commit"]) == (COUNT, {"F32": COUNT}, sha)
    assert found["model_type"] == ("nobodys" if config else "unknown")
    assert ranges(case.hub) == {name: [f"bytes=0-{FIRST - 1}"]}
    last = case.hub.requests[-1]
    assert (last.status, last.headers["range"]) == (206, f"bytes=0-{FIRST - 1}")
    assert last.path.startswith("/lfs/") == lfs
    # Of the commit that the config is of, whatever the branch means by now.
    assert all(f"/{sha}" in request.path for request in case.hub.requests[1:] if not request.path.startswith("/lfs/"))


def test_tensors_are_told_by_name_and_shape(case: Case) -> None:
    case.hub.add("org/own", {"model.safetensors": weights(SHAPES)})
    run = case.zoo("show", "org/own", "--tensors")
    assert run.code == 0
    for name, shape in SHAPES.items():
        assert name in run.out
        assert str(shape[0]) in run.out.replace(",", "")


@pytest.mark.parametrize("lfs", [False, True], ids=["in git", "in LFS"])
def test_shards_are_read_by_one_range_each(case: Case, lfs: bool) -> None:
    files = {"config.json": STRANGE, **sharded(SHAPES)}
    shards = sorted(file for file in files if file.endswith(".safetensors"))
    case.hub.add("org/own", files, lfs=shards if lfs else [])
    assert record(case, "org/own")["parameters"] == COUNT
    assert ranges(case.hub) == {shard: [f"bytes=0-{FIRST - 1}"] for shard in shards}
    assert [request.status for request in case.hub.requests].count(206) == 3


def test_the_token_is_for_the_hub_and_for_nobody_else(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"config.json": STRANGE, **sharded(SHAPES)}
    case.hub.add("org/own", files, lfs=[file for file in files if file.endswith(".safetensors")], private=True)
    monkeypatch.setenv("HF_TOKEN", case.hub.token)
    assert record(case, "org/own")["parameters"] == COUNT
    for request in case.hub.requests:
        assert ("authorization" in request.headers) != request.path.startswith("/lfs/")
        assert request.headers["user-agent"].startswith("zoo/")


def test_a_long_header_takes_a_second_range(case: Case) -> None:
    shapes = {f"layers.{number}.some.module.weight": (1, 2) for number in range(2000)}
    data = weights(shapes)
    whole = 8 + int.from_bytes(data[:8], "little")
    assert whole > FIRST
    case.hub.add("org/own", {"config.json": STRANGE, "model.safetensors": data})
    assert record(case, "org/own")["parameters"] == 4000
    assert ranges(case.hub) == {"model.safetensors": [f"bytes=0-{FIRST - 1}", f"bytes=0-{whole - 1}"]}


@pytest.mark.parametrize("tensors", [1, 2000])
def test_a_server_that_knows_no_ranges_is_cut_short(case: Case, tensors: int) -> None:
    shapes: dict[str, tuple[int, ...]] = {f"layers.{n}.some.module.weight": (1, 2) for n in range(tensors)}
    shapes["last.weight"] = (4096, 4096)
    case.hub.add("org/own", {"config.json": STRANGE, "model.safetensors": weights(shapes)})
    case.hub.fault("safetensors", Fault(ignore_range=True))
    assert record(case, "org/own")["parameters"] == 2 * tensors + 4096**2
    # The rest would never come.
    case.hub.fault("safetensors", Fault(ignore_range=True, cut=1_000_000, stall=True))
    case.hub.add("org/other", {"config.json": STRANGE, "model.safetensors": weights(shapes)})
    assert record(case, "org/other")["parameters"] == 2 * tensors + 4096**2


def test_files_are_listed_page_by_page(case: Case) -> None:
    case.hub.page = 2
    case.hub.add("org/own", {"a.txt": b"", "b.txt": b"", "c/d.txt": b"", **sharded(SHAPES)})
    assert record(case, "org/own")["parameters"] == COUNT
    pages = [request.path for request in case.hub.requests if "/tree/" in request.path]
    assert len(pages) == 4
    assert all("cursor=" in page for page in pages[1:])


@pytest.mark.parametrize(
    "link", ["{other}/api/models/org/own/tree/main?cursor=1", "http://example.com/x?cursor=1", "{hub}@{bare}/?cursor=1"]
)
def test_the_next_page_is_asked_of_the_hub_whatever_host_it_names(
    case: Case, monkeypatch: pytest.MonkeyPatch, link: str
) -> None:
    monkeypatch.setenv("HF_TOKEN", case.hub.token)
    case.hub.page = 1
    case.hub.add("org/own", {"a.txt": b"", "model.safetensors": weights(SHAPES)})
    with Hub() as other:
        told = link.format(other=other.url, hub=case.hub.url, bare=other.url.removeprefix("http://"))
        case.hub.fault(r"/tree/[^?]*$", Fault(headers={"Link": f'<{told}>; rel="next"'}))
        assert record(case, "org/own")["parameters"] == COUNT
        assert other.requests == []
    assert len([request for request in case.hub.requests if "cursor=1" in request.path]) == 1


# --- what is wrong with the weights ---------------------------------------------------------------------------------


def fails(case: Case, *arguments: str) -> str:
    """Why a model is not counted from its weights."""
    start, _, why = case.fails("compare", *arguments).partition("; nor from its weights: ")
    assert start.startswith(f"{arguments[0]}: ")
    assert why
    return why


@pytest.mark.parametrize(
    "shard",
    [
        "../../../evil.safetensors",
        "..%2f..%2fevil.safetensors",
        "/etc/evil.safetensors",
        "http://example.com/evil.safetensors",
        "//example.com/evil.safetensors",
        "C:\\evil.safetensors",
        "a/b.safetensors",
        "config.json",
        "model.safetensors?x=.safetensors",
        "evil\x1b[31m.safetensors",
        "..safetensors",
        "",
        7,
        None,
    ],
)
def test_a_hostile_name_of_a_shard_becomes_no_address(case: Case, shard: object) -> None:
    index = {"weight_map": {"a": shard}}
    sha = case.hub.add("org/own", {"model.safetensors.index.json": json.dumps(index).encode()})
    line = fails(case, "org/own")
    assert line.startswith(f"org/own@{sha}: model.safetensors.index.json: ")
    assert case.asked()[-1].endswith("model.safetensors.index.json 200")
    assert not any("evil" in request.path for request in case.hub.requests)


def test_what_a_repository_holds_instead_is_told(case: Case) -> None:
    two, three = sharded({"a": (1,), "b": (2,)}), sharded({"a": (1,)})
    files: dict[str, tuple[dict[str, bytes], str]] = {
        "org/bin": ({"pytorch_model.bin": b"x"}, "holds 'pytorch_model.bin', but no safetensors file: pickled weights"),
        "org/none": ({"README.md": b"x"}, "holds no safetensors file"),
        "org/part": (
            {name: data for name, data in two.items() if name.endswith(".safetensors")},
            "holds 'model-00001-of-00002.safetensors' and 1 more, but no model.safetensors.index.json",
        ),
        "org/folder": ({"sub/model.safetensors": weights({"a": (1,)})}, "holds no safetensors file"),
        "org/index": ({"model.safetensors.index.json": b"{}"}, "model.safetensors.index.json: weight_map must be"),
        "org/page": ({"model.safetensors": b"<html></html>"}, "model.safetensors: is an HTML or XML page"),
        "org/pointer": ({"model.safetensors": b"version https://git-lfs.github.com/spec/v1\n"}, "Git LFS pointer"),
        "org/empty": ({"model.safetensors": b""}, "model.safetensors: is empty, not a safetensors file"),
        "org/long": ({"model.safetensors": b"\xff" * 50}, "not a safetensors file"),
        "org/cut": ({"model.safetensors": weights(SHAPES)[:5000]}, "bytes are missing"),
        "org/short": ({"model.safetensors": weights(SHAPES)[:50]}, "model.safetensors: "),
        "org/lost": (
            {name: data for name, data in three.items() if "index" in name},
            "there is no model-00001-of-00001.safetensors in the repository",
        ),
    }
    for name, (held, told) in files.items():
        sha = case.hub.add(name, {"config.json": STRANGE, **held})
        line = fails(case, name)
        assert line.startswith(f"{name}@{sha}: ")
        assert told in line


def test_weights_of_a_commit_that_answers_no_more_are_told(case: Case) -> None:
    sha = case.hub.add("org/own", {"config.json": STRANGE, "model.safetensors": weights(SHAPES)})
    case.hub.fault("/tree/", Fault(status=200, body=b"<html></html>"))
    assert fails(case, "org/own") == (
        f"org/own@{sha}: what the Hub gives is no list of files: does a proxy stand before it?"
    )
    case.hub.fault("/tree/", Fault(status=503))
    assert "(503)" in fails(case, "org/own", "--timeout", "1")


@pytest.mark.parametrize("place", ["/tree/", "index.json", "00002.*safetensors"])
@pytest.mark.parametrize("fault", [Fault(stall=True), Fault(trickle=0.2)], ids=["stall", "trickle"])
def test_slow_weights_are_given_up_at_the_time_out(case: Case, place: str, fault: Fault) -> None:
    sha = case.hub.add("org/own", {"config.json": STRANGE, **sharded(SHAPES)})
    case.hub.fault(place, fault)
    run = case.zoo("compare", "org/own", "--timeout", "1")
    assert line_of(run).endswith(
        f"; nor from its weights: org/own@{sha}: the Hub did not answer in 1 s (--timeout gives it longer)"
    )
    assert run.seconds < 4


def test_a_redirect_of_weights_to_where_others_listen_is_not_followed(case: Case) -> None:
    sha = case.hub.add("org/own", {"config.json": STRANGE, "model.safetensors": weights(SHAPES)})
    case.hub.fault("safetensors", Fault(status=302, headers={"Location": "http://169.254.169.254/latest/meta-data"}))
    assert fails(case, "org/own").startswith(f"org/own@{sha}: http://169.254.169.254 is not asked: only https is")


# --- the cache ------------------------------------------------------------------------------------------------------


def test_weights_that_the_client_fetched_are_read_without_a_request(case: Case) -> None:
    files = {"config.json": STRANGE, **sharded(SHAPES)}
    sha = case.hub.add("org/own", files)
    for file in files:
        hf_hub_download("org/own", file)
    case.hub.close()
    asked = len(case.hub.requests)
    assert record(case, f"org/own@{sha}")["parameters"] == COUNT
    assert record(case, f"org/own@{sha}", "--offline")["checkpoint"] == f"org/own@{sha} (in the cache)"
    assert len(case.hub.requests) == asked


def test_weights_that_are_there_in_part_are_asked_for(case: Case) -> None:
    files = {"config.json": STRANGE, **sharded(SHAPES)}
    sha = case.hub.add("org/own", files)
    for file in ("config.json", "model.safetensors.index.json", "model-00001-of-00003.safetensors"):
        hf_hub_download("org/own", file)
    line = fails(case, f"org/own@{sha}", "--offline")
    assert line.endswith("model-00002-of-00003.safetensors: no such file")
    assert record(case, f"org/own@{sha}")["parameters"] == COUNT
    asked = len(case.hub.requests)
    kept = record(case, f"org/own@{sha}", "--offline")
    assert (kept["parameters"], kept["checkpoint"]) == (COUNT, f"org/own@{sha}")
    assert len(case.hub.requests) == asked
    assert scan_cache_dir(case.cache).warnings == []


def test_offline_without_weights_is_one_line(case: Case) -> None:
    case.hub.add("org/own", {"config.json": STRANGE, "model.safetensors": weights(SHAPES)})
    hf_hub_download("org/own", "config.json")
    asked = len(case.hub.requests)
    line = fails(case, "org/own", "--offline")
    assert f"its weights are not in the cache {case.cache}, nor their headers" in line
    assert "(zoo fetch --headers org/own@" in line
    assert len(case.hub.requests) == asked


def test_what_was_fetched_is_counted_offline(case: Case) -> None:
    sha = case.hub.add("org/own", {"config.json": STRANGE, **sharded(SHAPES)})
    bare = case.hub.add("org/bare", {"adapter_model.safetensors": weights(SHAPES)})
    run = case.zoo("fetch", f"org/own@{sha}", f"org/bare@{bare}")
    assert (run.code, run.err) == (0, "")
    assert run.out.splitlines() == [f"org/own@{sha}", f"org/bare@{bare}"]
    case.hub.close()
    for reference in run.out.splitlines():
        assert record(case, reference, "--offline")["parameters"] == COUNT


def test_that_there_is_no_config_is_known_without_asking(case: Case) -> None:
    sha = case.hub.add("org/bare", {"model.safetensors": weights(SHAPES)})
    assert case.zoo("fetch", "org/bare").out == f"org/bare@{sha}\n"
    asked = len(case.hub.requests)
    offline = zoo.load("org/bare", access=Access(offline=True))
    case.hub.close()
    dead = zoo.load("org/bare")
    for model in (offline, dead):
        assert (model.parameters, model.status) == (COUNT, "from checkpoint")
        assert [told.partition(",")[0] for told in model.notes] == [f"org/bare: cached copy of commit {sha[:12]}"]
    assert len(case.hub.requests) == asked


def test_what_is_kept_lies_in_the_cache_that_the_environment_names(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    case.hub.add("org/own", {"config.json": STRANGE, "model.safetensors": weights(SHAPES)})
    monkeypatch.delenv("HF_HOME")
    monkeypatch.setenv("XDG_CACHE_HOME", str(case.home.parent / "elsewhere"))
    monkeypatch.setenv("HF_HUB_CACHE", str(case.cache))
    assert record(case, "org/own")["parameters"] == COUNT
    assert len(case.written()) == 3
    assert not (case.home.parent / "elsewhere").exists()


# --- several at once, and how long they take ------------------------------------------------------------------------


def test_twenty_cold_models_are_read_at_once(case: Case) -> None:
    names = [f"org/model-{number}" for number in range(20)]
    for name in names:
        case.hub.add(name, {"config.json": STRANGE, "model.safetensors": weights({"w": (2, 3)})})
    case.hub.delay = 0.3
    run = case.zoo("compare", *names, "--format", "csv", "--columns", "parameters")
    assert run.out.split() == ["parameters", *["6"] * 20]
    assert len(case.hub.requests) == 60
    assert case.hub.most_waiting > 10


@pytest.mark.parametrize("command", [("compare",), ("fetch",), ("fetch", "--headers")])
def test_headers_that_stall_do_so_together(case: Case, command: tuple[str, ...]) -> None:
    names = [f"org/model-{number}" for number in range(4)]
    for name in names:
        case.hub.add(name, {"config.json": STRANGE, "model.safetensors": weights(SHAPES)})
    case.hub.fault("/tree/", Fault(stall=True))
    run = case.zoo(*command, *names, "--timeout", "1")
    assert (run.code, run.out) == (2, "")
    told = run.err.splitlines()
    assert [line.split(": ")[1] for line in told] == names
    assert all(line.endswith("did not answer in 1 s (--timeout gives it longer)") for line in told)
    assert run.seconds < 3  # one after another, 4


@pytest.mark.parametrize(
    "command",
    [
        ("compare", "org/own"),
        ("verify", "org/bert"),
        ("verify", "bert-base", "org/bert"),
        ("fetch", "--headers", "org/bert"),
    ],
)
@pytest.mark.parametrize("config", [Fault(delay=1.2), Fault(stall=True)], ids=["a late config", "a cached config"])
def test_config_and_weights_of_a_model_share_one_clock(case: Case, config: Fault, command: tuple[str, ...]) -> None:
    case.hub.add("org/own", {"config.json": STRANGE, "model.safetensors": weights(SHAPES)})
    case.hub.add("org/bert", {"config.json": BERT, "model.safetensors": weights(SHAPES)})
    if config.stall:
        for name in ("org/own", "org/bert"):
            hf_hub_download(name, "config.json")
    case.hub.fault("config.json", config)
    case.hub.fault("/tree/", Fault(stall=True))
    run = case.zoo(*command, "--timeout", "1.5")
    assert run.code == 2
    assert run.err.endswith("the Hub did not answer in 1.5 s (--timeout gives it longer)\n")
    assert run.seconds < 2.6  # on a clock of its own each, 2.7 and 3


# --- held against a model -------------------------------------------------------------------------------------------


def test_a_model_is_held_against_the_weights_of_its_repository(case: Case) -> None:
    case.hub.add("org/bert", {"config.json": BERT, "model.safetensors": weights(SHAPES)})
    run = case.zoo("verify", "org/bert")
    assert run.code == 1
    assert "embed.weight" in run.out
    sha = case.hub.add("org/bert", {"config.json": BERT, "model.safetensors": b"x"})
    assert case.fails("verify", "org/bert") == f"org/bert@{sha}: model.safetensors: has 1 bytes, not a safetensors file"
