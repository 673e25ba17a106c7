"""gpt-oss: experts in all layers, a window in every other, a learned sink per head (OpenAI, 2025, arXiv:2508.10925)."""

from zoo.blueprint import Parts, experts, linear, tensor
from zoo.common_keys import harmless
from zoo.fields import dim

from .decoder import CAUSAL_LM, SEQUENCE_CLASSIFICATION, TOKEN_CLASSIFICATION
from .gated import GatedConfig, GatedDecoder, Kinds, Layer, LayerType, typed_layers


class GptOssConfig(GatedConfig):
    """Defaults of transformers' GptOssConfig."""

    vocab_size: int = dim("V", 201_088)
    hidden_size: int = dim("H", 2_880)
    intermediate_size: int = dim("F", 2_880)
    num_hidden_layers: int = dim("L", 36)
    num_attention_heads: int = dim("A", 64)
    num_key_value_heads: int = dim("K", 8)
    head_dim: int = dim("D", 64)
    max_position_embeddings: int = dim("P", 131_072)
    sliding_window: int | None = dim("W", 128)
    layer_types: list[LayerType] | None = None
    num_experts: int = dim("E", 128)
    num_experts_per_tok: int = dim("k", 4)
    attention_bias: bool = True

    spellings = {"num_local_experts": "num_experts"}
    # experts_per_token repeats num_experts_per_tok; transformers does not read it.
    inert = harmless("""
        experts_per_token initial_context_length output_router_logits router_aux_loss_coef swiglu_alpha swiglu_limit
    """)


class GptOss(GatedDecoder):
    """Biases everywhere, in the experts too."""

    config: GptOssConfig
    prefix = "GptOss"
    not_linear = ("router",)
    full_precision = ("input_layernorm", "post_attention_layernorm", "norm")
    heads = CAUSAL_LM | SEQUENCE_CLASSIFICATION | TOKEN_CLASSIFICATION

    def kinds(self) -> Kinds:
        """A window in layers 0, 2, 4, ..., unless `layer_types` says otherwise."""
        c = self.config
        L = c.num_hidden_layers
        sliding, full = Layer(c.sliding_window, sparse=True), Layer(sparse=True)
        return typed_layers(L, c.layer_types, range(0, L, 2), sliding, full)

    def attention(self, window: int | None) -> Parts:
        """Projections, and for each head a score that competes with those of the tokens."""
        yield super().attention(window), tensor("sinks", self.config.num_attention_heads)

    def mixture(self) -> Parts:
        """A router and the experts; their matrices are stored as (inputs, outputs)."""
        c = self.config
        H, F = c.hidden_size, c.intermediate_size
        yield linear("router", H, c.num_experts)
        yield experts(
            "experts",
            c.num_experts,
            c.num_experts_per_tok,
            tensor("gate_up_proj", H, 2 * F, use="matmul"),
            tensor("gate_up_proj_bias", 2 * F),
            tensor("down_proj", F, H, use="matmul"),
            tensor("down_proj_bias", H),
        )
