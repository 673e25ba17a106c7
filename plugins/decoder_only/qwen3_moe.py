"""Qwen3-MoE: Qwen3 with small experts in each sparse layer, and none shared (Yang et al., 2025, arXiv:2505.09388)."""

from zoo.blueprint import Parts, linear, rms_norm
from zoo.common_keys import harmless
from zoo.fields import dim

from .decoder import CAUSAL_LM, OLD_QUESTION_ANSWERING, SEQUENCE_CLASSIFICATION, TOKEN_CLASSIFICATION
from .gated import EXPERTS, FUSED, GatedConfig, GatedDecoder, Kinds, Layer, gated_experts, sparse_layers


class Qwen3MoeConfig(GatedConfig):
    """Defaults of transformers' Qwen3MoeConfig. Unlike Qwen3's, all layers have one window, or none has."""

    vocab_size: int = dim("V", 151_936)
    hidden_size: int = dim("H", 2_048)
    intermediate_size: int = dim("F", 6_144)
    num_hidden_layers: int = dim("L", 24)
    num_attention_heads: int = dim("A", 32)
    num_key_value_heads: int = dim("K", 4)
    max_position_embeddings: int = dim("P", 32_768)
    attention_bias: bool = False
    use_sliding_window: bool = False
    sliding_window: int | None = dim("W", 4_096)
    num_experts: int = dim("E", 128, minimum=0)
    num_experts_per_tok: int = dim("k", 8)
    moe_intermediate_size: int = dim("F_E", 768)
    decoder_sparse_step: int = dim("step", 1)
    mlp_only_layers: list[int] | None = None

    spellings = {"num_local_experts": "num_experts"}
    inert = harmless("max_window_layers norm_topk_prob output_router_logits router_aux_loss_coef")


class Qwen3Moe(GatedDecoder):
    """Every `decoder_sparse_step`-th layer is sparse, but for `mlp_only_layers`."""

    config: Qwen3MoeConfig
    prefix = "Qwen3Moe"
    not_linear = ("gate",)
    stored_experts = EXPERTS
    lora_fused = FUSED
    heads = CAUSAL_LM | SEQUENCE_CLASSIFICATION | TOKEN_CLASSIFICATION | OLD_QUESTION_ANSWERING

    def kinds(self) -> Kinds:
        """Sparse or dense."""
        c = self.config
        layers, dense = range(c.num_hidden_layers), Layer(c.sliding_window if c.use_sliding_window else None)
        if not c.num_experts:
            return {dense: layers}
        return sparse_layers(layers, c.decoder_sparse_step, c.mlp_only_layers, dense._replace(sparse=True), dense)

    def attention(self, window: int | None) -> Parts:
        """Projections, and a norm shared by the query heads and one shared by the key heads."""
        D = self.config.head_dim
        yield super().attention(window), rms_norm("q_norm", D), rms_norm("k_norm", D)

    def mixture(self) -> Parts:
        """A router and the experts."""
        c = self.config
        yield linear("gate", c.hidden_size, c.num_experts, bias=False)
        yield gated_experts(c.num_experts, c.num_experts_per_tok, c.hidden_size, c.moe_intermediate_size)
