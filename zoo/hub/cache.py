"""The cache that all tools of Hugging Face share, found and filled by path.

Importing the client takes longer than a count, and is not needed for what is there already. The layout is documented
(huggingface.co/docs/huggingface_hub/guides/manage-cache): `models--ORG--NAME/snapshots/COMMIT/FILE`, and in
`refs/REVISION` what a branch or tag was when it was last asked for. zoo writes files in a snapshot as they are, as the
client does where there are no symbolic links, so that nothing that a server says but a commit becomes part of a path.
"""

import os
import tempfile
from pathlib import Path

from zoo.hub.repository import Repository, is_commit


def folder() -> Path:
    """The cache, by the environment variables that huggingface_hub reads."""
    home = os.path.join(os.environ.get("XDG_CACHE_HOME", os.path.join("~", ".cache")), "huggingface")  # noqa: PTH118
    home = _expanded(os.environ.get("HF_HOME", home))
    legacy = os.environ.get("HUGGINGFACE_HUB_CACHE", os.path.join(home, "hub"))  # noqa: PTH118
    return Path(_expanded(os.environ.get("HF_HUB_CACHE", legacy)))


def _expanded(path: str) -> str:
    return os.path.expandvars(os.path.expanduser(path))  # noqa: PTH111 - Path has no variables


def commit_of(repository: Repository) -> str | None:
    """The commit that the revision is, or was when it was last asked for; None if it never was."""
    if repository.pinned:
        return repository.revision
    try:
        with (_home(repository) / "refs" / repository.revision).open("rb") as stream:
            commit = stream.read(41).decode("ascii", "replace").strip()
    except OSError:
        return None
    return commit if is_commit(commit) else None


def snapshot(repository: Repository, commit: str) -> Path:
    """The folder with the files of a commit, as far as they are there."""
    return _home(repository) / "snapshots" / commit


def keep(repository: Repository, commit: str, name: str, data: bytes) -> None:
    """Puts a file of a commit into the cache. Raises OSError where that cannot be."""
    _write(snapshot(repository, commit) / name, data)
    if not repository.pinned:
        _write(_home(repository) / "refs" / repository.revision, commit.encode())


def _home(repository: Repository) -> Path:
    return folder() / f"models--{repository.name.replace('/', '--')}"


def _write(file: Path, data: bytes) -> None:
    """Whole or not at all, however many processes do so at once."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, unfinished = tempfile.mkstemp(prefix=".zoo-", dir=file.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        Path(unfinished).chmod(0o644)
        Path(unfinished).replace(file)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
