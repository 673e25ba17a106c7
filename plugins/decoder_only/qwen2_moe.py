"""Qwen2-MoE: Qwen2 with small experts and a shared one in each sparse layer (Yang et al., 2024, arXiv:2407.10671)."""

from collections.abc import Collection, Mapping

from zoo.blueprint import Parts, linear, scope
from zoo.common_keys import ANY
from zoo.errors import ConfigError
from zoo.fields import dim, for_each_layer

from .decoder import ANSWERS, CAUSAL_LM, SEQUENCES, TOKENS
from .gated import Kinds, Layer, gated_experts, gated_mlp, sparse_layers
from .qwen2 import Qwen2, Qwen2Config

MOST = 100_000
"""The most layers where windows and experts come and go in steps of their own, so that layers are told one by one."""


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
    mlp_only_layers: list[int] = []

    inert = dict.fromkeys(["norm_topk_prob", "output_router_logits", "router_aux_loss_coef"], ANY)


class Qwen2Moe(Qwen2):
    """Every `decoder_sparse_step`-th layer is sparse, but for `mlp_only_layers`."""

    config: Qwen2MoeConfig
    prefix = "Qwen2Moe"
    heads = CAUSAL_LM | SEQUENCES | TOKENS | ANSWERS

    def kinds(self) -> Kinds:
        """Sparse or dense, and in use of a window or not."""
        c = self.config
        L, window, sliding = c.num_hidden_layers, self.window(), self.sliding()
        kinds: Mapping[Layer, Collection[int]] = {Layer(): range(L)}
        if c.num_experts:
            kinds = sparse_layers(L, c.decoder_sparse_step, c.mlp_only_layers, Layer(sparse=True), Layer())
        if not window:
            return kinds
        if L > MOST:
            raise ConfigError(f"num_hidden_layers {L:,}: with use_sliding_window, {MOST:,} is the most")
        sparse = kinds.get(Layer(sparse=True), ())
        return [Layer(window if number in sliding else None, number in sparse) for number in range(L)]

    def sliding(self) -> Collection[int]:
        """The layers that use the window: even ones of the first `max_window_layers`, or as `layer_types` says."""
        c = self.config
        if c.layer_types is None:
            return range(0, min(c.max_window_layers, c.num_hidden_layers), 2)
        types = for_each_layer(c.layer_types, c.num_hidden_layers, "layer_types")
        return {number for number, layer_type in enumerate(types) if layer_type == "sliding_attention"}

    def attention(self, window: int | None) -> Parts:
        """Biases on queries, keys and values, if the config wants them."""
        yield self.grouped_query(window, bias=self.config.qkv_bias, output_bias=False)

    def mixture(self) -> Parts:
        """A router and the experts; an expert for all tokens, and the gate that weighs it."""
        c = self.config
        H = c.hidden_size
        yield linear("gate", H, c.num_experts, bias=False)
        yield gated_experts(c.num_experts, c.num_experts_per_tok, H, c.moe_intermediate_size)
        yield scope("shared_expert", gated_mlp(H, c.shared_expert_intermediate_size))
        yield linear("shared_expert_gate", H, 1, bias=False)
