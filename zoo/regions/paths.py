"""Where the paths of a document or a lock lead: never out of the folder of the lock, by no link either."""

from pathlib import Path, PurePosixPath

from zoo.sources import CHECKPOINTS


def is_inside(file: str) -> bool:
    """Whether a path of a lock leads down from its folder; `name_of` tells whether a link on it leads elsewhere."""
    path = PurePosixPath(file)
    return not (path.is_absolute() or ".." in path.parts or "\0" in file)


def name_of(file: Path, folder: Path) -> str | None:
    """What a lock in `folder` calls a file, whatever links lead to it; None for one that is not below the folder."""
    try:
        return file.resolve().relative_to(folder.resolve()).as_posix()
    except (ValueError, OSError, RuntimeError):
        return None


def is_model_inside(path: Path, folder: Path) -> bool:
    """Whether all is below a folder that may be read of a model at a path: config.json and weights beside it, too."""
    around = path if path.is_dir() else path.parent
    try:
        weights = [entry for entry in around.iterdir() if entry.name.endswith(CHECKPOINTS)]
    except OSError:
        weights = []
    return all(name_of(file, folder) is not None for file in (path, around / "config.json", *weights))
