"""A column of a comparison: what it says of a model, raw and for a person."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from zoo.conditions import Conditions
from zoo.model import Model
from zoo.text import binary

Value: TypeAlias = int | float | str | None
"""A cell: a number as it is, a text, or None where the model has no such thing."""

UNITS = frozenset(("", "parameters", "bytes", "FLOP", "tokens", "bits", "share"))
"""What values may be numbers of; 0.216 is a share of 21.6 %."""

_STATED: Mapping[str, Callable[[Conditions], str]] = {
    "length": lambda at: f"{at.length:,} tokens" if at.length else "",
    "encoder_length": lambda at: f"{at.encoder_length:,} read" if at.encoder_length else "",
    "batch": lambda at: f"batch {at.batch:,}" if at.batch > 1 else "",
    "dtype": lambda at: at.dtype or "",
    "cache_dtype": lambda at: at.kept_in or "",
    "optimizer": lambda at: at.optimizer,
    "zero": lambda at: f"ZeRO {at.zero} on {at.devices:,}" if at.zero else "",
    "rank": lambda at: f"rank {at.rank:,}",
    "fits": lambda at: binary(at.fits) if at.fits else "",
}
_OWN = {"length": "own length", "dtype": "own dtype", "cache_dtype": "own dtype"}
"""What a header states of conditions: as they are given, and where they are not, so that each model has its own."""

AT = frozenset(_STATED)
"""The conditions that a header may state."""


class Column(NamedTuple):
    """A column: its name on the command line, its header, and the raw value of a model.

    text: the value as a person reads it by itself; order: what to sort by, where the value itself will not do; missing:
    what stands where there is none; at: those of AT on which it depends; why: the reason why it is not known of a
    model. unit: one of UNITS, of the raw value.
    signed: whether it is a difference; beside: the column to which it is one, and whose numbers it is written like.
    """

    name: str
    header: str
    value: Callable[[Model], Value]
    text: Callable[[Any], str] | None = None
    order: Callable[[Model], float] | None = None
    numeric: bool = True
    missing: str = "-"
    at: tuple[str, ...] = ()
    why: Callable[[Model], str | None] | None = None
    unit: str = ""
    signed: bool = False
    beside: "Column | None" = None

    @property
    def key(self) -> str:
        """What a program calls the column: its name, and the unit of its values where the name does not tell."""
        told = self.unit in ("", "parameters", "FLOP", "share") or self.unit in self.name
        return self.name if told else f"{self.name}_{self.unit}"

    def title(self, conditions: Conditions, unit: str = "", own: bool = False) -> str:
        """The header, with the unit of the numbers below it, and the conditions for which they are told.

        own: whether it is said, too, that each model has a length or a dtype of its own, as none is stated.
        """
        stated = [_STATED[name](conditions) or (_OWN.get(name, "") if own else "") for name in self.at]
        told = [word for word in dict.fromkeys((unit, *stated)) if word and word not in self.header]
        return f"{self.header} ({', '.join(told)})" if told else self.header

    def cell(self, model: Model) -> str:
        """The value as a person reads it by itself: thousands separated, `missing` for what there is not."""
        return self.written(self.value(model))

    def written(self, value: Value) -> str:
        """A value of the column, the same way."""
        if value is None:
            return self.missing
        if self.text is not None:
            return self.text(value)
        sign = "+" if self.signed else ""
        if self.unit == "share" and not isinstance(value, str):
            return f"{value:{sign}.1%}"
        if isinstance(value, float):
            return f"{value:{sign},.4f}".rstrip("0").rstrip(".")
        return f"{value:{sign},}" if isinstance(value, int) else value

    def raw(self, value: Value) -> int | float | str:
        """A value as a program reads it; nothing for what there is not, but a word for what is not known."""
        if value is None:
            return "" if self.missing == "-" else self.missing
        return value

    def rank(self, model: Model) -> tuple[bool, float, str]:
        """What a model that has the value is sorted by: numbers before texts."""
        value = self.value(model) if self.order is None else self.order(model)
        return (False, value, "") if isinstance(value, int | float) else (True, 0, str(value).lower())
