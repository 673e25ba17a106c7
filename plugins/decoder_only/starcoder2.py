"""StarCoder2: grouped queries, a sliding window, MLP without gate, biases (Lozhkov et al., 2024, arXiv:2402.19173)."""

from zoo.blueprint import Parts, embedding, layer_norm, linear, repeat, scope
from zoo.common_keys import harmless
from zoo.fields import derived, dim, per_head

from .decoder import CAUSAL_LM, ROPE, SEQUENCE_CLASSIFICATION, TOKEN_CLASSIFICATION, Decoder, DecoderConfig
from .gated import grouped_query


class Starcoder2Config(DecoderConfig):
    """Defaults of transformers' Starcoder2Config."""

    vocab_size: int = dim("V", 49_152)
    hidden_size: int = dim("H", 3_072)
    intermediate_size: int = dim("F", 12_288)
    num_hidden_layers: int = dim("L", 30)
    num_attention_heads: int = dim("A", 24)
    num_key_value_heads: int = dim("K", 2)
    head_dim: int = derived("D", per_head)
    max_position_embeddings: int = dim("P", 4_096)
    sliding_window: int | None = dim("W", None)
    use_bias: bool = True

    inert = {
        **ROPE,
        **harmless("attention_dropout embedding_dropout hidden_act norm_epsilon residual_dropout"),
        "mlp_type": "default",
        "norm_type": "layer_norm",
    }


class Starcoder2(Decoder):
    """Words; layers of attention and MLP, each behind a norm; a norm at the end."""

    config: Starcoder2Config
    prefix = "Starcoder2"
    awq_scaled = ("c_fc",)
    heads = CAUSAL_LM | SEQUENCE_CLASSIFICATION | TOKEN_CLASSIFICATION

    def model(self) -> Parts:
        """Words, layers, norm."""
        c = self.config
        yield embedding(self.words, c.vocab_size, c.hidden_size)
        yield repeat("layers", c.num_hidden_layers, self.layer())
        yield layer_norm("norm", c.hidden_size)

    def layer(self) -> Parts:
        """Attention and MLP, each behind a norm."""
        c = self.config
        H, F = c.hidden_size, c.intermediate_size
        yield layer_norm("input_layernorm", H), scope("self_attn", self.attention())
        yield layer_norm("post_attention_layernorm", H)
        yield scope("mlp", linear("c_fc", H, F, bias=c.use_bias), linear("c_proj", F, H, bias=c.use_bias))

    def attention(self) -> Parts:
        """Grouped-query attention, with a window if the config gives one."""
        c = self.config
        H, A, K, D = c.hidden_size, c.num_attention_heads, c.num_key_value_heads, c.head_dim
        yield grouped_query(H, A, K, D, bias=c.use_bias, output_bias=c.use_bias, window=c.sliding_window)
