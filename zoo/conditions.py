"""Under which conditions a cost is told: how long the text, how many at once, in which numbers."""

from typing import NamedTuple

from zoo.errors import ZooError
from zoo.fields import LARGEST
from zoo.text import shown


class MeasureError(ZooError):
    """A length, batch, rank or target that makes no sense, or none for the model."""


class Conditions(NamedTuple):
    """What a cost depends on beside the model; None stands for what follows from the model.

    length: tokens of the text; by default as many as the model is made for. encoder_length: tokens that the encoder
    reads, where there is one. batch: texts at once. dtype: of the weights; by default the config's own. cache_dtype: of
    what is kept for the next token; by default that in which the model computes.
    optimizer, zero, devices: how it is trained, see `zoo.measures.training`. fits: bytes into which weights and cache
    must go. rank, targets: of adapters, see `zoo.measures.lora`.
    """

    length: int | None = None
    encoder_length: int | None = None
    batch: int = 1
    dtype: str | None = None
    cache_dtype: str | None = None
    optimizer: str = "adamw"
    zero: int = 0
    devices: int = 1
    fits: int | None = None
    rank: int = 16
    targets: tuple[str, ...] | None = None

    @property
    def kept_in(self) -> str | None:
        """The format of what is kept, if these conditions decide it: that of weights of 16 bits or more, too."""
        from zoo.measures import dtypes

        if self.cache_dtype or self.dtype is None:
            return self.cache_dtype
        return self.dtype if dtypes.BITS[dtypes.dtype(self.dtype)] >= 16 else None


def positive(value: int, what: str) -> int:
    """The value, if it is a whole number from 1 to LARGEST. Raises MeasureError, naming `what`, if not."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LARGEST:
        raise MeasureError(f"{what} must be a whole number from 1 to {LARGEST:,}, got {shown(value)}")
    return value
