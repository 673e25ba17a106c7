"""Starts the trials, as many at once as there are cores, and sees how they end."""

import asyncio
import json
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from typing import Literal, NamedTuple, TypeAlias

from zoo.diagnosis.protocol import Findings, Identity, read
from zoo.discovery.plugin import Plugin, State
from zoo.text import shown

Outcome: TypeAlias = State | Literal["hangs", "crashes"]

_TOLD, _PRINTED = 2**20, 2**12  # bytes that are kept of what a trial tells, and of what the plugin prints


class Diagnosis(NamedTuple):
    """How a plugin's trial ended: `faults` is what is wrong, a line each, and empty where all is well."""

    plugin: Plugin
    outcome: Outcome
    faults: tuple[str, ...]
    findings: Findings


def diagnose(plugins: Sequence[Plugin], seconds: float) -> list[Diagnosis]:
    """Tries each plugin in a process of its own, which may take so long, and then is ended."""
    return asyncio.run(_all(plugins, seconds))


async def _all(plugins: Sequence[Plugin], seconds: float) -> list[Diagnosis]:
    cores = asyncio.Semaphore(os.cpu_count() or 1)

    async def one(plugin: Plugin, folder: str) -> Diagnosis:
        async with cores:
            return await _tried(plugin, seconds, folder)

    # No file of the working directory is to be imported, or to say something of models.
    with tempfile.TemporaryDirectory(prefix="zoo-doctor-") as folder:
        return await asyncio.gather(*(one(plugin, folder) for plugin in plugins))


async def _tried(plugin: Plugin, seconds: float, folder: str) -> Diagnosis:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-W", "ignore", "-m", "zoo.diagnosis.trial", json.dumps(Identity.of(plugin))),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=folder,
        start_new_session=True,
    )
    assert process.stdout
    assert process.stderr
    output = asyncio.gather(_kept(process.stdout, slice(-_TOLD, None)), _kept(process.stderr, slice(_PRINTED)))
    hangs = False
    try:
        async with asyncio.timeout(seconds):
            await process.wait()
    except TimeoutError:
        hangs = True
    finally:
        _end(process)
    code = await process.wait()
    told, printed = await output
    return _diagnosis(plugin, read(told), printed.decode("utf-8", "replace"), seconds if hangs else None, code)


async def _kept(stream: asyncio.StreamReader, part: slice) -> bytes:
    """A part of a stream, its beginning or its end; it is read as a whole."""
    kept = b""
    while piece := await stream.read(2**16):
        kept = (kept + piece)[part]
    return kept


def _end(process: asyncio.subprocess.Process) -> None:
    """Ends the process, if it has not ended, and what it has started."""
    with suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _diagnosis(plugin: Plugin, found: Findings, printed: str, hung: float | None, code: int) -> Diagnosis:
    faults = [*found.faults]
    outcome: Outcome = found.state or "crashes"
    if hung is not None:
        outcome = "hangs"
        faults.append(f"takes longer than {hung:g} s when {found.step}")
    elif code or not found.state:
        outcome = "crashes"
        faults.append(f"ends the process {_how(code)} when {found.step}")
    if printed.strip():
        faults.append(f"prints: {shown(printed.strip())}")
    return Diagnosis(plugin, "faulty" if faults and outcome == "ok" else outcome, tuple(faults), found)


def _how(code: int) -> str:
    """How a process ended that should not have."""
    if code < 0:
        return f"by {signal.Signals(-code).name}"
    return f"with exit code {code}"
