"""What a quantizer finds in a model: each tensor with the module that holds it, and what kind of module that is.

Whether a module is a linear layer, a router or fused experts is read off the parts, and off no name of theirs.
"""

from collections.abc import Collection, Iterator
from typing import Literal, NamedTuple

from zoo.blueprint import Experts, Part, Repeat, Scope, Stream, Tensor
from zoo.measures.flops import UnknownCostError


class Weight(NamedTuple):
    """A tensor of the model, as a quantizer sees it.

    module: the full name of what holds it. kind: the weight of a linear layer; of one that stores (inputs, outputs); of
    a router, which chooses among fused experts; a matrix of these; what else they hold; or any other. times: how many
    there are of it. in_layer: whether it is in one of the numbered layers. joined: how many matrices it is, side by
    side.
    """

    module: str
    kind: Literal["linear", "transposed", "router", "experts", "beside experts", "other"]
    outputs: int
    inputs: int
    size: int
    times: int
    in_layer: bool
    joined: int = 1


def weights(
    parts: tuple[Part, ...], numbers: Collection[int], prefix: str = "", times: int = 1, in_layer: bool = False
) -> Iterator[Weight]:
    """Each tensor that has storage of its own, layers of a kind once; but those in `numbers`, each by itself."""
    fused = [part.number for part in parts if isinstance(part, Experts) and part.fused]
    for part in parts:
        match part:
            case Tensor(tied_to=None):
                kind, outputs, inputs = _matrix(part, parts)
                yield Weight(prefix[:-1], kind, outputs, inputs, part.size, times, in_layer)
            case Scope():
                for weight in weights(part.parts, numbers, f"{prefix}{part.name}.", times, in_layer):
                    routes = weight.kind == "linear" and weight.module == prefix + part.name and weight.outputs in fused
                    yield weight._replace(kind="router") if routes else weight
            case Stream():
                yield from weights(part.parts, numbers, prefix, times, in_layer)
            case Repeat():
                for group in part.groups:
                    for name, layers in _copies(part, group.numbers, group.layers, numbers):
                        yield from weights(group.parts, numbers, f"{prefix}{name}.", times * layers, True)
            case Experts(fused=True):
                yield from _fused(part, f"{prefix}{part.name}", times)
            case Experts():
                for name, copies in _copies(part, range(part.number), part.number, numbers):
                    yield from weights(part.parts, numbers, f"{prefix}{name}.", times * copies, in_layer)


def _copies(
    part: Repeat | Experts, members: Collection[int], count: int, numbers: Collection[int]
) -> Iterator[tuple[str, int]]:
    """The names of those in `numbers`, and one for all the others, which no pattern tells apart; how many each is."""
    among = frozenset(members) if isinstance(members, list) else members
    told = [number for number in numbers if number in among]
    yield from ((part.numbered(number), 1) for number in told)
    if count > len(told):
        yield part.numbered("#"), count - len(told)


def _matrix(tensor: Tensor, beside: tuple[Part, ...]) -> tuple[Literal["linear", "transposed", "other"], int, int]:
    """Whether a tensor is the weight of a linear layer, and its outputs and inputs: a bias beside it tells which."""
    if tensor.name != "weight" or tensor.use != "matmul" or len(tensor.shape) != 2:
        return "other", 0, 0
    outputs, inputs = _oriented(tensor, "bias", beside)
    return "linear" if outputs == tensor.shape[0] else "transposed", outputs, inputs


def _oriented(tensor: Tensor, bias: str, beside: tuple[Part, ...]) -> tuple[int, int]:
    first, second = tensor.shape
    outputs = next((part.size for part in beside if isinstance(part, Tensor) and part.name == bias), first)
    return (first, second) if outputs == first else (second, first)


def _fused(experts: Experts, module: str, times: int) -> Iterator[Weight]:
    """Tensors of which each is that of all experts. Gate and up are one, twice as large as that which leads back."""
    inner = [part for part in experts.parts if isinstance(part, Tensor)]
    if len(inner) < len(experts.parts):
        raise UnknownCostError(f"{module}: fused experts that are more than tensors")
    smallest = min((part.size for part in inner if len(part.shape) == 2), default=1)
    for part in inner:
        if part.use == "matmul" and len(part.shape) == 2:
            outputs, inputs = _oriented(part, f"{part.name}_bias", experts.parts)
            joined = max(1, part.size // (smallest or 1))
            yield Weight(module, "experts", outputs, inputs, part.size, times * experts.number, True, joined)
        else:
            yield Weight(module, "beside experts", 0, 0, part.size, times * experts.number, True)


def heads(parts: tuple[Part, ...], vocabulary: int | None) -> list[str]:
    """The modules that transformers leaves as they are where nobody lists any: the output matrix, and the last module.

    Source: `get_keys_to_not_convert` in transformers 5.23 (quantizers/base.py).
    """
    last = _last(parts)
    return [*_outputs(parts, vocabulary), *([last] if last else [])]


def _outputs(parts: tuple[Part, ...], vocabulary: int | None, prefix: str = "") -> Iterator[str]:
    """The linear layers outside of the numbered ones that score each word; also tied ones, which hold nothing."""
    for part in parts:
        match part:
            case Tensor(name="weight", use="matmul", shape=(rows, _)) if rows == vocabulary:
                yield prefix[:-1]
            case Scope():
                yield from _outputs(part.parts, vocabulary, f"{prefix}{part.name}.")
            case Stream():
                yield from _outputs(part.parts, vocabulary, prefix)


def _last(parts: tuple[Part, ...], prefix: str = "") -> str | None:
    """The module of the last parameter, if that is a weight. A module's own parameters come before its children's."""
    own = [part for part in parts if isinstance(part, Tensor)]
    for part in [*own, *(part for part in parts if not isinstance(part, Tensor))][::-1]:
        match part:
            case Tensor(tied_to=None):
                return prefix[:-1] if part.name == "weight" else prefix + part.name
            case Scope():
                found = _last(part.parts, f"{prefix}{part.name}.")
            case Stream():
                found = _last(part.parts, prefix)
            case Repeat():
                end = sum(group.layers for group in part.groups) - 1
                within = next((group.parts for group in part.groups if end in group.numbers), ())
                found = _last(within, f"{prefix}{part.numbered(end)}.")
            case Experts(fused=False):
                found = _last(part.parts, f"{prefix}{part.numbered(part.number - 1)}.")
            case Experts():
                found = _last(part.parts, f"{prefix}{part.name}.")
            case _:
                found = None
        if found:
            return found
    return None
