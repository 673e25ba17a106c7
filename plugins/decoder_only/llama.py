"""LLaMA: pre-norm decoder with RMSNorm, rotary positions and a gated MLP (Touvron et al., 2023, arXiv:2302.13971)."""

from zoo.blueprint import Parts
from zoo.common_keys import ANY
from zoo.fields import dim

from .decoder import CAUSAL_LM, OLD_QUESTION_ANSWERING, SEQUENCE_CLASSIFICATION, TOKEN_CLASSIFICATION
from .gated import GatedConfig, GatedDecoder, gated_mlp


class LlamaConfig(GatedConfig):
    """Defaults of transformers' LlamaConfig."""

    vocab_size: int = dim("V", 32_000)
    hidden_size: int = dim("H", 4_096)
    intermediate_size: int = dim("F", 11_008)
    num_hidden_layers: int = dim("L", 32)
    num_attention_heads: int = dim("A", 32)
    max_position_embeddings: int = dim("P", 2_048)
    attention_bias: bool = False
    mlp_bias: bool = False

    # `bias` is what InternLM, converted to LLaMA, called attention_bias; transformers does not read it.
    inert = {"max_sequence_length": ANY, "bias": False}


class Llama(GatedDecoder):
    """What its kin share, with biases in attention and MLP if the config wants them."""

    config: LlamaConfig
    prefix = "Llama"
    lora_targets = ("q_proj", "v_proj")
    heads = CAUSAL_LM | SEQUENCE_CLASSIFICATION | TOKEN_CLASSIFICATION | OLD_QUESTION_ANSWERING
    aliases = {"LLaMAForCausalLM": "LlamaForCausalLM"}

    def mlp(self) -> Parts:
        """Three matrices, one of them the gate."""
        c = self.config
        yield gated_mlp(c.hidden_size, c.intermediate_size, bias=c.mlp_bias)
