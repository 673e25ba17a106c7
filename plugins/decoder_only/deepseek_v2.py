"""DeepSeek-V2: latent attention, and small experts beside shared ones (DeepSeek-AI, 2024, arXiv:2405.04434).

Multi-head latent attention (MLA) squeezes keys and values of all heads through one narrow vector per token, which is
all that a cache has to keep, with a small rotary part that all heads share.
"""

from zoo.blueprint import Parts, attend, embedding, linear, repeat, rms_norm, scope, split
from zoo.common_keys import harmless
from zoo.fields import derived, dim

from .decoder import CAUSAL_LM, ROPE, SEQUENCE_CLASSIFICATION, Decoder, DecoderConfig
from .gated import EXPERTS, FUSED, gated_experts, gated_mlp


class DeepseekConfig(DecoderConfig):
    """The fields that DeepSeek-V2 and V3 share. A `q_lora_rank` of null: queries are not squeezed."""

    intermediate_size: int = dim("F", None)
    moe_intermediate_size: int = dim("F_E", None)
    num_attention_heads: int = dim("A", None)
    q_lora_rank: int | None = dim("R_Q", 1_536)
    kv_lora_rank: int = dim("R_KV", 512)
    qk_nope_head_dim: int = dim("D_N", 128)
    qk_rope_head_dim: int = dim("D_R", 64)
    v_head_dim: int = dim("D_V", 128)
    num_experts: int = dim("E", None)
    # transformers' V2 has no default; without a choice, a token has all experts.
    num_experts_per_tok: int = derived("k", lambda fields: fields["num_experts"])
    n_shared_experts: int = dim("E_S", None)
    first_k_dense_replace: int = dim("dense", None, minimum=0)
    max_position_embeddings: int = dim("P", None)
    attention_bias: bool = False
    tie_word_embeddings: bool = False

    spellings = {"n_routed_experts": "num_experts"}
    # transformers gives each query head a key and value head of its own, whatever num_key_value_heads is, and sets
    # head_dim and qk_head_dim itself. It knows sparse layers in a row only, which is a moe_layer_freq of 1.
    inert = {
        **ROPE,
        **harmless("""
            attention_dropout aux_loss_alpha ep_size head_dim hidden_act n_group norm_topk_prob num_key_value_heads
            output_router_logits qk_head_dim rms_norm_eps rope_interleave routed_scaling_factor scoring_func seq_aux
            topk_group topk_method
        """),
        "moe_layer_freq": 1,
    }


class Deepseek(Decoder):
    """Layers of latent attention and MLP, each behind a norm; all but the first few MLPs are mixtures of experts."""

    config: DeepseekConfig
    not_linear = ("gate",)
    stored_experts = EXPERTS
    lora_fused = FUSED
    heads = CAUSAL_LM | SEQUENCE_CLASSIFICATION

    def model(self) -> Parts:
        """Words, layers, norm."""
        c = self.config
        L = c.num_hidden_layers
        yield embedding(self.words, c.vocab_size, c.hidden_size)
        sparse = range(min(c.first_k_dense_replace, L), L)
        yield repeat("layers", L, split(L, sparse, "sparse", "dense"), self.layer)
        yield rms_norm("norm", c.hidden_size)

    def layer(self, kind: str) -> Parts:
        """Attention and MLP, each behind a norm."""
        c = self.config
        yield rms_norm("input_layernorm", c.hidden_size), scope("self_attn", self.attention())
        yield rms_norm("post_attention_layernorm", c.hidden_size)
        yield scope("mlp", self.mixture() if kind == "sparse" else self.mlp(c.intermediate_size))

    def attention(self) -> Parts:
        """Down to a narrow vector and up again to all heads; queries so only if `q_lora_rank` is given."""
        c = self.config
        H, A, bias = c.hidden_size, c.num_attention_heads, c.attention_bias
        query_dim = c.qk_nope_head_dim + c.qk_rope_head_dim
        if c.q_lora_rank is None:
            yield linear("q_proj", H, A * query_dim, bias=False)
        else:
            yield linear("q_a_proj", H, c.q_lora_rank, bias=bias), rms_norm("q_a_layernorm", c.q_lora_rank)
            yield linear("q_b_proj", c.q_lora_rank, A * query_dim, bias=False)
        yield linear("kv_a_proj_with_mqa", H, c.kv_lora_rank + c.qk_rope_head_dim, bias=bias)
        yield rms_norm("kv_a_layernorm", c.kv_lora_rank)
        yield linear("kv_b_proj", c.kv_lora_rank, A * (c.qk_nope_head_dim + c.v_head_dim), bias=False)
        yield linear("o_proj", A * c.v_head_dim, H, bias=bias)
        latent = c.kv_lora_rank + c.qk_rope_head_dim
        yield attend(heads=A, head_dim=query_dim, value_dim=c.v_head_dim, latent=latent)

    def mlp(self, width: int) -> Parts:
        """Three matrices, one of them the gate."""
        yield gated_mlp(self.config.hidden_size, width)

    def mixture(self) -> Parts:
        """A router, the experts, and those that every token passes, which are stored as one wide MLP."""
        c = self.config
        yield linear("gate", c.hidden_size, c.num_experts, bias=False)
        yield gated_experts(c.num_experts, c.num_experts_per_tok, c.hidden_size, c.moe_intermediate_size)
        yield scope("shared_experts", self.mlp(c.moe_intermediate_size * c.n_shared_experts))


class DeepseekV2Config(DeepseekConfig):
    """Defaults of transformers' DeepseekV2Config."""

    vocab_size: int = dim("V", 102_400)
    hidden_size: int = dim("H", 4_096)
    intermediate_size: int = dim("F", 11_008)
    moe_intermediate_size: int = dim("F_E", 1_407)
    num_hidden_layers: int = dim("L", 32)
    num_attention_heads: int = dim("A", 32)
    num_experts: int = dim("E", 64)
    n_shared_experts: int = dim("E_S", 2)
    first_k_dense_replace: int = dim("dense", 0, minimum=0)
    max_position_embeddings: int = dim("P", 2_048)
    mlp_bias: bool = False


class DeepseekV2(Deepseek):
    """The MLPs have biases if the config wants them."""

    config: DeepseekV2Config
    prefix = "DeepseekV2"

    def mlp(self, width: int) -> Parts:
        """Three matrices, one of them the gate."""
        yield gated_mlp(self.config.hidden_size, width, bias=self.config.mlp_bias)
