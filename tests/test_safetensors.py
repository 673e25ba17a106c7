"""Headers, indexes and folders of safetensors: read as the safetensors library writes them, and no less strictly than
it reads them.

What a stranger wrote gives a checkpoint or one clear line.
"""

import ctypes
import gc
import io
import json
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import safetensors
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from zoo.checkpoints import files, header, index
from zoo.checkpoints.checkpoint import Stored
from zoo.checkpoints.header import BITS, LARGEST_HEADER, Header
from zoo.errors import CheckpointError

Shape = tuple[int, ...]

# What PyTorch calls each format, as the library wants it told. It writes no numbers of six bits, but reads them.
WRITTEN = {
    "BOOL": "bool",
    "F4": "float4_e2m1fn_x2",
    "U8": "uint8",
    "I8": "int8",
    "F8_E5M2": "float8_e5m2",
    "F8_E4M3": "float8_e4m3fn",
    "F8_E8M0": "float8_e8m0fnu",
    "F8_E4M3FNUZ": "float8_e4m3fnuz",
    "F8_E5M2FNUZ": "float8_e5m2fnuz",
    "I16": "int16",
    "U16": "uint16",
    "F16": "float16",
    "BF16": "bfloat16",
    "I32": "int32",
    "U32": "uint32",
    "F32": "float32",
    "C64": "complex64",
    "F64": "float64",
    "I64": "int64",
    "U64": "uint64",
}

ONE = {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}


def file_of(entries: object, data: int = 24, pad: int = 0) -> bytes:
    """A file with this header, written as it is where it is bytes already, and so many bytes of numbers."""
    text = entries if isinstance(entries, bytes) else json.dumps(entries).encode()
    text += b" " * pad
    return len(text).to_bytes(8, "little") + text + bytes(data)


def read(data: bytes) -> Header:
    return header.read(io.BytesIO(data), len(data), "here")


def judged(data: bytes) -> dict[str, tuple[str, Shape]]:
    """Format and shape of each tensor as the library reads a file; raises SafetensorError."""
    found = safetensors.deserialize(data)  # type: ignore[no-untyped-call]
    return {name: (about["dtype"], tuple(about["shape"])) for name, about in found}


def seen(found: Header) -> dict[str, tuple[str, Shape]]:
    assert all(name == tensor.name for name, tensor in found.tensors.items())
    return {name: (tensor.dtype, tensor.shape) for name, tensor in found.tensors.items()}


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(CheckpointError) as raised:
        call()
    line = str(raised.value)
    assert line.isprintable()
    assert len(line) < 600
    return line


