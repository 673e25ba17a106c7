"""Mixtral: Mistral with a mixture of experts for the MLP of each layer (Jiang et al., 2024, arXiv:2401.04088)."""

from zoo.blueprint import Parts, linear
from zoo.common_keys import harmless
from zoo.fields import dim

from .gated import Kinds, Layer, gated_experts
from .mistral import Mistral, MistralConfig


class MixtralConfig(MistralConfig):
    """Defaults of transformers' MixtralConfig, where they are not Mistral's."""

    sliding_window: int | None = dim("W", None)
    num_experts: int = dim("E", 8)
    num_experts_per_tok: int = dim("k", 2)

    spellings = {"num_local_experts": "num_experts"}
    inert = harmless("output_router_logits router_aux_loss_coef router_jitter_noise")


class Mixtral(Mistral):
    """Sparse layers; an expert is as wide as the MLP of a dense model would be."""

    config: MixtralConfig
    prefix = "Mixtral"
    not_linear = ("gate",)
    stored_names = {"mlp": "block_sparse_moe"}
    stored_experts = {"gate_up_proj": ("w1", "w3"), "down_proj": ("w2",)}
    lora_fused = {"gate.weight": ("gate",), **stored_experts}

    def kinds(self) -> Kinds:
        """All layers are alike."""
        return {Layer(self.config.sliding_window, sparse=True): range(self.config.num_hidden_layers)}

    def mixture(self) -> Parts:
        """A router and the experts."""
        c = self.config
        yield linear("gate", c.hidden_size, c.num_experts, bias=False)
        yield gated_experts(c.num_experts, c.num_experts_per_tok, c.hidden_size, c.intermediate_size)
