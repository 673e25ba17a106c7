"""What zoo shows, as text: tables in every format, lines above them, and records as JSON."""

from zoo.formats.drawing import STYLES, added, draw, headed, is_raw, prose
from zoo.formats.records import RECORDS, json_text
from zoo.formats.separated import SEPARATED

__all__ = ["RECORDS", "SEPARATED", "STYLES", "added", "draw", "headed", "is_raw", "json_text", "prose"]
