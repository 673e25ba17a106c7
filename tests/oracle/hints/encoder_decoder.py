"""For the encoder-decoder types."""

from typing import Any

CANDIDATES: dict[str, dict[str, list[Any]]] = {}
