"""Gemma 2: Gemma with four norms a layer, and a window in every other (Riviere et al., 2024, arXiv:2408.00118)."""

from zoo.blueprint import Parts, rms_norm, scope
from zoo.common_keys import harmless
from zoo.fields import dim

from .decoder import CAUSAL_LM, SEQUENCE_CLASSIFICATION, TOKEN_CLASSIFICATION
from .gated import GatedConfig, GatedDecoder, Kinds, Layer, LayerType, typed_layers


class Gemma2Config(GatedConfig):
    """Defaults of transformers' Gemma2Config."""

    vocab_size: int = dim("V", 256_000)
    hidden_size: int = dim("H", 2_304)
    intermediate_size: int = dim("F", 9_216)
    num_hidden_layers: int = dim("L", 26)
    num_attention_heads: int = dim("A", 8)
    num_key_value_heads: int = dim("K", 4)
    head_dim: int = dim("D", 256)
    max_position_embeddings: int = dim("P", 8_192)
    tie_word_embeddings: bool = True
    attention_bias: bool = False
    use_bidirectional_attention: bool | None = None
    sliding_window: int | None = dim("W", 4_096)
    layer_types: list[LayerType] | None = None

    inert = harmless("attn_logit_softcapping final_logit_softcapping hidden_activation query_pre_attn_scalar")


class Gemma2(GatedDecoder):
    """Four norms in a layer."""

    config: Gemma2Config
    prefix = "Gemma2"
    lora_targets = ("q_proj", "v_proj")
    heads = CAUSAL_LM | SEQUENCE_CLASSIFICATION | TOKEN_CLASSIFICATION

    def kinds(self) -> Kinds:
        """A window in layers 0, 2, 4, ..., unless `layer_types` says otherwise."""
        c = self.config
        even = range(0, c.num_hidden_layers, 2)
        return typed_layers(c.num_hidden_layers, c.layer_types, even, Layer(c.sliding_window), Layer())

    def layer(self, kind: Layer) -> Parts:
        """Attention and MLP, each between two norms."""
        H = self.config.hidden_size
        yield rms_norm("input_layernorm", H), scope("self_attn", self.attention(kind.window))
        yield rms_norm("post_attention_layernorm", H)
        yield rms_norm("pre_feedforward_layernorm", H), scope("mlp", self.mlp())
        yield rms_norm("post_feedforward_layernorm", H)
