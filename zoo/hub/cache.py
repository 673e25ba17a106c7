"""The cache that all tools of Hugging Face share, found and filled by path.

Importing the client takes longer than a count, and is not needed for what is there already. The layout is documented
(huggingface.co/docs/huggingface_hub/guides/manage-cache): `models--ORG--NAME/snapshots/COMMIT/FILE`, and in
`refs/REVISION` what a branch or tag was when it was last asked for. zoo writes files in a snapshot as they are, as the
client does where there are no symbolic links, so that nothing that a server says but a commit becomes part of a path.
"""

import os
import threading
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
    write(snapshot(repository, commit) / name, data)
    _keep_meaning(repository, commit)


def kept_headers(repository: Repository, commit: str) -> Path:
    """Where the headers of the weights of a commit are kept, which is zoo's own; see `zoo.hub.headers`."""
    return _home(repository) / ".zoo" / commit / "tensors.json"


def _keep_meaning(repository: Repository, commit: str) -> None:
    """Keeps what the revision is now."""
    if not repository.pinned:
        write(_home(repository) / "refs" / repository.revision, commit.encode())


def is_absent(repository: Repository, commit: str, name: str) -> bool:
    """Whether it is known that a commit has no such file."""
    return _absence(repository, commit, name).exists()


def keep_absence(repository: Repository, commit: str, name: str) -> None:
    """Keeps that a commit has no such file, as the client does. Raises OSError where that cannot be."""
    write(_absence(repository, commit, name), b"")
    _keep_meaning(repository, commit)


def _absence(repository: Repository, commit: str, name: str) -> Path:
    return _home(repository) / ".no_exist" / commit / name


def _home(repository: Repository) -> Path:
    return folder() / f"models--{repository.name.replace('/', '--')}"


def write(file: Path, data: bytes) -> None:
    """Writes a file whole or not at all, however many processes do so at once. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".zoo-{os.getpid()}-{threading.get_ident()}")
    try:
        unfinished.write_bytes(data)
        unfinished.replace(file)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
