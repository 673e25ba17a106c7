"""Reads a config.json that a stranger wrote: from a file, a folder or a stream, and no more of it than the cap."""

from pathlib import Path
from typing import IO, Any

from zoo import strictjson
from zoo.errors import ConfigError

LARGEST_FILE = 8 * 1024 * 1024
"""Bytes; the largest real ones hold some hundred thousand labels."""

_FORM = strictjson.Form("config", "config.json", "of config keys", LARGEST_FILE, ConfigError)


def read(path: Path) -> dict[str, Any]:
    """The config in a file, or in the config.json of a folder. Raises ConfigError, naming the file."""
    file = path / "config.json" if path.is_dir() else path
    try:
        with file.open("rb") as stream:
            return parse(stream, str(file))
    except FileNotFoundError:
        what = "there is no config.json in the folder" if file != path else "no such file"
        raise ConfigError(f"{path}: {what}") from None
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None


def parse(stream: IO[bytes], where: str) -> dict[str, Any]:
    """The config in a stream of bytes; `where` names it in errors. Raises ConfigError for all that is not a config."""
    return strictjson.parse(stream.read(LARGEST_FILE + 1), where, _FORM)
