"""A reading of the parts: what the parameters are for. It goes by what the parts say of themselves, never by a name.

In a layer, a module in which tokens attend is attention, one that keeps a state is a state space, one of which experts
are chosen is a mixture of experts, and any other with matrices is an MLP: `function` says so for all of zoo.
"""

from collections.abc import Iterator
from typing import Literal, TypeAlias, get_args

from zoo.blueprint import Attend, Experts, Part, Repeat, Scope, State, Stream, Tensor
from zoo.measures.counts import attentions, count, mixes

Role = Literal[
    "embedding", "attention", "MLP", "experts used", "experts idle", "state space", "norms", "other", "head", "unknown"
]
"""What parameters are for; each is in one role, with the biases of its module.

embedding: lookup tables, wherever they are. experts used: by one token, as many as it chooses, and what stands beside
them: the router, and experts that every token uses. experts idle: the others. norms: modules that hold nothing but what
is multiplied or added element by element. head: all that comes after the modules in which the layers are (an output
matrix that is not tied, a pooler, a classifier; their own norms, too). other: what no part tells the function of, and
matrices outside the layers, before the head: a projection of the embedding, a convolution. unknown: all of a model of
which only tensors are known.
"""

ROLES: tuple[Role, ...] = get_args(Role)
"""In the order in which they are shown."""

Function = Literal["experts", "attention", "cross-attention", "state space", "MLP", "untold"]
"""What a part of a layer does. untold: it has no matrices, or nothing in the layer says how tokens see each other."""

_Share: TypeAlias = Iterator[tuple[Role, int]]


def roles(parts: tuple[Part, ...]) -> dict[Role, int]:
    """Parameters by role, in the order of ROLES and without those of which there are none; tied tensors count once."""
    found: dict[Role, int] = dict.fromkeys(ROLES, 0)
    for role, parameters in _model(parts):
        found[role] += parameters
    return {role: parameters for role, parameters in found.items() if parameters}


def function(part: Part, told: bool) -> Function:
    """What a part of a layer does; told: whether the layer says how tokens see each other (`mixes`).

    Where it does not, nobody says which of its matrices are attention's.
    """
    if holds_experts((part,)):
        return "experts"
    if (attention := next(attentions((part,)), None)) is not None:
        return "cross-attention" if attention.across else "attention"
    if mixes((part,)):
        return "state space"
    return "MLP" if told and _multiplies((part,)) else "untold"


def transparent(parts: tuple[Part, ...]) -> Iterator[Tensor | Scope | Experts | Repeat | Attend | State]:
    """The parts without the streams around them, which no name shows."""
    for part in parts:
        if isinstance(part, Stream):
            yield from transparent(part.parts)
        elif isinstance(part, Tensor | Scope | Experts | Repeat | Attend | State):
            yield part


def layered(parts: tuple[Part, ...]) -> bool:
    """Whether there are layers among the parts, or in their scopes."""
    return any(
        isinstance(part, Repeat) or (isinstance(part, Scope) and layered(part.parts)) for part in transparent(parts)
    )


def holds_experts(parts: tuple[Part, ...]) -> bool:
    """Whether there are experts among the parts, or in their scopes."""
    return any(
        isinstance(part, Experts) or (isinstance(part, Scope) and holds_experts(part.parts))
        for part in transparent(parts)
    )


_OF_FUNCTION: dict[Function, Role] = {
    "experts": "experts used",
    "attention": "attention",
    "cross-attention": "attention",
    "state space": "state space",
    "MLP": "MLP",
    "untold": "other",
}


def _model(parts: tuple[Part, ...]) -> _Share:
    """What is beside the layers themselves belongs to them; what comes after the module that they are in is a head."""
    shown = list(transparent(parts))
    beside = any(isinstance(part, Repeat) for part in shown)
    role: Role = "other"
    for part in shown:
        if isinstance(part, Repeat):
            yield from _stack(part)
        elif isinstance(part, Scope) and layered(part.parts):
            yield from _model(part.parts)
            role = "other" if beside else "head"
        else:
            yield from _within((part,), role)


def _stack(stack: Repeat) -> _Share:
    for group in stack.groups:
        layers = all(isinstance(inner, Repeat) for inner in group.parts)
        shares = _model(group.parts) if layers else _layer(group.parts)
        yield from ((role, group.layers * parameters) for role, parameters in shares)


def _layer(parts: tuple[Part, ...]) -> _Share:
    told = mixes(parts)
    for part in transparent(parts):
        yield from _within((part,), _OF_FUNCTION[function(part, told)])


def _within(parts: tuple[Part, ...], role: Role) -> _Share:
    """The parameters of parts of one role, but for what has its own wherever it is."""
    for part in transparent(parts):
        match part:
            case Tensor(tied_to=None):
                yield ("embedding" if part.use == "lookup" else role), part.size
            case Scope():
                yield from _within(part.parts, "norms" if role != "head" and _norm(part.parts) else role)
            case Repeat():
                for group in part.groups:
                    shares = _within(group.parts, role)
                    yield from ((inner, group.layers * parameters) for inner, parameters in shares)
            case Experts():
                held = count((part,))
                yield "experts used", held.active
                yield "experts idle", held.parameters - held.active


def _norm(parts: tuple[Part, ...]) -> bool:
    """Whether all that there is are tensors that are multiplied or added element by element."""
    return all(isinstance(part, Tensor) and part.use == "elementwise" for part in _leaves(parts))


def _multiplies(parts: tuple[Part, ...]) -> bool:
    """Whether there are matrices with which tokens are multiplied."""
    return any(isinstance(part, Tensor) and part.use == "matmul" for part in _leaves(parts))


def _leaves(parts: tuple[Part, ...]) -> Iterator[Tensor | Experts | Attend | State]:
    """What stands in scopes and repeats, at whatever depth; experts as a whole."""
    for part in transparent(parts):
        if isinstance(part, Scope):
            yield from _leaves(part.parts)
        elif isinstance(part, Repeat):
            for group in part.groups:
                yield from _leaves(group.parts)
        else:
            yield part
