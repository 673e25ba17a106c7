"""Phi-3: LLaMA with fused queries, keys and values, and fused gate and up (Abdin et al., 2024, arXiv:2404.14219)."""

from zoo.blueprint import Parts, attend, linear
from zoo.common_keys import harmless
from zoo.fields import dim

from .decoder import CAUSAL_LM, SEQUENCE_CLASSIFICATION, TOKEN_CLASSIFICATION
from .gated import GatedConfig, GatedDecoder, Kinds, Layer


class Phi3Config(GatedConfig):
    """Defaults of transformers' Phi3Config."""

    vocab_size: int = dim("V", 32_064)
    hidden_size: int = dim("H", 3_072)
    intermediate_size: int = dim("F", 8_192)
    num_hidden_layers: int = dim("L", 32)
    num_attention_heads: int = dim("A", 32)
    max_position_embeddings: int = dim("P", 4_096)
    sliding_window: int | None = dim("W", None)

    # The keys with one harmless value are of the code that Microsoft publishes beside the weights; transformers
    # reads none of them. A full_attn_mod of 1: attention is alike in all layers.
    inert = {
        **harmless("embd_pdrop original_max_position_embeddings partial_rotary_factor resid_pdrop"),
        "attention_bias": False,
        "full_attn_mod": 1,
        "interpolate_factor": 1,
        "lm_head_bias": False,
        "mlp_bias": False,
    }


class Phi3(GatedDecoder):
    """Fused projections; one window in all layers, or none."""

    config: Phi3Config
    prefix = "Phi3"
    heads = CAUSAL_LM | SEQUENCE_CLASSIFICATION | TOKEN_CLASSIFICATION

    def kinds(self) -> Kinds:
        """All layers are alike."""
        return {Layer(self.config.sliding_window): range(self.config.num_hidden_layers)}

    def attention(self, window: int | None) -> Parts:
        """One projection to all heads, and one back."""
        c = self.config
        H, A, K, D = c.hidden_size, c.num_attention_heads, c.num_key_value_heads, c.head_dim
        yield linear("qkv_proj", H, (A + 2 * K) * D, bias=False), linear("o_proj", A * D, H, bias=False)
        yield attend(heads=A, kv_heads=K, head_dim=D, window=window)

    def mlp(self) -> Parts:
        """Gate and up as one matrix, and down."""
        H, F = self.config.hidden_size, self.config.intermediate_size
        yield linear("gate_up_proj", H, 2 * F, bias=False), linear("down_proj", F, H, bias=False)
