"""Records what transformers builds, so that the plain tests prove exactness without it.

    cd tests && python -m oracle.record [TYPE ...]

writes tests/oracle/recorded/TYPE.json.gz for each type (all that are recorded, if none is given).
"""

import dataclasses
import gzip
import json
import sys
from pathlib import Path
from typing import Any

import transformers

from oracle.configs import cases, moves
from oracle.judge import Truth, build, classes, config

RECORDED = Path(__file__).parent / "recorded"
SEED = 523
TOGETHER = 6


def record(model_type: str) -> str:
    """Records a type; gives a line that says how much was recorded and how much transformers could not build."""
    usable, stuck = moves(model_type)
    rows: list[tuple[str, dict[str, Any], Truth]] = []
    refused = 0
    for class_name in classes(model_type):
        rows.append((class_name, {}, build(class_name, model_type, {})))
        for fields, truth in cases(class_name, model_type, usable, SEED, TOGETHER):
            if truth is None:
                refused += 1
            else:
                rows.append((class_name, fields, truth))
    document = {
        "transformers": transformers.__version__,
        "model_type": model_type,
        "classes": classes(model_type),
        "defaults": _plain(config(model_type)),
        "declared": _declared(config(model_type)),
        "refused": refused,
        "unmovable": stuck,
        "records": [{"class": name, "config": fields, **truth._asdict()} for name, fields, truth in rows],
    }
    RECORDED.mkdir(exist_ok=True)
    data = json.dumps(document, separators=(",", ":")).encode()
    # No time in the header, so that the same truth is the same bytes.
    (RECORDED / f"{model_type}.json.gz").write_bytes(gzip.compress(data, compresslevel=9, mtime=0))
    return f"{model_type}: {len(rows)} recorded, {refused} configs refused and {stuck} fields unmovable by transformers"


def _plain(settings: object) -> dict[str, object]:
    """The config's own fields and their standard names, where they are plain values."""
    names = {
        **{name: name for name in vars(settings)},
        **getattr(settings, "attribute_map", {}),
        "num_labels": "num_labels",
    }
    values = {name: getattr(settings, source, None) for name, source in names.items()}
    return {name: value for name, value in values.items() if isinstance(value, bool | int | float | str | list | None)}


def _declared(settings: Any) -> dict[str, object]:
    """The defaults that the config class declares, where they are plain values, before it makes others of them."""
    values = {field.name: field.default for field in dataclasses.fields(settings)}
    return {name: value for name, value in values.items() if isinstance(value, bool | int | float | str | None)}


if __name__ == "__main__":
    wanted = sys.argv[1:] or sorted(path.name.removesuffix(".json.gz") for path in RECORDED.glob("*.json.gz"))
    for name in wanted:
        print(record(name), flush=True)