def written(tensors: Mapping[str, tuple[str, Shape]], metadata: dict[str, str] | None) -> bytes:
    """A file as the library writes it; of F4 the last size is half of what it stands for."""
    numbers = ctypes.create_string_buffer(1 << 16)
    specs = {}
    for name, (dtype, shape) in tensors.items():
        stored = shape if dtype != "F4" else (*shape[:-1], shape[-1] // 2)
        size = BITS[dtype] // 8 if dtype != "F4" else 1
        for dimension in stored:
            size *= dimension
        specs[name] = safetensors.TensorSpec(
            dtype=WRITTEN[dtype], shape=stored, data_ptr=ctypes.addressof(numbers), data_len=size
        )
    return bytes(safetensors.serialize(specs, metadata))


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAMES = TEXT.filter(lambda name: name != "__metadata__")
SHAPES = st.lists(st.integers(0, 4), max_size=4).map(tuple)
TENSORS = st.sampled_from(sorted(WRITTEN)).flatmap(
    lambda dtype: st.tuples(
        st.just(dtype), SHAPES if dtype != "F4" else SHAPES.map(lambda shape: (*shape[:-1], 2 * (shape or (1,))[-1]))
    )
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(NAMES, TENSORS, max_size=8), st.none() | st.dictionaries(TEXT, TEXT, max_size=4))
def test_what_the_library_writes_is_read(
    tensors: dict[str, tuple[str, Shape]], metadata: dict[str, str] | None
) -> None:
    assume(tensors or metadata != {})  # of which the library 0.8 makes `{},"__metadata__":{}}`
    data = written(tensors, metadata)
    found = read(data)
    assert seen(found) == tensors == judged(data)
    assert found.metadata == (metadata or {})


@pytest.mark.parametrize("dtype", BITS)
def test_each_format_has_as_many_bits_as_the_library_gives_it(dtype: str) -> None:
    data = file_of({"a": {"dtype": dtype, "shape": [8, 3], "data_offsets": [0, 3 * BITS[dtype]]}}, 3 * BITS[dtype])
    assert seen(read(data)) == judged(data) == {"a": (dtype, (8, 3))}


def test_no_format_of_the_library_is_missing() -> None:
    """The names in the library's own message, of what it reads."""
    with pytest.raises(safetensors.SafetensorError, match="unknown variant") as raised:
        judged(file_of({"a": {**ONE, "dtype": "F31"}}))
    assert {word for word in str(raised.value).split("`")[3::2] if word.isupper()} - {"F31"} == set(BITS)


NUMBERS: list[Any] = [-1, 0, 1, 2, 3, 4, 8, 24, 2**31, 2**62, 2**63, 2**64, 1.0, True]
OTHERS: list[Any] = [None, "F32", "F4", "F6_E2M3", "U8", "", (), (0,), {}]
MUTATIONS: st.SearchStrategy[Any] = st.sampled_from(NUMBERS + OTHERS)
SIGNS = st.sampled_from('0123456789-{}[],:" \\ue.F\n\té')


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_what_is_accepted_the_library_accepts_and_reads_alike(data: st.DataObject) -> None:
    end, entries = 0, {}
    for name, (dtype, shape) in data.draw(st.dictionaries(NAMES, TENSORS, max_size=4)).items():
        begin, end = end, end + Stored(name, dtype, shape).size * BITS[dtype] // 8
        entries[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}
    for name in data.draw(st.lists(st.sampled_from(sorted(entries)), max_size=2)) if entries else []:
        key = data.draw(st.sampled_from(["dtype", "shape", "data_offsets"]))
        old = entries[name][key]
        if isinstance(old, list) and old and data.draw(st.booleans()):
            old[data.draw(st.integers(0, len(old) - 1))] = data.draw(MUTATIONS)
        else:
            entries[name][key] = data.draw(MUTATIONS | st.lists(MUTATIONS, max_size=3))
    text = json.dumps(entries)
    for _ in range(data.draw(st.integers(0, 2))):
        at, replaced = data.draw(st.integers(1, len(text))), data.draw(st.integers(0, 1))
        text = text[:at] + data.draw(SIGNS) + text[at + replaced :]
    whole = file_of(text.encode(), end + data.draw(st.sampled_from([0, 0, 0, 1])), data.draw(st.integers(0, 2)))
    try:
        found = read(whole)
    except CheckpointError as error:
        assert str(error).isprintable()  # noqa: PT017 - or no error at all
        event("refused")
        return
    event("accepted")
    assert seen(found) == judged(whole)


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=300), st.none() | st.integers(0, 300))
def test_any_bytes_give_a_header_or_a_refusal(data: bytes, claimed: int | None) -> None:
    whole = data if claimed is None else claimed.to_bytes(8, "little") + data
    try:
        found = read(whole)
    except CheckpointError as error:
        assert str(error).isprintable()  # noqa: PT017 - or no error at all
    else:
        assert seen(found) == judged(whole)


def twice(key: str) -> bytes:
    entry = json.dumps(ONE)
    return f'{{"{key}": {entry}, "{key}": {entry}}}'.encode()


