"""What a comparison says of costs: each reading of the parts as a column, under the conditions of the model.

A value is None where a part does not tell its cost, or a length is missing; that is shown as "unknown", never as 0.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from zoo.conditions import MeasureError
from zoo.model import Model
from zoo.reports.column import Column, Value
from zoo.text import binary, operations

if TYPE_CHECKING:
    from zoo.measures.memory import Fit

Reading = TypeVar("Reading")


def cost(
    name: str,
    header: str,
    reading: Callable[[Model], Reading | None],
    value: Callable[[Reading], Value],
    text: Callable[[Any], str] | None = None,
) -> Column:
    """A column for `value` of a reading that may not be known."""

    def known(model: Model) -> Value:
        try:
            found = reading(model)
        except MeasureError:  # no length, or a format that nobody knows: `under` has told the rest
            return None
        return None if found is None else value(found)

    return Column(name, header, known, text, missing="unknown")


def rule_error(model: Model) -> float | None:
    """By how much of the exact count the rule of thumb 12·L·H² + V·H is off."""
    return model.explain().rule_error


def _fit(model: Model) -> "Fit | None":
    return None if model.conditions.fits is None else model.fits()


COSTS = (
    cost("length", "length", Model.lengths, lambda lengths: lengths.text),
    cost("encoder_length", "encoder length", Model.lengths, lambda lengths: lengths.encoder),
    cost("flops", "FLOPs", Model.flops, lambda flops: flops.total, operations),
    cost("flops_per_token", "FLOPs/token", Model.flops, lambda flops: flops.per_token, operations),
    cost("flops_weights", "FLOPs of weights", Model.flops, lambda flops: flops.weights, operations),
    cost("flops_scores", "FLOPs of scores", Model.flops, lambda flops: flops.scores, operations),
    cost("flops_encoder", "FLOPs of encoder", Model.flops, lambda flops: flops.encoder.total, operations),
    cost("flops_training", "FLOPs of training", Model.flops, lambda flops: flops.training, operations),
    cost("cache", "cache", Model.cache, lambda cache: cache.bytes, binary),
    cost("cache_per_token", "cache/token", Model.cache, lambda cache: cache.bytes_per_token, binary),
    cost("cache_uncompressed", "uncompressed cache", Model.cache, lambda cache: cache.uncompressed_bytes, binary),
    cost("state", "state", Model.cache, lambda cache: cache.state_bytes, binary),
    cost("dtype", "dtype", lambda model: model.conditions.dtype or model.dtype, str),
    cost("weights", "weights", Model.weight_memory, lambda memory: memory.bytes, binary),
    cost("training", "training", Model.training_memory, lambda memory: memory.bytes, binary),
    cost("fits", "fits", _fit, lambda fit: "yes" if fit.fits else "no"),
    cost("longest", "longest that fits", _fit, lambda fit: fit.longest),
    cost("lora", "LoRA", Model.lora, lambda lora: lora.parameters),
    cost("lora_percent", "LoRA %", Model.lora, lambda lora: round(lora.percent, 6), "{:.2f}%".format),
    cost("rule_error", "12LH²+VH", rule_error, lambda error: round(error, 6), "{:+.1%}".format),
)
"""The columns of costs, at the end of those of a comparison."""
