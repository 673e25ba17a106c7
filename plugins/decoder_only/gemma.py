"""Gemma: LLaMA with heads of a width of their own and tied words (Mesnard et al., 2024, arXiv:2403.08295)."""

from zoo.common_keys import ANY
from zoo.fields import dim

from .decoder import CAUSAL_LM, SEQUENCE_CLASSIFICATION, TOKEN_CLASSIFICATION
from .gated import GatedConfig, GatedDecoder


class GemmaConfig(GatedConfig):
    """Defaults of transformers' GemmaConfig."""

    vocab_size: int = dim("V", 256_000)
    hidden_size: int = dim("H", 3_072)
    intermediate_size: int = dim("F", 24_576)
    num_hidden_layers: int = dim("L", 28)
    num_attention_heads: int = dim("A", 16)
    num_key_value_heads: int = dim("K", 16)
    head_dim: int = dim("D", 256)
    max_position_embeddings: int = dim("P", 8_192)
    tie_word_embeddings: bool = True
    attention_bias: bool = False
    use_bidirectional_attention: bool | None = None

    inert = {"hidden_activation": ANY}


class Gemma(GatedDecoder):
    """What its kin share; attention looks ahead, too, if the config wants it."""

    config: GemmaConfig
    prefix = "Gemma"
    lora_targets = ("q_proj", "v_proj")
    heads = CAUSAL_LM | SEQUENCE_CLASSIFICATION | TOKEN_CLASSIFICATION