def one(**changes: object) -> dict[str, object]:
    return {"a.weight": {**ONE, **changes}}


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        (b"[1]", "does not begin with {"),
        (b" {}", "does not begin with {"),
        (b"\xef\xbb\xbf{}", "does not begin with {"),
        (b"{", "not JSON"),
        (b'{"a": 1} x', "not JSON"),
        (b'{"\xff": 1}', "not UTF-8"),
        (b'{"a": %s}' % (b"[" * 100), "nested deeper"),
        (b'{"a": %s}' % (b"7" * 5000), "digits"),
        (twice("a.weight"), "'a.weight' is given twice"),
        (b'{"a": {"dtype": "F32", "dtype": "F16"}}', "'dtype' is given twice"),
        ({"__metadata__": ["x"]}, "__metadata__ must be"),
        ({"__metadata__": None}, "__metadata__ must be"),
        ({"__metadata__": {"total": 7}}, "__metadata__ must be"),
        (b'{"__metadata__": {"x": "\\ud800"}}', "surrogate"),
        (b'{"\\ud800": {}}', "surrogate"),
        ({"a.weight": 7}, "must be an object of dtype, shape and data_offsets"),
        ({"a.weight": None}, "must be an object of dtype"),
        ({"a.weight": {"dtype": "F32", "shape": [6]}}, "must be an object of dtype"),
        (one(strides=[1]), "must be an object of dtype"),
        (one(dtype="BF61"), "no dtype 'BF61'; did you mean BF16"),
        (one(dtype="f32"), "did you mean F32"),
        (one(dtype="float32"), "no dtype"),
        (one(dtype=["F32"]), "no dtype ['F32']"),
        (one(shape=6), "shape must be a list"),
        (one(shape=[2, True, 3]), "shape must be a list"),
        (one(shape=[2.0, 3]), "shape must be a list"),
        (b'{"a.weight": {"dtype": "U8", "shape": [-0], "data_offsets": [0, 0]}}', "shape must be a list"),
        (one(shape=[-2, -3]), "shape must be a list"),
        (one(shape=[2**63]), "shape must be a list"),
        (one(shape=[2**62, 2**62]), "too large"),
        (one(shape=[2**62, 2**62, 0], data_offsets=[0, 0]), "too large"),
        (one(shape=[1] * 65), "65 dimensions"),
        (one(data_offsets=[0]), "data_offsets must be two integers"),
        (one(data_offsets=[0, 24, 24]), "data_offsets must be two integers"),
        (one(data_offsets=[24, 0]), "data_offsets must be two integers"),
        (one(data_offsets=[-24, 0]), "data_offsets must be two integers"),
        (one(data_offsets=[False, 24]), "data_offsets must be two integers"),
        (one(shape=[2, 2]), "take 16 bytes, but data_offsets span 24"),
        (one(dtype="F4", shape=[47], data_offsets=[0, 24]), "no whole number of bytes"),
        (one(dtype="F6_E2M3", shape=[3], data_offsets=[0, 2]), "no whole number of bytes"),
        ({"b": ONE, **one()}, "overlaps"),
        ({"b": {**ONE, "shape": [], "data_offsets": [20, 24]}, **one()}, "overlaps"),
        (one(shape=[5], data_offsets=[4, 24]), "4 bytes of no tensor before 'a.weight'"),
        (
            {"b": {**ONE, "shape": [2], "data_offsets": [0, 8]}, **one(shape=[3], data_offsets=[12, 24])},
            "4 bytes of no tensor before 'a.weight' after 'b'",
        ),
        (one(shape=[7], data_offsets=[0, 28]), "4 bytes are missing, the first in tensor 'a.weight'"),
    ],
)
def test_each_violation_names_the_file_and_the_tensor(entries: Any, said: str) -> None:
    line = refusal(lambda: read(file_of(entries)))
    assert line.startswith("here")
    assert said in line
    assert "'a.weight'" in line or not isinstance(entries, dict) or "a.weight" not in entries


def test_bytes_that_are_of_no_tensor_at_the_end() -> None:
    line = refusal(lambda: read(file_of(one(shape=[5], data_offsets=[0, 20]))))
    assert line == "here: 4 bytes follow that are of no tensor"


def test_a_hostile_name_is_printed_escaped_and_short() -> None:
    line = refusal(lambda: read(file_of({"\x1b[2J\n\u202e" + "x" * 10_000: {**ONE, "dtype": "F31"}})))
    assert "\\x1b[2J" in line


def test_a_shape_with_zero_or_without_sizes() -> None:
    entries = {
        "empty": {"dtype": "F32", "shape": [0, 3], "data_offsets": [0, 0]},
        "scalar": {"dtype": "F32", "shape": [], "data_offsets": [0, 4]},
        "last": {"dtype": "F32", "shape": [0], "data_offsets": [4, 4]},
    }
    data = file_of(entries, 4)
    assert seen(read(data)) == judged(data)
    inside = file_of({**entries, "last": {"dtype": "F32", "shape": [0], "data_offsets": [2, 2]}}, 4)
    assert "overlaps" in refusal(lambda: read(inside))
    with pytest.raises(safetensors.SafetensorError):
        judged(inside)


