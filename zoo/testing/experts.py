"""What a token passes by: the experts that are not chosen for it, as transformers names and shapes them."""

from collections.abc import Mapping, Sequence
from math import prod

_WITHIN = ".experts."


def idle(tensors: Mapping[str, Sequence[int]], used: int) -> int | None:
    """How many parameters are in the experts of which a token uses `used` in each layer, but in none of those.

    Experts are the first dimension of one tensor, or numbered modules of a list. None where none are named so.
    """
    experts = {name: shape for name, shape in tensors.items() if _WITHIN in name}
    if not experts:
        return None
    words = {name.split(_WITHIN)[1].split(".")[0] for name in experts}
    listed = {word for word in words if word[-1:].isdecimal()}
    if listed:
        return sum(map(prod, experts.values())) * (len(listed) - used) // len(listed)
    return sum(prod(shape[1:]) * (shape[0] - used) for shape in experts.values())
