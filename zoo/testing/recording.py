"""The file that holds what classes of transformers were recorded to be, so that tests prove exactness without it."""

import gzip
import json
from pathlib import Path
from typing import Any, NamedTuple

from zoo.errors import CheckpointError, reason
from zoo.testing import cases
from zoo.testing.cases import Case


class Recording(NamedTuple):
    """What was recorded of a type.

    defaults: the fields of a config without any key; declared: as its class declares them. refused, unmovable: how many
    configs transformers could not build, and how many fields could not be moved.
    """

    transformers: str
    model_type: str
    classes: list[str]
    defaults: dict[str, Any]
    declared: dict[str, Any]
    refused: int
    unmovable: int
    cases: list[Case]


def read(path: Path) -> Recording:
    """The recording of a file. Raises CheckpointError where it cannot be read, or is none."""
    try:
        with gzip.open(path) as file:
            document = json.load(file)
        rows = [cases.read(row) for row in document.pop("records")]
        return Recording(**document, cases=rows)
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {reason(error)}") from None
    except (ValueError, EOFError, KeyError, TypeError, AttributeError):
        raise CheckpointError(f"{path}: is no recording: write it with python -m zoo.testing.record") from None


def write(path: Path, recording: Recording) -> None:
    """Writes a recording: the same truth is the same bytes."""
    document = recording._asdict()
    document["records"] = [case.record() for case in document.pop("cases")]
    data = json.dumps(document, separators=(",", ":")).encode()
    path.write_bytes(gzip.compress(data, compresslevel=9, mtime=0))
