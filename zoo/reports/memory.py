"""What a model takes in memory, term by term, as a table: `zoo memory`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from zoo.conditions import MeasureError
from zoo.fields import LARGEST
from zoo.formats import RECORDS, draw, headed, is_raw, json_text
from zoo.measures.cache import Cache
from zoo.measures.flops import UnknownCostError
from zoo.measures.lengths import NoLengthError
from zoo.measures.memory import Fit, WeightMemory, weights
from zoo.measures.sizes import decimal
from zoo.measures.training import OPTIMIZERS, TrainingMemory
from zoo.model import Model
from zoo.reports.identity import identity
from zoo.text import binary

CONVENTIONS = (
    "activations, buffers and what a framework takes for itself are not counted; 1 GiB is 2^30 bytes, 1 GB 10^9"
)

_WEIGHTS = {
    "packed": "packed weights",
    "scales": "scales",
    "other": "zero points and tables",
    "unquantized": "not quantized",
}
_TRAINING = {
    "weights": "weights",
    "master_weights": "master weights",
    "gradients": "gradients",
    "optimizer_states": "optimizer states",
}


class MemoryReport(NamedTuple):
    """A model, and what it takes under its conditions; None is what is not known, or was not asked for.

    unknown: why the size of the weights or of the cache is not known.
    """

    model: Model
    weights: WeightMemory | None
    cache: Cache | None
    training: tuple[TrainingMemory, ...]
    fit: Fit | None
    unknown: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        """All of it, with raw integers; null is what is not known."""
        model, cache = self.model, self.cache
        return {
            **identity(model),
            "parameters": model.parameters,
            "weights": self.weights and {**self.weights._asdict(), "bytes": self.weights.bytes},
            "dtype_stated": model.says_dtype,
            "cache": cache
            and {
                "length": cache.lengths.text,
                "encoder_length": cache.lengths.encoder if cache.across else None,
                "batch": cache.batch,
                "dtype": cache.dtype,
                "bytes": cache.bytes,
            },
            "training": [{**found._asdict(), "bytes": found.bytes} for found in self.training],
            "fit": self.fit and {**self.fit._asdict(), "fits": self.fit.fits, "left": self.fit.left},
            "unknown": list(self.unknown),
        }

    def rows(self) -> Iterator[tuple[str, str, int | None]]:
        """What takes memory, the term of it, and its bytes; None is unknown."""
        found = self.weights
        if found is not None and found.quantization:
            yield from _terms(f"weights, {found.quantization}", found._asdict(), _WEIGHTS)
        yield "weights", "total", found and found.bytes
        yield "cache", "total", self.cache and self.cache.bytes
        for training in self.training:
            part = f"training, {training.optimizer}"
            yield from _terms(part, training._asdict(), _TRAINING)
            yield part, "total", training.bytes

    def render(self, style: str = "table") -> str:
        """As text in any style of `zoo.compare`; csv, tsv, json and jsonl carry raw numbers.

        Raises ZooError for a style that there is not.
        """
        if style in RECORDS:
            return json_text(self.record(), style)
        machine = is_raw(style)
        sizes = (str,) if machine else ("{:,}".format, binary, decimal)
        rows = [
            [part, term, *("unknown" if size is None else show(size) for show in sizes)]
            for part, term, size in self.rows()
        ]
        headers = ["part", "term", "bytes"] if machine else ["part", "term", "bytes", "powers of 2", "powers of 10"]
        return draw(headers, rows, [False, False, *(True for _ in sizes)], style)

    def heading(self) -> Iterator[str]:
        """What is told, and under which conditions."""
        model, cache = self.model, self.cache
        yield f"{model.name}: {model.class_name}, {model.parameters:,} parameters"
        if model.doubt:
            yield f"{model.status}: {model.doubt}"
        yield from (f"unknown: {reason}" for reason in self.unknown)
        if self.weights is not None:
            yield f"weights in {_dtype(model, self.weights)}"
        if cache is not None:
            yield f"cache of {cache.conditions()}"
        yield from dict.fromkeys(map(_conditions, self.training))
        yield CONVENTIONS
        yield from self.answer()

    def answer(self) -> Iterator[str]:
        """Whether it fits, where that was asked."""
        fit = self.fit
        if fit is None:
            if self.model.conditions.fits is not None:
                yield f"whether it fits {binary(self.model.conditions.fits)} is unknown"
            return
        memory = f"{binary(fit.memory)} ({decimal(fit.memory)})"
        at = "" if fit.length is None else f" at {fit.length:,} tokens"
        texts = "" if fit.batch == 1 else f", {fit.batch:,} at once"
        spare = f"{binary(fit.left)} left" if fit.fits else f"{binary(-fit.left)} missing"
        yield f"{'fits' if fit.fits else 'does not fit'} {memory}{at}{texts}: {spare}"
        yield f"longest text that does: {_longest(fit)}"

    def __str__(self) -> str:
        return headed(self.heading(), self.render(), "table")


def memory_report(model: Model, optimizers: Sequence[str] = ()) -> MemoryReport:
    """What a model takes under its conditions (see `Model.under`), trained with each of these optimizers.

    Raises MeasureError for conditions that it cannot have.
    """
    unknown = []
    taken, kept = None, None
    try:
        taken = weights(model)
    except UnknownCostError as error:
        unknown.append(f"weights: {error}")
    try:
        kept = model.cache()
        if kept is None:
            unknown.append("cache: a part does not tell how tokens see each other")
    except NoLengthError as error:
        if model.conditions.fits is not None:
            raise
        unknown.append(f"cache: {error}")
    trained = tuple(model.training_memory(name) for name in optimizers)
    fit = model.fits() if model.conditions.fits is not None else None
    return MemoryReport(model, taken, kept, trained, fit, tuple(unknown))


def optimizers(names: str) -> tuple[str, ...]:
    """The optimizers of a list with commas, or `all` of them. Raises MeasureError for none."""
    from zoo.measures.training import optimizer

    if names == "all":
        return tuple(OPTIMIZERS)
    wanted = tuple(dict.fromkeys(name.strip() for name in names.split(",")))
    if not any(wanted):
        raise MeasureError(f"no optimizer is named (there are {', '.join(OPTIMIZERS)}, or all)")
    for name in wanted:
        optimizer(name)
    return wanted


def _terms(part: str, sizes: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[tuple[str, str, int | None]]:
    return ((part, term, sizes[key]) for key, term in names.items())


def _dtype(model: Model, found: WeightMemory) -> str:
    said = found.dtype if model.says_dtype else f"{found.dtype} (not stated: PyTorch's default)"
    return f"{found.quantization}; the rest in {said}" if found.quantization else said


def _conditions(training: TrainingMemory) -> str:
    how = OPTIMIZERS[training.optimizer].about
    if not training.zero or training.devices == 1:
        return f"training on each device: {how}"
    return f"training on each of {training.devices:,} devices, ZeRO stage {training.zero}: {how}"


def _longest(fit: Fit) -> str:
    if fit.longest == fit.limit:
        return "any" if fit.limit == LARGEST else f"{fit.longest:,} tokens, as many as there are positions for"
    return f"{fit.longest:,} tokens" if fit.longest else "none"
