"""Configs of each type beside its small one: what switches windows, causality and cross-attention."""

from typing import Any

FULL, SLIDING = "full_attention", "sliding_attention"
QWEN = {"use_sliding_window": True, "sliding_window": 6}

VARIANTS: dict[str, list[dict[str, Any]]] = {
    **{
        name: [{"is_decoder": True}, {"is_decoder": True, "add_cross_attention": True}]
        for name in ("bert", "roberta", "camembert", "xlm-roberta", "electra")
    },
    **{
        name: [{"sliding_window": 6}, {"sliding_window": None}] for name in ("mistral", "mixtral", "starcoder2", "phi3")
    },
    **{
        name: [
            {**QWEN, "max_window_layers": 0},
            {**QWEN, "max_window_layers": 1},
            {**QWEN, "layer_types": [FULL, SLIDING]},
        ]
        for name in ("qwen2", "qwen2_moe", "qwen3")
    },
    "qwen3_moe": [QWEN, {"sliding_window": 6}],
    "gpt2": [{"add_cross_attention": True}],
    "gpt_neo": [{"window_size": 6}, {"window_size": 6, "attention_types": [[["local"], 2]]}],
    "gpt_oss": [{"sliding_window": 6}, {"sliding_window": 6, "layer_types": [FULL, SLIDING]}],
    "gemma2": [{"sliding_window": 6}, {"sliding_window": 6, "layer_types": [FULL, SLIDING]}],
    "gemma3_text": [
        {"sliding_window": 6, "layer_types": [FULL, SLIDING]},
        {"sliding_window": 6, "layer_types": [FULL, SLIDING], "use_bidirectional_attention": True},
        {"sliding_window": 7, "layer_types": [FULL, SLIDING], "use_bidirectional_attention": True},
    ],
    "modernbert": [
        {"local_attention": 6},
        {"local_attention": 7, "global_attn_every_n_layers": 2},
        {"local_attention": 6, "layer_types": [SLIDING, FULL]},
    ],
    "deberta": [{"relative_attention": True, "pos_att_type": ["c2p", "p2c"]}],
    "deberta-v2": [{"relative_attention": True, "pos_att_type": ["c2p", "p2c"]}],
    "falcon": [{"new_decoder_architecture": True, "num_kv_heads": 2}, {"multi_query": False}, {"alibi": True}],
}
