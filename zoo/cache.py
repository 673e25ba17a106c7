"""What a model keeps of a text while it writes: keys and values of attention, and the states of recurrent layers.

Conventions: a sliding window caps its layers at its width, the token itself included. Latent attention is counted as
serving engines keep it, compressed; what transformers keeps, all keys and values, is a second figure. An encoder keeps
nothing; what a decoder makes of the encoder's tokens is kept once for the whole text.
"""

from collections.abc import Iterator
from math import prod
from typing import Literal, NamedTuple

from zoo import dtypes
from zoo.blueprint import Attend, Experts, Part, Repeat, Scope, State, Stream
from zoo.flops import UnknownCostError, mixes
from zoo.lengths import Lengths


class Kept(NamedTuple):
    """What equal layers keep of one text.

    what: of which kind. layers: how many there are. numbers: in each, for each token, or for the whole text where it is
    a state. tokens: how many are kept, 1 for a state. window: the cap on that, where there is one. uncompressed:
    numbers for each token where nothing is compressed.
    """

    what: Literal["keys and values", "latent", "cross-attention", "state"]
    layers: int
    numbers: int
    tokens: int
    window: int | None
    uncompressed: int

    @property
    def total(self) -> int:
        """Numbers in all layers together."""
        return self.layers * self.numbers * self.tokens

    @property
    def grows(self) -> bool:
        """Whether another token of the text adds to it, as long as no window is full."""
        return self.what in ("keys and values", "latent")


class Cache(NamedTuple):
    """What is kept of `batch` texts of these lengths, in numbers of the format `dtype`."""

    lengths: Lengths
    batch: int
    dtype: str
    kept: tuple[Kept, ...]

    @property
    def bytes(self) -> int:
        """Bytes for the whole batch."""
        return self._bytes(sum(kept.total for kept in self.kept) * self.batch)

    @property
    def bytes_per_token(self) -> int:
        """Bytes that one more token of one text adds, as long as no window is full."""
        return self._bytes(sum(kept.layers * kept.numbers for kept in self.kept if kept.grows))

    @property
    def state_bytes(self) -> int:
        """Bytes of those for one text that do not grow with it: recurrent states."""
        return self._bytes(sum(kept.total for kept in self.kept if kept.what == "state"))

    @property
    def uncompressed_bytes(self) -> int:
        """Bytes for the whole batch where latent attention is kept as the keys and values that it stands for."""
        return self._bytes(sum(kept.layers * kept.uncompressed * kept.tokens for kept in self.kept) * self.batch)

    def _bytes(self, numbers: int) -> int:
        return dtypes.size(numbers, self.dtype)


def cache(parts: tuple[Part, ...], lengths: Lengths, batch: int, dtype: str) -> Cache:
    """What is kept of a batch of texts. Raises UnknownCostError where a part does not tell what it keeps."""
    for part in _stacks(parts):
        if not mixes((part,)):
            raise UnknownCostError(f"{part.name}: no part tells how tokens see each other")
    return Cache(lengths, batch, dtype, tuple(_kept(parts, lengths, 1)))


def _stacks(parts: tuple[Part, ...]) -> Iterator[Repeat]:
    for part in parts:
        if isinstance(part, Repeat):
            yield part
        elif isinstance(part, Scope | Stream):
            yield from _stacks(part.parts)


def _kept(parts: tuple[Part, ...], lengths: Lengths, layers: int) -> Iterator[Kept]:
    for part in parts:
        match part:
            case Attend(across=True):
                numbers = part.kv_heads * (part.head_dim + part.value_dim)
                yield Kept("cross-attention", layers, numbers, lengths.of("encoder"), None, numbers)
            case Attend(causal=True):
                full = part.kv_heads * (part.head_dim + part.value_dim)
                length = lengths.of("text")
                tokens = length if part.window is None else min(length, part.window)
                if part.latent is None:
                    yield Kept("keys and values", layers, full, tokens, part.window, full)
                else:
                    yield Kept("latent", layers, part.latent, tokens, part.window, full)
            case State():
                yield Kept("state", layers, prod(part.shape), 1, None, prod(part.shape))
            case Scope() | Experts():
                yield from _kept(part.parts, lengths, layers)
            case Stream() if part.tokens != "encoder":
                yield from _kept(part.parts, lengths, layers)
            case Repeat():
                for group in part.groups:
                    yield from _kept(group.parts, lengths, layers * group.passes)
