"""Qwen2-MoE: Qwen2 with small experts and a shared one in each sparse layer (Yang et al., 2024, arXiv:2407.10671)."""

from collections.abc import Collection

from zoo.blueprint import Parts, Together, linear, present, scope
from zoo.common_keys import harmless
from zoo.fields import dim, for_each_layer

from .decoder import CAUSAL_LM, QUESTION_ANSWERING, SEQUENCE_CLASSIFICATION, TOKEN_CLASSIFICATION
from .gated import EXPERTS, Kinds, Layer, gated_experts, gated_mlp, sparse_layers
from .qwen2 import Qwen2, Qwen2Config


class Qwen2MoeConfig(Qwen2Config):
    """Defaults of transformers' Qwen2MoeConfig."""

    hidden_size: int = dim("H", 2_048)
    intermediate_size: int = dim("F", 5_632)
    num_hidden_layers: int = dim("L", 24)
    num_attention_heads: int = dim("A", 16)
    num_key_value_heads: int = dim("K", 16)
    sliding_window: int | None = dim("W", 4_096, minimum=0)  # transformers writes 0 where it is not used
    qkv_bias: bool = True
    num_experts: int = dim("E", 60, minimum=0)
    num_experts_per_tok: int = dim("k", 4)
    moe_intermediate_size: int = dim("F_E", 1_408)
    shared_expert_intermediate_size: int = dim("F_S", 5_632)
    decoder_sparse_step: int = dim("step", 1)
    mlp_only_layers: list[int] | None = None

    inert = harmless("norm_topk_prob output_router_logits router_aux_loss_coef")


class Qwen2Moe(Qwen2):
    """Every `decoder_sparse_step`-th layer is sparse, but for `mlp_only_layers`."""

    config: Qwen2MoeConfig
    prefix = "Qwen2Moe"
    not_linear = ("gate",)
    stored_experts = EXPERTS
    lora_targets = ()  # PEFT has none
    heads = CAUSAL_LM | SEQUENCE_CLASSIFICATION | TOKEN_CLASSIFICATION | QUESTION_ANSWERING

    def kinds(self) -> Kinds:
        """Sparse or dense; even ones of the first `max_window_layers` with a window, or as `layer_types` says."""
        c = self.config
        L, window = c.num_hidden_layers, self.window()
        if not window:
            return self.mixed(range(L))
        if c.layer_types is not None:
            types = for_each_layer(c.layer_types, L, "layer_types")
            sparse = self.mixed(range(L)).get(Layer(sparse=True), ())
            windows = [window if layer_type == "sliding_attention" else None for layer_type in types]
            return [Layer(reach, number in sparse) for number, reach in enumerate(windows)]
        end = min(c.max_window_layers, L)
        between, after = self.mixed(range(1, end, 2)), self.mixed(range(end, L))
        full = {kind: Together(between.get(kind, ()), after.get(kind, ())) for kind in between | after}
        return present(self.mixed(range(0, end, 2), window) | full)

    def mixed(self, layers: range, window: int | None = None) -> dict[Layer, Collection[int]]:
        """Which of `layers`, all with the same window, are sparse and which are dense."""
        c = self.config
        if not c.num_experts:
            return {Layer(window): layers}
        dense = Layer(window)
        return sparse_layers(layers, c.decoder_sparse_step, c.mlp_only_layers, dense._replace(sparse=True), dense)

    def biases(self) -> tuple[bool, bool]:
        """On queries, keys and values, if the config wants them."""
        return self.config.qkv_bias, False

    def mixture(self) -> Parts:
        """A router and the experts; an expert for all tokens, and the gate that weighs it."""
        c = self.config
        H = c.hidden_size
        yield linear("gate", H, c.num_experts, bias=False)
        yield gated_experts(c.num_experts, c.num_experts_per_tok, H, c.moe_intermediate_size)
        yield scope("shared_expert", gated_mlp(H, c.shared_expert_intermediate_size))
        yield linear("shared_expert_gate", H, 1, bias=False)
