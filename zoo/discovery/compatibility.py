"""Whether a plugin is made for this version of zoo: told by what its distribution requires, before it is imported."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.metadata import version

OWN = "paramzoo"
"""The distribution that zoo comes with."""

# A requirement that bounds zoo's version, with what bounds it, and on which condition.
_BOUNDED = re.compile(rf"{OWN}\s*(?:\[[^]]*\])?\s*\(?\s*(?=[<>=!~])([^;)]*)\)?\s*(;.*)?", re.IGNORECASE)
_RELEASE = r"\d+(?:\.\d+)*"
_PLAIN = re.compile(rf"(?:(?:>=|<){_RELEASE},?)+")


def requirement(requires: Sequence[str]) -> str:
    """Which versions of zoo a distribution with these requirements asks for, as it writes them: ">=0.1,<0.2"."""
    return ",".join(_bounds(requires))


def refusal(requires: Sequence[str]) -> str:
    """Why the plugins of such a distribution cannot be used with this zoo, in words; empty where they can."""
    for bounds in _bounds(requires):
        if not _allows(bounds, _here()):
            return f"it requires {OWN}{bounds}, and this is {OWN} {_here()}"
    return ""


@cache
def _here() -> str:
    return version(OWN)


def _bounds(requires: Sequence[str]) -> Iterator[str]:
    """What bounds the version, of the requirements that hold here."""
    for line in requires:
        if (found := _BOUNDED.fullmatch(line)) and (not found.group(2) or _holds(line)):
            yield found.group(1).strip()


def _holds(line: str) -> bool:
    """Whether the condition of a requirement does."""
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        marker = Requirement(line).marker
    except InvalidRequirement:  # nobody could have installed it by that
        return False
    return marker is None or marker.evaluate({"extra": ""})


def _allows(bounds: str, here: str) -> bool:
    """Whether bounds allow a version."""
    # `packaging` knows all that can be written, and takes a fifth of a comparison's time; most write a plain range.
    if _PLAIN.fullmatch(bounds) and re.fullmatch(_RELEASE, here):
        pairs = re.findall(rf"(>=|<)({_RELEASE})", bounds)
        return all((_numbers(here) >= _numbers(release)) is (sign == ">=") for sign, release in pairs)
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return SpecifierSet(bounds).contains(here, prereleases=True)
    except InvalidSpecifier:  # nobody could have installed it by that
        return True


def _numbers(release: str) -> list[int]:
    """The numbers of a release, without the zeros at its end: 1.0 is 1."""
    return [int(number) for number in re.sub(r"(\.0+)+$", "", release).split(".")]
