"""The cache of a type, held against the tensors in that of its base model of transformers, which reads a text."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from zoo.errors import ZooError
from zoo.measures import dtypes
from zoo.measures.cache import Cache
from zoo.model import Model
from zoo.testing.checks import Finding
from zoo.testing.kept import Held, Layers, handed, said
from zoo.testing.runs import CannotRunError
from zoo.testing.small import base_class
from zoo.testing.tried import ENCODER, TEXT, Differences, read, subject, tried, where

if TYPE_CHECKING:
    from zoo.testing.costs import CostChecks

LENGTHS = (4, 5, 6, 7, 30)
"""Below a window of 6 tokens, at it and above."""

FORMATS = ("bfloat16", "float16", "float64")


def cache(suite: "CostChecks", configs: int) -> Differences:
    """What the base model keeps at small configs: in each layer, in bytes, in other formats, and with a token more."""
    name = base_class(suite.model_type)
    for number, fields in enumerate(tried(suite)):
        try:
            model = suite.load(fields, name)
            if model.cache(1) is not None:
                yield from _held(suite, model, fields, usual=not number)
        except (CannotRunError, ZooError) as error:
            yield "cache", Finding(subject(suite, "cache", fields), f"{where(name, fields, TEXT)}: {error}")


def _held(suite: "CostChecks", model: Model, fields: Mapping[str, Any], *, usual: bool) -> Differences:
    found = [difference for length in LENGTHS for difference in _kept(suite, model, fields, length)]
    yield from found
    if usual and not found:
        yield from _formats(suite, model, fields)
        yield from _one_more(suite, model, fields)
    yield from _uncompressed(suite, model, fields)


def _kept(suite: "CostChecks", model: Model, fields: Mapping[str, Any], length: int) -> Differences:
    told = _cache(model, length, batch=2)
    held = Held(suite.model_type, fields, length, ENCODER, 2)
    if said(told) == held.layers():
        if told.bytes != held.bytes():
            yield _differs(suite, "cache", model, fields, length, f"{told.bytes:,}", f"{held.bytes():,} bytes")
        elif _windowed(told) and not told.across:
            # One of fixed size has as many places.
            fixed = Held(suite.model_type, fields, length, ENCODER, 2, cache="fixed")
            if (said(told), told.bytes) != (fixed.layers(), fixed.bytes()):
                yield _differs(suite, "cache", model, fields, length, _words(said(told)), _words(fixed.layers()))
        return
    copies = {attention.heads // attention.kv_heads for attention in model.attentions()}
    check = "cache"
    if said(told, capped=False) == held.layers():
        check = "cache window"
    elif any(said(told, copies=number) == held.layers() for number in copies):
        check = "cache copies"
    yield _differs(suite, check, model, fields, length, _words(said(told)), _words(held.layers()))


def _formats(suite: "CostChecks", model: Model, fields: Mapping[str, Any]) -> Differences:
    for dtype in FORMATS:
        told = _cache(model, TEXT, dtype=dtype)
        more = Held(suite.model_type, fields, TEXT, ENCODER, 1, dtype).bytes() - told.bytes
        wide = {kept.name for kept in told.kept if kept.name and more and more == _widened(told, kept.name)}
        for name in wide:
            yield "cache float32", Finding(name, f"{model.class_name}: transformers keeps state {name} in float32")
        if more and not wide:
            held = f"{told.bytes + more:,} bytes in {dtype}"
            yield _differs(suite, "cache", model, fields, TEXT, f"{told.bytes:,}", held)


def _widened(told: Cache, name: str) -> int:
    """Bytes that a state takes more in float32 than in the format of the cache."""
    missing = max(0, dtypes.BITS["float32"] - dtypes.BITS[told.dtype]) // 8
    return sum(kept.total for kept in told.kept if kept.name == name) * missing


def _one_more(suite: "CostChecks", model: Model, fields: Mapping[str, Any]) -> Differences:
    shorter, longer = (Held(suite.model_type, fields, length, ENCODER).bytes() for length in (9, 10))
    told = _cache(model, 9).next_token_bytes
    if told != longer - shorter:
        yield _differs(suite, "cache", model, fields, 9, f"{told:,}", f"{longer - shorter:,} bytes for one token more")


def _uncompressed(suite: "CostChecks", model: Model, fields: Mapping[str, Any]) -> Differences:
    told = _cache(model, TEXT)
    if told.compressed:
        given = 4 * sum(handed(suite.model_type, fields, TEXT))
        if told.uncompressed_bytes != given or told.bytes >= given:
            numbers = f"{told.uncompressed_bytes:,}", f"{given:,} bytes uncompressed"
            yield _differs(suite, "cache", model, fields, TEXT, *numbers)


def _cache(model: Model, length: int, *, batch: int = 1, dtype: str = "float32") -> Cache:
    found = model.cache(length, encoder_length=read(model, ENCODER), batch=batch, dtype=dtype)
    assert found is not None, "what it keeps is known at one length and not at another"
    return found


def _windowed(told: Cache) -> bool:
    return any(kept.window is not None for kept in told.kept)


def _differs(
    suite: "CostChecks", check: str, model: Model, fields: Mapping[str, Any], length: int, told: str, held: str
) -> tuple[str, Finding]:
    line = f"{where(model.class_name, fields, length)}: {told} kept, transformers keeps {held}"
    return check, Finding(subject(suite, check, fields), line)


def _words(layers: Layers) -> str:
    """Numbers kept in each layer: `self 32, 64`."""
    return "; ".join(f"{what} {', '.join(map(str, kept))}" for what, kept in layers.items() if kept) or "nothing"
