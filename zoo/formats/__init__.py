"""What zoo shows, as text: tables in every format, lines above them, and records as JSON."""

from zoo.formats.drawing import STYLES, draw, headed, prose
from zoo.formats.records import RECORDS, json_text
from zoo.formats.separated import SEPARATED

__all__ = ["RECORDS", "SEPARATED", "STYLES", "draw", "headed", "json_text", "prose"]
