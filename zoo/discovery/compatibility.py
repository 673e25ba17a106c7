"""Whether a plugin is made for this version of zoo: told by what its distribution requires, before it is imported."""

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, version

OWN = "paramzoo"
"""The distribution that zoo comes with."""

# A requirement of paramzoo that bounds its version; the rest of the line is read by `packaging`, which takes its time.
_BOUNDED = re.compile(rf"{OWN}\s*(\[[^]]*\])?\s*\(?\s*[<>=!~]", re.IGNORECASE)


def requirement(distribution: Distribution | None) -> str:
    """Which versions of zoo a distribution asks for, as it writes them: ">=0.1,<0.2"; empty where it does not."""
    return ",".join(str(specifier) for specifier in _specifiers(distribution))


def refusal(distribution: Distribution | None) -> str:
    """Why a distribution's plugins cannot be used with this zoo, in words; empty where they can."""
    here = ""
    for specifier in _specifiers(distribution):
        here = here or version(OWN)
        if not specifier.contains(here, prereleases=True):  # type: ignore[attr-defined]
            return f"it requires {OWN}{specifier}, and this is {OWN} {here}"
    return ""


def _specifiers(distribution: Distribution | None) -> Iterator[object]:
    bounded = [line for line in (distribution.requires if distribution else None) or () if _BOUNDED.match(line)]
    if not bounded:
        return
    from packaging.requirements import InvalidRequirement, Requirement

    for line in bounded:
        try:
            found = Requirement(line)
        except InvalidRequirement:  # nobody could have installed it by that
            continue
        if found.marker is None or found.marker.evaluate({"extra": ""}):
            yield found.specifier
