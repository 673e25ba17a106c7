"""The page as a file: `zoo site`."""

import os
from pathlib import Path

from zoo.errors import OutputError, ZooError, reason
from zoo.replacement import held, replace
from zoo.reports.comparison import Comparison
from zoo.site import TITLE
from zoo.site.data import data
from zoo.site.page import GENERATOR, page

LARGEST = 256 * 2**20
"""Bytes of a page that is there already and may be replaced: far more than any has."""


def write_site(comparison: Comparison, folder: str | os.PathLike[str], *, title: str = TITLE) -> Path:
    """Writes `index.html` into a folder, which is made if it is not there: the comparison as a page; gives its path.

    The columns, the order and the numbers of the comparison are those that the page begins with; every other column is
    there to be chosen. The file needs no other one and no network, and is the same for the same models.

    Raises ZooError for a comparison without models, OutputError where the file cannot be written, or is
    one that zoo did not write.
    """
    if not comparison.models:
        raise ZooError("a page needs at least one model")
    file = Path(folder) / "index.html"
    made = page(title, data(comparison)).encode()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise OutputError(f"{folder}: cannot be made: {reason(error)}") from None
    before = held(file, LARGEST)
    if before and GENERATOR.encode() not in before:
        raise OutputError(f"{file}: is no page that zoo wrote: remove it, or choose another folder")
    if before != made:
        replace(file, before, made)
    return file
