"""What a model keeps of a text while it writes: keys and values of attention, and the states of recurrent layers.

Conventions. A sliding window caps its layers at its width, the token itself included: from so many the next word
follows, and so many a cache of fixed size has places for. (transformers' growing cache holds one fewer between two
steps, since the next token comes on top.) Latent attention is counted compressed, as its paper (arXiv:2405.04434,
section 2.1.3) and serving engines keep it; keys and values of all heads are a second figure. Grouped keys and values
are counted once for each group. An encoder keeps nothing; what a decoder makes of the encoder's tokens is kept once
for the whole text. Places that an engine sets aside and does not use are not counted.
"""

from collections.abc import Iterable, Iterator
from math import prod
from typing import Literal, NamedTuple

from zoo.blueprint import Attend, Experts, Part, Repeat, Scope, State, Stream, Tokens
from zoo.measures import dtypes
from zoo.measures.counts import Place, mixes
from zoo.measures.flops import UnknownCostError, passing, passing_at
from zoo.measures.lengths import Lengths


class Kept(NamedTuple):
    """What equal layers keep of one text.

    what: of which kind. layers: how many there are. numbers: in each, for each token, or for the whole text where it is
    a state. tokens: how many are kept, 1 for a state. window: the cap on that, where there is one. uncompressed:
    numbers for each token where nothing is compressed. name: which state it is; empty otherwise.
    """

    what: Literal["keys and values", "latent", "cross-attention", "state"]
    layers: int
    numbers: int
    tokens: int
    window: int | None
    uncompressed: int
    name: str = ""

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
    def next_token_bytes(self) -> int:
        """Bytes that one more token of one text adds at this length: nothing where a window is full."""
        growing = (kept for kept in self.kept if kept.grows and (kept.window is None or kept.tokens < kept.window))
        return self._bytes(sum(kept.layers * kept.numbers for kept in growing))

    @property
    def state_bytes(self) -> int:
        """Bytes of those for one text that do not grow with it: recurrent states."""
        return self._bytes(sum(kept.total for kept in self.kept if kept.what == "state"))

    @property
    def uncompressed_bytes(self) -> int:
        """Bytes for the whole batch where latent attention is kept as the keys and values that it stands for."""
        return self._bytes(sum(kept.layers * kept.uncompressed * kept.tokens for kept in self.kept) * self.batch)

    @property
    def compressed(self) -> bool:
        """Whether anything is kept in fewer numbers than it stands for."""
        return any(kept.what == "latent" for kept in self.kept)

    @property
    def across(self) -> bool:
        """Whether anything is kept of what an encoder reads."""
        return any(kept.what == "cross-attention" for kept in self.kept)

    def conditions(self) -> str:
        """For what it is told, in words: `4,096 tokens, batch 1, float16`."""
        length = "any length" if self.lengths.text is None else f"{self.lengths.text:,} tokens"
        encoder = f", {self.lengths.encoder:,} of the encoder" if self.across else ""
        return f"{length}{encoder}, batch {self.batch:,}, {self.dtype}"

    def bytes_of(self, kept: Kept) -> int:
        """Bytes of one of `kept`, for the whole batch."""
        return self._bytes(kept.total * self.batch)

    def _bytes(self, numbers: int) -> int:
        return dtypes.size(numbers, self.dtype)


def cache(parts: tuple[Part, ...], lengths: Lengths, batch: int, dtype: str) -> Cache:
    """What is kept of a batch of texts. Raises UnknownCostError where a part does not tell what it keeps."""
    for part in _stacks(parts):
        if not mixes((part,)):
            raise UnknownCostError(f"{part.name}: no part tells how tokens see each other")
    return Cache(lengths, batch, dtype, _together(_kept(parts, "text", lengths, 1)))


def component_bytes(parts: tuple[Part, ...], place: Place, whole: Cache) -> int:
    """Bytes that `parts` at their place keep of what is in `whole`, all copies of them together."""
    tokens = passing_at(place, whole.lengths)
    if tokens == "encoder":
        return 0
    return whole._replace(kept=tuple(_kept(parts, tokens, whole.lengths, place.passes))).bytes


def _stacks(parts: tuple[Part, ...]) -> Iterator[Repeat]:
    for part in parts:
        if isinstance(part, Repeat):
            yield part
        elif isinstance(part, Scope | Stream):
            yield from _stacks(part.parts)


def _together(found: Iterable[Kept]) -> tuple[Kept, ...]:
    """Each distinct one once: layers may differ in what is of no matter here."""
    layers: dict[Kept, int] = {}
    for kept in found:
        alike = kept._replace(layers=0)
        layers[alike] = layers.get(alike, 0) + kept.layers
    return tuple(alike._replace(layers=number) for alike, number in layers.items())


def _kept(parts: tuple[Part, ...], tokens: Tokens, lengths: Lengths, layers: int) -> Iterator[Kept]:
    """What `layers` times `parts` keep, through which `tokens` pass."""
    for part in parts:
        match part:
            case Attend(across=True):
                numbers = _keys_and_values(part)
                yield Kept("cross-attention", layers, numbers, lengths.of("encoder"), None, numbers)
            case Attend(causal=True):
                full, length = _keys_and_values(part), lengths.of(tokens)
                reached = length if part.window is None else min(length, part.window)
                if part.latent is None:
                    yield Kept("keys and values", layers, full, reached, part.window, full)
                else:
                    yield Kept("latent", layers, part.latent, reached, part.window, full)
            case State():
                numbers = prod(part.shape)
                yield Kept("state", layers, numbers, 1, None, numbers, part.name)
            case Scope():
                yield from _kept(part.parts, tokens, lengths, layers)
            case Stream() if part.tokens != "encoder":
                yield from _kept(part.parts, passing(part.tokens, tokens, lengths), lengths, layers)
            case Repeat():
                for group in part.groups:
                    yield from _kept(group.parts, tokens, lengths, layers * group.passes)
            case Experts() if mixes(part.parts):
                # Of which experts' attention a token leaves something, the parts do not tell.
                raise UnknownCostError(f"{part.name}: attention or a state within experts")


def _keys_and_values(attention: Attend) -> int:
    """How many numbers the keys and values of one token are."""
    return attention.kv_heads * (attention.head_dim + attention.value_dim)
