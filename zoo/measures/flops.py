"""Floating-point operations of a forward pass, read off the parts.

Conventions: a multiply-add is two operations; only matrix products and convolutions count, as in PyTorch's flop
counter; attention scores every pair of tokens, those that a window or causality hides too, as eager attention does;
cross-attention is told wherever there is any, in a decoder that stands alone as well.
"""

from typing import NamedTuple

from zoo.blueprint import Again, Attend, Experts, Part, Passing, Products, Repeat, Scope, Stream, Tensor, Tokens
from zoo.measures.counts import Place, mixes
from zoo.measures.lengths import Lengths

TRAINING = 3
"""Forward passes that a step of training costs: the backward pass takes twice as much as the forward one."""


class UnknownCostError(Exception):
    """A part does not tell what it costs; the message names it."""


class Cost(NamedTuple):
    """Operations of a part of the model. weights: products with parameters. scores: all others; what attention does,
    queries with keys and weights with values, and a recurrent layer with its state.
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

    def rule_error(self, parameters: int) -> float | None:
        """By how much the rule of 2N operations a token, forward, is off for N `parameters`: -0.12 for 12 % too few.

        Tokens are those that pass on either side. None where nothing is computed.
        """
        tokens = sum(
            length or 0
            for length, side in ((self.lengths.text, self.text), (self.lengths.encoder, self.encoder))
            if side.total
        )
        return (2 * parameters * tokens - self.total) / self.total if self.total else None

    @property
    def training(self) -> int:
        """Forward and backward."""
        return TRAINING * self.total


def flops(parts: tuple[Part, ...], lengths: Lengths) -> Flops:
    """What a forward pass over a text of these lengths costs. Raises UnknownCostError where a part does not tell."""
    text, encoder = _sides(parts, lengths)
    return Flops(lengths, text, encoder)


def component_cost(parts: tuple[Part, ...], place: Place, lengths: Lengths) -> Cost | None:
    """What all copies of `parts` at their place cost; None where one does not tell."""
    if not place.told:
        return None
    try:
        return Cost().plus(_cost(parts, passing_at(place, lengths), lengths, place.within), place.passes)
    except UnknownCostError:
        return None


def _sides(parts: tuple[Part, ...], lengths: Lengths) -> tuple[Cost, Cost]:
    """The cost of the text's side and of the encoder's, told apart outside of the layers."""
    text = encoder = Cost()
    for part in parts:
        match part:
            case Stream(tokens="encoder"):
                encoder = encoder.plus(_cost(part.parts, "encoder", lengths))
            case Scope():
                inner, inner_encoder = _sides(part.parts, lengths)
                text, encoder = text.plus(inner), encoder.plus(inner_encoder)
            case _:
                text = text.plus(_cost((part,), "text", lengths))
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
            case Stream() | Again():
                total = total.plus(_cost(part.parts, passing(part.tokens, tokens, lengths), lengths, within))
            case Repeat():
                if not within and not mixes((part,)):
                    raise UnknownCostError(f"{part.name}: no part tells how tokens see each other")
                for group in part.groups:
                    total = total.plus(_cost(group.parts, tokens, lengths, within=True), group.passes)
            case Experts():
                total = total.plus(_cost(part.parts, tokens, lengths, within=True), part.active)
            case Attend():
                total = total.plus(Cost(scores=scores(part, tokens, lengths)))
            case Products():
                total = total.plus(Cost(scores=part.flops(lengths.of(tokens))))
    return total


def passing(tokens: Passing, around: Tokens, lengths: Lengths) -> Tokens:
    """What passes through a stream, given what passes through the parts around it."""
    return tokens(lengths.of(around)) if callable(tokens) else tokens


def passing_at(place: Place, lengths: Lengths) -> Tokens:
    """What passes through parts at their place."""
    tokens: Tokens = "text"
    for step in place.tokens:
        tokens = passing(step, tokens, lengths)
    return tokens


def _product(tensor: Tensor, tokens: Tokens, lengths: Lengths) -> Cost:
    if tensor.use == "unknown":
        raise UnknownCostError(f"{tensor.name}: a tensor of which nobody says what a token does with it")
    if tensor.use != "matmul":
        return Cost()
    return Cost(weights=2 * tensor.size * lengths.of(tokens))


def scores(attention: Attend, tokens: Tokens, lengths: Lengths) -> int:
    """Operations between queries and keys, and between what comes of that and the values."""
    queries = lengths.of(tokens)
    keys = lengths.of("encoder") if attention.across else queries
    scored = attention.pairs(queries, keys) * attention.head_dim
    mixed = attention.value_pairs(queries, keys) * attention.value_dim
    return 2 * attention.heads * (scored + mixed)
