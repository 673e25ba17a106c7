"""Cohere: LLaMA, attention and MLP side by side behind one norm (Aya 23: Aryabumi et al., 2024, arXiv:2405.15032)."""

from zoo.blueprint import Parts, embedding, layer_norm, repeat, scope, tensor
from zoo.common_keys import harmless
from zoo.fields import dim

from .decoder import CAUSAL_LM
from .gated import GatedConfig, GatedDecoder, Layer


class CohereConfig(GatedConfig):
    """Defaults of transformers' CohereConfig."""

    vocab_size: int = dim("V", 256_000)
    hidden_size: int = dim("H", 8_192)
    intermediate_size: int = dim("F", 22_528)
    num_hidden_layers: int = dim("L", 40)
    num_attention_heads: int = dim("A", 64)
    max_position_embeddings: int = dim("P", 8_192)
    tie_word_embeddings: bool = True
    attention_bias: bool = False
    use_qk_norm: bool = False

    inert = harmless("layer_norm_eps logit_scale model_max_length")


class Cohere(GatedDecoder):
    """LayerNorm without bias; words that are tied."""

    config: CohereConfig
    prefix = "Cohere"
    heads = CAUSAL_LM

    def model(self) -> Parts:
        """Words, layers, norm."""
        c = self.config
        yield embedding(self.words, c.vocab_size, c.hidden_size)
        yield repeat("layers", c.num_hidden_layers, self.kinds(), self.layer)
        yield layer_norm("norm", c.hidden_size, bias=False)

    def layer(self, kind: Layer) -> Parts:
        """A norm for attention and MLP together."""
        yield layer_norm("input_layernorm", self.config.hidden_size, bias=False)
        yield scope("self_attn", self.attention(kind.window)), scope("mlp", self.mlp())

    def attention(self, window: int | None) -> Parts:
        """Projections, and a norm with weights of its own for each query and key head, if the config wants it."""
        c = self.config
        yield super().attention(window)
        if c.use_qk_norm:
            yield scope("q_norm", tensor("weight", c.num_attention_heads, c.head_dim, use="elementwise"))
            yield scope("k_norm", tensor("weight", c.num_key_value_heads, c.head_dim, use="elementwise"))
