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
    from zoo.measures.flops import Flops
    from zoo.measures.memory import Fit

Reading = TypeVar("Reading")


def cost(
    name: str,
    header: str,
    reading: Callable[[Model], Reading | None],
    value: Callable[[Reading], Value],
    text: Callable[[Any], str] | None = None,
    at: tuple[str, ...] = (),
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

    return Column(name, header, known, text, missing="unknown", at=at, why=why)


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

COSTS = (
    cost("length", "length", lambda m: m.lengths(), lambda lengths: lengths.text),
    if_asked(cost("encoder_length", "encoder length", lambda m: m.lengths(), lambda lengths: lengths.encoder)),
    cost("flops", "FLOPs", lambda m: m.flops(), lambda flops: flops.total, operations, _TEXT),
    cost("flops_per_token", "FLOPs/token", lambda m: m.flops(), lambda flops: flops.per_token, operations, _TEXT),
    cost("flops_weights", "FLOPs of weights", lambda m: m.flops(), lambda flops: flops.weights, operations, _TEXT),
    cost("flops_scores", "FLOPs of scores", lambda m: m.flops(), lambda flops: flops.scores, operations, _TEXT),
    cost(
        "flops_encoder", "FLOPs of encoder", lambda m: m.flops(), lambda flops: flops.encoder.total, operations, _TEXT
    ),
    cost("flops_training", "FLOPs of training", lambda m: m.flops(), lambda flops: flops.training, operations, _TEXT),
    cost(
        "flops_rule_error", "2N", _per_parameter, lambda found: found[0].rule_error(found[1]), "{:+.1%}".format, _TEXT
    ),
    cost("cache", "cache", lambda m: m.cache(), lambda cache: cache.bytes, binary, _CACHE),
    cost(
        "cache_per_token",
        "cache/token",
        lambda m: m.cache(),
        lambda cache: cache.bytes_per_token,
        binary,
        ("cache_dtype",),
    ),
    cost("cache_next_token", "next token", lambda m: m.cache(), lambda cache: cache.next_token_bytes, binary, _CACHE),
    cost(
        "cache_uncompressed",
        "uncompressed",
        lambda m: m.cache(),
        lambda cache: cache.uncompressed_bytes,
        binary,
        _CACHE,
    ),
    cost("state", "state", lambda m: m.cache(), lambda cache: cache.state_bytes, binary, ("cache_dtype",)),
    cost("dtype", "dtype", lambda model: dtype(model.conditions.dtype or model.dtype), str),
    cost("weights", "weights", lambda m: m.weight_memory(), lambda memory: memory.bytes, binary, ("dtype",)),
    cost(
        "quantization", "quantization", lambda m: m.weight_memory(), lambda memory: memory.quantization or "none", str
    ),
    cost("training", "training", lambda m: m.training_memory(), lambda memory: memory.bytes, binary, _TRAINING),
    cost("gradients", "gradients", lambda m: m.training_memory(), lambda memory: memory.gradients, binary, _TRAINING),
    cost("states", "states", lambda m: m.training_memory(), lambda memory: memory.optimizer_states, binary, _TRAINING),
    if_asked(cost("fits", "fits", _fit, lambda fit: "yes" if fit.fits else "no", str, _CACHE)),
    if_asked(cost("longest", "longest that fits", _fit, lambda fit: fit.longest, _tokens)),
    cost("lora", "LoRA", lambda m: m.lora(), lambda lora: lora.parameters, None, ("rank",)),
    cost(
        "lora_percent", "LoRA %", lambda m: m.lora(), lambda lora: round(lora.percent, 6), "{:.2f}%".format, ("rank",)
    ),
    cost("lora_bytes", "LoRA bytes", lambda m: m.lora(), lambda lora: lora.bytes(), binary, ("rank",)),
    cost("rule_error", "12LH²+VH", _rule, lambda error: round(error, 6), "{:+.1%}".format),
)
"""The columns of costs, at the end of those of a comparison."""
