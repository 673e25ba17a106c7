"""Gemma: LLaMA with heads of a width of their own and tied words (Mesnard et al., 2024, arXiv:2403.08295)."""

from zoo.blueprint import Parts
from zoo.common_keys import ANY
from zoo.fields import dim

from .decoder import CAUSAL_LM, SEQUENCES, TOKENS
from .gated import BiasConfig, BiasDecoder


class GemmaConfig(BiasConfig):
    """Defaults of transformers' GemmaConfig."""

    vocab_size: int = dim("V", 256_000)
    hidden_size: int = dim("H", 3_072)
    intermediate_size: int = dim("F", 24_576)
    num_hidden_layers: int = dim("L", 28)
    num_attention_heads: int = dim("A", 16)
    num_key_value_heads: int = dim("K", 16)
    head_dim: int = dim("D", 256)
    max_position_embeddings: int = dim("P", 8_192)
    tie_word_embeddings: bool = True
    use_bidirectional_attention: bool | None = None

    inert = {"hidden_activation": ANY}


class Gemma(BiasDecoder):
    """Attention looks ahead, too, if the config wants it."""

    config: GemmaConfig
    prefix = "Gemma"
    heads = CAUSAL_LM | SEQUENCES | TOKENS

    def attention(self, window: int | None) -> Parts:
        """Four projections, with biases if the config wants them."""
        c = self.config
        bias, causal = c.attention_bias, not c.use_bidirectional_attention
        yield self.grouped_query(window, bias=bias, output_bias=bias, causal=causal)
