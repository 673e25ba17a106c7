"""What a quantizer finds in a model: each tensor with the module that holds it, and what kind of module that is.

What is a linear layer or fused experts is read off the parts; what is of a class of its own in transformers, and passed
by for that, the architecture says.
"""

from collections.abc import Collection, Iterator
from typing import Literal, NamedTuple, TypeAlias

from zoo.architecture import Architecture
from zoo.blueprint import Experts, Part, Repeat, Scope, Stream, Tensor
from zoo.measures.flops import UnknownCostError

Kind: TypeAlias = Literal["linear", "subclass", "transposed", "tied", "experts", "experts with bias", "other"]
"""The weight of a linear layer; of one of a class that is made of it; of one that stores (inputs, outputs); of one that
shares what another tensor holds; a matrix of fused experts, without biases or with them; or any other tensor.
"""


class Weight(NamedTuple):
    """A tensor of the model, as a quantizer sees it.

    name: the full one. times: how many there are of it. in_layer: whether it is in one of the numbered layers. joined:
    how many matrices it is, side by side.
    """

    name: str
    kind: Kind
    outputs: int
    inputs: int
    size: int
    times: int
    in_layer: bool
    joined: int = 1

    @property
    def module(self) -> str:
        """The full name of what holds it."""
        return self.name.rpartition(".")[0]

    def among(self, names: Collection[str]) -> bool:
        """Whether the last name of its module, or its own, is one of `names`."""
        return any(name in names for name in self.name.split(".")[-2:])


def weights(architecture: Architecture, parts: tuple[Part, ...], numbers: Collection[int]) -> Iterator[Weight]:
    """Each tensor that has storage of its own, and each tied matrix; layers of a kind once, but those in `numbers`."""
    for weight in _weights(parts, numbers, "", 1, False):
        if weight.kind in ("linear", "transposed") and weight.among(architecture.not_linear):
            yield weight._replace(kind="other")
        elif weight.kind == "linear" and weight.among(architecture.linear_subclasses):
            yield weight._replace(kind="subclass")
        else:
            yield weight


def _weights(
    parts: tuple[Part, ...], numbers: Collection[int], prefix: str, times: int, in_layer: bool
) -> Iterator[Weight]:
    for part in parts:
        match part:
            case Tensor(tied_to=None):
                kind, outputs, inputs = _matrix(part, parts)
                yield Weight(prefix + part.name, kind, outputs, inputs, part.size, times, in_layer)
            case Tensor(name="weight", use="matmul"):
                yield Weight(prefix + part.name, "tied", 0, 0, 0, times, in_layer)
            case Scope():
                yield from _weights(part.parts, numbers, f"{prefix}{part.name}.", times, in_layer)
            case Stream():
                yield from _weights(part.parts, numbers, prefix, times, in_layer)
            case Repeat():
                for group in part.groups:
                    for name, layers in _copies(part, group.numbers, group.layers, numbers):
                        yield from _weights(group.parts, numbers, f"{prefix}{name}.", times * layers, True)
            case Experts(fused=True):
                yield from _fused(part, f"{prefix}{part.name}.", times)
            case Experts():
                for name, copies in _copies(part, range(part.number), part.number, numbers):
                    yield from _weights(part.parts, numbers, f"{prefix}{name}.", times * copies, in_layer)


def _copies(
    part: Repeat | Experts, members: Collection[int], count: int, numbers: Collection[int]
) -> Iterator[tuple[str, int]]:
    """The names of those in `numbers`, and one for all the others, which no pattern tells apart; how many each is."""
    among = frozenset(members) if isinstance(members, list) else members
    told = [number for number in numbers if number in among]
    yield from ((part.numbered(number), 1) for number in told)
    if count > len(told):
        yield part.numbered("#"), count - len(told)


def _matrix(tensor: Tensor, beside: tuple[Part, ...]) -> tuple[Kind, int, int]:
    """Whether a tensor is the weight of a linear layer, and its outputs and inputs: a bias beside it tells which."""
    if tensor.name != "weight" or tensor.use != "matmul" or len(tensor.shape) != 2:
        return "other", 0, 0
    outputs, inputs = _oriented(tensor, "bias", beside)
    return "linear" if outputs == tensor.shape[0] else "transposed", outputs, inputs


def _oriented(tensor: Tensor, bias: str, beside: tuple[Part, ...]) -> tuple[int, int]:
    first, second = tensor.shape
    outputs = next((part.size for part in beside if isinstance(part, Tensor) and part.name == bias), first)
    return (first, second) if outputs == first else (second, first)


def _fused(experts: Experts, prefix: str, times: int) -> Iterator[Weight]:
    """Tensors of which each is that of all experts. Gate and up are one, twice as large as that which leads back."""
    inner = [part for part in experts.parts if isinstance(part, Tensor)]
    if len(inner) < len(experts.parts):
        raise UnknownCostError(f"{prefix[:-1]}: fused experts that are more than tensors")
    matrices = [part for part in inner if part.use == "matmul" and len(part.shape) == 2]
    smallest = min((part.size for part in matrices), default=1) or 1
    kind: Kind = "experts" if len(matrices) == len(inner) else "experts with bias"
    times *= experts.number
    for part in inner:
        if part in matrices:
            outputs, inputs = _oriented(part, f"{part.name}_bias", experts.parts)
            joined = max(1, part.size // smallest)
            yield Weight(prefix + part.name, kind, outputs, inputs, part.size, times, True, joined)
        else:
            yield Weight(prefix + part.name, "other", 0, 0, part.size, times, True)


def heads(architecture: Architecture, parts: tuple[Part, ...]) -> list[str]:
    """The modules that transformers leaves as they are where nobody lists any: the output matrix, and the last module.

    Source: `get_keys_to_not_convert` in transformers 5.23 (quantizers/base.py).
    """
    output, last = architecture.output_module(), _last(parts)
    return [*([output] if _holds(parts, output) else []), *([last] if last else [])]


def _holds(parts: tuple[Part, ...], module: str) -> bool:
    """Whether there is a module of that full name, outside of the numbered ones."""
    for part in parts:
        match part:
            case Scope():
                if part.name == module:
                    return True
                if module.startswith(f"{part.name}.") and _holds(part.parts, module.removeprefix(f"{part.name}.")):
                    return True
            case Stream():
                if _holds(part.parts, module):
                    return True
    return False


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
