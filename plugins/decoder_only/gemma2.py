"""Gemma 2: Gemma with four norms a layer, and a window in every other (Riviere et al., 2024, arXiv:2408.00118)."""

from zoo.blueprint import Parts, rms_norm, scope
from zoo.common_keys import ANY
from zoo.fields import dim

from .gated import Kinds, Layer, LayerType, typed_layers
from .gemma import Gemma, GemmaConfig


class Gemma2Config(GemmaConfig):
    """Defaults of transformers' Gemma2Config, where they are not Gemma's."""

    hidden_size: int = dim("H", 2_304)
    intermediate_size: int = dim("F", 9_216)
    num_hidden_layers: int = dim("L", 26)
    num_attention_heads: int = dim("A", 8)
    num_key_value_heads: int = dim("K", 4)
    sliding_window: int | None = dim("W", 4_096)
    layer_types: list[LayerType] | None = None

    inert = dict.fromkeys(["attn_logit_softcapping", "final_logit_softcapping", "query_pre_attn_scalar"], ANY)


class Gemma2(Gemma):
    """Four norms in a layer."""

    config: Gemma2Config
    prefix = "Gemma2"

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
