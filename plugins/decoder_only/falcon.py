"""Falcon: attention beside MLP, few key and value heads (Almazrouei et al., 2023, arXiv:2311.16867)."""

from zoo.blueprint import Parts, attend, embedding, layer_norm, linear, repeat, scope
from zoo.common_keys import harmless
from zoo.fields import derived, dim

from .decoder import (
    CAUSAL_LM,
    QUESTION_ANSWERING,
    ROPE,
    SEQUENCE_CLASSIFICATION,
    TOKEN_CLASSIFICATION,
    Decoder,
    SharedWidthConfig,
)


class FalconConfig(SharedWidthConfig):
    """Defaults of transformers' FalconConfig; and the spellings of the files that are older than it."""

    vocab_size: int = dim("V", 65_024)
    hidden_size: int = dim("H", 4_544)
    intermediate_size: int = derived("F", lambda fields: 4 * fields["hidden_size"])
    num_hidden_layers: int = dim("L", 32)
    num_attention_heads: int = dim("A", 71)
    num_key_value_heads: int = derived("K", lambda fields: fields["num_attention_heads"])
    """Counts only in the new architecture."""
    max_position_embeddings: int = dim("P", 2_048)
    new_decoder_architecture: bool = False
    multi_query: bool | None = True  # null is false here, as in transformers
    parallel_attn: bool | None = True
    num_ln_in_parallel_attn: int = derived("N", lambda fields: 2 if fields["new_decoder_architecture"] else 1)
    bias: bool = False

    spellings = {
        "ffn_hidden_size": "intermediate_size",
        "n_embed": "hidden_size",
        "n_head": "num_attention_heads",
        "n_head_kv": "num_key_value_heads",
        "n_layer": "num_hidden_layers",
        "num_kv_heads": "num_key_value_heads",
    }
    unread = frozenset({"intermediate_size", "n_head", "n_head_kv", "n_layer", "num_key_value_heads"})
    inert = ROPE | harmless("""
        activation alibi apply_residual_connection_post_layernorm attention_dropout hidden_dropout
        layer_norm_epsilon
    """)


class Falcon(Decoder):
    """Words; layers of attention and MLP behind one or two norms; a norm at the end."""

    config: FalconConfig
    prefix = "Falcon"
    linear_subclasses = ("query_key_value", "dense", "dense_h_to_4h", "dense_4h_to_h")
    awq_scaled = ("dense_h_to_4h",)
    lora_targets = ("query_key_value",)
    base = "transformer"
    words = "word_embeddings"
    labels = "classifier"
    heads = CAUSAL_LM | SEQUENCE_CLASSIFICATION | TOKEN_CLASSIFICATION | QUESTION_ANSWERING
    aliases = {f"RW{head}": f"Falcon{head}" for head in heads}

    def model(self) -> Parts:
        """Words, layers, norm."""
        c = self.config
        yield embedding(self.words, c.vocab_size, c.hidden_size)
        yield repeat("h", c.num_hidden_layers, self.layer())
        yield layer_norm("ln_f", c.hidden_size)

    def layer(self) -> Parts:
        """Norms, attention and MLP."""
        c = self.config
        H, F = c.hidden_size, c.intermediate_size
        yield [layer_norm(name, H) for name in self.norms()]
        yield scope("self_attention", self.attention())
        yield scope("mlp", linear("dense_h_to_4h", H, F, bias=c.bias), linear("dense_4h_to_h", F, H, bias=c.bias))

    def norms(self) -> tuple[str, ...]:
        """The norms of a layer: one after the other, or side by side, or one for both attention and MLP."""
        c = self.config
        if not c.parallel_attn:
            return "input_layernorm", "post_attention_layernorm"
        return ("ln_attn", "ln_mlp") if c.num_ln_in_parallel_attn == 2 else ("input_layernorm",)

    def attention(self) -> Parts:
        """Queries, keys and values from one matrix; and the projection back."""
        c = self.config
        H, A, D, K = c.hidden_size, c.num_attention_heads, c.head_dim, self.kv_heads()
        yield linear("query_key_value", H, (A + 2 * K) * D, bias=c.bias), linear("dense", H, H, bias=c.bias)
        yield attend(heads=A, kv_heads=K, head_dim=D)

    def kv_heads(self) -> int:
        """Key and value heads: a few in the new architecture; else one for all queries, or one for each."""
        c = self.config
        if c.new_decoder_architecture:
            return c.num_key_value_heads
        return 1 if c.multi_query else c.num_attention_heads
