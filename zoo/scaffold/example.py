"""The config of the architecture that a package begins with where no other is named, and how others spell it."""

from collections.abc import Mapping
from typing import Any

from zoo.common_keys import ANY
from zoo.config import Config
from zoo.fields import derived, dim, per_head


class ExampleConfig(Config):
    """The fields of a decoder with grouped queries and a gated MLP, which templates/architecture.py.txt reads."""

    vocab_size: int = dim("V", 32_000)
    hidden_size: int = dim("H", 1_024)
    intermediate_size: int = dim("F", 4_096)
    num_hidden_layers: int = dim("L", 12)
    num_attention_heads: int = dim("A", 16)
    num_key_value_heads: int = derived("K", lambda fields: fields["num_attention_heads"])
    head_dim: int = derived("D", per_head)
    tie_word_embeddings: bool = True

    inert = {"rms_norm_eps": ANY, "rope_theta": ANY}


FOLLOWING = {
    "num_key_value_heads": 'derived("K", lambda fields: fields["num_attention_heads"])',
    "head_dim": 'derived("D", per_head)',
}
"""The fields whose defaults follow from others, as the module declares them."""

_SPELLINGS = {
    "vocab_size": ("n_vocab", "padded_vocab_size"),
    "hidden_size": ("d_model", "n_embd", "n_embed", "model_dim", "dim"),
    "intermediate_size": ("ffn_dim", "d_ff", "n_inner", "ffn_hidden_size", "inner_dim"),
    "num_hidden_layers": ("n_layer", "n_layers", "num_layers"),
    "num_attention_heads": ("n_head", "n_heads", "num_heads"),
    "num_key_value_heads": ("n_kv_heads", "n_head_kv", "num_kv_heads", "num_query_groups"),
    "head_dim": ("d_kv", "kv_channels", "attention_head_size"),
}


def spelt(config: Mapping[str, Any]) -> type[ExampleConfig]:
    """The config's class with the spellings that a config uses, one for each field that it does not call as usual."""
    found: dict[str, str] = {}
    for name, others in _SPELLINGS.items():
        if config.get(name) is None:
            found |= dict.fromkeys([key for key in others if config.get(key) is not None][:1], name)
    return type("ExampleConfig", (ExampleConfig,), {"spellings": found})
