"""Whether the formulas of `zoo explain` give the count, and remember each dimension they were made of."""

import keyword
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import takewhile
from typing import Any, ClassVar

from zoo.errors import ZooError
from zoo.measures.counts import tensors
from zoo.model import Model
from zoo.reports.explanation import ExplainReport
from zoo.testing.checks import Checks, Finding
from zoo.testing.configs import LAYERS, mixtures
from zoo.testing.outcomes import skip
from zoo.text import shown

CONFIGS = 3
"""Random configs of each class at which its formula is evaluated, beside the default."""


ENOUGH_LAYERS = 24
"""Layers from which fields are moved: so many that none of their kinds is left with one layer, or with none."""

LEAST = 8
"""Sizes below it that happen to be the value of a field are no copies of it."""


SAME = 20
"""Characters of two formulas that are shown before the first in which they differ."""


def evaluated(expression: str, symbols: Sequence[Mapping[str, Any]]) -> int:
    """What a formula gives at the values of its symbols, by sympy: by no code of zoo's.

    Raises ValueError where that is no whole number.
    """
    import sympy

    # As symbols, whatever else sympy would take E, N or S for.
    names = {symbol["symbol"]: sympy.Symbol(symbol["symbol"], integer=True) for symbol in symbols}
    found = sympy.sympify(expression, locals=names).subs(
        {names[symbol["symbol"]]: symbol["value"] for symbol in symbols}
    )
    if not found.is_Integer:
        raise ValueError(f"{expression} is {found}")
    return int(found)


class FormulaChecks(Checks):
    """The formulas of the type, in Python's notation as `zoo explain --format json` has them."""

    checks: ClassVar[tuple[str, ...]] = ("formula", "remembers")

    def test_formula(self) -> None:
        """At the default and at random configs of each class the formula, and that of each component, is the count."""
        try:
            import sympy  # noqa: F401
        except ImportError:
            skip("needs sympy, which evaluates formulas: pip install 'paramzoo[testing]'")
        self.hold("formula", lambda suite: [*suite._symbols(), *suite._formulas()])

    def _symbols(self) -> Iterator[Finding]:
        taken: dict[str, str] = {}
        for name, field in self.config_class.fields.items():
            if field.symbol and (not field.symbol.isidentifier() or keyword.iskeyword(field.symbol)):
                yield Finding(name, f"{name}: {shown(field.symbol)} is no name, as a symbol must be: H, F_E, n_heads")
            elif field.symbol and taken.setdefault(field.symbol, name) != name:
                yield Finding(name, f"{name}: the symbol {field.symbol} is that of {taken[field.symbol]}: give another")

    def _formulas(self) -> Iterator[Finding]:
        for class_name in self.classes:
            chance = self.chance("formula", class_name)
            tries = mixtures(self.space, partial(self.tried, class_name=class_name), chance, CONFIGS)
            for fields, model in [({}, self.tried({}, class_name)), *tries]:
                if model is not None and (wrong := _wrong(model)):
                    yield Finding(class_name, f"{class_name} at {fields or 'the default config'}: {wrong}")
                    break

    def test_dimensions_are_remembered(self) -> None:
        """Where a field moves its symbol does, and the formula stays: no number of the config was left in it."""
        self.hold("remembers", lambda suite: [*suite._literal(), *suite._remembered()])

    def _literal(self) -> Iterator[Finding]:
        """Sizes of tensors that are plain numbers, and those of a field that just has that value."""
        found: dict[str, str] = {}
        for class_name in self.classes:
            config = self.load({}, class_name).config
            fields = {value: name for name, value in vars(config).items() if type(value) is int and value >= LEAST}
            for tensor in tensors(self.architecture(config.traced()).parts(class_name)):
                for size in tensor.shape:
                    if type(size) is int and size in fields:
                        found.setdefault(fields[size], f"{tensor.name} {list(tensor.shape)}: {size} is a plain number")
        for field, text in found.items():
            yield Finding(field, f"{text}, and {field} is that by default: take it from the config")

    def _remembered(self) -> Iterator[Finding]:
        usual = self.classes[0]
        start = self._with_layers()
        before = ExplainReport(self.load(start, usual).explain()).record()
        keys = {symbol["field"]: symbol["key"] for symbol in before["symbols"] if symbol["key"]}
        values = vars(self.load(start, usual).config)
        moving = False
        for field, key in keys.items():
            value = values[field]
            others = (value * 2, value // 2, value + 2)
            moved = [model for other in others if (model := self.tried({**start, key: other}, usual))]
            after = [ExplainReport(model.explain()).record() for model in moved]
            moving |= bool(after)
            if after and all(record["formula"] != before["formula"] for record in after):
                yield Finding(
                    field,
                    f"{field}: when it moves, the formula does not stay as it is: {_apart(before, after[0])}. "
                    "Make shapes of the config's own fields by +, -, *, // and **; or except it, if it opens a branch",
                )
        if not moving:
            yield Finding("", "no field that the formula holds can be moved, so nothing shows that it is remembered")

    def _with_layers(self) -> dict[str, int]:
        """The default config with layers enough, where it can be built with them."""
        config = self.load({}, self.classes[0]).config
        numbers = {self.config_class.key(name): config.dimension(name) for name in LAYERS}
        more = {key: ENOUGH_LAYERS for key, number in numbers.items() if key and number and number < ENOUGH_LAYERS}
        return more if self.tried(more, self.classes[0]) else {}


def _wrong(model: Model) -> str:
    """What a formula of the model gives that is not the count; empty where all do."""
    try:
        record = ExplainReport(model.explain()).record()
        symbols = record["symbols"]
        total = evaluated(record["formula"], symbols)
        if total != model.parameters:
            return f"{record['formula']} is {total:,}, and the count {model.parameters:,}"
        for part in record["components"]:
            found = evaluated(part["times"], symbols) * evaluated(part["formula"], symbols)
            if found != part["parameters"]:
                return (
                    f"{part['module']}: {part['times']} of {part['formula']} is {found:,}, not {part['parameters']:,}"
                )
    except (ZooError, ValueError) as error:
        return f"no formula: {error}"
    return ""


def _apart(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """The first component of which two records have other formulas."""
    for one, two in zip(before["components"], after["components"], strict=False):
        if one["formula"] != two["formula"]:
            return f"{one['module']}: {becomes(one['formula'], two['formula'])}"
    return becomes(before["formula"], after["formula"])


def becomes(before: str, after: str) -> str:
    """Both formulas from shortly before where they differ."""
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
    start = max(0, same - SAME)
    mark = "…" if start else ""
    return f"{shown(mark + before[start:])} becomes {shown(mark + after[start:])}"