def test_a_header_without_tensors_is_fine() -> None:
    assert read(file_of({}, 0)) == ({}, {})
    assert read(file_of({"__metadata__": {"format": "pt"}}, 0, pad=5)).metadata == {"format": "pt"}
    assert "24 bytes follow" in refusal(lambda: read(file_of({})))


def test_tensors_are_in_the_order_of_the_header() -> None:
    entries = {
        "b": {"dtype": "U8", "shape": [2], "data_offsets": [2, 4]},
        "a": {"dtype": "U8", "shape": [2], "data_offsets": [0, 2]},
    }
    assert list(read(file_of(entries, 4)).tensors) == ["b", "a"]


def test_without_the_size_of_the_file_its_end_is_not_checked() -> None:
    text = json.dumps(one()).encode()
    assert header.parse(text, None, "here") == header.parse(text, 24, "here")
    with pytest.raises(CheckpointError, match="are missing"):
        header.parse(text, 23, "here")


@pytest.mark.parametrize(
    ("first", "size", "said"),
    [
        (b"", 0, "is empty"),
        (b"\x02\0\0", 3, "has 3 bytes"),
        (bytes(8), 8, "0 bytes"),
        ((LARGEST_HEADER + 1).to_bytes(8, "little"), None, "100,000,001"),
        (b"\xff" * 8, None, "18,446,744,073,709,551,615"),
        ((93).to_bytes(8, "little"), 100, "93 bytes, but 92 follow"),
        (b"<!DOCTYPE html>", None, "HTML"),
        (b"version https://git-lfs.github.com/spec/v1\noid", None, "Git LFS"),
        (b"PK\x03\x04\x00\x00\x08\x08", None, "compressed"),
    ],
)
def test_a_length_that_no_header_has(first: bytes, size: int | None, said: str) -> None:
    line = refusal(lambda: header.length(first, "here", size))
    assert line.startswith("here: ")
    assert said in line


def test_a_length_that_a_header_may_have() -> None:
    assert header.length(LARGEST_HEADER.to_bytes(8, "little"), "here") == LARGEST_HEADER
    assert header.length((92).to_bytes(8, "little") + b"{", "here", 100) == 92


