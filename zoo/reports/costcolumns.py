"""What a comparison says of costs: each reading of the parts as a column, under the conditions of the model.

A value is None where a part does not tell its cost, or a length is missing; that is shown as "unknown", never as 0.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from zoo.conditions import MeasureError
from zoo.fields import LARGEST
from zoo.measures.dtypes import dtype
from zoo.model import Model
from zoo.reports.column import Column, Value
from zoo.text import binary, operations

if TYPE_CHECKING:
    from zoo.measures.cache import Cache
    from zoo.measures.flops import Flops
    from zoo.measures.lengths import Lengths
    from zoo.measures.memory import Fit
    from zoo.measures.training import TrainingMemory

Reading = TypeVar("Reading")


def cost(
    name: str,
    header: str,
    reading: Callable[[Model], Reading | None],
    value: Callable[[Reading], Value],
    text: Callable[[Any], str] | None = None,
    at: tuple[str, ...] = (),
    unit: str = "",
) -> Column:
    """A column for `value` of a reading that may not be known, under the conditions that `at` names."""

    def known(model: Model) -> Value:
        try:
            found = reading(model)
        except MeasureError:
            return None
        return None if found is None else value(found)

    def why(model: Model) -> str | None:
        try:
            return "a part of the model does not tell" if reading(model) is None else None
        except MeasureError as error:
            return str(error)

    return Column(name, header, known, text, missing="unknown", at=at, why=why, unit=unit)


def if_asked(column: Column) -> Column:
    """The same for what is told only where it applies: it is missing then, and not unknown."""
    return column._replace(missing="-", why=None)


def _rule(model: Model) -> float | None:
    """By how much of the exact count the rule of thumb 12·L·H² + V·H is off."""
    return model.explain().rule_error


def _per_parameter(model: Model) -> "tuple[Flops, int] | None":
    flops = model.flops()
    return None if flops is None else (flops, model.parameters)


def _fit(model: Model) -> "Fit | None":
    return None if model.conditions.fits is None else model.fits()


def _tokens(number: int) -> str:
    return "any" if number >= LARGEST else f"{number:,}"


_TEXT = ("length", "encoder_length")
_CACHE = (*_TEXT, "batch", "cache_dtype")
_TRAINING = ("optimizer", "zero")
_ERROR = "{:+.2%}".format


def _tokens_of(name: str, header: str, value: "Callable[[Lengths], int | None]") -> Column:
    return cost(name, header, lambda model: model.lengths(), value, unit="tokens")


def _flops(name: str, header: str, value: "Callable[[Flops], float]") -> Column:
    return cost(name, header, lambda model: model.flops(), value, operations, _TEXT, "FLOP")


def _cache(name: str, header: str, value: "Callable[[Cache], Value]", at: tuple[str, ...] = _CACHE) -> Column:
    return cost(name, header, lambda model: model.cache(), value, binary, at, "bytes")


def _training(name: str, header: str, value: "Callable[[TrainingMemory], int]") -> Column:
    return cost(name, header, lambda model: model.training_memory(), value, binary, _TRAINING, "bytes")


COSTS = (
    _tokens_of("length", "length", lambda lengths: lengths.text),
    if_asked(_tokens_of("encoder_length", "encoder length", lambda lengths: lengths.encoder)),
    _flops("flops", "FLOPs", lambda flops: flops.total),
    _flops("flops_per_token", "FLOPs/token", lambda flops: flops.per_token),
    _flops("flops_weights", "FLOPs of weights", lambda flops: flops.weights),
    _flops("flops_scores", "FLOPs of scores", lambda flops: flops.scores),
    _flops("flops_encoder", "FLOPs of encoder", lambda flops: flops.encoder.total),
    _flops("flops_training", "FLOPs of training", lambda flops: flops.training),
    cost(
        "flops_rule_error",
        "error of 2N",
        _per_parameter,
        lambda found: found[0].rule_error(found[1]),
        _ERROR,
        _TEXT,
        "share",
    ),
    _cache("cache", "cache", lambda cache: cache.bytes),
    _cache("cache_per_token", "cache/token", lambda cache: cache.bytes_per_token, ("cache_dtype",)),
    _cache("cache_next_token", "cache of next token", lambda cache: cache.next_token_bytes),
    _cache("cache_uncompressed", "cache uncompressed", lambda cache: cache.uncompressed_bytes),
    _cache("state", "recurrent state", lambda cache: cache.state_bytes, ("cache_dtype",)),
    cost("dtype", "dtype", lambda model: dtype(model.conditions.dtype or model.dtype), str),
    cost("weights", "weights", lambda m: m.weight_memory(), lambda memory: memory.bytes, binary, ("dtype",), "bytes"),
    cost(
        "quantization", "quantization", lambda m: m.weight_memory(), lambda memory: memory.quantization or "none", str
    ),
    _training("training", "training", lambda memory: memory.bytes),
    _training("gradients", "gradients", lambda memory: memory.gradients),
    _training("states", "states", lambda memory: memory.optimizer_states),
    if_asked(cost("fits", "fits", _fit, lambda fit: "yes" if fit.fits else "no", str, ("fits", *_CACHE))),
    if_asked(cost("longest", "longest that fits", _fit, lambda fit: fit.longest, _tokens, unit="tokens")),
    cost("lora", "LoRA", lambda m: m.lora(), lambda lora: lora.parameters, None, ("rank",), "parameters"),
    cost(
        "lora_percent", "LoRA %", lambda m: m.lora(), lambda lora: round(lora.percent, 6), "{:.2f}%".format, ("rank",)
    ),
    cost("lora_bytes", "LoRA bytes", lambda m: m.lora(), lambda lora: lora.bytes(), binary, ("rank",), "bytes"),
    cost("rule_error", "error of 12LH²+VH", _rule, lambda error: round(error, 6), _ERROR, unit="share"),
)
"""The columns of costs, at the end of those of a comparison."""
