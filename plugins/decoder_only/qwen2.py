"""Qwen2: LLaMA with biases on Q, K and V, a window in later layers (Yang et al., 2024, arXiv:2407.10671)."""

from typing import ClassVar

from zoo.common_keys import ANY
from zoo.fields import dim

from .decoder import CAUSAL_LM, OLD_QUESTION_ANSWERING, SEQUENCE_CLASSIFICATION, TOKEN_CLASSIFICATION
from .gated import GatedConfig, GatedDecoder, Kinds, Layer, LayerType, typed_layers


class Qwen2Config(GatedConfig):
    """Defaults of transformers' Qwen2Config. `sliding_window` holds only where `use_sliding_window` is set."""

    vocab_size: int = dim("V", 151_936)
    hidden_size: int = dim("H", 4_096)
    intermediate_size: int = dim("F", 22_016)
    num_hidden_layers: int = dim("L", 32)
    num_attention_heads: int = dim("A", 32)
    # Here null is not the default: it means as many as query heads.
    num_key_value_heads: int | None = dim("K", 32)  # type: ignore[assignment]
    max_position_embeddings: int = dim("P", 32_768)
    use_sliding_window: bool = False
    sliding_window: int | None = dim("W", 4_096)
    max_window_layers: int = dim("L_W", 28, minimum=0)
    layer_types: list[LayerType] | None = None

    # Qwen2-VL's way to number positions.
    inert = {"use_mrope": ANY}


class Qwen2(GatedDecoder):
    """Biases into the heads but not out of them."""

    config: Qwen2Config
    prefix = "Qwen2"
    lora_targets: ClassVar[tuple[str, ...]] = ("q_proj", "v_proj")
    heads = CAUSAL_LM | SEQUENCE_CLASSIFICATION | TOKEN_CLASSIFICATION | OLD_QUESTION_ANSWERING

    def window(self) -> int | None:
        """How far back sliding layers see."""
        return self.config.sliding_window if self.config.use_sliding_window else None

    def kinds(self) -> Kinds:
        """The first `max_window_layers` see everything, the rest a window, unless `layer_types` says otherwise."""
        c = self.config
        later = range(min(c.max_window_layers, c.num_hidden_layers), c.num_hidden_layers)
        return typed_layers(c.num_hidden_layers, c.layer_types, later, Layer(self.window()), Layer())

    def kv_heads(self) -> int:
        """How many heads keys and values have."""
        return self.config.num_key_value_heads or self.config.num_attention_heads

    def biases(self) -> tuple[bool, bool]:
        """On queries, keys and values."""
        return True, False
