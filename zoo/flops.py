"""Floating-point operations of a forward pass, read off the parts.

Conventions: a multiply-add is two operations; only matrix products and convolutions count, as in PyTorch's flop
counter; attention scores every pair of tokens, those that a window or causality hides too, as eager attention does.
"""

from typing import NamedTuple

from zoo.blueprint import Attend, Experts, Part, Repeat, Scope, State, Stream, Tensor, Tokens
from zoo.lengths import Lengths


class UnknownCostError(Exception):
    """A part does not tell what it costs; the message names it."""


class Cost(NamedTuple):
    """Operations of a part of the model. weights: products with parameters. scores: what attention does beside them,
    queries with keys and weights with values; and what a recurrent layer does with its state.
    """

    weights: int = 0
    scores: int = 0

    @property
    def total(self) -> int:
        """Both together."""
        return self.weights + self.scores

    def plus(self, other: "Cost", times: int = 1) -> "Cost":
        """The sum with `times` of `other`."""
        return Cost(self.weights + times * other.weights, self.scores + times * other.scores)


class Flops(NamedTuple):
    """Operations of one forward pass over one text.

    text: what is done for the text that the model reads or writes; in an encoder-decoder, by the decoder, what it makes
    of the encoder's tokens included. encoder: what its encoder does, where it has one. lengths: tokens of either.
    """

    lengths: Lengths
    text: Cost
    encoder: Cost

    @property
    def total(self) -> int:
        """Everything, for the whole text."""
        return self.text.total + self.encoder.total

    @property
    def weights(self) -> int:
        """Products with parameters."""
        return self.text.weights + self.encoder.weights

    @property
    def scores(self) -> int:
        """Attention and recurrent states."""
        return self.text.scores + self.encoder.scores

    @property
    def per_token(self) -> float:
        """Operations of the text for each of its tokens; of an encoder alone for each token that it reads."""
        if not self.text.total and self.encoder.total:
            return self.per_encoder_token
        return self.text.total / self.lengths.of("text")

    @property
    def per_encoder_token(self) -> float:
        """Operations of the encoder for each token that it reads."""
        return self.encoder.total / self.lengths.of("encoder") if self.encoder.total else 0.0

    @property
    def training(self) -> int:
        """Forward and backward, which takes twice as much again: three times the forward pass."""
        return 3 * self.total


def flops(parts: tuple[Part, ...], lengths: Lengths) -> Flops:
    """What a forward pass over a text of these lengths costs. Raises UnknownCostError where a part does not tell."""
    text, encoder = _read(parts, "text", lengths)
    return Flops(lengths, text, encoder)


def _read(parts: tuple[Part, ...], tokens: Tokens, lengths: Lengths) -> tuple[Cost, Cost]:
    """The cost of the text's side and of the encoder's, told apart outside of the layers."""
    text = encoder = Cost()
    for part in parts:
        match part:
            case Stream(tokens="encoder"):
                encoder = encoder.plus(_cost(part.parts, "encoder", lengths))
            case Scope():
                inner, inner_encoder = _read(part.parts, tokens, lengths)
                text, encoder = text.plus(inner), encoder.plus(inner_encoder)
            case _:
                text = text.plus(_cost((part,), tokens, lengths))
    return text, encoder


def _cost(parts: tuple[Part, ...], tokens: Tokens, lengths: Lengths, within: bool = False) -> Cost:
    """`within`: whether the parts are of a layer."""
    total = Cost()
    for part in parts:
        match part:
            case Tensor():
                total = total.plus(_product(part, tokens, lengths))
            case Scope():
                total = total.plus(_cost(part.parts, tokens, lengths, within))
            case Stream():
                total = total.plus(_cost(part.parts, part.tokens, lengths, within))
            case Repeat():
                if not within and not mixes((part,)):
                    raise UnknownCostError(f"{part.name}: no part tells how tokens see each other")
                for group in part.groups:
                    total = total.plus(_cost(group.parts, tokens, lengths, within=True), group.passes)
            case Experts():
                total = total.plus(_cost(part.parts, tokens, lengths, within=True), part.active)
            case Attend():
                total = total.plus(Cost(scores=scores(part, tokens, lengths)))
            case State():
                total = total.plus(Cost(scores=part.flops * lengths.of(tokens)))
    return total


def _product(tensor: Tensor, tokens: Tokens, lengths: Lengths) -> Cost:
    if tensor.use == "unknown":
        raise UnknownCostError(f"{tensor.name}: a tensor of which nobody says what a token does with it")
    if tensor.use != "matmul":
        return Cost()
    return Cost(weights=2 * tensor.size * (lengths.of(tokens) + tensor.padding))


def scores(attention: Attend, tokens: Tokens, lengths: Lengths) -> int:
    """Operations between queries and keys, and between what comes of that and the values."""
    queries = lengths.of(tokens)
    keys = lengths.of("encoder") if attention.across else queries
    both = 2 * attention.heads * attention.pairs(queries, keys) * (attention.head_dim + attention.value_dim)
    return both + 2 * attention.heads * queries * attention.relative * attention.head_dim


def mixes(parts: tuple[Part, ...]) -> bool:
    """Whether a part tells how tokens see each other: attention, or a state that goes from one to the next."""
    for part in parts:
        match part:
            case Attend() | State():
                return True
            case Scope() | Stream() | Experts():
                if mixes(part.parts):
                    return True
            case Repeat():
                if any(mixes(group.parts) for group in part.groups):
                    return True
    return False
