"""For the decoder-only types."""

from typing import Any

CANDIDATES: dict[str, dict[str, list[Any]]] = {
    "llama": {"num_key_value_heads": [8, 1, 4], "head_dim": [64, 96]},
}
