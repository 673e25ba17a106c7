"""A kind of reference that a plugin adds: `scheme:rest`, and what finds the config that is meant."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple


class Source(NamedTuple):
    """A source of configs: the scheme of its references, and what finds the config of one.

    find: gets what stands behind the colon, without the changes of a variant. It gives the config as config.json holds
        it, parsed, or a Path that is read as if the person had named it: a config.json, a checkpoint, or a folder with
        either. It may take as long as the Hub may, and is called anew each time that a reference is used. What a person
        should know where there is nothing to be found is the one line of a ZooError that it raises.
    remote: whether it asks somebody over the network; not called then where nobody is to be asked, as with `--offline`.

    Names of a registry and files come before, repositories of the Hub after.
    """

    scheme: str
    find: Callable[[str], Mapping[str, Any] | Path]
    remote: bool = False
