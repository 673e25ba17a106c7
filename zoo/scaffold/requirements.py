"""What a package requires: the distributions that it imports, in versions like those that it was written with."""

from importlib.metadata import version

from zoo.discovery.compatibility import OWN
from zoo.scaffold.delta import Delta
from zoo.scaffold.whole import Whole


def requirements(start: Delta | Whole) -> str:
    """The items of the list in pyproject.toml: this zoo, and what else the architecture is a delta on."""
    needed = [bounded(OWN, version(OWN))]
    if isinstance(start, Delta) and start.plugin.package != OWN:
        needed.append(bounded(start.plugin.package, start.plugin.version))
    return ", ".join(f'"{requirement}"' for requirement in needed)


def bounded(distribution: str, here: str) -> str:
    """The requirement of a distribution: `paramzoo>=0.1,<0.2` where 0.1.3 is here; of a version that is none, any."""
    from packaging.version import InvalidVersion, Version

    try:
        found = Version(here)
    except InvalidVersion:
        return distribution
    least = found.public if found.is_prerelease else f"{found.major}.{found.minor}"
    return f"{distribution}>={least},<{found.major}.{found.minor + 1}"
