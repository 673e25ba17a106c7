"""Starts the trials, as many at once as there are cores, and sees how they end."""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from zoo.diagnosis.protocol import Findings, Task, read
from zoo.discovery.plugin import Plugin, State
from zoo.text import shown

Outcome: TypeAlias = State | Literal["hangs", "crashes"]

_PRINTED = 2**12  # bytes that are kept of what the plugin prints


class Diagnosis(NamedTuple):
    """How a plugin's trial ended: `faults` is what is wrong, a line each, and empty where all is well."""

    plugin: Plugin
    outcome: Outcome
    faults: tuple[str, ...]
    findings: Findings


def diagnose(tasks: Mapping[Plugin, Task]) -> Sequence[Diagnosis]:
    """Tries each plugin in a process of its own, which is ended when it has taken as long as it may."""
    return asyncio.run(_all(tasks))


async def _all(tasks: Mapping[Plugin, Task]) -> list[Diagnosis]:
    cores = asyncio.Semaphore(os.cpu_count() or 1)

    async def one(plugin: Plugin, task: Task, folder: str) -> Diagnosis:
        async with cores:
            return await _tried(plugin, task, folder)

    # No file of the working directory is to be imported, or to say something of models.
    with tempfile.TemporaryDirectory(prefix="zoo-doctor-") as folder:
        return await asyncio.gather(*(one(plugin, task, folder) for plugin, task in tasks.items()))


async def _tried(plugin: Plugin, task: Task, folder: str) -> Diagnosis:
    # Files, for a pipe ends only when the last process does that the plugin has started.
    with tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as printed:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-W", "ignore", "-m", "zoo.diagnosis.trial", task.line()),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=told,
            stderr=printed,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": _found_from_anywhere()},
            start_new_session=True,
        )
        hangs = False
        try:
            async with asyncio.timeout(task.seconds):
                await process.wait()
        except TimeoutError:
            hangs = True
        finally:
            _end(process)
        code = await process.wait()
        told.seek(0)
        printed.seek(0)
        words = printed.read(_PRINTED).decode("utf-8", "replace").strip()
        return _diagnosis(plugin, read(told), words, task.seconds if hangs else None, code)


def _found_from_anywhere() -> str:
    """Where this process looks for modules, so that a process with another working directory finds the same plugins."""
    return os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)


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
    if printed:
        faults.append(f"prints: {shown(printed)}")
    return Diagnosis(plugin, "faulty" if faults and outcome == "ok" else outcome, tuple(faults), found)


def _how(code: int) -> str:
    """How a process ended that should not have."""
    if code >= 0:
        return f"with exit code {code}"
    try:
        return f"by {signal.Signals(-code).name}"
    except ValueError:  # not every signal has a name
        return f"by signal {-code}"
