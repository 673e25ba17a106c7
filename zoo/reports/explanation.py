"""How a count comes about, for a reader: `zoo explain`."""

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

from zoo.dims import Notation, Polynomial, constant, latex, python, text, written
from zoo.errors import ZooError
from zoo.formats import RECORDS, draw, headed, json_text
from zoo.formats.mathtables import MathTable, document, names
from zoo.hub.access import USUAL, Access
from zoo.loading import load
from zoo.measures.explanation import Explanation, Rule, Section, Symbol, Term, worth
from zoo.model import Model
from zoo.reports.identity import identity
from zoo.sources import Paths, Reference
from zoo.text import near, shown

STYLES = ("text", "markdown", "latex", *RECORDS)


Row: TypeAlias = tuple[str, str, str, str, str]


class ExplainReport(NamedTuple):
    """An explanation as text, markdown, LaTeX, JSON or JSON Lines."""

    explanation: Explanation

    def __str__(self) -> str:
        return self.render()

    def record(self) -> dict[str, Any]:
        """Symbols with their values, and formulas as Python expressions in them, which evaluate to the counts."""
        found = self.explanation
        notation = python(found.names)
        return {
            **identity(found.model),
            "parameters": found.parameters,
            "formula": found.formula,
            "symbols": [symbol._asdict() for symbol in found.symbols],
            "components": [
                {
                    "module": section.module,
                    "times": written(section.times, notation),
                    "formula": written(section.formula, notation),
                    "parameters": section.value,
                    "terms": [
                        {
                            "label": term.label,
                            "role": term.role,
                            "formula": written(term.formula, notation),
                            "parameters": term.value,
                            "note": term.note,
                        }
                        for term in section.terms
                    ],
                }
                for section in found.sections
            ],
            "rule_of_thumb": self._rule_record(notation),
        }

    def _rule_record(self, notation: Notation) -> dict[str, Any] | None:
        rule = self.explanation.rule
        if rule is None:
            return None

        def one(label: str, formula: Polynomial) -> dict[str, Any]:
            return {"label": label, "formula": written(formula, notation), "parameters": worth(formula)}

        return {
            "formula": written(rule.formula, notation),
            "parameters": rule.value,
            "error": self.explanation.rule_error,
            "terms": [{**one(term.label, term.rule), "really": one(term.label, term.really)} for term in rule.terms],
            "left_out": [one(label, formula) for label, formula in rule.left_out],
        }

    def render(self, style: str = "text") -> str:
        """In a style of STYLES; LaTeX is a fragment that needs no package. Raises ZooError for another style."""
        if style not in STYLES:
            raise ZooError(f"no format {shown(style)}{near(style, STYLES)} (there are {', '.join(STYLES)})")
        if style in RECORDS:
            return json_text(self.record(), style)
        if style == "latex":
            return document(self.tables(latex(names(self.explanation.names))))
        drawn = "markdown" if style == "markdown" else "table"
        return "\n\n".join(
            headed([table.title], draw(table.headers, table.rows, table.numeric, drawn), drawn)
            for table in self.tables(text(self.explanation.names))
        )

    def tables(self, notation: Notation) -> Iterator[MathTable]:
        """The tables that it is told by, in a notation."""
        found = self.explanation
        rule = written(found.rule.formula, text(found.names)) if found.rule else ""
        yield MathTable(
            f"{found.model.name}: {found.model.class_name}, {found.parameters:,} parameters",
            ("component", "formula", "with numbers", "parameters", "note"),
            list(self._rows(notation)),
            (False, False, False, True, False),
            math=(1, 2),
        )
        yield MathTable(
            "The symbols, and the fields of the config that they stand for:",
            ("symbol", "field", "value", "from"),
            [
                (notation.atom(atom), _field(symbol), f"{symbol.value:,}", symbol.origin)
                for atom, symbol in zip(found.names, found.symbols, strict=True)
            ],
            (False, False, True, False),
            math=(0,),
        )
        if found.rule is not None:
            yield MathTable(
                f"The rule of thumb {rule}: {found.rule.value:,}, which is {found.rule_error:+.2%} off:",
                ("term", "rule", "gives", "really", "is"),
                list(self._compared(found.rule, notation)),
                (False, False, True, False, True),
                math=(1, 3),
            )

    def _rows(self, notation: Notation) -> Iterator[Row]:
        """The terms of each component, what they come to, and what all copies do."""
        for section in self.explanation.sections:
            if len(section.terms) == 1 and not section.stack:
                yield self._row(section.module, section.terms[0].formula, notation, section.terms[0].note)
                continue
            yield section.module, "", "", "", ""
            for term in section.terms:
                yield self._row(f"   {term.label}", term.formula, notation, self._note(section, term))
            together = "   one layer" if section.stack else "   together"
            yield together, written(section.formula, notation), "", f"{worth(section.formula):,}", ""
            if section.times != constant(1):
                yield self._copies(section, notation)
        yield "total", "", "", f"{self.explanation.parameters:,}", ""

    def _row(self, label: str, formula: Polynomial, notation: Notation, note: str) -> Row:
        return label, written(formula, notation), written(formula, notation.filled()), f"{worth(formula):,}", note

    def _copies(self, section: Section, notation: Notation) -> Row:
        times, one = worth(section.times), worth(section.formula)
        factor = written(section.times, notation)
        factor = f"({factor})" if len(section.times.terms) > 1 else factor
        product = notation.times.join((factor, f"({written(section.formula, notation)})"))
        numbers = notation.filled()
        passes = worth(section.passes)
        note = "" if passes == times else f"a token passes through {passes:,}, the same ones again"
        put_in = numbers.times.join((numbers.number(times), numbers.number(one)))
        return f"   all {times:,}", product, put_in, f"{section.value:,}", note

    def _note(self, section: Section, term: Term) -> str:
        """What the term is; and for one that the rule of thumb knows, how that fits."""
        rule = self.explanation.rule
        if not (section.stack and rule and term.role in rule.layer) or term.formula == rule.layer[term.role]:
            return term.note
        says = rule.layer[term.role]
        fits = "as much as" if worth(says) == term.value else f"{term.value / worth(says) - 1:+.0%} against"
        return "; ".join(filter(None, (term.note, f"{fits} {written(says, text(self.explanation.names))}")))

    def _compared(self, rule: Rule, notation: Notation) -> Iterator[Row]:
        for term in rule.terms:
            yield (
                term.label,
                written(term.rule, notation),
                f"{worth(term.rule):,}",
                written(term.really, notation),
                f"{worth(term.really):,}",
            )
        for label, formula in rule.left_out:
            yield f"left out: {label}", "", "", written(formula, notation), f"{worth(formula):,}"


def _field(symbol: Symbol) -> str:
    """The key of config.json, and the field's standard name where that is another."""
    if symbol.key in (None, symbol.field):
        return symbol.field or "-"
    return f"{symbol.key} ({symbol.field})"


def explain(
    reference: Reference | Model,
    *,
    as_: str | None = None,
    strict: bool = False,
    registries: Paths = (),
    access: Access = USUAL,
) -> ExplainReport:
    """How the count of a model comes about. The arguments as in `zoo.load`."""
    if not isinstance(reference, Model):
        reference = load(reference, as_=as_, strict=strict, registries=registries, access=access)
    return ExplainReport(reference.explain())
