"""The header of a safetensors file: which tensors it holds, of which number format and shape, and where in the file.

The format (github.com/safetensors/safetensors, "Format"): eight bytes that are the length N of the header,
little-endian; N bytes of JSON, an object from names to `{"dtype": ..., "shape": [...], "data_offsets": [begin, end]}`,
padded by blanks; the numbers, to which the offsets point. Read strictly: what is accepted here the safetensors library
loads.
"""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from math import prod
from typing import IO, Any, NamedTuple

from zoo import strictjson
from zoo.checkpoints.checkpoint import Stored
from zoo.errors import CheckpointError
from zoo.text import near, shown

LARGEST_HEADER = 100_000_000
"""Bytes; the cap of the safetensors library, too."""

MOST_DIMENSIONS = 64
"""Dimensions of a tensor: as many as PyTorch and NumPy know."""

BITS = {
    "BOOL": 8,
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
    "U8": 8,
    "I8": 8,
    "F8_E5M2": 8,
    "F8_E4M3": 8,
    "F8_E8M0": 8,
    "F8_E4M3FNUZ": 8,
    "F8_E5M2FNUZ": 8,
    "I16": 16,
    "U16": 16,
    "F16": 16,
    "BF16": 16,
    "I32": 32,
    "U32": 32,
    "F32": 32,
    "C64": 64,
    "F64": 64,
    "I64": 64,
    "U64": 64,
}
"""Bits of an element, by the number format as safetensors 0.8 names it."""

_LENGTH = 8
_LARGEST_INT = 2**63 - 1
_ENTRY = {"dtype", "shape", "data_offsets"}


def _integer(digits: str) -> int | float:
    """As the safetensors library reads it, to which -0 is a float."""
    return -0.0 if digits == "-0" else int(digits)


_FORM = strictjson.Form(
    "safetensors header", "safetensors header", "of tensors", LARGEST_HEADER, CheckpointError, _integer
)


class Header(NamedTuple):
    """What a safetensors file says of itself: its tensors in the order of the header, and the metadata."""

    tensors: Mapping[str, Stored]
    metadata: Mapping[str, str]


def read(stream: IO[bytes], size: int, where: str) -> Header:
    """The header of an open file of `size` bytes; of a safetensors file nothing behind the header is read.

    Raises CheckpointError, which names the file by `where`.
    """
    first = stream.read(_LENGTH)
    if int.from_bytes(first, "little") > LARGEST_HEADER:
        first += stream.read(200)  # this is no safetensors file, and more of it tells what it is
    bytes_of_it = length(first, where, size)
    data = stream.read(bytes_of_it)
    if len(data) < bytes_of_it:
        raise CheckpointError(f"{where}: ends within its header (it was cut off while it was read)")
    return parse(data, size - _LENGTH - bytes_of_it, where)


def length(first: bytes, where: str, size: int | None = None) -> int:
    """The length in bytes of the header, without the eight bytes that tell it and with which `first` begins.

    size: of the whole file, in bytes, where it is known. Raises CheckpointError where no header can be so long, saying
    what the file is as far as `first` shows it.
    """
    if len(first) < _LENGTH:
        kind = strictjson.other_kind(first) or f"has {len(first)} bytes"
        raise CheckpointError(f"{where}: {kind}, not a safetensors file")
    found = int.from_bytes(first[:_LENGTH], "little")
    if found > LARGEST_HEADER:
        told = f"tells a header of {found:,} bytes, more than the cap of {LARGEST_HEADER:,}"
        kind = strictjson.other_kind(first) or told
        raise CheckpointError(f"{where}: {kind}, not a safetensors file")
    if found == 0:
        raise CheckpointError(f"{where}: says that its header has 0 bytes; a safetensors file has one")
    if size is not None and found > size - _LENGTH:
        raise CheckpointError(
            f"{where}: says that its header has {found:,} bytes, but {size - _LENGTH:,} follow: fetch the file again"
        )
    return found


def parse(data: bytes, size: int | None, where: str) -> Header:
    """The header that `data` is. size: how many bytes of numbers follow it, None where that is not known.

    Raises CheckpointError, which names the file by `where`, and the tensor.
    """
    if not data.startswith(b"{"):
        raise CheckpointError(f"{where}: the header does not begin with {{, as that of a safetensors file does")
    with _uncollected():
        return _parsed(strictjson.parse(data, f"{where}, header", _FORM), size, where)


