"""Whether a plugin is made for this version of zoo: told by what its distribution requires, before it is imported."""

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, version

OWN = "paramzoo"
"""The distribution that zoo comes with."""

# A requirement that bounds zoo's version, with what bounds it.
_BOUNDED = re.compile(rf"{OWN}\s*(?:\[[^]]*\])?\s*\(?\s*(?=[<>=!~])([^;)]*).*", re.IGNORECASE)
_RELEASE = r"\d+(?:\.\d+)*"
_PLAIN = re.compile(rf"(?:(?:>=|<){_RELEASE},?)+")


def requirement(distribution: Distribution | None) -> str:
    """Which versions of zoo a distribution asks for, as it writes them: ">=0.1,<0.2"; empty where it does not."""
    return ",".join(found.group(1) for found in _bounds(distribution))


def refusal(distribution: Distribution | None) -> str:
    """Why a distribution's plugins cannot be used with this zoo, in words; empty where they can."""
    for found in _bounds(distribution):
        here = version(OWN)
        if not _allows(found.group(), found.group(1), here):
            return f"it requires {OWN}{found.group(1)}, and this is {OWN} {here}"
    return ""


def _bounds(distribution: Distribution | None) -> Iterator[re.Match[str]]:
    """The requirements that bound the version."""
    for line in (distribution.requires if distribution else None) or ():
        if found := _BOUNDED.match(line):
            yield found


def _allows(line: str, bounds: str, here: str) -> bool:
    """Whether a requirement allows a version."""
    # `packaging` knows all that can be written, and takes a fifth of a comparison's time; most write a plain range.
    if ";" not in line and _PLAIN.fullmatch(bounds) and re.fullmatch(_RELEASE, here):
        pairs = re.findall(rf"(>=|<)({_RELEASE})", bounds)
        return all((_numbers(here) >= _numbers(release)) is (sign == ">=") for sign, release in pairs)
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        found = Requirement(line)
    except InvalidRequirement:  # nobody could have installed it by that
        return True
    asked = found.marker is None or found.marker.evaluate({"extra": ""})
    return not asked or found.specifier.contains(here, prereleases=True)


def _numbers(release: str) -> list[int]:
    """The numbers of a release, without the zeros at its end: 1.0 is 1."""
    return [int(number) for number in re.sub(r"(\.0+)+$", "", release).split(".")]
