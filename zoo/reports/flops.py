"""What a forward pass and training cost, beside the rules of thumb for them: `zoo flops`.

The rules: a token costs 2N operations forward and 6N in training, so D tokens cost 6ND (Kaplan et al., 2020,
arXiv:2001.08361, section 2.1). N is without embeddings there, and elsewhere often with them. The rules leave out the
scores of attention, and take every parameter for one by which each token is multiplied. Tokens are those of the text
and, where an encoder works too, those that it reads.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from zoo.conditions import MeasureError
from zoo.formats import RECORDS, draw, headed, is_raw, json_text
from zoo.measures.flops import TRAINING, Cost, Flops
from zoo.model import Model
from zoo.reports.identity import identity
from zoo.text import operations, short, shown

_HEADERS = {
    "operations": "operations",
    "n": "N",
    "tokens": "tokens",
    "per_token": "per token",
    "forward": "forward",
    "training": "training",
    "training_d": "training on D",
    "error": "error",
}
_LARGEST_D = 10**18  # models are trained on more tokens than any dimension may have


class Side(NamedTuple):
    """What is done for the text, or by the encoder: how many tokens pass, and what they cost."""

    name: str
    tokens: int
    cost: Cost


class FlopsReport(NamedTuple):
    """A model and what a text costs it under its conditions; None where a part does not tell. d: tokens to train on."""

    model: Model
    flops: Flops | None
    d: int | None = None

    @property
    def sides(self) -> tuple[Side, ...]:
        """Text and encoder, if they cost anything."""
        if self.flops is None:
            return ()
        lengths, text, encoder = self.flops
        name = "decoder" if encoder.total else "text"
        sides = (Side(name, lengths.text or 0, text), Side("encoder", lengths.encoder or 0, encoder))
        return tuple(side for side in sides if side.cost.total)

    @property
    def tokens(self) -> int | None:
        """Tokens of both sides together; None where it is not known which cost anything."""
        return sum(side.tokens for side in self.sides) or None

    def exact(self) -> list[dict[str, Any]]:
        """What each side does, split, and all of it, with raw numbers; None is what is not known.

        forward, training: of one text. per_token: forward, of each of `tokens`. training_d: of D tokens in texts of
        this length, to the nearest whole number.
        """
        scores = "attention scores" if self.model.attentions() else "recurrent states"
        rows = [
            self._row(f"{side.name}: {what}", side.tokens, cost)
            for side in self.sides
            for what, cost in (("matmul weights", side.cost.weights), (scores, side.cost.scores))
        ]
        return [*rows, self._row("all", self.tokens, None if self.flops is None else self.flops.total)]

    def rules(self) -> list[dict[str, Any]]:
        """The same by the rules of thumb. n: the parameters that the rule takes. error: as a fraction of the exact."""
        model = self.model
        sizes = {"all": model.parameters, "non-embedding": model.parameters - model.embedding_parameters}
        if model.active_parameters != model.parameters:
            active = model.active_parameters
            sizes |= {"active": active, "active non-embedding": active - model.embedding_parameters}
        rows = []
        for which, n in sizes.items():
            forward = None if self.tokens is None else 2 * n * self.tokens
            row = self._row(f"2N, 6ND: N {which}", self.tokens, forward)
            rows.append(row | {"n": n, "per_token": 2 * n, "error": self.flops and self.flops.rule_error(n)})
        return rows

    def _row(self, name: str, tokens: int | None, forward: int | None) -> dict[str, Any]:
        """Values by the names of the columns; `forward` is what so many `tokens` of a text cost."""
        row = dict.fromkeys(_HEADERS) | {"operations": name, "tokens": tokens, "forward": forward}
        if forward is not None and tokens is not None and self.tokens is not None:
            training = TRAINING * forward
            row |= {"per_token": forward / tokens, "training": training}
            if self.d is not None:
                row["training_d"] = round(Fraction(training * self.d, self.tokens))
        return row

    def record(self) -> dict[str, Any]:
        """All of it, with the conditions."""
        model, lengths = self.model, {side.name: side.tokens for side in self.sides}
        return {
            **identity(model),
            "length": lengths.get("text", lengths.get("decoder")),
            "encoder_length": lengths.get("encoder"),
            "d": self.d,
            "exact": self.exact(),
            "rules": self.rules(),
        }

    def render(self, style: str = "table") -> str:
        """As text in any style of `zoo.compare`; csv, tsv, json and jsonl carry raw numbers.

        Raises ZooError for a style that there is not.
        """
        if style in RECORDS:
            return json_text(self.record(), style)
        columns = [name for name in _HEADERS if name != "training_d" or self.d is not None]
        raw = is_raw(style)
        return draw(
            columns if raw else [_HEADERS[name] for name in columns],
            [[_cell(name, row[name], raw) for name in columns] for row in (*self.exact(), *self.rules())],
            [name != "operations" for name in columns],
            style,
        )

    def heading(self) -> Iterator[str]:
        """What is told, under which conditions."""
        model = self.model
        yield f"{model.name}: {model.class_name}, operations of one text"
        if model.doubt:
            yield f"{model.status}: {model.doubt}"
        if self.flops is None:
            yield "unknown: a part does not tell what it costs"
            return
        lengths = ", ".join(f"{side.name} of {side.tokens:,} tokens" for side in self.sides)
        if len(self.sides) == 1 and self.sides[0].name == "text" and self.flops.lengths.encoder:
            lengths += f", attending to {self.flops.lengths.encoder:,} of an encoder"
        d = "" if self.d is None else f"; D is {self.d:,} tokens"
        yield f"{lengths}; a multiply-add is 2, training is {TRAINING} x forward{d}"

    def __str__(self) -> str:
        return headed(self.heading(), self.render(), "table")


def flops_report(model: Model, d: int | None = None) -> FlopsReport:
    """What a model costs under its conditions (see `Model.under`), and `d` tokens in training.

    Raises MeasureError for lengths that it cannot have, and a `d` that is none.
    """
    if d is not None and not 1 <= d <= _LARGEST_D:
        raise MeasureError(f"training tokens must be a whole number from 1 to {_LARGEST_D:,}, got {shown(d)}")
    return FlopsReport(model, model.flops(), d)


_UNKNOWN = ("tokens", "per_token", "forward", "training", "training_d")
"""Columns in which nothing stands only where it is not known."""


def _cell(name: str, value: Any, raw: bool) -> str:
    if value is None:
        return "unknown" if name in _UNKNOWN else ""
    if raw or isinstance(value, str):
        return str(value)
    match name:
        case "n":
            return short(value)
        case "tokens":
            return f"{value:,}"
        case "error":
            return f"{value:+.1%}"
    return operations(value)
