"""The tutorial, done exactly as it says, with the zoo whose wheel is in a folder: python tests/tutorial.py FOLDER"""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from documents import ROOT, follow, holds
from terminal import Shell, environment

(wheel,) = Path(sys.argv[1]).resolve().glob("paramzoo-*.whl")
links = f"{wheel.parent} {os.environ.get('PIP_FIND_LINKS', '')}"
with TemporaryDirectory() as aside, TemporaryDirectory() as place:
    constraint = Path(aside, "constraint.txt")
    constraint.write_text(f"paramzoo=={wheel.name.split('-')[1]}\n", "utf-8")
    with Shell(Path(place), environment(PIP_FIND_LINKS=links, PIP_CONSTRAINT=str(constraint))) as shell:
        for command, given in follow((ROOT / "docs" / "tutorial.md").read_text("utf-8"), shell):
            print(f"$ {command.line}\n{given.output}", end="", flush=True)
            if not holds(command, given):
                sys.exit(f"exit code {given.code}; but the tutorial shows:\n{command.output}")
