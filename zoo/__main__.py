"""The command `zoo`, and `python -m zoo`: sets the process up, then hands over to the command line."""

import atexit
import gc
import os
from typing import NoReturn


def main() -> NoReturn:
    """Runs the command line in a process of its own."""
    # In a process this short, collecting garbage costs a tenth of the time and frees nothing worth it; at exit, too.
    gc.disable()
    atexit.register(gc.freeze)
    # Plugins of pydantic are of no use here, and to look for them it reads metadata that may be torn.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from zoo.cli import main as run
    from zoo.discovery import quarantine

    quarantine.own_process()
    run()


if __name__ == "__main__":
    main()
