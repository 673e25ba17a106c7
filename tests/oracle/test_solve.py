"""Solved configs, as they are printed, against what transformers builds of them."""

import json
from importlib.util import find_spec
from typing import Any

import pytest

from zoo.manager import manager
from zoo.solving.solution import solve

if not (find_spec("torch") and find_spec("transformers")):
    pytest.skip("needs the oracle extra: pip install '.[oracle]'", allow_module_level=True)

# Each with what its config tells beyond the defaults: grouped heads, narrow words, experts, gates, lists.
NAMES = (
    "albert-base-v2", "bert-large-cased", "blenderbot-400m-distill", "bloom-7b1", "deberta-v2-xxlarge", "deepseek-v2",
    "deepseek-v3", "electra-small", "falcon-40b", "falcon-7b", "flan-t5-base", "gemma-2-9b", "gemma-2b", "gemma-3-1b",
    "gpt-j-6b", "gpt-neo-2.7b", "gpt-oss-20b", "gpt3", "led-base", "llama-3-8b", "llama-3.2-1b", "mamba-2.8b",
    "mixtral-8x7b", "modernbert-large", "mpt-30b", "mt5-base", "opt-350m", "opus-mt-en-de", "phi-3-medium",
    "qwen2.5-7b", "qwen3-0.6b", "qwen3-30b-a3b", "starcoder2-15b", "switch-base-8", "t5-11b", "umt5-small",
)  # fmt: skip

# Layers are written out here, and so go with one number of them.
PATTERN = {"gpt_neo": {"attention_types": [[["global", "local"], 3]]}}

FIXED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("llama", {"head_dim": 80, "vocab_size": 128_256}),
    ("llama-3-8b", {"num_attention_heads": 24, "num_key_value_heads": 6}),
    ("deepseek_v3", {"q_lora_rank": None, "n_routed_experts": 16, "n_group": 2, "topk_group": 1}),
    ("bart", {"decoder_attention_heads": 8, "decoder_layers": 2}),
    ("gpt2", {"n_inner": 1000, "n_positions": 4096}),
    ("mamba", {"expand": 3}),
)
TYPES = [(model_type, PATTERN.get(model_type, {})) for model_type, _ in manager]


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize(("reference", "fix"), [*TYPES, *[(name, {}) for name in NAMES], *FIXED])
def test_transformers_builds_the_printed_config_and_counts_the_same(reference: str, fix: dict[str, Any]) -> None:
    from architectures.suites import SUITES

    from zoo.testing.judge import build

    found = solve(reference, "3B", layers=None if reference in NAMES else 6, fix=fix)
    config = json.loads(str(found))
    model_type, (class_name,) = config.pop("model_type"), config.pop("architectures")
    built = build(class_name, model_type, config)
    assert list(SUITES[model_type].disagreements(built)) == []
    assert SUITES[model_type].corrected(built).parameters == found.parameters
