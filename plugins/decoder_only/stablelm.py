"""StableLM: LLaMA's layers with LayerNorm and partly rotary heads (2: Bellagente et al., 2024, arXiv:2402.17834)."""

from zoo.blueprint import Parts, embedding, layer_norm, repeat, scope, tensor
from zoo.common_keys import harmless
from zoo.fields import dim

from .decoder import CAUSAL_LM, ROPE, SEQUENCE_CLASSIFICATION, TOKEN_CLASSIFICATION, Decoder, SharedWidthConfig
from .gated import gated_mlp, grouped_query


class StableLmConfig(SharedWidthConfig):
    """Defaults of transformers' StableLmConfig."""

    vocab_size: int = dim("V", 50_304)
    hidden_size: int = dim("H", 2_560)
    intermediate_size: int = dim("F", 6_912)
    num_hidden_layers: int = dim("L", 32)
    num_attention_heads: int = dim("A", 32)
    num_key_value_heads: int = dim("K", 32)
    max_position_embeddings: int = dim("P", 4_096)
    use_qkv_bias: bool = False
    qk_layernorm: bool = False
    use_parallel_residual: bool = False
    tie_word_embeddings: bool = False

    inert = ROPE | harmless("attention_dropout hidden_act hidden_dropout layer_norm_eps partial_rotary_factor")


class StableLm(Decoder):
    """Words; layers of attention and MLP, each behind a norm or side by side behind one; a norm at the end."""

    config: StableLmConfig
    prefix = "StableLm"
    lora_targets = ("q_proj", "v_proj")
    heads = CAUSAL_LM | SEQUENCE_CLASSIFICATION | TOKEN_CLASSIFICATION

    def model(self) -> Parts:
        """Words, layers, norm."""
        c = self.config
        yield embedding(self.words, c.vocab_size, c.hidden_size)
        yield repeat("layers", c.num_hidden_layers, self.layer())
        yield layer_norm("norm", c.hidden_size)

    def layer(self) -> Parts:
        """Attention and MLP, each behind a norm; or the same norm, where they are side by side."""
        c = self.config
        yield layer_norm("input_layernorm", c.hidden_size), scope("self_attn", self.attention())
        if not c.use_parallel_residual:
            yield layer_norm("post_attention_layernorm", c.hidden_size)
        yield scope("mlp", gated_mlp(c.hidden_size, c.intermediate_size))

    def attention(self) -> Parts:
        """Grouped-query attention, with or without biases on queries, keys and values."""
        c = self.config
        A, K, D = c.num_attention_heads, c.num_key_value_heads, c.head_dim
        yield grouped_query(c.hidden_size, A, K, D, bias=c.use_qkv_bias, output_bias=False)
        if c.qk_layernorm:
            # A norm for each head, without bias.
            yield scope("q_layernorm", repeat("norms", A, tensor("weight", D)))
            yield scope("k_layernorm", repeat("norms", K, tensor("weight", D)))
