"""For the encoder-decoder types."""

from typing import Any

_T5: dict[str, list[Any]] = {
    "feed_forward_proj": ["gated-gelu", "gated-silu", "gelu", "relu"],
    "is_gated_act": [True, False],
    "tie_word_embeddings": [False],
}

CANDIDATES: dict[str, dict[str, list[Any]]] = {
    "led": {"attention_window": [256, [64, 64, 128]]},
    # The vocabularies must hold the token for padding, 58100.
    "marian": {"decoder_vocab_size": [58_200, 60_000]},
    "t5": _T5,
    "mt5": _T5,
    "umt5": _T5,
    "longt5": _T5 | {"encoder_attention_type": ["transient-global"]},
    "switch_transformers": {
        "num_sparse_encoder_layers": [1, 0, 2, 6],
        "num_sparse_decoder_layers": [1, 0, 2, 6],
        "encoder_sparse_step": [2, 1, 0],
        "decoder_sparse_step": [2, 1, 0],
    },
}
