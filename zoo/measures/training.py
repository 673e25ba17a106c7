"""What training keeps in memory beside activations: weights, gradients, and what the optimizer remembers.

Terms and conventions: ZeRO (Rajbhandari et al., 2019, arXiv:1910.02054). In mixed precision weights and gradients are
16 bits wide, and the optimizer works on a copy of the weights in float32. The counters of steps that PyTorch keeps,
4 bytes for each tensor, are not counted.
"""

from collections.abc import Callable, Iterator
from math import prod
from typing import NamedTuple

from zoo.blueprint import Experts, Part, Repeat, Scope, Shape, Stream, Tensor, Use
from zoo.conditions import MeasureError, positive
from zoo.text import near, shown


class TrainingMemory(NamedTuple):
    """Bytes on each of `devices` devices, among which ZeRO of stage `zero` shares out some of the terms.

    zero: 0 shares nothing; 1 the optimizer states, the master weights among them; 2 the gradients too; 3 the weights.
    """

    optimizer: str
    zero: int
    devices: int
    weights: int
    master_weights: int
    gradients: int
    optimizer_states: int

    @property
    def bytes(self) -> int:
        """All of it; activations come on top."""
        return self.weights + self.master_weights + self.gradients + self.optimizer_states


class Optimizer(NamedTuple):
    """Bytes of a parameter and of its gradient, of its copy in float32 where there is one; and what is remembered of a
    whole tensor. shared: bytes that are there once for all tensors. about: what it is, in words.
    """

    about: str
    weight: int
    master: int
    gradient: int
    state: Callable[[Shape, Use], int]
    shared: int = 0


def _numbers(each: int) -> Callable[[Shape, Use], int]:
    return lambda shape, use: each * prod(shape)


def _factored(shape: Shape, use: Use) -> int:
    """A number for each row and each column of a matrix, of each one where there are several; else one for each."""
    if len(shape) < 2:
        return 4 * prod(shape)
    *leading, rows, columns = shape
    return 4 * prod(leading) * (rows + columns)


_BLOCK, _SMALL = 256, 4096


def _eight_bit(shape: Shape, use: Use) -> int:
    """Two moments, a byte each, and for each block of either a scale in float32; small tensors and embeddings whole."""
    numbers = prod(shape)
    if numbers < _SMALL or use == "lookup":
        return 8 * numbers
    return 2 * (numbers + 4 * -(-numbers // _BLOCK))


OPTIMIZERS = {
    "adamw": Optimizer("AdamW, bfloat16 weights and gradients, float32 copy and moments", 2, 4, 2, _numbers(8)),
    "adamw-fp32": Optimizer("AdamW, all in float32", 4, 0, 4, _numbers(8)),
    # Dettmers et al., 2021, arXiv:2110.02861; sizes as bitsandbytes' documentation of its optimizers states them, and
    # embeddings in 32 bits, as it advises and as transformers' Trainer does. Two tables of 256 codes serve all.
    "adamw-8bit": Optimizer("AdamW, as adamw but for its moments in 8 bits", 2, 4, 2, _eight_bit, 2 * 4 * 256),
    # Shazeer and Stern, 2018, arXiv:1804.04235, without the first moment, as by default.
    "adafactor": Optimizer("Adafactor, all in float32, second moments by rows and columns", 4, 0, 4, _factored),
    "sgd": Optimizer("SGD, all in float32", 4, 0, 4, _numbers(0)),
    "sgd-momentum": Optimizer("SGD with momentum, all in float32", 4, 0, 4, _numbers(4)),
}
"""The optimizers by name."""


def optimizer(name: str) -> Optimizer:
    """The optimizer of that name. Raises MeasureError with near names."""
    if name not in OPTIMIZERS:
        raise MeasureError(
            f"no optimizer {shown(name)}{near(str(name), OPTIMIZERS)} (there are {', '.join(OPTIMIZERS)})"
        )
    return OPTIMIZERS[name]


def training_memory(parts: tuple[Part, ...], name: str, zero: int, devices: int) -> TrainingMemory:
    """What training a model of these parts takes on each device. Raises MeasureError for what makes no sense."""
    chosen = optimizer(name)
    positive(devices, "devices")
    if isinstance(zero, bool) or not isinstance(zero, int) or not 0 <= zero <= 3:
        raise MeasureError(f"zero must be 0, 1, 2 or 3, got {shown(zero)}")
    numbers = states = 0
    for shape, use, times in _tensors(parts, (), 1):
        numbers += times * prod(shape)
        states += times * chosen.state(shape, use)
    if states and chosen.shared:
        states += chosen.shared

    def each(size: int, stage: int) -> int:
        return -(-size // devices) if zero >= stage else size

    return TrainingMemory(
        name,
        zero,
        devices,
        each(chosen.weight * numbers, 3),
        each(chosen.master * numbers, 1),
        each(chosen.gradient * numbers, 2),
        each(states, 1),
    )


def _tensors(parts: tuple[Part, ...], experts: Shape, times: int) -> Iterator[tuple[Shape, Use, int]]:
    """Each tensor that has storage of its own, and how often there is one like it."""
    for part in parts:
        match part:
            case Tensor(tied_to=None):
                yield (*experts, *part.shape), part.use, times
            case Scope() | Stream():
                yield from _tensors(part.parts, experts, times)
            case Repeat():
                for group in part.groups:
                    yield from _tensors(group.parts, experts, times * group.layers)
            case Experts(fused=True):
                yield from _tensors(part.parts, (*experts, part.number), times)
            case Experts():
                yield from _tensors(part.parts, experts, times * part.number)