class Counting(io.BytesIO):
    """A file that knows how much of it was read."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data


def test_nothing_behind_the_header_is_read() -> None:
    data = file_of({"a": {"dtype": "U8", "shape": [10**6], "data_offsets": [0, 10**6]}}, 10**6)
    stream = Counting(data)
    header.read(stream, len(data), "here")
    assert stream.taken == len(data) - 10**6


def test_a_file_that_shrinks_while_it_is_read() -> None:
    data = file_of(one())
    assert "ends within its header" in refusal(lambda: header.read(io.BytesIO(data[:40]), len(data), "here"))


def test_a_hundred_thousand_tensors() -> None:
    entries = {
        f"model.layers.{number // 1000}.mlp.experts.{number % 1000}.up_proj.weight": {
            "dtype": "BF16",
            "shape": [2048, 4096],
            "data_offsets": [number << 24, (number + 1) << 24],
        }
        for number in range(100_000)
    }
    text = json.dumps(entries).encode()
    start = time.process_time()
    assert len(header.parse(text, 100_000 << 24, "here").tensors) == 100_000
    assert time.process_time() - start < 5  # 0.6 s on the machine that this was written on
    assert gc.isenabled()


@pytest.mark.parametrize("piece", [b"{},", b"[],"])
def test_a_header_that_would_fill_the_memory_is_refused_before_it_is_parsed(piece: bytes) -> None:
    text = b'{"a": [' + piece * (50_000_000 // len(piece)) + b"0]}"
    start = time.process_time()
    assert "more than 5,000,000 lists" in refusal(lambda: header.parse(text, 0, "here"))
    assert time.process_time() - start < 10


# Indexes.


def index_of(weight_map: object) -> bytes:
    return json.dumps({"metadata": {"total_size": 7}, "weight_map": weight_map}).encode()


def test_an_index_tells_the_shard_of_each_tensor() -> None:
    weight_map = {"b": "model-00001-of-00002.safetensors", "a": "model-00002-of-00002.safetensors"}
    assert index.shards(index_of(weight_map), "here") == weight_map


@pytest.mark.parametrize(
    "shard",
    [
        "../model.safetensors",
        "..safetensors",
        "a..safetensors",
        "/etc/x.safetensors",
        "a/b.safetensors",
        "a\\b.safetensors",
        "C:x.safetensors",
        "https://example.org/x.safetensors",
        "x.safetensors\n",
        "x.safetensors\0",
        "\x1b[2J.safetensors",
        "é.safetensors",
        ".safetensors",
        "-x.safetensors",
        "x.bin",
        "x.safetensors?download=true",
        "x%2f.safetensors",
        "x" * 300 + ".safetensors",
        "",
    ],
)
def test_a_shard_is_a_plain_file_name(shard: str) -> None:
    assert "is no plain name of a safetensors file" in refusal(lambda: index.shards(index_of({"a": shard}), "here"))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty, not a model.safetensors.index.json"),
        (b"<html>", "HTML"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        (b"[]", "not an object with a weight_map"),
        (b"{}", "weight_map must be"),
        (index_of({}), "weight_map must be"),
        (index_of(["a"]), "weight_map must be"),
        (index_of({"a": 7}), "tensor 'a': must be in a file, got 7"),
        (index_of({"a": None}), "tensor 'a'"),
        (b'{"weight_map": {"a": "x.safetensors", "a": "y.safetensors"}}', "'a' is given twice"),
        (index_of({str(number): f"{number}.safetensors" for number in range(1001)}), "1,001 files"),
        (b" " * (index.LARGEST_INDEX + 1), "larger than 100 MB"),
    ],
)
def test_what_is_no_index(data: bytes, said: str) -> None:
    assert said in refusal(lambda: index.shards(data, "here"))


def headers(**shards: list[str]) -> dict[str, Header]:
    return {shard: Header({name: Stored(name, "F32", ()) for name in names}, {}) for shard, names in shards.items()}


def test_shards_are_joined_in_their_order() -> None:
    found = index.joined("here", {"b": "x", "a": "y", "c": "x"}, headers(x=["c", "b"], y=["a"]))
    assert (found.name, list(found.tensors), found.files) == ("here", ["c", "b", "a"], ("x", "y"))


@pytest.mark.parametrize(
    ("weight_map", "shards", "said"),
    [
        ({"a": "x", "b": "y"}, {"x": ["a"], "y": []}, "tensor 'b' is not in y"),
        ({"a": "x"}, {"x": ["a", "b"]}, "tensor 'b' is in x, but not in the index"),
        ({"a": "x", "b": "y"}, {"x": ["b"], "y": ["a"]}, "tensor 'b' is in x, but the index says in y"),
        ({"a": "x", "b": "y"}, {"x": ["a"], "y": ["a", "b"]}, "tensor 'a' is in y, and in x, too"),
    ],
)
def test_an_index_that_its_shards_contradict(
    weight_map: dict[str, str], shards: dict[str, list[str]], said: str
) -> None:
    assert said in refusal(lambda: index.joined("here", weight_map, headers(**shards)))


# Files and folders.

A, B = "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"
WHOLE = written({"a": ("F32", (2, 3)), "b": ("BF16", (4,))}, {"format": "pt"})
FIRST, SECOND = (written({name: ("F32", (2, 3))}, {"format": name}) for name in "ab")


def put(folder: Path, contents: Mapping[str, bytes]) -> Path:
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    return folder


SHARDED = {files.INDEX: index_of({"a": A, "b": B}), A: FIRST, B: SECOND}


@pytest.mark.parametrize(
    ("contents", "chosen"),
    [
        ({"model.safetensors": WHOLE, **SHARDED}, ("model.safetensors",)),
        ({**SHARDED, "adapter_model.safetensors": FIRST, "consolidated.safetensors": FIRST}, (A, B)),
        ({"adapter_model.safetensors": WHOLE, "other.safetensors": FIRST}, ("adapter_model.safetensors",)),
        ({"other.safetensors": WHOLE, "pytorch_model.bin": b"\x80"}, ("other.safetensors",)),
        ({"model-00001-of-00001.safetensors": WHOLE}, ("model-00001-of-00001.safetensors",)),
    ],
)
def test_a_folder_is_read_as_from_pretrained_does(
    tmp_path: Path, contents: dict[str, bytes], chosen: tuple[str, ...]
) -> None:
    found = files.read(put(tmp_path, contents))
    assert (found.name, found.files) == (str(tmp_path), chosen)
    assert sorted(found.tensors) == ["a", "b"]


def test_a_file_and_an_index_alone(tmp_path: Path) -> None:
    put(tmp_path, {"x.safetensors": WHOLE, **SHARDED})
    one_file = files.read(tmp_path / "x.safetensors")
    assert one_file == files.read(tmp_path / "x.safetensors")
    assert one_file.tensors == {"a": Stored("a", "F32", (2, 3)), "b": Stored("b", "BF16", (4,))}
    assert (one_file.files, one_file.metadata) == (("x.safetensors",), {"format": "pt"})
    sharded = files.read(tmp_path / files.INDEX)
    assert (sharded.files, sharded.metadata) == ((A, B), {"format": "a"})


@pytest.mark.parametrize(
    ("contents", "said"),
    [
        ({}, "holds no safetensors file"),
        ({"pytorch_model.bin": b"\x80"}, "holds 'pytorch_model.bin', but no safetensors file: pickled"),
        ({A: FIRST, B: SECOND}, f"holds '{A}' and 1 more, but no {files.INDEX}"),
        ({A: FIRST}, f"holds '{A}', but no {files.INDEX}"),
        ({files.INDEX: SHARDED[files.INDEX], A: FIRST}, f"{B}: no such file"),
        ({**SHARDED, B: FIRST}, "tensor 'a' is in " + B),
        ({"model.safetensors": WHOLE[:-1]}, "1 bytes are missing"),
        ({"model.safetensors": WHOLE[:50]}, "but 42 follow"),
        ({"model.safetensors": b""}, "is empty, not a safetensors file"),
        ({"model.safetensors": b"Entry not found"}, "not a safetensors file"),
        ({"model.safetensors": b"<!DOCTYPE html><html>" + bytes(900)}, "HTML"),
        ({"model.safetensors": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"}, "Git LFS"),
        ({**SHARDED, A: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"}, A + ": is a Git LFS"),
    ],
)
def test_a_folder_that_holds_no_checkpoint(tmp_path: Path, contents: dict[str, bytes], said: str) -> None:
    line = refusal(lambda: files.read(put(tmp_path, contents)))
    assert line.startswith(str(tmp_path))
    assert said in line


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.safetensors")
    assert "pipe" in refusal(lambda: files.read(tmp_path / "pipe.safetensors"))
    assert "pipe" in refusal(lambda: files.read(tmp_path))
    assert "device" in refusal(lambda: files.read(Path("/dev/zero")))
    (tmp_path / "model.safetensors").mkdir()
    assert "is a folder" in refusal(lambda: files.read(tmp_path))


@pytest.mark.parametrize("path", ["no/such.safetensors", "\0", "a" * 300, "x.bin", "\x1b[2J", "/dev/null/x", "\ud800"])
def test_a_path_that_leads_nowhere(path: str) -> None:
    refusal(lambda: files.read(Path(path)))


def test_a_symbolic_link_is_followed_as_in_the_cache_of_the_hub(tmp_path: Path) -> None:
    put(tmp_path, {"blob": WHOLE})
    (tmp_path / "model.safetensors").symlink_to("blob")
    assert len(files.read(tmp_path).tensors) == 2
    (tmp_path / "blob").unlink()
    assert "no such file" in refusal(lambda: files.read(tmp_path))


def test_of_a_huge_file_only_the_header_is_read(tmp_path: Path) -> None:
    size = 1 << 40
    with (tmp_path / "model.safetensors").open("wb") as stream:
        stream.write(file_of({"a": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}, 0))
        stream.truncate(stream.tell() + size)
    assert files.read(tmp_path).tensors["a"].size == size
