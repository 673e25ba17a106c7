"""Documents with regions: bytes of which all outside the regions stays, and the names that a lock gives them."""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from zoo.errors import ZooError
from zoo.regions.markers import EXAMPLE, Region, regions
from zoo.regions.paths import name_of
from zoo.regions.told import RegionError, Told
from zoo.replacement import held

LARGEST_FILE = 16 * 1024 * 1024
"""Bytes of a document."""


class NoFileError(RegionError):
    """A file that is not there."""


class Document(NamedTuple):
    """A file and its regions, if it has any. path: as it was given; name: as the lock has it. text: the data, bytes
    that are no UTF-8 as surrogates.
    """

    path: Path
    name: str
    data: bytes
    text: str
    regions: tuple[Region, ...]

    @property
    def bare(self) -> Told:
        """That it has no region, in words."""
        return Told(str(self.path), 1, f"no region in it ({EXAMPLE} begins one, <!-- zoo:end --> ends it)")

    def body(self, region: Region) -> str:
        """What stands in a region, line ends as LF."""
        return self.text[region.start : region.end].replace("\r\n", "\n")

    def filled(self, bodies: Mapping[Region, str]) -> bytes:
        """The bytes with these bodies in the regions, whose line ends are those of the marker above."""
        pieces, place = [], 0
        for region, body in bodies.items():
            pieces += [self.text[place : region.start], body.replace("\n", region.newline)]
            place = region.end
        return "".join([*pieces, self.text[place:]]).encode("utf-8", "surrogateescape")


def documents(files: Iterable[Path], lock: Path) -> Iterator[Document | RegionError]:
    """The documents, each once, or why one is none: not there, outside of the lock's folder, or with a bad region."""
    seen: set[str | None] = set()
    for file in files:
        name = name_of(file, lock.parent)
        if name is not None and name in seen:
            continue
        seen.add(name)
        try:
            yield _document(file, name, lock)
        except RegionError as error:
            yield error


def digest(text: str) -> str:
    """The hash by which a lock knows a text."""
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _document(file: Path, name: str | None, lock: Path) -> Document:
    if name is None:
        raise RegionError(str(file), 1, f"lies outside the folder of {lock} (--lock names another)")
    try:
        data = held(file, LARGEST_FILE)
    except ZooError as error:
        raise RegionError(str(file), 1, str(error).removeprefix(f"{file}: ")) from None
    if data is None:
        raise NoFileError(str(file), 1, "no such file")
    text = data.decode("utf-8", "surrogateescape")
    return Document(file, name, data, text, tuple(regions(text, str(file))))
