"""Mamba: a short convolution and a selective state space, no attention (Gu and Dao, 2023, arXiv:2312.00752)."""

from collections.abc import Mapping
from typing import Any

from zoo.blueprint import (
    Parts,
    again,
    conv1d,
    embedding,
    linear,
    products,
    repeat,
    rms_norm,
    scope,
    state,
    tensor,
)
from zoo.common_keys import harmless
from zoo.fields import derived, dim

from .decoder import CAUSAL_LM, Decoder, DecoderConfig


def _sixteenth(fields: Mapping[str, int]) -> int:
    return -(-fields["hidden_size"] // 16)


class MambaConfig(DecoderConfig):
    """Defaults of transformers' MambaConfig."""

    vocab_size: int = dim("V", 50_280)
    hidden_size: int = dim("H", 768)
    num_hidden_layers: int = dim("L", 32)
    state_size: int = dim("N", 16)
    conv_kernel: int = dim("W", 4)
    expand: int = dim("E", 2)
    intermediate_size: int = derived("F", lambda fields: fields["expand"] * fields["hidden_size"])
    time_step_rank: int = derived("R", _sixteenth)
    use_bias: bool = False
    use_conv_bias: bool = True

    spellings = {"d_inner": "intermediate_size", "d_model": "hidden_size", "n_layer": "num_hidden_layers"}
    # Of the original code; published configs have them beside the names that transformers reads.
    unread = frozenset(spellings)
    # pad_vocab_size_multiple: vocab_size is already padded.
    inert = {
        **harmless("""
            fused_add_norm hidden_act layer_norm_epsilon pad_vocab_size_multiple rescale_prenorm_residual
            residual_in_fp32 time_step_floor time_step_init_scheme time_step_max time_step_min time_step_scale
            use_associative_scan use_mambapy
        """),
        "rms_norm": True,
        "ssm_cfg": {},
    }

    @classmethod
    def normalized(cls, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """A time_step_rank of "auto" stands for the default."""
        return {**given, "time_step_rank": None} if given.get("time_step_rank") == "auto" else given


class Mamba(Decoder):
    """Words; layers of one mixer behind a norm; a norm at the end."""

    config: MambaConfig
    prefix = "Mamba"
    lora_refused = ("out_proj", "conv1d")
    base = "backbone"
    words = "embeddings"
    heads = CAUSAL_LM

    def model(self) -> Parts:
        """Words, layers, norm."""
        c = self.config
        yield embedding(self.words, c.vocab_size, c.hidden_size)
        yield repeat("layers", c.num_hidden_layers, [rms_norm("norm", c.hidden_size), scope("mixer", self.mixer())])
        yield rms_norm("norm_f", c.hidden_size)

    def mixer(self) -> Parts:
        """Up to F channels and as many gates, a convolution along the tokens, N states for each channel, and back."""
        c = self.config
        H, F, N, R, W = c.hidden_size, c.intermediate_size, c.state_size, c.time_step_rank, c.conv_kernel
        yield linear("in_proj", H, 2 * F, bias=c.use_bias)
        convolution = conv1d("conv1d", F, F, W, groups=F, bias=c.use_conv_bias)
        # It is padded at both ends, and what it makes beyond the text is thrown away.
        yield convolution, again(W - 1, convolution), state("conv", F, W)
        # What a token lets into the states and out of them, and for how long they keep it.
        yield linear("x_proj", F, R + 2 * N, bias=False), linear("dt_proj", R, F)
        yield tensor("A_log", F, N, use="elementwise"), tensor("D", F)
        yield state("ssm", F, N), products(lambda tokens: 2 * F * N * tokens)
        yield linear("out_proj", F, H, bias=c.use_bias)
