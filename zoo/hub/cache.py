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
    """The cache of repositories, by the environment variables that huggingface_hub reads."""
    return _place("hub", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE")


def assets() -> Path:
    """Where libraries keep what is theirs, by the variables that huggingface_hub reads."""
    return _place("assets", "HF_ASSETS_CACHE", "HUGGINGFACE_ASSETS_CACHE")


def _place(name: str, *variables: str) -> Path:
    """What the first variable says that is set, or else the folder of that name in the home of Hugging Face."""
    home = os.path.join(os.environ.get("XDG_CACHE_HOME", os.path.join("~", ".cache")), "huggingface")  # noqa: PTH118
    home = _expanded(os.environ.get("HF_HOME", home))
    usual = os.path.join(home, name)  # noqa: PTH118
    return Path(_expanded(next((os.environ[word] for word in variables if word in os.environ), usual)))


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
    if not repository.pinned:
        write(_home(repository) / "refs" / repository.revision, commit.encode())


def is_absent(repository: Repository, commit: str, name: str) -> bool:
    """Whether it is known that a commit has no such file."""
    return _absence(repository, commit, name).exists()


def keep_absence(repository: Repository, commit: str, name: str) -> None:
    """Keeps that a commit has no such file, as the client does. Raises OSError where that cannot be."""
    write(_absence(repository, commit, name), b"")


def _absence(repository: Repository, commit: str, name: str) -> Path:
    return _home(repository) / ".no_exist" / commit / name


def _home(repository: Repository) -> Path:
    return folder() / f"models--{repository.name.replace('/', '--')}"


def write(file: Path, data: bytes) -> None:
    """Writes a file whole or not at all, however many processes do so at once. Raises OSError."""
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
