"""Blenderbot: pre-norm, for chat, with a short encoder and a long decoder (Roller et al., 2020, arXiv:2004.13637)."""

from zoo.common_keys import ANY
from zoo.fields import dim

from .sequence_to_sequence import CAUSAL_LM, GENERATION, SequenceToSequence, SequenceToSequenceConfig


class BlenderbotConfig(SequenceToSequenceConfig):
    """Defaults of transformers' BlenderbotConfig."""

    vocab_size: int = dim("V", 8_008)
    hidden_size: int = dim("H", 2_560)
    max_position_embeddings: int = dim("P", 128)
    num_hidden_layers: int = dim("L", 2)
    intermediate_size: int = dim("F", 10_240)
    num_attention_heads: int = dim("A", 32)
    num_decoder_layers: int = dim("L_dec", 24)
    decoder_ffn_dim: int = dim("F_dec", 10_240)
    decoder_attention_heads: int = dim("A_dec", 32)

    # From the time when it was BART with other settings. transformers no longer reads them.
    inert = {
        "add_final_layer_norm": True,
        "do_blenderbot_90_layernorm": ANY,
        "extra_layer_norm": False,
        "extra_pos_embeddings": 0,
        "layernorm_variant": "prelayernorm",
        "normalize_embedding": False,
        "static_position_embeddings": False,
    }


class Blenderbot(SequenceToSequence):
    """Positions are learned; a norm after the layers of each stack."""

    config: BlenderbotConfig
    prefix = "Blenderbot"
    heads = GENERATION | CAUSAL_LM
