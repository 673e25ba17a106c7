"""Dimensions that remember: ints that carry, as a polynomial in the config's fields, what they were made of.

An architecture's methods work on them as on any int, so the definition that counts explains, too. A formula holds for
the branches that were taken on the way. Counting uses plain ints; tracing is paid for only when a formula is asked for.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import NamedTuple, TypeAlias

from zoo.blueprint import Kind, folded


@dataclass(frozen=True)
class FieldAtom:
    """A field of the config, written by its symbol. `place`: where it stands among the fields."""

    symbol: str
    field: str
    value: int
    place: int


@dataclass(frozen=True)
class LayersAtom:
    """How many of some layers are of one kind: those numbered `numbers` among the `layers`."""

    layers: "Polynomial"
    numbers: str
    value: int


@dataclass(frozen=True)
class FloorAtom:
    """A quotient rounded down, which is no polynomial."""

    numerator: "Polynomial"
    denominator: "Polynomial"
    value: int


Atom: TypeAlias = FieldAtom | LayersAtom | FloorAtom

Monomial: TypeAlias = tuple[tuple[Atom, int], ...]
"""Atoms with their powers, in their order. A negative power is of a divisor that leaves no remainder."""


class Polynomial(NamedTuple):
    """A sum of products: each monomial with its coefficient, none of which is 0."""

    terms: tuple[tuple[Monomial, int], ...]

    def plus(self, other: "Polynomial", sign: int = 1) -> "Polynomial":
        """The sum, or with a `sign` of -1 the difference."""
        found = dict(self.terms)
        for monomial, number in other.terms:
            found[monomial] = found.get(monomial, 0) + sign * number
        return polynomial(found.items())

    def times(self, other: "Polynomial") -> "Polynomial":
        """The product."""
        found: dict[Monomial, int] = {}
        for one, number in self.terms:
            for two, factor in other.terms:
                monomial = _product(one, two)
                found[monomial] = found.get(monomial, 0) + number * factor
        return polynomial(found.items())

    def atoms(self) -> Iterator[Atom]:
        """Every atom in it, and those within its quotients."""
        for monomial, _ in self.terms:
            for atom, _ in monomial:
                if isinstance(atom, FloorAtom):
                    yield from atom.numerator.atoms()
                    yield from atom.denominator.atoms()
                yield atom
                if isinstance(atom, LayersAtom):
                    yield from atom.layers.atoms()

    def at(self, values: Callable[[Atom], int]) -> int:
        """What it is worth where the fields and numbers of layers have these values."""
        total = 0
        for monomial, number in self.terms:
            divisor = 1
            for atom, power in monomial:
                value = (
                    atom.numerator.at(values) // atom.denominator.at(values)
                    if isinstance(atom, FloorAtom)
                    else values(atom)
                )
                if power > 0:
                    number *= value**power
                else:
                    divisor *= value**-power
            total += number // divisor
        return total


def polynomial(terms: Iterable[tuple[Monomial, int]]) -> Polynomial:
    """The terms in their order, highest degree first, without those that are 0."""
    return Polynomial(tuple(sorted((term for term in terms if term[1]), key=_order)))


def constant(value: int) -> Polynomial:
    """A plain number."""
    return polynomial([((), int(value))])


def formula(value: int) -> Polynomial:
    """What a dimension was made of; a plain number of nothing but itself."""
    return value.formula if isinstance(value, Dim) else constant(value)


def _product(one: Monomial, two: Monomial) -> Monomial:
    powers = dict(one)
    for atom, power in two:
        powers[atom] = powers.get(atom, 0) + power
    return tuple(sorted(((atom, power) for atom, power in powers.items() if power), key=lambda pair: _rank(pair[0])))


def _rank(atom: Atom) -> tuple[int, int, str]:
    match atom:
        case LayersAtom():
            return 0, 0, atom.numbers
        case FieldAtom():
            return 1, atom.place, atom.symbol
        case FloorAtom():
            return 2, 0, str(atom.value)


def _order(term: tuple[Monomial, int]) -> tuple[int, bool, list[tuple[tuple[int, int, str], int]]]:
    monomial, number = term
    return -sum(power for _, power in monomial), number < 0, [(_rank(atom), -power) for atom, power in monomial]


def _quotient(one: "Dim | int", two: "Dim | int") -> Polynomial:
    numerator, denominator = formula(one), formula(two)
    if numerator == denominator:
        return constant(1)
    if len(numerator.terms) == len(denominator.terms) == 1 and not int(one) % int(two):
        (above, number), (below, factor) = *numerator.terms, *denominator.terms
        if not number % factor:
            inverse = tuple((atom, -power) for atom, power in below)
            return polynomial([(_product(above, inverse), number // factor)])
    return polynomial([(((FloorAtom(numerator, denominator, int(one) // int(two)), 1),), 1)])


def _of_ints(operation: "Callable[[Dim, int], Dim]") -> "Callable[[Dim, int], Dim]":
    """The operation with an int; with anything else, as a float or a list, what that makes of any int."""

    @wraps(operation)
    def of_ints(dim: "Dim", other: int) -> "Dim":
        return operation(dim, other) if isinstance(other, int) else NotImplemented

    return of_ints


class Dim(int):
    """An int with the formula that it is the value of. What is done to it otherwise than below gives a plain int."""

    formula: Polynomial

    def __new__(cls, value: int, formula: Polynomial) -> "Dim":
        made = super().__new__(cls, value)
        made.formula = formula
        return made

    @_of_ints
    def __add__(self, other: int) -> "Dim":
        return Dim(int(self) + int(other), self.formula.plus(formula(other)))

    __radd__ = __add__

    @_of_ints
    def __sub__(self, other: int) -> "Dim":
        return Dim(int(self) - int(other), self.formula.plus(formula(other), -1))

    @_of_ints
    def __rsub__(self, other: int) -> "Dim":
        return Dim(int(other) - int(self), formula(other).plus(self.formula, -1))

    def __neg__(self) -> "Dim":
        return self * -1

    @_of_ints
    def __mul__(self, other: int) -> "Dim":
        return Dim(int(self) * int(other), self.formula.times(formula(other)))

    __rmul__ = __mul__

    @_of_ints
    def __floordiv__(self, other: int) -> "Dim":
        return Dim(int(self) // int(other), _quotient(self, other))

    @_of_ints
    def __rfloordiv__(self, other: int) -> "Dim":
        return Dim(int(other) // int(self), _quotient(other, self))

    def __pow__(self, power: int, modulus: None = None) -> "Dim":  # type: ignore[override]
        made = Dim(1, constant(1))
        for _ in range(power):
            made *= self
        return made


def traced(symbol: str, field: str, value: int, place: int) -> Dim:
    """A field of the config as a dimension that remembers."""
    return Dim(value, polynomial([(((FieldAtom(symbol, field, int(value), place), 1),), 1)]))


def shares(layers: int, groups: Sequence[Collection[int]]) -> list[Dim]:
    """How many of `layers` are in each of the groups that make them up: the largest is what the others leave."""
    whole = formula(layers)
    largest = max(range(len(groups)), key=lambda i: len(groups[i]))
    if len(groups) == 1:
        return [Dim(layers, whole)]
    found = [
        Dim(len(numbers), polynomial([(((LayersAtom(whole, folded(numbers), len(numbers)), 1),), 1)]))
        for numbers in groups
    ]
    others = sum((share for i, share in enumerate(found) if i != largest), Dim(0, constant(0)))
    found[largest] = Dim(len(groups[largest]), whole.plus(others.formula, -1))
    return found


def grouped_by_formula(kinds: Iterable[Kind]) -> list[tuple[Kind, list[int]]]:
    """Each kind of layer with its numbers; those whose dimensions only happen to be equal stay apart."""
    found: dict[tuple[Kind, object], list[int]] = {}
    for number, kind in enumerate(kinds):
        found.setdefault((kind, _made_of(kind)), []).append(number)
    return [(kind, numbers) for (kind, _), numbers in found.items()]


def _made_of(kind: object) -> object:
    if isinstance(kind, Dim):
        return kind.formula
    return tuple(map(_made_of, kind)) if isinstance(kind, tuple) else None


class Notation(NamedTuple):
    """How a formula is written: what atoms and numbers are called, and the signs between them.

    over: numerator and denominator, and whether the denominator is a product.
    """

    atom: Callable[[Atom], str]
    number: Callable[[int], str]
    power: Callable[[str, int], str]
    times: str
    over: Callable[[str, str, bool], str]
    floor: Callable[[str, str], str]
    minus: str = "-"
    dot: str = "·"
    """Between numbers, which cannot stand side by side."""

    def filled(self) -> "Notation":
        """The same with numbers put in for the atoms."""
        return self._replace(atom=lambda atom: self.number(atom.value), times=self.dot)


_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def text(names: Mapping[Atom, str]) -> Notation:
    """As people write it in plain text: `12·H²`."""
    return Notation(
        atom=names.__getitem__,
        number="{:,}".format,
        power=lambda base, power: base + str(power).translate(_SUPERSCRIPTS),
        times="·",
        over=lambda above, below, product: f"{above}/({below})" if product else f"{above}/{below}",
        floor=lambda above, below: f"⌊({above})/({below})⌋",
        minus="−",
    )


def python(names: Mapping[Atom, str]) -> Notation:
    """As Python, and sympy, evaluate it: `12*H**2`."""
    return Notation(
        atom=names.__getitem__,
        number=str,
        power=lambda base, power: f"{base}**{power}",
        times="*",
        over=lambda above, below, product: f"({above}//({below}))",
        floor=lambda above, below: f"(({above})//({below}))",
    )


def latex(names: Mapping[Atom, str]) -> Notation:
    r"""As LaTeX sets it in math: `12\,H^{2}`."""
    return Notation(
        atom=names.__getitem__,
        number=lambda value: f"{value:,}".replace(",", "{,}"),
        power=lambda base, power: f"{base}^{{{power}}}",
        times=r"\,",
        over=lambda above, below, product: rf"\frac{{{above}}}{{{below}}}",
        floor=lambda above, below: rf"\left\lfloor\frac{{{above}}}{{{below}}}\right\rfloor",
        dot=r"\cdot ",
    )


def written(formula: Polynomial, notation: Notation) -> str:
    """A polynomial in a notation: `4·H² + 9·H`."""
    found = ""
    for monomial, number in formula.terms:
        term = _term(monomial, abs(number), notation)
        sign = notation.minus if number < 0 else "+"
        found += f" {sign} {term}" if found else f"{sign}{term}" if number < 0 else term
    return found or "0"


def _term(monomial: Monomial, number: int, notation: Notation) -> str:
    # As papers have it, L·H² and not H²·L.
    above = [_power(atom, power, notation) for atom, power in sorted(monomial, key=lambda pair: pair[1]) if power > 0]
    below = [_power(atom, -power, notation) for atom, power in monomial if power < 0]
    if number != 1 or not above:
        above.insert(0, notation.number(number))
    numerator = notation.times.join(above)
    return notation.over(numerator, notation.times.join(below), len(below) > 1) if below else numerator


def _power(atom: Atom, power: int, notation: Notation) -> str:
    if isinstance(atom, FloorAtom):
        base = notation.floor(written(atom.numerator, notation), written(atom.denominator, notation))
    else:
        base = notation.atom(atom)
    return notation.power(base, power) if power > 1 else base
