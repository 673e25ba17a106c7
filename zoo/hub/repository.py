"""Names of repositories: `org/name`, `org/name@revision`, and `hf:name` for those of old that have no organisation."""

import re
from typing import NamedTuple

DEFAULT_REVISION = "main"

PREFIX = "hf:"

_WORD = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?"
_NAME = re.compile(rf"{_WORD}/{_WORD}")
_LEGACY_NAME = re.compile(rf"(?:{_WORD}/)?{_WORD}")
# What git allows in the name of a branch, as far as anybody uses it.
_REVISION = re.compile(r"[A-Za-z0-9_][\w.+-]*(?:/[A-Za-z0-9_][\w.+-]*)*", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{40}")

LONGEST = 96
"""Characters of a name: the Hub's own cap."""

LONGEST_REVISION = 255
"""Characters of a revision, which in the cache is the name of a file."""


class Repository(NamedTuple):
    """A repository of models on the Hub, at a revision: a branch, a tag or a commit."""

    name: str
    revision: str = DEFAULT_REVISION

    def __str__(self) -> str:
        return self.name if self.revision == DEFAULT_REVISION else f"{self.name}@{self.revision}"

    @property
    def pinned(self) -> bool:
        """Whether the revision is a full commit, which never means something else."""
        return is_commit(self.revision)


def is_commit(revision: str) -> bool:
    """Whether a revision is the 40 hexadecimal digits of a commit."""
    return _COMMIT.fullmatch(revision) is not None


def named(reference: str) -> Repository | None:
    """The repository that a reference names; None for a reference that names none."""
    bare = reference.removeprefix(PREFIX)
    name, at, revision = bare.partition("@")
    fits = (_LEGACY_NAME if reference.startswith(PREFIX) else _NAME).fullmatch(name)
    told = not at or (_REVISION.fullmatch(revision) is not None and len(revision) <= LONGEST_REVISION)
    if fits and told and len(name) <= LONGEST and ".." not in bare and "--" not in name:
        return Repository(name, revision or DEFAULT_REVISION)
    return None


class Origin(NamedTuple):
    """Where a config came from: its repository, the commit, and the bytes of its config.json; None if it has none."""

    repository: Repository
    commit: str
    config: bytes | None

    @property
    def sha256(self) -> str | None:
        """The hash of those bytes, in hexadecimal digits."""
        from hashlib import sha256  # takes its time, and only where somebody asks

        return None if self.config is None else sha256(self.config).hexdigest()
