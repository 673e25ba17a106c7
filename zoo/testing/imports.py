"""Whether counting a type imports no more than it needs."""

import subprocess
import sys
from collections.abc import Iterator
from typing import ClassVar

from zoo.discovery.heavy import HEAVY
from zoo.testing.checks import Checks, Finding
from zoo.text import printable

TIMEOUT = 60
"""Seconds for a process that loads every plugin, and counts a model."""

# Prints what was imported by the plugin's hooks though its types are to be imported when they are counted, and what is
# heavy; what was there before zoo, because of somebody's .pth file, is not the plugin's.
_CODE = f"""
import sys
before = set(sys.modules)
from zoo.manager import manager
for plugin in manager.types[sys.argv[1]]:
    entry, (module, _, _) = plugin.entry_point.module, plugin.architectures[sys.argv[1]].partition(":")
    if module != entry and module in sys.modules:
        print("early", module)
import zoo
zoo.load({{"model_type": sys.argv[1]}}).parameters
for name in {HEAVY!r}:
    if name in sys.modules and name not in before:
        print("heavy", name)
"""


class ImportChecks(Checks):
    """zoo starts in the time Python takes to start, whatever is installed."""

    checks: ClassVar[tuple[str, ...]] = ("imports",)

    def test_import_budget(self) -> None:
        """Loading plugins imports no architecture, and counting the type nothing heavy."""
        _ = self.architecture  # a type that nobody counts is told as such
        self.settle("imports", self._imported())

    def _imported(self) -> Iterator[Finding]:
        command = [sys.executable, "-W", "ignore", "-c", _CODE, self.model_type]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            yield Finding("", f"imports: counting the type in a process of its own takes more than {TIMEOUT} seconds")
            return
        if done.returncode:
            last = (done.stderr.splitlines() or ["no reason given"])[-1]
            yield Finding("", f"imports: counting the type in a process of its own fails: {printable(last)}")
        for line in done.stdout.splitlines():
            match line.split():
                case ["early", module]:
                    yield Finding(module, f'{module}: imported with the plugin: give it as "module:Class" only')
                case ["heavy", name]:
                    yield Finding(name, f"{name}: imported to count the type: no count needs it")
