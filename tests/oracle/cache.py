"""What transformers keeps while a tiny random model reads a text, and what zoo says of the same: numbers by layer."""

from collections.abc import Iterator
from typing import Any, Literal

import torch
import transformers
from transformers.cache_utils import DynamicSlidingWindowLayer
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

import zoo
from oracle.attention import base_class
from zoo.measures import dtypes
from zoo.measures.cache import Cache
from zoo.model import Model
from zoo.testing.judge import config

Layers = dict[str, list[int]]
"""For self-attention, attention to an encoder and recurrent states: the numbers that each layer keeps, ascending."""

NONE_IN_TRANSFORMERS = {"openai-gpt"}
"""Types whose attention leaves keys and values to be kept, as every causal one does, of which transformers keeps none:
its code for the first GPT has no cache, and reads the whole text again for each word.
"""

WHOLE_IN_TRANSFORMERS = {"gpt_neo"}
"""Types whose windows transformers does not use to keep less: GPT-Neo's config calls the window `window_size`, which
its caches do not know, so a local layer keeps the whole text, and a mask hides what is out of the window. An engine
needs no more than the window.
"""


def repeated(model_type: str, fields: dict[str, Any]) -> int:
    """How many times transformers keeps the same keys and values: once, but in Falcon's new architecture, which copies
    those of a group for each of its query heads before they are kept. An engine keeps each once.
    """
    if model_type == "falcon" and fields.get("new_decoder_architecture"):
        settings = config(model_type, **fields)
        return int(settings.num_attention_heads // settings.num_kv_heads)
    return 1


def load(model_type: str, fields: dict[str, Any]) -> Model:
    """zoo's base model of the type."""
    return zoo.load({**fields, "model_type": model_type, "architectures": [base_class(model_type)]})


class Held:
    """A base model of transformers after it has read a text; `dtype` is that of its weights."""

    def __init__(
        self,
        model_type: str,
        fields: dict[str, Any],
        text: int,
        encoder: int,
        batch: int,
        dtype: torch.dtype = torch.float32,
        cache: Literal["growing", "fixed"] = "growing",
    ) -> None:
        self.settings = config(model_type, **fields)
        self.settings._attn_implementation = "eager"
        self.settings.use_cache = True  # which MPT's config denies
        torch.manual_seed(0)
        self.model = getattr(transformers, base_class(model_type))(self.settings).eval().to(dtype)
        words = torch.randint(2, 100, (batch, text))
        inputs: dict[str, Any] = {"input_ids": words}
        if self.settings.is_encoder_decoder:
            inputs = {"input_ids": torch.randint(2, 100, (batch, encoder)), "decoder_input_ids": words}
        if fields.get("add_cross_attention"):
            inputs["encoder_hidden_states"] = torch.randn(batch, encoder, self.settings.hidden_size, dtype=dtype)
        if cache == "fixed":
            inputs["past_key_values"] = transformers.StaticCache(config=self.settings, max_cache_len=text)
        with torch.no_grad():
            output = self.model(**inputs)
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


def said(cache: Cache, *, times: int = 1, capped: bool = True) -> Layers:
    """The same by zoo. times: of keys and values. capped: whether a window keeps what is out of it from being kept."""
    found: dict[str, list[int]] = {"self": [], "cross": [], "state": []}
    states: list[tuple[int, int]] = []
    for kept in cache.kept:
        whole = kept.window is not None and not capped
        tokens = cache.lengths.of("text") if whole else kept.tokens
        numbers = kept.numbers * tokens * cache.batch
        if kept.what == "state":
            states.append((kept.layers, numbers))
        else:
            found["cross" if kept.what == "cross-attention" else "self"] += [numbers * times] * kept.layers
    if states:  # each layer keeps one of each
        layers = {number for number, _ in states}
        assert len(layers) == 1
        found["state"] = [sum(numbers for _, numbers in states)] * layers.pop()
    return {what: sorted(numbers) for what, numbers in found.items()}


def widened(cache: Cache) -> int:
    """Bytes by which transformers keeps more than the format says: it computes a state space in float32, and keeps what
    comes of it so, for one text. Mamba's own code (mamba_ssm, `allocate_inference_cache`) has it in the format of the
    weights, as engines do unless told otherwise; and zoo in the format that it states.
    """
    missing = max(0, dtypes.BITS["float32"] - dtypes.BITS[cache.dtype]) // 8
    return sum(kept.total for kept in cache.kept if kept.name == "ssm") * missing


def handed(model_type: str, fields: dict[str, Any], text: int) -> list[int]:
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
