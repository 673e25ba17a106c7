"""Phi: attention beside MLP behind one norm, biases everywhere (Gunasekar et al., 2023, arXiv:2306.11644)."""

from zoo.blueprint import Parts, embedding, layer_norm, linear, repeat, scope
from zoo.common_keys import harmless
from zoo.fields import derived, dim, per_head

from .decoder import CAUSAL_LM, ROPE, SEQUENCE_CLASSIFICATION, TOKEN_CLASSIFICATION, Decoder, DecoderConfig
from .gated import grouped_query


class PhiConfig(DecoderConfig):
    """Defaults of transformers' PhiConfig."""

    vocab_size: int = dim("V", 51_200)
    hidden_size: int = dim("H", 2_048)
    intermediate_size: int = dim("F", 8_192)
    num_hidden_layers: int = dim("L", 24)
    num_attention_heads: int = dim("A", 32)
    num_key_value_heads: int = derived("K", lambda fields: fields["num_attention_heads"])
    head_dim: int = derived("D", per_head)
    max_position_embeddings: int = dim("P", 2_048)
    qk_layernorm: bool = False
    tie_word_embeddings: bool = False

    # attention_bias: the biases are there all the same.
    inert = ROPE | harmless("""
        attention_bias attention_dropout embd_pdrop hidden_act layer_norm_eps partial_rotary_factor resid_pdrop
        rotary_dim
    """)


class Phi(Decoder):
    """Words; layers of attention and MLP behind one norm; a norm at the end."""

    config: PhiConfig
    prefix = "Phi"
    lora_targets = ("q_proj", "v_proj", "fc1", "fc2")
    heads = CAUSAL_LM | SEQUENCE_CLASSIFICATION | TOKEN_CLASSIFICATION

    def model(self) -> Parts:
        """Words, layers, norm."""
        c = self.config
        yield embedding(self.words, c.vocab_size, c.hidden_size)
        yield repeat("layers", c.num_hidden_layers, self.layer())
        yield layer_norm("final_layernorm", c.hidden_size)

    def layer(self) -> Parts:
        """Attention and MLP, which read the same normed vector."""
        c = self.config
        H, F = c.hidden_size, c.intermediate_size
        yield layer_norm("input_layernorm", H), scope("self_attn", self.attention())
        yield scope("mlp", linear("fc1", H, F), linear("fc2", F, H))

    def attention(self) -> Parts:
        """Grouped-query attention, and norms of the queries and keys if the config wants them."""
        c = self.config
        H, A, K, D = c.hidden_size, c.num_attention_heads, c.num_key_value_heads, c.head_dim
        yield grouped_query(H, A, K, D, bias=True, output_bias=True, output="dense")
        if c.qk_layernorm:
            # As transformers has it, whatever head_dim says.
            yield layer_norm("q_layernorm", H // A), layer_norm("k_layernorm", H // A)

    def causal_lm(self) -> Parts:
        """Scores for the next token, with a bias."""
        c = self.config
        yield scope(self.base, self.model())
        yield linear("lm_head", c.hidden_size, c.vocab_size, tied_to=self.tied_words())
