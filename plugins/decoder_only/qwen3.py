"""Qwen3: Qwen2 with a norm on each query and key head in place of biases (Yang et al., 2025, arXiv:2505.09388)."""

from zoo.blueprint import Parts, rms_norm
from zoo.fields import dim

from .qwen2 import Qwen2, Qwen2Config


class Qwen3Config(Qwen2Config):
    """Defaults of transformers' Qwen3Config, where they are not Qwen2's."""

    head_dim: int = dim("D", 128)
    attention_bias: bool = False


class Qwen3(Qwen2):
    """Normed heads; biases only if the config wants them, and then on all four projections."""

    config: Qwen3Config
    prefix = "Qwen3"

    def attention(self, window: int | None) -> Parts:
        """Projections, and a norm shared by the query heads and one shared by the key heads."""
        c = self.config
        yield self.grouped_query(window, bias=c.attention_bias, output_bias=c.attention_bias)
        yield rms_norm("q_norm", c.head_dim), rms_norm("k_norm", c.head_dim)
