"""What transformers keeps while a tiny random model reads a text, and what zoo says of the same: numbers by layer."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import torch
import transformers
from transformers.cache_utils import DynamicSlidingWindowLayer
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from zoo.measures.cache import Cache
from zoo.testing.judge import config
from zoo.testing.runs import CannotRunError
from zoo.testing.small import base_class

Layers = dict[str, list[int]]
"""For self-attention, attention to an encoder and recurrent states: the numbers that each layer keeps, ascending."""


class Held:
    """A base model of transformers after it has read a text; `dtype` is that of its weights, as PyTorch calls it.

    Raises CannotRunError where transformers cannot.
    """

    def __init__(
        self,
        model_type: str,
        fields: Mapping[str, Any],
        text: int,
        encoder: int,
        batch: int = 1,
        dtype: str = "float32",
        cache: Literal["growing", "fixed"] = "growing",
    ) -> None:
        settings = config(model_type, **fields)
        settings._attn_implementation = "eager"
        settings._experts_implementation = "eager"
        settings.use_cache = True  # which some configs deny
        torch.manual_seed(0)
        precision: torch.dtype = getattr(torch, dtype)
        model = getattr(transformers, base_class(model_type))(settings).eval().to(precision)
        words = torch.randint(2, 100, (batch, text))
        inputs: dict[str, Any] = {"input_ids": words}
        if settings.is_encoder_decoder:
            inputs = {"input_ids": torch.randint(2, 100, (batch, encoder)), "decoder_input_ids": words}
        if fields.get("add_cross_attention"):
            inputs["encoder_hidden_states"] = torch.randn(batch, encoder, settings.hidden_size, dtype=precision)
        if cache == "fixed":
            inputs["past_key_values"] = transformers.StaticCache(config=settings, max_cache_len=text)
        try:
            with torch.no_grad():
                output = model(**inputs)
        except Exception as error:
            raise CannotRunError(f"{type(error).__name__}: {error}") from error
        self.cache = output.get("past_key_values")
        if self.cache is None:
            self.cache = output.get("cache_params")

    def layers(self) -> Layers:
        """The numbers that each layer keeps."""
        return {what: sorted(sum(map(torch.numel, layer)) for layer in layers) for what, layers in self._tensors()}

    def bytes(self) -> int:
        """What all of it takes."""
        return sum(tensor.nbytes for _, layers in self._tensors() for layer in layers for tensor in layer)

    def _tensors(self) -> Iterator[tuple[str, list[list[torch.Tensor]]]]:
        own = getattr(self.cache, "self_attention_cache", self.cache)
        yield "self", [_full(layer) for layer in own.layers if hasattr(layer, "keys")] if own is not None else []
        across = getattr(self.cache, "cross_attention_cache", None)
        yield (
            "cross",
            [[layer.keys, layer.values] for layer in across.layers if layer.keys is not None] if across else [],
        )
        states = [layer for layer in own.layers if hasattr(layer, "conv_states")] if own is not None else []
        yield "state", [[*layer.conv_states.values(), *layer.recurrent_states.values()] for layer in states]


def _full(layer: Any) -> list[torch.Tensor]:
    """Keys and values of a layer. One with a window holds, once that is full, all but the token that has come last or
    is to come next; it is put back: with it, attention reads as many as the window is wide.
    """
    pair: list[torch.Tensor] = [layer.keys, layer.values]
    if isinstance(layer, DynamicSlidingWindowLayer) and layer.cumulative_length >= layer.sliding_window:
        assert {tensor.shape[-2] for tensor in pair} == {layer.sliding_window - 1}
        return [torch.cat([tensor[..., :1, :], tensor], dim=-2) for tensor in pair]
    return pair


def said(cache: Cache, *, copies: int = 1, capped: bool = True) -> Layers:
    """The same by zoo. copies: of keys and values. capped: whether a window keeps what is out of it from being kept."""
    found: Layers = {"self": [], "cross": [], "state": []}
    states: list[tuple[int, int]] = []
    for kept in cache.kept:
        whole = kept.window is not None and not capped
        tokens = cache.lengths.of("text") if whole else kept.tokens
        numbers = kept.numbers * tokens * cache.batch
        if kept.what == "state":
            states.append((kept.layers, numbers))
        else:
            found["cross" if kept.what == "cross-attention" else "self"] += [numbers * copies] * kept.layers
    if states:  # each layer keeps one of each
        layers = {number for number, _ in states}
        assert len(layers) == 1
        found["state"] = [sum(numbers for _, numbers in states)] * layers.pop()
    return {what: sorted(numbers) for what, numbers in found.items()}


def handed(model_type: str, fields: Mapping[str, Any], text: int) -> list[int]:
    """How many numbers of keys and values each layer hands to attention, which are those of all heads."""
    found: list[int] = []

    def spy(module: Any, query: Any, key: torch.Tensor, value: torch.Tensor, *rest: Any, **more: Any) -> Any:
        found.append(key.numel() + value.numel())
        return ALL_ATTENTION_FUNCTIONS["sdpa"](module, query, key, value, *rest, **more)

    ALL_ATTENTION_FUNCTIONS.register("spy", spy)
    settings = config(model_type, **fields)
    settings._attn_implementation = "spy"
    model = getattr(transformers, base_class(model_type))(settings).eval()
    with torch.no_grad():
        model(torch.randint(2, 100, (1, text)))
    return found
