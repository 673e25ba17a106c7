"""OLMo: LLaMA with norms that have no parameters (Groeneveld et al., 2024, arXiv:2402.00838)."""

from zoo.blueprint import Parts, embedding, repeat, scope
from zoo.common_keys import ANY
from zoo.fields import dim

from .decoder import CAUSAL_LM, SEQUENCE_CLASSIFICATION
from .gated import GatedConfig, GatedDecoder, Layer


class OlmoConfig(GatedConfig):
    """Defaults of transformers' OlmoConfig."""

    vocab_size: int = dim("V", 50_304)
    hidden_size: int = dim("H", 4_096)
    intermediate_size: int = dim("F", 11_008)
    num_hidden_layers: int = dim("L", 32)
    num_attention_heads: int = dim("A", 32)
    max_position_embeddings: int = dim("P", 2_048)
    attention_bias: bool = False

    inert = {"clip_qkv": ANY}


class Olmo(GatedDecoder):
    """The norms are there, but nothing in them is learned."""

    config: OlmoConfig
    prefix = "Olmo"
    heads = CAUSAL_LM | SEQUENCE_CLASSIFICATION

    def model(self) -> Parts:
        """Words and layers."""
        c = self.config
        yield (
            embedding(self.words, c.vocab_size, c.hidden_size),
            repeat("layers", c.num_hidden_layers, self.kinds(), self.layer),
        )

    def layer(self, kind: Layer) -> Parts:
        """Attention and MLP."""
        yield scope("self_attn", self.attention(kind.window)), scope("mlp", self.mlp())
