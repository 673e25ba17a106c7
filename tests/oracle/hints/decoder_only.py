"""For the decoder-only types."""

from typing import Any

# Where heads do not divide hidden_size, transformers builds these types with what is left over, and zoo refuses.
_DIVISIBLE: dict[str, list[Any]] = {"hidden_size": [1024, 4096], "num_attention_heads": [16, 64]}

_LAYER_TYPES = ["full_attention", "sliding_attention", "full_attention"]


def _heads(
    hidden_size: list[int], heads: list[int], kv_heads: list[int | None], head_dim: list[int]
) -> dict[str, list[Any]]:
    """Of the llama kin, with which hidden_size and the heads for keys and values still divide in any mixture."""
    return {
        "hidden_size": hidden_size,
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "head_dim": head_dim,
    }


CANDIDATES: dict[str, dict[str, list[Any]]] = {
    "falcon": {
        "hidden_size": [1024, 256],
        "num_attention_heads": [8, 32],
        "num_kv_heads": [4, 2, 1],
        "new_decoder_architecture": [False],
        "num_ln_in_parallel_attn": [1, 2],
    },
    # They must add up to the number of layers, which therefore cannot be moved by itself.
    "gpt_neo": {"attention_types": [[[["local", "global"], 1], [["local"], 1]], [[["global"], 3]]]},
    "llama": {"num_key_value_heads": [8, 1, 4], "head_dim": [64, 96]},
    "mamba": {"time_step_rank": [16, "auto", 1], "intermediate_size": [1000, 64]},
    # transformers builds the same, whatever the last two say; the code that MPT was trained with does not.
    "mpt": {
        "d_model": [1024, 512],
        "n_heads": [8, 32],
        "attn_config": [{"alibi_bias_max": 16, "clip_qkv": 6.0, "prefix_lm": True, "softmax_scale": 0.5}],
        "expansion_ratio": [4],
        "no_bias": [True],
    },
    "phi": _DIVISIBLE | {"num_key_value_heads": [8, 1, 16], "head_dim": [96]},
    "stablelm": {"num_key_value_heads": [8, 1, 4], "num_attention_heads": [64, 160]},
    "starcoder2": _DIVISIBLE | {"num_key_value_heads": [4, 1], "head_dim": [96]},
    "mistral": _heads([2048, 8192], [64, 16], [4, 1, 16], [64, 96]) | {"sliding_window": [None, 2048]},
    # Of experts, a token never uses more than there are.
    "mixtral": _heads([2048, 8192], [64, 16], [4, 1, 16], [64, 96])
    | {
        "num_local_experts": [16, 4, 9],
        "num_experts_per_tok": [3, 1],
        "sliding_window": [2048],
    },
    "qwen2": _heads([2048, 8192], [64], [8, None, 4], [64, 96])
    | {
        "sliding_window": [None, 1024],
        "max_window_layers": [1, 0],
        "layer_types": [_LAYER_TYPES],
    },
    "qwen2_moe": _heads([1024, 4096], [32, 64], [8, 1, 4], [64, 96])
    | {
        "sliding_window": [1024],
        "max_window_layers": [1, 0],
        "layer_types": [_LAYER_TYPES],
        "num_experts": [32, 7, 0],
        "num_experts_per_tok": [3, 1],
        "decoder_sparse_step": [2, 3],
        "mlp_only_layers": [[1], [2, 0, 5]],
    },
    "qwen3": _heads([2048, 4097], [64], [8, None, 4], [64, 96])
    | {
        "sliding_window": [None, 1024],
        "max_window_layers": [1, 0],
        "layer_types": [_LAYER_TYPES],
    },
    "qwen3_moe": _heads([1024, 4096], [64, 16], [8, 1], [128])
    | {
        "sliding_window": [None, 1024],
        "num_experts": [32, 9, 0],
        "num_experts_per_tok": [3, 1],
        "decoder_sparse_step": [2, 3],
        "mlp_only_layers": [[1], [2, 0, 5]],
    },
    "gemma": _heads([2048, 3000], [32, 64], [4, 1], [64, 96]) | {"use_bidirectional_attention": [True]},
    "gemma2": _heads([2048, 3072], [16, 32], [8, 1], [64, 96])
    | {
        "sliding_window": [None, 1024],
        "layer_types": [_LAYER_TYPES],
        "use_bidirectional_attention": [True],
    },
    "gemma3_text": _heads([2048, 3072], [16, 32], [8, 1], [64, 96])
    | {
        "sliding_window": [1024],
        "sliding_window_pattern": [2, 1],
        "layer_types": [_LAYER_TYPES],
        "use_bidirectional_attention": [True],
    },
    "phi3": _heads([1536, 6144], [64, 16], [8, 1, 4], [64]) | {"sliding_window": [1024]},
    "olmo": _heads([2048, 8192], [64, 16], [8, 1, 4], [64]),
    "olmo2": _heads([2048, 8192], [64, 16], [8, 1, 4], [64]),
    "cohere": _heads([4096, 2048], [32, 16], [8, 1, 4], [64]),
    "deepseek_v2": {
        "hidden_size": [2048, 8192],
        "num_attention_heads": [64, 16],
        "num_key_value_heads": [8, 1],
        "n_routed_experts": [32, 9],
        "num_experts_per_tok": [3, 1],
        "q_lora_rank": [None, 768],
        "first_k_dense_replace": [1, 2, 5],
    },
    "deepseek_v3": {
        "num_attention_heads": [64, 16],
        "num_key_value_heads": [8, 1],
        "n_routed_experts": [32, 9],
        "num_experts_per_tok": [3, 1],
        "q_lora_rank": [None, 768],
        "first_k_dense_replace": [2, 0, 5],
        "num_nextn_predict_layers": [2],
    },
    "gpt_oss": _heads([1440, 2881], [128, 32], [4, 1], [32, 96])
    | {
        "num_local_experts": [32, 9],
        "num_experts_per_tok": [3, 1],
        "sliding_window": [None, 64],
        "layer_types": [_LAYER_TYPES],
    },
}

START: dict[str, dict[str, Any]] = {
    "falcon": {
        "hidden_size": 512,
        "num_attention_heads": 16,
        "num_kv_heads": 8,
        "new_decoder_architecture": True,
    },
    "gpt_neo": {"attention_types": [[["global", "local"], 1], [["global"], 1]]},
    "starcoder2": {"hidden_size": 512, "num_attention_heads": 32},
    "deepseek_v3": {"first_k_dense_replace": 1},
}
