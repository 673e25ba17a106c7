"""Heads, windows and causality as `attend` declares them, against the attention weights of tiny models that are run."""

from importlib.util import find_spec
from typing import Any

import pytest

import zoo
from zoo.manager import manager

if not (find_spec("torch") and find_spec("transformers")):
    pytest.skip("needs the oracle extra: pip install '.[oracle]'", allow_module_level=True)

FULL, SLIDING = "full_attention", "sliding_attention"
QWEN = {"use_sliding_window": True, "sliding_window": 6}

# Beside the small config of each type: what switches windows, causality and cross-attention.
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

# Their outputs are not one weight for each pair of tokens: none at all, or windows in a layout of their own.
WITHOUT = {"mamba", "led", "longt5"}

TYPES = [model_type for model_type, _ in manager if model_type not in WITHOUT]
CASES = [(model_type, fields) for model_type in TYPES for fields in [{}, *VARIANTS.get(model_type, [])]]


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize(("model_type", "fields"), CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_attention_sees_what_is_declared(model_type: str, fields: dict[str, Any]) -> None:
    from oracle.attention import base_class, declared, observed, small

    fields = small(model_type) | fields
    model = zoo.load({**fields, "model_type": model_type, "architectures": [base_class(model_type)]})
    sights = declared(model.parts)
    expected = observed(model_type, fields)
    # A layer that is used again stands once among the parts.
    assert {stack: layers[: len(sights.get(stack, []))] for stack, layers in expected.items()} == sights
    assert sum(map(len, expected.values())) >= sum(model.depths)
