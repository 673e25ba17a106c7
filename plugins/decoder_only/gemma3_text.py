"""Gemma 3: Gemma 2 with normed heads, and a window in five layers of six (Kamath et al., 2025, arXiv:2503.19786)."""

from zoo.blueprint import Parts, Without, rms_norm
from zoo.common_keys import ANY
from zoo.fields import dim

from .gated import Kinds, Layer, typed_layers
from .gemma2 import Gemma2, Gemma2Config


class Gemma3TextConfig(Gemma2Config):
    """Defaults of transformers' Gemma3TextConfig, where they are not Gemma 2's."""

    vocab_size: int = dim("V", 262_208)
    max_position_embeddings: int = dim("P", 131_072)
    use_bidirectional_attention: bool | None = False
    sliding_window_pattern: int = dim("every", 6)

    # transformers notes the pattern down beside the `layer_types` that it made of it.
    inert = {"_sliding_window_pattern": ANY, "rope_local_base_freq": ANY}


class Gemma3(Gemma2):
    """One layer in `sliding_window_pattern` sees everything."""

    config: Gemma3TextConfig
    prefix = "Gemma3"
    heads = {
        "ForCausalLM": "causal_lm",
        "TextModel": "model",
        "TextForSequenceClassification": "sequence_classification",
    }

    def kinds(self) -> Kinds:
        """All but every `sliding_window_pattern`-th layer have a window, unless `layer_types` says otherwise."""
        c = self.config
        L, pattern, window = c.num_hidden_layers, c.sliding_window_pattern, c.sliding_window
        if window and c.use_bidirectional_attention:
            window = window // 2 * 2 + 1  # half of it back, half ahead, and the token itself
        full = range(pattern - 1, L, pattern)
        return typed_layers(L, c.layer_types, Without(range(L), full), Layer(window), Layer())

    def attention(self, window: int | None) -> Parts:
        """Projections, and a norm shared by the query heads and one shared by the key heads."""
        D = self.config.head_dim
        yield super().attention(window), rms_norm("q_norm", D), rms_norm("k_norm", D)
