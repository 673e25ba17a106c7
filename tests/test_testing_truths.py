"""The truths of the kit: headers as they are recorded and read, and recordings."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hubcase import Case as HubCase

from zoo.errors import CheckpointError
from zoo.testing import header, recording
from zoo.testing.cases import Case
from zoo.testing.experts import idle
from zoo.testing.recording import Recording


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "zoo.testing.header", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two shards and their index, as save_pretrained leaves them."""
    folder = tmp_path_factory.mktemp("weights")
    weight_map = {f"layers.{number}.weight": f"model-0000{number}-of-00002.safetensors" for number in (1, 2)}
    for number, (name, shard) in enumerate(weight_map.items(), 1):
        entry = {"dtype": "F16", "shape": [number, 3], "data_offsets": [0, 6 * number]}
        head = json.dumps({"__metadata__": {"format": "pt"}, name: entry}).encode()
        (folder / shard).write_bytes(len(head).to_bytes(8, "little") + head + bytes(6 * number))
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))
    return folder


def test_the_command_records_all_shards_in_one_and_what_it_writes_is_read(weights: Path, tmp_path: Path) -> None:
    done = run(str(weights))
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {
        "layers.1.weight": {"dtype": "F16", "shape": [1, 3]},
        "layers.2.weight": {"dtype": "F16", "shape": [2, 3]},
    }
    file = tmp_path / "header.json"
    file.write_text(done.stdout)
    assert {name: stored.shape for name, stored in header.read(file).tensors.items()} == {
        "layers.1.weight": (1, 3),
        "layers.2.weight": (2, 3),
    }


def test_the_command_takes_a_file(weights: Path) -> None:
    done = run(str(weights / "model-00001-of-00002.safetensors"))
    assert list(json.loads(done.stdout)) == ["layers.1.weight"]


@pytest.mark.parametrize(
    "arguments", [(), ("--help",), ("no/such/folder/at/all",), (".", "."), ("\x1b[2J",), ("gpt2",)]
)
def test_the_command_refuses_in_one_line(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.isprintable()


def test_the_command_takes_a_repository_of_the_hub(
    case: HubCase, weights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shard = weights / "model-00001-of-00002.safetensors"
    case.hub.add("org/toy", {"model.safetensors": shard.read_bytes()})
    assert header.main(["org/toy"]) == 0
    assert json.loads(capsys.readouterr().out) == {"layers.1.weight": {"dtype": "F16", "shape": [1, 3]}}
    assert header.main(["org/nothing"]) == 2
    assert "org/nothing" in capsys.readouterr().err


def test_a_header_cut_out_of_a_safetensors_file_is_read(weights: Path, tmp_path: Path) -> None:
    data = (weights / "model-00002-of-00002.safetensors").read_bytes()
    file = tmp_path / "header.json"
    file.write_bytes(data[8 : 8 + int.from_bytes(data[:8], "little")])
    assert {name: (stored.dtype, stored.shape) for name, stored in header.read(file).tensors.items()} == {
        "layers.2.weight": ("F16", (2, 3))
    }


@pytest.mark.parametrize(
    "document",
    [
        "", "[]", "{", "{}", '{"__metadata__": {}}', '{"x": 3}', '{"x": {"dtype": "F32"}}', '{"x": {"shape": [1]}}',
        '{"x": {"dtype": 3, "shape": [1]}}', '{"x": {"dtype": "F32", "shape": [true]}}',
        '{"x": {"dtype": "F32", "shape": [-1]}}', '{"x": {"dtype": "F32", "shape": [1.0]}}',
        '{"x": {"dtype": "F32", "shape": "1"}}', '{"x": {"dtype": "F32", "shape": [1]}, "x": 3}', "\x00", "[" * 200,
    ],
)  # fmt: skip
def test_what_is_no_header_is_refused_by_its_name(document: str, tmp_path: Path) -> None:
    file = tmp_path / "header.json"
    file.write_text(document)
    with pytest.raises(CheckpointError, match=r"header\.json: "):
        header.read(file)


def test_a_header_that_is_not_there() -> None:
    with pytest.raises(CheckpointError, match="cannot be read"):
        header.read(Path("\0"))


CASE = Case("ToyModel", {"x": [1]}, 6, 0, {"w": [2, 3]}, {"v": "w"})


def test_a_recording_is_read_as_it_was_written_and_the_same_is_the_same_bytes(tmp_path: Path) -> None:
    found = Recording("5", "toy", ["ToyModel"], {"x": None}, {}, 1, 2, [CASE])
    recording.write(tmp_path / "a.gz", found)
    assert recording.read(tmp_path / "a.gz") == found
    recording.write(tmp_path / "b.gz", found)
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


@pytest.mark.parametrize("data", [b"", b"{}", b"\x1f\x8b", b"nothing"])
def test_what_is_no_recording_is_refused_by_its_name(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "toy.json.gz"
    file.write_bytes(data)
    with pytest.raises(CheckpointError, match=r"toy\.json\.gz: "):
        recording.read(file)


@pytest.mark.parametrize(
    ("tensors", "used", "left"),
    [
        ({"w": [2, 3]}, 1, None),
        ({"mlp.experts.up": [4, 2, 3], "w": [7]}, 1, 18),
        ({"mlp.experts.up": [4, 2, 3], "mlp.experts.down": [4, 3]}, 3, 9),
        ({f"mlp.experts.{number}.up.weight": [2, 3] for number in range(4)}, 2, 12),
        ({f"mlp.experts.expert_{number}.wi.weight": [5] for number in range(3)}, 1, 10),
    ],
)
def test_experts_that_a_token_passes_by(tensors: dict[str, Any], used: int, left: int | None) -> None:
    assert idle(tensors, used) == left
