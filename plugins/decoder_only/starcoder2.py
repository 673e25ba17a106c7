"""StarCoder2: grouped queries, a sliding window, MLP without gate, biases (Lozhkov et al., 2024, arXiv:2402.19173)."""

from zoo.blueprint import Parts, attend, embedding, layer_norm, linear, repeat, scope
from zoo.common_keys import ANY
from zoo.fields import derived, dim, per_head

from .decoder import CAUSAL_LM, SEQUENCES, TOKENS, Decoder, DecoderConfig


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

    inert = dict.fromkeys(
        [
            "attention_dropout",
            "embedding_dropout",
            "hidden_act",
            "norm_epsilon",
            "residual_dropout",
            "rope_parameters",
            "rope_scaling",
            "rope_theta",
        ],
        ANY,
    ) | {"mlp_type": "default", "norm_type": "layer_norm"}


class Starcoder2(Decoder):
    """Words; layers of attention and MLP, each behind a norm; a norm at the end."""

    config: Starcoder2Config
    prefix = "Starcoder2"
    heads = CAUSAL_LM | SEQUENCES | TOKENS

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
        """Projections to the query heads, to fewer key and value heads, and back."""
        c = self.config
        H, A, K, D = c.hidden_size, c.num_attention_heads, c.num_key_value_heads, c.head_dim
        yield linear("q_proj", H, A * D, bias=c.use_bias)
        yield linear("k_proj", H, K * D, bias=c.use_bias), linear("v_proj", H, K * D, bias=c.use_bias)
        yield linear("o_proj", A * D, H, bias=c.use_bias)
        yield attend(heads=A, kv_heads=K, head_dim=D, window=c.sliding_window)
