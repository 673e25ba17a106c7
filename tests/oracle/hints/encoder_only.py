"""For the encoder-only types."""

from typing import Any

# Where heads do not divide hidden_size, transformers builds these types but cannot run them, and zoo refuses.
_EMBEDDED: dict[str, list[Any]] = {
    "hidden_size": [512, 128, 256],
    "num_attention_heads": [8, 2, 16],
    "hidden_act": ["relu"],
}

# Many fields of DeBERTa are read from the config without being fields of transformers' config class.
_DEBERTA: dict[str, list[Any]] = {
    "embedding_size": [128, 64],
    "hidden_act": ["relu"],
    "max_relative_positions": [128, 1, 0],
    "pooler_hidden_act": ["relu"],
    "pooler_hidden_size": [64],
    "relative_attention": [False],
    "pos_att_type": [["c2p"], ["p2c"], [], "C2P | p2c", "p2c"],
    "type_vocab_size": [2, 1],
}

_DECODER: dict[str, list[Any]] = {"is_decoder": [False], "hidden_act": ["relu"]}

CANDIDATES: dict[str, dict[str, list[Any]]] = {
    "albert": _EMBEDDED | {"num_hidden_groups": [3, 1], "inner_group_num": [2, 3]},
    "bert": _DECODER,
    "camembert": _DECODER,
    "deberta": _DEBERTA | {"talking_head": [True]},
    "deberta-v2": _DEBERTA
    | {
        "attention_head_size": [32],
        "conv_act": ["gelu"],
        "conv_groups": [2, 4],
        "conv_kernel_size": [5, 0],
        "norm_rel_ebd": ["layer_norm"],
        "position_buckets": [256, 8, 0],
        "share_att_key": [True],
    },
    "distilbert": {"activation": ["relu"]},
    "electra": _EMBEDDED | _DECODER | {"summary_activation": ["tanh"], "summary_type": ["mean"]},
    "modernbert": {
        "classifier_activation": ["relu"],
        "classifier_pooling": ["mean"],
        "cls_token_id": [1],
        "global_attn_every_n_layers": [2, 1],
        "global_rope_theta": [10_000.0],
        "hidden_activation": ["relu"],
        "layer_types": [["sliding_attention", "full_attention", "full_attention"]],
        "local_rope_theta": [1_000.0],
    },
    "mpnet": {"hidden_act": ["relu"]},
    "roberta": _DECODER,
    "xlm-roberta": _DECODER,
}

# Only a decoder may have cross-attention; without relative positions, DeBERTa reads few of its fields.
START: dict[str, dict[str, Any]] = {
    "deberta": {"relative_attention": True, "pos_att_type": ["c2p", "p2c"]},
    "deberta-v2": {"relative_attention": True, "pos_att_type": ["c2p", "p2c"], "conv_kernel_size": 3},
} | {name: {"is_decoder": True} for name in ("bert", "camembert", "electra", "roberta", "xlm-roberta")}
