"""Where zoo differs from transformers on purpose, each with its reason."""

from collections.abc import Mapping
from typing import Any


def corrected(
    model_type: str, class_name: str, config: Mapping[str, Any], truth: Mapping[str, Any]
) -> Mapping[str, Any]:
    """What zoo should say, given what transformers builds."""
    return truth
