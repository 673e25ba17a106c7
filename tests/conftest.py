"""What tests of several modules start from."""

from collections.abc import Iterator
from pathlib import Path

import hubcase
import pytest
from hubcase import BERT, Case


@pytest.fixture
def case(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Case]:
    with hubcase.case(monkeypatch, tmp_path, capsys) as made:
        yield made


@pytest.fixture
def bert(case: Case) -> str:
    """The commit of org/bert."""
    return case.hub.add("org/bert", {"config.json": BERT})
