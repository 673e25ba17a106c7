"""What the generator of configs cannot find out by itself: values for fields that take lists, strings or null, or for
which its own guesses build nothing.
"""

from typing import Any

from oracle.hints import decoder_only, encoder_decoder, encoder_only

CANDIDATES: dict[str, dict[str, list[Any]]] = (
    encoder_only.CANDIDATES | decoder_only.CANDIDATES | encoder_decoder.CANDIDATES
)
"""Type -> field -> values to move it to, the first of which is used where one is enough."""

START: dict[str, dict[str, Any]] = encoder_only.START | decoder_only.START
"""Type -> values of the config from which fields are moved, where the defaults switch much off. Each has CANDIDATES."""

LEFT_ALONE = {"name_or_path", "quantization_config", "num_labels"}
"""Fields that are not found among transformers' own, or that no test moves by itself."""

FEW_LAYERS = 3
"""Layers of the config from which fields are moved: enough for layers of several kinds, and quickly built."""
