"""GPT-NeoX: rotary positions, attention beside MLP, each behind its own norm (Black et al., 2022, arXiv:2204.06745)."""

from zoo.blueprint import Parts, attend, embedding, layer_norm, linear, repeat, scope
from zoo.common_keys import harmless
from zoo.fields import dim

from .decoder import (
    CAUSAL_LM,
    QUESTION_ANSWERING,
    ROPE,
    SEQUENCE_CLASSIFICATION,
    TOKEN_CLASSIFICATION,
    Decoder,
    SharedWidthConfig,
)


class GPTNeoXConfig(SharedWidthConfig):
    """Defaults of transformers' GPTNeoXConfig."""

    vocab_size: int = dim("V", 50_432)
    hidden_size: int = dim("H", 6_144)
    intermediate_size: int = dim("F", 24_576)
    num_hidden_layers: int = dim("L", 44)
    num_attention_heads: int = dim("A", 64)
    max_position_embeddings: int = dim("P", 2_048)
    attention_bias: bool = True
    tie_word_embeddings: bool = False

    inert = ROPE | harmless("""
        attention_dropout classifier_dropout hidden_act hidden_dropout is_decoder layer_norm_eps
        partial_rotary_factor rotary_emb_base rotary_pct use_parallel_residual
    """)


class GPTNeoX(Decoder):
    """Words; layers of attention and MLP, each behind a norm; a norm at the end."""

    config: GPTNeoXConfig
    prefix = "GPTNeoX"
    awq_scaled = ("dense_h_to_4h",)
    lora_targets = ("query_key_value",)
    stored_names = {"lm_head": "embed_out"}
    base = "gpt_neox"
    words = "embed_in"
    labels = "classifier"
    heads = CAUSAL_LM | SEQUENCE_CLASSIFICATION | TOKEN_CLASSIFICATION | QUESTION_ANSWERING

    def model(self) -> Parts:
        """Words, layers, norm."""
        c = self.config
        yield embedding(self.words, c.vocab_size, c.hidden_size)
        yield repeat("layers", c.num_hidden_layers, self.layer())
        yield layer_norm("final_layer_norm", c.hidden_size)

    def layer(self) -> Parts:
        """Attention and MLP, each behind a norm."""
        c = self.config
        H, F = c.hidden_size, c.intermediate_size
        yield layer_norm("input_layernorm", H), scope("attention", self.attention())
        yield layer_norm("post_attention_layernorm", H)
        yield scope("mlp", linear("dense_h_to_4h", H, F), linear("dense_4h_to_h", F, H))

    def attention(self) -> Parts:
        """Queries, keys and values from one matrix; and the projection back."""
        c = self.config
        H = c.hidden_size
        yield linear("query_key_value", H, 3 * H, bias=c.attention_bias), linear("dense", H, H, bias=c.attention_bias)
        yield attend(heads=c.num_attention_heads, head_dim=c.head_dim)
