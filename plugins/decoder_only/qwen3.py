"""Qwen3: Qwen2 with a norm on each query and key head in place of biases (Yang et al., 2025, arXiv:2505.09388)."""

from zoo.blueprint import Parts, rms_norm
from zoo.fields import dim

from .qwen2 import Qwen2, Qwen2Config


class Qwen3Config(Qwen2Config):
    """Defaults of transformers' Qwen3Config, where they are not Qwen2's."""

    head_dim: int = dim("D", 128)
    attention_bias: bool = False


class Qwen3(Qwen2):
    """Normed heads; biases only if the config wants them."""

    config: Qwen3Config
    prefix = "Qwen3"

    def biases(self) -> tuple[bool, bool]:
        """On all four projections, or on none."""
        return self.config.attention_bias, self.config.attention_bias

    def attention(self, window: int | None) -> Parts:
        """Projections, and a norm shared by the query heads and one shared by the key heads."""
        D = self.config.head_dim
        yield super().attention(window), rms_norm("q_norm", D), rms_norm("k_norm", D)
