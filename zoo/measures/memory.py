"""What a model takes in memory while it runs: its weights, and whether they fit with what it keeps of a text.

Not counted: activations, buffers, and what a framework takes for itself.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from zoo.conditions import MeasureError
from zoo.fields import LARGEST
from zoo.measures import dtypes, quantization, sizes
from zoo.measures.lengths import bounds

if TYPE_CHECKING:
    from zoo.model import Model


class WeightMemory(NamedTuple):
    """The weights of a model in bytes, tied ones once.

    dtype: the number format of what is not quantized. quantization: how the rest is stored, if any is. packed, scales,
    other: of what is quantized the numbers, what they are multiplied by, and zero points and tables. unquantized: the
    rest, of which transformers keeps some in float32 beside 16 bits where anything is quantized.
    """

    dtype: str
    quantization: str | None
    packed: int
    scales: int
    other: int
    unquantized: int

    @property
    def bytes(self) -> int:
        """All of it."""
        return self.packed + self.scales + self.other + self.unquantized


def weights(model: "Model", dtype: str | None = None) -> WeightMemory:
    """The weights in `dtype`, or that of the model's conditions; or else as the config states it, quantized or not.

    Where nothing is quantized, that is what a file in that format holds: all of it in `dtype`, also what transformers
    would take into float32 while it loads it (`Architecture.full_precision`).

    Raises UnknownCostError, saying why, where they are quantized in a way that is not known; MeasureError for a value
    that cannot be.
    """
    wanted = dtype or model.conditions.dtype
    stated = model.stated("quantization_config")
    stated = model.stated("quantization") if stated is None else stated  # as MLX calls it
    if wanted is not None or stated is None:
        name = dtypes.dtype(wanted) if wanted else model.dtype
        return WeightMemory(name, None, 0, 0, 0, dtypes.size(model.parameters, name))
    format_ = quantization.read(stated, model.architecture, model.parts)
    found = quantization.total(format_, model.parts, model.dtype)
    rest = dtypes.size(found.unquantized, model.dtype) + dtypes.size(found.full_precision, "float32")
    return WeightMemory(model.dtype, format_.name, found.packed, found.scales, found.other, rest)


class Fit(NamedTuple):
    """Whether weights and cache go into a memory, in bytes.

    memory: what there is. weights: what the model takes. cache: what it keeps of `batch` texts of `length` tokens.
    longest: of how many tokens a text can be for all to fit; 0 where not even one does. limit: how many the model has
    positions for, or LARGEST where nothing bounds it.
    """

    memory: int
    weights: int
    cache: int
    length: int | None
    batch: int
    longest: int
    limit: int

    @property
    def fits(self) -> bool:
        """Whether all goes in, at the length."""
        return self.left >= 0

    @property
    def left(self) -> int:
        """Bytes that stay free; negative: that are missing."""
        return self.memory - self.weights - self.cache


def fits(
    model: "Model",
    memory: int | str | None,
    length: int | None,
    *,
    encoder_length: int | None,
    batch: int | None,
    dtype: str | None,
    cache_dtype: str | None,
) -> Fit | None:
    """See `Model.fits`."""
    memory = model.conditions.fits if memory is None else memory
    if memory is None:
        raise MeasureError("state the memory into which it must go (such as 24GiB)")
    memory = sizes.size(memory)
    taken = model.weight_memory(dtype)
    at = model.cache(length, encoder_length=encoder_length, batch=batch, dtype=cache_dtype or dtype)
    if taken is None or at is None:
        return None

    def cache(tokens: int) -> int:
        kept = model.cache(tokens, encoder_length=at.lengths.encoder, batch=at.batch, dtype=at.dtype)
        return kept.bytes if kept else 0

    limit = dict(bounds(model.parts)).get("text", LARGEST)
    most = longest(memory - taken.bytes, cache, limit)
    return Fit(memory, taken.bytes, at.bytes, at.lengths.text, at.batch, most, limit)


def longest(room: int, cache: Callable[[int], int], limit: int = LARGEST) -> int:
    """The longest text whose cache goes into so many bytes, 0 if none; `cache` tells its bytes, which never fall."""
    if room < 0 or cache(1) > room:
        return 0
    least, most = 1, limit
    while least < most:
        middle = (least + most + 1) // 2
        least, most = (middle, most) if cache(middle) <= room else (least, middle - 1)
    return least
