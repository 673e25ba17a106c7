"""What a model keeps of a text while it writes, as a table: `zoo cache`."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from zoo.formats import RECORDS, draw, headed, is_raw, json_text
from zoo.measures.cache import Cache, Kept
from zoo.model import Model
from zoo.reports.identity import identity
from zoo.text import binary

_HEADERS = {
    "kept": "kept",
    "layers": "layers",
    "window": "window",
    "numbers": "numbers per token and layer",
    "uncompressed_numbers": "uncompressed",
    "tokens": "tokens",
    "bytes": "size",
}


class CacheReport(NamedTuple):
    """A model, and what it keeps under its conditions; None where a part does not tell."""

    model: Model
    cache: Cache | None

    def records(self) -> list[dict[str, Any]]:
        """What equal layers keep, with raw integers.

        numbers: in each layer for each token; of a state, to which tokens add nothing, for the whole text.
        bytes: of all those layers, for the whole batch.
        """
        return [] if self.cache is None else [_record(self.cache, kept) for kept in self.cache.kept]

    def record(self) -> dict[str, Any]:
        """All of it, with raw integers; null is what is not known."""
        model, cache = self.model, self.cache
        return {
            **identity(model),
            "length": cache and cache.lengths.text,
            "encoder_length": cache.lengths.encoder if cache and cache.across else None,
            "batch": cache and cache.batch,
            "dtype": cache and cache.dtype,
            "kept": cache and self.records(),
            "bytes": cache and cache.bytes,
            "bytes_per_token": cache and cache.bytes_per_token,
            "next_token_bytes": cache and cache.next_token_bytes,
            "state_bytes": cache and cache.state_bytes,
            "uncompressed_bytes": cache and cache.uncompressed_bytes,
        }

    def render(self, style: str = "table") -> str:
        """As text in any style of `zoo.compare`; csv, tsv, json and jsonl carry raw numbers.

        Raises ZooError for a style that there is not.
        """
        if style in RECORDS:
            return json_text(self.record(), style)
        rows: list[Mapping[str, Any]] = [*self.records(), {"kept": "total", "bytes": self.cache and self.cache.bytes}]
        columns, cell = list(_HEADERS), _raw
        if not is_raw(style):
            columns, cell = [name for name in columns if self._tells(name)], _text
        return draw(
            columns if cell is _raw else [_HEADERS[name] for name in columns],
            [[cell(name, row.get(name)) for name in columns] for row in rows],
            [name != "kept" for name in columns],
            style,
        )

    def heading(self) -> Iterator[str]:
        """What is told, under which conditions, and what one token adds."""
        model, cache = self.model, self.cache
        yield f"{model.name}: {model.class_name}, what it keeps of a text for the next token"
        if model.doubt:
            yield f"{model.status}: {model.doubt}"
        if cache is None:
            yield "unknown: a part does not tell how tokens see each other"
            return
        granted = "" if model.says_dtype or model.conditions.cache_dtype else "; no dtype is stated: PyTorch's default"
        yield f"{cache.conditions()} (1 GiB is 2^30 bytes{granted})"
        if not cache.kept:
            yield "nothing: that is for decoders, and this is none"
            return
        before = f"; {cache.bytes_per_token:,} until a window is full" if self._tells("window") else ""
        yield f"{cache.bytes:,} bytes; one more token of one text: {cache.next_token_bytes:,} bytes{before}"
        if cache.compressed:
            yield f"uncompressed, as keys and values of all heads: {binary(cache.uncompressed_bytes)}"

    def __str__(self) -> str:
        return headed(self.heading(), self.render(), "table")

    def _tells(self, name: str) -> bool:
        """Whether a column says anything; uncompressed numbers do so where something is compressed."""
        if name == "uncompressed_numbers":
            return self.cache is not None and self.cache.compressed
        return name in ("kept", "bytes") or any(row[name] is not None for row in self.records())


def cache_report(model: Model) -> CacheReport:
    """What a model keeps under its conditions (see `Model.under`). Raises MeasureError for some that it cannot have."""
    at = model.conditions
    return CacheReport(model, model.cache(dtype=at.cache_dtype or at.dtype))


def _record(cache: Cache, kept: Kept) -> dict[str, Any]:
    return {
        "kept": f"{kept.what} {kept.name}".rstrip(),
        "layers": kept.layers,
        "window": kept.window,
        "numbers": kept.numbers,
        "uncompressed_numbers": kept.uncompressed,
        "tokens": None if kept.what == "state" else kept.tokens,
        "bytes": cache.bytes_of(kept),
    }


def _raw(name: str, value: Any) -> str:
    return _missing(name) if value is None else str(value)


def _text(name: str, value: Any) -> str:
    if value is None:
        return _missing(name)
    return binary(value) if name == "bytes" else f"{value:,}" if isinstance(value, int) else str(value)


def _missing(name: str) -> str:
    """What stands where nothing does: every row has a size, if it is known."""
    return "unknown" if name == "bytes" else ""
