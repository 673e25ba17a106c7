"""A config of a type that is quick to run, by the names that fields of transformers' configs have."""

import dataclasses
from typing import Any

from zoo.testing.judge import classes, config

_SIZES = {
    "hidden_size": 64,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "intermediate_size": 96,
    "moe_intermediate_size": 24,
    "shared_expert_intermediate_size": 40,
    "vocab_size": 120,
    "max_position_embeddings": 64,
    "num_hidden_layers": 2,
    "num_decoder_layers": 2,
    "decoder_layers": 2,
    "encoder_ffn_dim": 72,
    "decoder_ffn_dim": 80,
    "decoder_attention_heads": 2,
    "num_experts": 4,
    "num_local_experts": 4,
    "num_experts_per_tok": 2,
    "n_shared_experts": 1,
    "embedding_size": 32,
    "q_lora_rank": 24,
    "kv_lora_rank": 20,
    "qk_nope_head_dim": 8,
    "qk_rope_head_dim": 6,
    "v_head_dim": 10,
    "max_encoder_position_embeddings": 64,
    "max_decoder_position_embeddings": 64,
    "attention_window": 8,
    "attention_types": [[["global", "local"], 1]],
    "rotary_dim": 8,
    "pad_token_id": 1,
    "bos_token_id": 1,
    "eos_token_id": 1,
    "decoder_start_token_id": 1,
}


def small(model_type: str) -> dict[str, Any]:
    """The fields that the type has of these, under the names that its config.json has for them."""
    default = config(model_type)
    names = {field.name for field in dataclasses.fields(default)}
    spelt = {default.attribute_map.get(name, name): value for name, value in _SIZES.items()}
    fields: dict[str, Any] = {name: value for name, value in spelt.items() if name in names}
    if "kv_lora_rank" in names:  # each query head has a key and value head of its own
        fields["num_key_value_heads"] = fields["num_attention_heads"]
    return fields


def base_class(model_type: str) -> str:
    """The base model of the type."""
    return next(name for name in classes(model_type) if name.endswith("Model") and "LMHead" not in name)
