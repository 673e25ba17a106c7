"""LongT5: T5 v1.1 whose encoder sees near tokens, and far ones in blocks (Guo et al., 2021, arXiv:2112.07916)."""

from typing import Literal

from zoo.blueprint import Parts, again, attend, products, rms_norm, scope
from zoo.fields import dim

from .t5 import T5, Role, T5Config


class LongT5Config(T5Config):
    """Defaults of transformers' LongT5Config."""

    local_radius: int = dim("r", 127)
    encoder_attention_type: Literal["local", "transient-global"] = "local"
    global_block_size: int = dim("B", 16)


class LongT5(T5):
    """T5 with another self-attention in the encoder."""

    config: LongT5Config
    prefix = "LongT5"
    full_precision = ()  # transformers has none
    lora_targets = ()  # PEFT has none
    heads = {"ForConditionalGeneration": "conditional_generation", "Model": "model"}
    aliases = {}

    def self_attention(self, *, positions: bool, role: Role) -> Parts:
        """In the encoder only the tokens around are seen; with transient-global attention also blocks, as averages."""
        if role != "encoder":
            yield super().self_attention(positions=positions, role=role)
            return
        c = self.config
        H, A, window = c.hidden_size, c.num_attention_heads, 2 * c.local_radius + 1
        query, key, value, output = self.projections()
        near = attend(heads=A, head_dim=c.head_dim, window=window, causal=False, pairs=self.scored)
        local: Parts = [query, key, value, output, near, self.biases(positions)]
        if c.encoder_attention_type == "local":
            yield scope("LocalSelfAttention", local)
        else:
            # The tokens of a block are added up, and the sums projected as the tokens are.
            sums = products(lambda tokens: 2 * H * tokens * self.far_blocks(tokens))
            far: Parts = [sums, again(self.far_blocks, key, value), rms_norm("global_input_layer_norm", H)]
            biases = self.biases(positions, "global_relative_attention_bias")
            yield scope("TransientGlobalSelfAttention", local, biases, far)

    def far_blocks(self, tokens: int) -> int:
        """How many blocks are seen beside the tokens around."""
        c = self.config
        return tokens // c.global_block_size if c.encoder_attention_type == "transient-global" else 0

    def scored(self, queries: int, keys: int) -> int:
        """Scores are computed for a span of tokens at a time, the last one filled up, with those in it and in the spans
        before and after it, and with every block.
        """
        span = self.config.local_radius + 1
        return -(-queries // span) * span * (3 * span + self.far_blocks(keys))

    def tied_words(self) -> str | None:
        """Tied whatever the config says, as in transformers 5.23: the published configs say no, and yet the
        published files hold no other matrix (transformers, pull request 47620).
        """
        return "shared.weight"
