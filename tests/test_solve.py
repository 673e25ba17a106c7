"""Solved widths: against all widths around, config by config; what stays and what goes along; what has no solution."""

import json
from typing import Any

import pytest

import zoo
from zoo.conditions import MeasureError
from zoo.manager import manager
from zoo.solving import Solution, number, solve

TYPES = [model_type for model_type, _ in manager]
# Patterns of layers that are written out in the config, and so go with one number of layers.
PATTERNS: dict[str, dict[str, Any]] = {"gpt_neo": {"attention_types": [[["global", "local"], 4]]}}
REFERENCES = (
    "bert-base", "albert-base-v2", "electra-small", "deberta-v3-base", "gpt3", "opt-350m", "llama-3-8b", "llama-3.2-1b",
    "falcon-40b", "mpt-7b", "gemma-2b", "gemma-2-9b", "mixtral-8x7b", "qwen2.5-7b", "qwen3-30b-a3b", "deepseek-v3",
    "gpt-oss-20b", "mamba-2.8b", "t5-v1.1-base", "t5-11b", "mt5-base", "led-base", "marian,d_model=256", "switch-base-8",
)  # fmt: skip


def rebuilt(config: dict[str, Any], **fields: Any) -> zoo.Model:
    """The model of a config with some keys changed, as a file would give it."""
    return zoo.load(json.loads(json.dumps({**config, **fields})))


def width(model: zoo.Model) -> int:
    found: int = model.config.hidden_size
    return found


def solved_for(reference: str, found: Solution, **options: Any) -> list[Solution]:
    """What asking for exactly as many parameters as the narrower and the wider model have gives, and for those of
    the solution.
    """
    return [solve(reference, asked, **options) for asked in (found.parameters - 1, found.parameters, found.parameters + 1)]
