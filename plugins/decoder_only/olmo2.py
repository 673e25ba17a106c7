"""OLMo 2: LLaMA with norms behind attention and MLP, and on queries and keys (Walsh et al., 2025, arXiv:2501.00656)."""

from zoo.blueprint import Parts, rms_norm, scope
from zoo.fields import dim

from .decoder import CAUSAL_LM, SEQUENCE_CLASSIFICATION
from .gated import GatedConfig, GatedDecoder, Layer


class Olmo2Config(GatedConfig):
    """Defaults of transformers' Olmo2Config."""

    vocab_size: int = dim("V", 50_304)
    hidden_size: int = dim("H", 4_096)
    intermediate_size: int = dim("F", 11_008)
    num_hidden_layers: int = dim("L", 32)
    num_attention_heads: int = dim("A", 32)
    max_position_embeddings: int = dim("P", 2_048)
    attention_bias: bool = False


class Olmo2(GatedDecoder):
    """Norms on what attention and MLP give, not on what they get."""

    config: Olmo2Config
    prefix = "Olmo2"
    heads = CAUSAL_LM | SEQUENCE_CLASSIFICATION

    def layer(self, kind: Layer) -> Parts:
        """Attention and MLP, each with a norm behind it."""
        H = self.config.hidden_size
        yield scope("self_attn", self.attention(kind.window)), rms_norm("post_attention_layernorm", H)
        yield scope("mlp", self.mlp()), rms_norm("post_feedforward_layernorm", H)

    def attention(self, window: int | None) -> Parts:
        """Projections, and a norm over all query heads together and one over all key heads."""
        c = self.config
        yield super().attention(window)
        yield rms_norm("q_norm", c.num_attention_heads * c.head_dim)
        yield rms_norm("k_norm", c.num_key_value_heads * c.head_dim)
