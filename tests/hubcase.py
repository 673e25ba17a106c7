"""zoo against a Hub on this machine: with an empty cache, in an empty folder, in this process or in one of its own."""

import json
import os
import re
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import NamedTuple

import huggingface_hub
import pytest
from hubserver import Hub
from huggingface_hub import constants

from zoo.checkpoints.header import BITS
from zoo.cli import main

BERT = b'{"model_type": "bert", "architectures": ["BertModel"]}'
CONNECTION = "(check the connection, the proxy, and HF_ENDPOINT if it is set)"
COUNT = 109_482_240
"""Parameters of BERT."""

_CACHE = re.compile(
    r"hub/(?:CACHEDIR\.TAG|\.locks/.+|models--[A-Za-z0-9._-]+/"
    r"(?:refs/[\w./-]+|blobs/[0-9a-f]+|snapshots/[0-9a-f]{40}/[^/]+|\.no_exist/[0-9a-f]{40}/[^/]+))"
    r"|hub/models--[A-Za-z0-9._-]+/\.zoo/[0-9a-f]{40}/tensors\.json"
)


class Run(NamedTuple):
    """A finished `zoo ...`, and the seconds that it took."""

    code: int
    out: str
    err: str
    seconds: float


class Case:
    """A Hub, and folders for what is written: `home` is HF_HOME, `work` the working folder."""

    def __init__(self, hub: Hub, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.hub, self.capsys = hub, capsys
        self.home, self.work = folder / "home", folder / "work"
        self.cache = self.home / "hub"
        self._given: set[Path] = set()

    def put(self, file: str, data: bytes) -> Path:
        """A file of the person's own in the working folder."""
        path = self.work / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self._given.add(path)
        return path

    def strange(self) -> list[str]:
        """What is neither the person's own nor of the layout of the cache."""
        folder = self.home.parent
        written = {folder / file for file in files(folder)} - self._given
        kept = {self.home / file for file in files(self.home) if _CACHE.fullmatch(file)}
        return sorted(map(str, written - kept))

    def zoo(self, *arguments: str) -> Run:
        """The command in this process, where the client is imported already."""
        self.capsys.readouterr()
        start = time.monotonic()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        code = ended.value.code or 0
        assert isinstance(code, int)
        return Run(code, *self.capsys.readouterr(), time.monotonic() - start)

    def apart(self, *arguments: str, **environment: str) -> Run:
        """The command in a process of its own."""
        start = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "zoo", *arguments],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return Run(done.returncode, done.stdout, done.stderr, time.monotonic() - start)

    def count(self, *arguments: str) -> int:
        """What `zoo compare` of one model counts, with nothing to say about it."""
        run = self.zoo("compare", *arguments, "--format", "csv", "--columns", "parameters")
        assert (run.code, run.err) == (0, "")
        return int(run.out.split()[1])

    def fails(self, *arguments: str) -> str:
        """The one line with which a command fails, without the name of the program."""
        return line_of(self.zoo(*arguments))

    def asked(self) -> list[str]:
        """The requests so far."""
        return [f"{request.method} {request.path} {request.status}" for request in self.hub.requests]

    def snapshot(self, name: str, commit: str) -> Path:
        """The folder of a commit in the cache."""
        return self.cache / f"models--{name.replace('/', '--')}" / "snapshots" / commit

    def written(self) -> list[str]:
        """The files in the cache."""
        return files(self.cache)


def bytes_of(header: Mapping[str, tuple[str, tuple[int, ...]]]) -> bytes:
    """A safetensors file of zeros, of the number format and shape of each tensor."""
    entries, end = {}, 0
    for name, (dtype, shape) in header.items():
        begin, end = end, end + prod(shape) * BITS[dtype] // 8
        entries[name] = {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}
    text = json.dumps(entries).encode()
    return len(text).to_bytes(8, "little") + text + bytes(end)


def files(folder: Path) -> list[str]:
    """The files in a folder and below, links that lead nowhere among them."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())


def line_of(run: Run) -> str:
    """The one line on standard error of a command that failed and printed nothing else."""
    assert (run.code, run.out) == (2, "")
    start, line = run.err[:5], run.err[5:].removesuffix("\n")
    assert start == "zoo: "
    assert run.err.endswith("\n")
    assert line.isprintable()
    assert len(line) < 600
    assert "Traceback" not in line
    return line


@contextmanager
def case(monkeypatch: pytest.MonkeyPatch, folder: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Case]:
    """A Case that sees to it, when all is done, that nothing was written but into the cache, and that whole."""
    with Hub() as hub:
        made = Case(hub, folder, capsys)
        made.home.mkdir()
        made.work.mkdir()
        monkeypatch.chdir(made.work)
        for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "XDG_CACHE_HOME"):
            monkeypatch.delenv(name, raising=False)
        for name, value in {**hub.environment, "HF_HOME": str(made.home)}.items():
            monkeypatch.setenv(name, value)
        # What the client reads from these when it is imported.
        monkeypatch.setattr(constants, "ENDPOINT", hub.url)
        url = "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", hub.url + url)
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", os.devnull)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(made.cache))
        for name in ("HF_HUB_DISABLE_XET", "HF_HUB_DISABLE_TELEMETRY"):
            monkeypatch.setattr(constants, name, True)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)  # the command sets its own
        huggingface_hub.close_session()  # one made before would not know of NO_PROXY
        yield made
    huggingface_hub.close_session()
    assert made.strange() == []
