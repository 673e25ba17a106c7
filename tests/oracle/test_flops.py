"""What `Model.flops` says of each class, against PyTorch's flop counter over transformers' eager forward pass."""

import os
import random
from importlib.util import find_spec
from typing import Any

import pytest

import zoo
from oracle.variants import VARIANTS
from zoo.manager import manager

if not (find_spec("torch") and find_spec("transformers")):
    pytest.skip("needs the oracle extra: pip install '.[oracle]'", allow_module_level=True)

SEED = os.environ.get("ZOO_ORACLE_SEED") or str(random.randrange(10**9))
CONFIGS = int(os.environ.get("ZOO_ORACLE_CONFIGS", "2"))
TYPES = sorted(model_type for model_type, plugin in manager if plugin.distribution.startswith("paramzoo "))

TEXT, ENCODER = 19, 23

# What these do depends on values, which tensors without storage do not have: which experts a token gets, which tokens
# LED is told to see everywhere, by how much DeBERTa scales its scores.
NEEDS_VALUES = {
    "deberta", "deberta-v2", "deepseek_v2", "deepseek_v3", "gpt_oss", "led", "mixtral", "qwen2_moe", "qwen3_moe",
    "switch_transformers",
}  # fmt: skip
# Classes of other types that look for the end of the text, so likewise.
LOOKS_FOR_THE_END = {
    f"{prefix}ForSequenceClassification" for prefix in ("Bart", "MBart", "MT5", "T5", "UMT5")
}  # fmt: skip

RELATIVE = {"relative_attention": True, "pos_att_type": ["c2p", "p2c"]}

# Beside those that switch windows and cross-attention: what changes how much is multiplied, and with what.
MORE: dict[str, list[dict[str, Any]]] = {
    "albert": [{"num_hidden_layers": 5, "num_hidden_groups": 2, "inner_group_num": 3}],
    "deberta": [
        {**RELATIVE, "max_relative_positions": 8},
        {**RELATIVE, "pos_att_type": ["p2c"], "talking_head": True},
        {"relative_attention": True},
        {"legacy": False, "embedding_size": 64},
    ],
    "deberta-v2": [
        {**RELATIVE, "max_relative_positions": 8},
        {**RELATIVE, "position_buckets": 8, "max_relative_positions": 20, "norm_rel_ebd": "layer_norm"},
        {**RELATIVE, "share_att_key": True, "pos_att_type": ["c2p"]},
        {"relative_attention": True, "share_att_key": True},
        {"conv_kernel_size": 5, "conv_groups": 2, "legacy": False, "embedding_size": 64},
    ],
    "deepseek_v2": [{"q_lora_rank": None}, {"n_shared_experts": 3, "first_k_dense_replace": 5, "mlp_bias": True}],
    "deepseek_v3": [{"q_lora_rank": None}],
    "led": [{"attention_window": 32}, {"attention_window": [4, 8]}],
    "longt5": [
        {"local_radius": 3},
        {"encoder_attention_type": "transient-global", "local_radius": 3, "global_block_size": 4},
        {"encoder_attention_type": "transient-global", "local_radius": 30, "d_kv": 24},
    ],
    "mamba": [{"conv_kernel": 7, "state_size": 5, "time_step_rank": 3, "use_bias": True}],
    "marian": [{"share_encoder_decoder_embeddings": False, "decoder_vocab_size": 130}],
    "mixtral": [{"num_experts_per_tok": 1}, {"num_experts_per_tok": 4}],
    "qwen2_moe": [{"decoder_sparse_step": 2}, {"mlp_only_layers": [0]}, {"num_experts": 0}],
    "qwen3_moe": [{"decoder_sparse_step": 2}, {"mlp_only_layers": [0]}, {"num_experts": 0}],
    "switch_transformers": [
        {"num_layers": 5, "num_sparse_encoder_layers": 2, "router_bias": True},
        {"encoder_sparse_step": 1, "decoder_sparse_step": 0},
    ],
    "t5": [{"feed_forward_proj": "gated-gelu", "d_kv": 24}, {"is_decoder": True}],
}
CASES = [(name, fields) for name in TYPES for fields in [{}, *VARIANTS.get(name, []), *MORE.get(name, [])]]


def told(model_type: str, class_name: str, fields: dict[str, Any], text: int, encoder: int) -> tuple[int, ...]:
    """Operations as zoo tells them, in the order in which the judge does."""
    model = zoo.load({**fields, "model_type": model_type, "architectures": [class_name]})
    found = model.flops(text, encoder_length=encoder if model.lengths(1).encoder else None)
    assert found is not None, f"{class_name} {fields}: unknown"
    return *found.text, *found.encoder


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("model_type", [name for name in TYPES if name not in NEEDS_VALUES])
def test_each_class_at_its_defaults_without_storage(model_type: str) -> None:
    from oracle.flops import run
    from zoo.testing.judge import classes

    for class_name in classes(model_type):
        if class_name not in LOOKS_FOR_THE_END:
            expected = run(class_name, model_type, {}, TEXT, ENCODER)
            assert told(model_type, class_name, {}, TEXT, ENCODER) == expected, class_name


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize(("model_type", "fields"), CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_each_class_with_tiny_tensors(model_type: str, fields: dict[str, Any]) -> None:
    from oracle.attention import small
    from oracle.flops import run
    from zoo.testing.judge import classes

    fields = small(model_type) | fields
    for class_name in classes(model_type):
        for text, encoder in ((TEXT, ENCODER), (24, 16), (1, 40)):
            # The end is looked for in the encoder's text, and what is there of the decoder's is classified.
            read = text if class_name in LOOKS_FOR_THE_END else encoder
            expected = run(class_name, model_type, fields, text, read, device="cpu")
            assert told(model_type, class_name, fields, text, read) == expected, (class_name, text, read)


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("model_type", [name for name in TYPES if name not in NEEDS_VALUES])
def test_fresh_random_configs(model_type: str) -> None:
    from functools import partial

    from architectures.suites import SUITES

    from oracle.flops import CannotRunError, run
    from zoo.testing.configs import mixtures
    from zoo.testing.judge import classes, tried
    from zoo.testing.live import space

    ran = 0
    for class_name in classes(model_type):
        chance = random.Random(f"{SEED} {class_name}")
        for config, truth in mixtures(
            space(SUITES[model_type]), partial(tried, class_name, model_type), chance, CONFIGS
        ):
            if truth is None or class_name in LOOKS_FOR_THE_END:
                continue
            text, encoder = chance.randint(1, 40), chance.randint(1, 40)
            try:
                expected = run(class_name, model_type, config, text, encoder)
            except CannotRunError:
                continue  # transformers builds more than it can run
            ran += 1
            found = told(model_type, class_name, config, text, encoder)
            assert found == expected, f"seed {SEED}: {class_name} {config}: {text} and {encoder} tokens"
    assert ran, f"seed {SEED}: transformers ran none of the random configs"
