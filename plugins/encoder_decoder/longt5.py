"""LongT5: T5 v1.1 whose encoder sees near tokens, and far ones in blocks (Guo et al., 2021, arXiv:2112.07916)."""

from typing import Literal

from zoo.blueprint import Parts, rms_norm, scope
from zoo.common_keys import ANY
from zoo.fields import dim

from .t5 import T5, T5Config


class LongT5Config(T5Config):
    """Defaults of transformers' LongT5Config."""

    local_radius: int = dim("r", 127)
    encoder_attention_type: Literal["local", "transient-global"] = "local"

    inert = {"global_block_size": ANY}


class LongT5(T5):
    """T5 with another self-attention in the encoder."""

    config: LongT5Config
    prefix = "LongT5"
    heads = {"ForConditionalGeneration": "conditional_generation", "Model": "model"}
    aliases = {}

    def self_attention(self, *, positions: bool, decoder: bool) -> Parts:
        """In the encoder only the tokens around are seen; with transient-global attention also blocks, as averages."""
        if decoder:
            yield super().self_attention(positions=positions, decoder=True)
            return
        c = self.config
        local = [self.attention(causal=False, window=2 * c.local_radius + 1), self.biases(positions)]
        if c.encoder_attention_type == "local":
            yield scope("LocalSelfAttention", local)
        else:
            blocks = self.biases(positions, "global_relative_attention_bias")
            norm = rms_norm("global_input_layer_norm", c.hidden_size)
            yield scope("TransientGlobalSelfAttention", local, blocks, norm)

    def tied_words(self) -> str | None:
        """Tied whatever the config says, as in transformers 5.23: the published configs say no, and yet the
        published files hold no other matrix (transformers, pull request 47620).
        """
        return "shared.weight"
