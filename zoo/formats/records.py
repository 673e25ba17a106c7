"""Records as JSON, or as JSON Lines (jsonlines.org): a record a line, for programs that read one by one."""

from typing import Any

RECORDS = ("json", "jsonl")
"""The formats that carry whole records, whatever columns are shown."""


def json_text(value: Any, style: str) -> str:
    """A record or a list of records in a style of RECORDS; all that is not ASCII is written as an escape."""
    import json

    if style == "json":
        return json.dumps(value, indent=2)
    return "\n".join(map(json.dumps, value if isinstance(value, list) else [value]))