@contextmanager
def _uncollected() -> Iterator[None]:
    """No garbage is collected meanwhile: all of a long header stays, and to look for some takes as long as reading."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _parsed(entries: dict[str, Any], size: int | None, where: str) -> Header:
    metadata = _metadata(entries.pop("__metadata__", {}), where)
    tensors: dict[str, Stored] = {}
    spans: list[tuple[int, int, str]] = []
    for name, entry in entries.items():
        try:
            tensors[name], begin, end = _tensor(name, entry)
        except _FaultError as fault:
            raise CheckpointError(f"{where}: tensor {shown(name)}: {fault}") from None
        spans.append((begin, end, name))
    _check_cover(spans, size, where)
    return Header(tensors, metadata)


class _FaultError(Exception):
    """What is wrong with an entry."""


def _tensor(name: str, entry: Any) -> tuple[Stored, int, int]:
    """A tensor, and where its numbers begin and end."""
    if not _is_unicode(name):
        raise _FaultError("the name holds half a surrogate pair, which is no text")
    if not isinstance(entry, dict) or entry.keys() != _ENTRY:
        raise _FaultError(f"must be an object of dtype, shape and data_offsets, got {shown(entry)}")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in BITS:
        raise _FaultError(f"no dtype {shown(dtype)}{near(dtype, BITS) if isinstance(dtype, str) else ''}")
    if not _are_sizes(shape):
        raise _FaultError(f"shape must be a list of integers from 0 to 2^63 - 1, got {shown(shape)}")
    if len(shape) > MOST_DIMENSIONS:
        raise _FaultError(f"has {len(shape):,} dimensions; the cap is {MOST_DIMENSIONS}")
    if not _are_sizes(offsets) or len(offsets) != 2 or offsets[0] > offsets[1]:
        raise _FaultError(f"data_offsets must be two integers, a begin and an end not before it, got {shown(offsets)}")
    begin, end = offsets
    # A size of 0 does not hide the others: whoever multiplies them from the left would overflow.
    largest = prod(filter(None, shape)) * BITS[dtype]
    if largest > _LARGEST_INT:
        raise _FaultError(f"shape {shown(shape)} is too large for any tensor")
    bits = 0 if 0 in shape else largest
    if bits % 8:
        raise _FaultError(f"{shown(shape)} of {dtype} are no whole number of bytes")
    if bits != (end - begin) * 8:
        raise _FaultError(f"{shown(shape)} of {dtype} take {bits // 8:,} bytes, but data_offsets span {end - begin:,}")
    return Stored(name, dtype, tuple(shape)), begin, end


def _are_sizes(value: Any) -> bool:
    if not isinstance(value, list):
        return False
    for size in value:  # noqa: SIM110 - of two numbers, a loop looks at them three times as fast as all() does
        if type(size) is not int or not 0 <= size <= _LARGEST_INT:  # by its exact type, as true is an int, too
            return False
    return True


def _is_unicode(text: str) -> bool:
    """Whether it can be written down, which half a surrogate pair, as JSON can escape it, cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _metadata(value: Any, where: str) -> Mapping[str, str]:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise CheckpointError(f"{where}: __metadata__ must be an object of strings, got {shown(value)}")
    if not all(_is_unicode(key + text) for key, text in value.items()):
        raise CheckpointError(f"{where}: __metadata__ holds half a surrogate pair, which is no text")
    return value


def _check_cover(spans: list[tuple[int, int, str]], size: int | None, where: str) -> None:
    """Raises unless the tensors cover the numbers without hole or overlap, from the first byte to the last."""
    spans.sort()
    for (_, last, before), (begin, _, name) in pairwise([(0, 0, ""), *spans]):
        if begin < last:
            raise CheckpointError(f"{where}: tensor {shown(name)} overlaps {shown(before)}")
        if begin > last:
            after = f" after {shown(before)}" if last else ""
            raise CheckpointError(f"{where}: {begin - last:,} bytes of no tensor before {shown(name)}{after}")
    end = spans[-1][1] if spans else 0
    if size is not None and end > size:
        raise CheckpointError(
            f"{where}: {end - size:,} bytes are missing, the first in tensor "
            f"{shown(next(name for _, last, name in spans if last > size))}: fetch the file again"
        )
    if size is not None and end < size:
        raise CheckpointError(f"{where}: {size - end:,} bytes follow that are of no tensor")
