"""For the encoder-only types."""

from typing import Any

CANDIDATES: dict[str, dict[str, list[Any]]] = {}
