"""BLOOM: ALiBi in place of position vectors, and a norm on the words (BigScience, 2022, arXiv:2211.05100)."""

from zoo.blueprint import Parts, attend, embedding, layer_norm, linear, repeat, scope
from zoo.common_keys import harmless
from zoo.fields import derived, dim

from .decoder import (
    CAUSAL_LM,
    QUESTION_ANSWERING,
    SEQUENCE_CLASSIFICATION,
    TOKEN_CLASSIFICATION,
    Decoder,
    SharedWidthConfig,
)


class BloomConfig(SharedWidthConfig):
    """Defaults of transformers' BloomConfig."""

    vocab_size: int = dim("V", 250_880)
    hidden_size: int = dim("H", 64)
    num_hidden_layers: int = dim("L", 2)
    num_attention_heads: int = dim("A", 8)
    intermediate_size: int = derived("F", lambda fields: 4 * fields["hidden_size"])

    spellings = {"n_embed": "hidden_size", "n_head": "num_attention_heads", "n_layer": "num_hidden_layers"}
    unread = frozenset({"intermediate_size"})
    inert = harmless("""
        apply_residual_connection_post_layernorm attention_dropout attention_softmax_in_fp32 bias_dropout_fusion
        hidden_dropout layer_norm_epsilon masked_softmax_fusion offset_alibi seq_length skip_bias_add
        skip_bias_add_qkv slow_but_exact
    """)


class Bloom(Decoder):
    """Words and a norm; layers of attention and MLP, each behind a norm; a norm at the end."""

    config: BloomConfig
    prefix = "Bloom"
    awq_scaled = ("dense_h_to_4h",)
    lora_targets = ("query_key_value",)
    base = "transformer"
    words = "word_embeddings"
    labels = "classifier"
    heads = CAUSAL_LM | SEQUENCE_CLASSIFICATION | TOKEN_CLASSIFICATION | QUESTION_ANSWERING

    def model(self) -> Parts:
        """Words and their norm, layers, norm."""
        c = self.config
        yield embedding(self.words, c.vocab_size, c.hidden_size), layer_norm("word_embeddings_layernorm", c.hidden_size)
        yield repeat("h", c.num_hidden_layers, self.layer())
        yield layer_norm("ln_f", c.hidden_size)

    def layer(self) -> Parts:
        """Attention and MLP, each behind a norm."""
        H, F = self.config.hidden_size, self.config.intermediate_size
        yield layer_norm("input_layernorm", H), scope("self_attention", self.attention())
        yield layer_norm("post_attention_layernorm", H)
        yield scope("mlp", linear("dense_h_to_4h", H, F), linear("dense_4h_to_h", F, H))

    def attention(self) -> Parts:
        """Queries, keys and values from one matrix; and the projection back."""
        c = self.config
        H = c.hidden_size
        yield linear("query_key_value", H, 3 * H), linear("dense", H, H)
        yield attend(heads=c.num_attention_heads, head_dim=c.head_dim)
