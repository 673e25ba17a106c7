"""How a count comes about: each component by its formula in the config's fields, derived from the parts that count.

The architecture states its parts a second time, at dimensions that remember their symbols (see `zoo.dims`); the
formulas are what the same sums and products then give. Beside the whole stands the rule of thumb 12·L·H² + V·H.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

from zoo.blueprint import Attend, Experts, Part, Repeat, Scope, State, Stream, Tensor, folded
from zoo.config import Config
from zoo.dims import Atom, FieldAtom, LayersAtom, Polynomial, constant, formula, python, text, written
from zoo.measures.counts import attentions, depths, heads_text, mixes
from zoo.measures.roles import function, holds_experts, layered, transparent

if TYPE_CHECKING:
    from zoo.model import Model

Role = Literal["embedding", "attention", "cross-attention", "MLP", "other"]
"""What the rule of thumb tells apart: word embeddings, attention, MLP; it knows nothing of the rest."""

NORMS = "norms and biases"
ONCE = constant(1)


class Symbol(NamedTuple):
    """What a formula calls a number. field: the field of the config that it is, if it is one; key: what config.json
    calls that. origin: "given", or
    "default", with what that follows from; of a number of layers, which they are.
    """

    symbol: str
    field: str | None
    key: str | None
    value: int
    origin: str


class Term(NamedTuple):
    """Some tensors of a component. formula: their parameters in one copy of it; value: what that is."""

    label: str
    role: Role
    formula: Polynomial
    note: str = ""

    @property
    def value(self) -> int:
        """Parameters in one copy of the component."""
        return worth(self.formula)


class Section(NamedTuple):
    """A component, of which there are `times` equal copies, and the terms that one is the sum of.

    stack: what the layers are called that it is some of; None where it is no layer. passes: through how many copies a
    token passes, which is more than there are where layers are used again.
    """

    module: str
    times: Polynomial
    terms: tuple[Term, ...]
    passes: Polynomial
    stack: str | None = None

    @property
    def formula(self) -> Polynomial:
        """Parameters of one copy."""
        return total(term.formula for term in self.terms)

    @property
    def value(self) -> int:
        """Parameters of all copies."""
        return worth(self.times) * worth(self.formula)


class Compared(NamedTuple):
    """A term of the rule of thumb, and what stands in its place in the model."""

    label: str
    rule: Polynomial
    really: Polynomial


class Rule(NamedTuple):
    """The rule of thumb 12·L·H² + V·H at a model's L, H and V. left_out: what it has no term for.

    layer: what it says of attention and MLP in one layer.
    """

    formula: Polynomial
    layer: Mapping[Role, Polynomial]
    terms: tuple[Compared, ...]
    left_out: tuple[tuple[str, Polynomial], ...]

    @property
    def value(self) -> int:
        """What the rule gives."""
        return worth(self.formula)


class Explanation(NamedTuple):
    """The parameters of a model as a sum of formulas.

    rule: None where the model has no L, H or V to put into it.
    """

    model: "Model"
    symbols: tuple[Symbol, ...]
    names: Mapping[Atom, str]
    sections: tuple[Section, ...]
    rule: Rule | None

    @property
    def parameters(self) -> int:
        """What the formula gives: the exact count."""
        return sum(section.value for section in self.sections)

    @property
    def formula(self) -> str:
        """The whole as a Python expression in the symbols: `V*H + L*(4*H**2 + 2*H*F + 9*H + F)`."""
        notation = python(self.names)
        found = []
        for section in self.sections:
            times, inner = written(section.times, notation), written(section.formula, notation)
            factor = f"({times})" if len(section.times.terms) > 1 else times
            if inner != "0":
                found.append(inner if times == "1" else f"{factor}*({inner})")
        return " + ".join(found) or "0"

    @property
    def rule_error(self) -> float | None:
        """By how much of the exact count the rule is off: -0.0157 for 1.57 % too little."""
        return self.rule.value / self.parameters - 1 if self.rule and self.parameters else None


def worth(formula: Polynomial) -> int:
    """A formula's value at the config that it was traced at."""
    return formula.at(lambda atom: atom.value)


def total(formulas: Iterable[Polynomial]) -> Polynomial:
    """Their sum."""
    found = constant(0)
    for one in formulas:
        found = found.plus(one)
    return found


def explain(model: "Model") -> Explanation:
    """The formulas of a model, traced through the definition that counts it."""
    config = model.config.traced()
    parts = type(model.architecture)(config).parts(model.class_name)
    sections = tuple(_merged(_sections(parts)))
    rule = _rule(config.dimension("vocab_size"), config.dimension("hidden_size"), sum(depths(parts)), sections)
    formulas = [rule.formula] if rule else []
    for section in sections:
        formulas += [section.times, *(term.formula for term in section.terms)]
    names = dict(_names(dict.fromkeys(atom for formula in formulas for atom in formula.atoms())))
    symbols = tuple(_symbol(atom, name, config, model.given, names) for atom, name in names.items())
    return Explanation(model, symbols, names, sections, rule)


# --- symbols ---------------------------------------------------------------------------------------------------------


def _names(atoms: Iterable[Atom]) -> Iterator[tuple[Atom, str]]:
    """What formulas call the atoms, the fields first."""
    found = list(atoms)
    fields = [atom for atom in found if isinstance(atom, FieldAtom)]
    yield from ((atom, atom.symbol) for atom in sorted(fields, key=lambda atom: atom.place))
    layers = [atom for atom in found if isinstance(atom, LayersAtom)]
    yield from ((atom, f"n_{number}") for number, atom in enumerate(layers, 1))


def _symbol(atom: Atom, name: str, config: Config, given: frozenset[str], names: Mapping[Atom, str]) -> Symbol:
    """`config`: traced, so that it tells what a default follows from."""
    if not isinstance(atom, FieldAtom):
        assert isinstance(atom, LayersAtom)
        which = f"{'layer' if atom.value == 1 else 'layers'} {atom.numbers}"
        return Symbol(name, None, None, atom.value, f"{which} of {written(atom.layers, text(names))}")
    follows, origin = config.fields[atom.field].follows, "given" if atom.field in given else "default"
    if origin == "default" and follows:
        source = formula(follows(vars(config)))
        if all(inner in names for inner in source.atoms()):
            origin = f"default, {written(source, text(names))}"
    return Symbol(name, atom.field, config.key(atom.field), atom.value, origin)


# --- components ------------------------------------------------------------------------------------------------------


def _sections(
    parts: tuple[Part, ...], path: str = "", times: Polynomial = ONCE, passes: Polynomial = ONCE
) -> Iterator[Section]:
    """The components of a model, opened up as far as to its layers."""
    for part in parts:
        match part:
            case Stream():
                yield from _sections(part.parts, path, times, passes)
            case Scope() if layered(part.parts):
                yield from _sections(part.parts, f"{path}{part.name}.", times, passes)
            case Repeat():
                for group in part.groups:
                    name = path + part.numbered(folded(group.numbers))
                    number, passed = times.times(formula(group.layers)), passes.times(formula(group.passes))
                    if all(isinstance(inner, Repeat) for inner in group.parts):
                        yield from _sections(group.parts, f"{name}.", number, passed)
                    else:
                        yield Section(name, number, tuple(_layer(group.parts)), passed, path + part.name)
            case Scope() | Experts() | Tensor():
                terms = tuple(_leaf(part.parts if isinstance(part, Scope) else (part,)))
                if terms:
                    yield Section(path + part.name, times, terms, passes)


def _merged(sections: Iterable[Section]) -> Iterator[Section]:
    """Layers of one stack that differ in no formula, only in their windows, say, as one component."""
    found: dict[object, Section] = {}
    for section in sections:
        key = (section.stack or section.module, section.terms)
        if section.stack and key in found:
            times, passes = found[key].times.plus(section.times), found[key].passes.plus(section.passes)
            module = f"{found[key].module} and {section.module.removeprefix(f'{section.stack}.')}"
            found[key] = section._replace(module=module, times=times, passes=passes)
        else:
            found[key] = section
    yield from found.values()


def _layer(parts: tuple[Part, ...]) -> Iterator[Term]:
    """The terms of a layer: attention, MLP, and what the formulas of papers leave out."""
    told = mixes(parts)  # else nobody says which matrices are attention's
    mlp: list[str] = []
    inner = constant(0)
    rest: list[tuple[str, Polynomial]] = []
    for part in transparent(parts):
        matrices = _held((part,), "matmul")
        name = "" if isinstance(part, Attend | State) else part.name
        match function(part, told):
            case "experts":
                yield from _mixture((part,), name)
            case "attention" | "cross-attention" as role:
                label = role if name == role else f"{role} ({name})"
                yield Term(label, role, matrices, heads_text(next(attentions((part,)))))
            case "state space":
                yield Term(f"state space ({name})", "other", matrices)
            case _ if matrices.terms:
                mlp.append(name)
                inner = inner.plus(matrices)
        rest += [(f"{name}: tables", _held((part,), "lookup"))]
    if mlp and told:
        yield Term("MLP" if mlp == ["mlp"] else f"MLP ({', '.join(mlp)})", "MLP", inner)
    elif mlp:
        yield Term(f"matrices ({', '.join(mlp)})", "other", inner)
    yield from (Term(label, "other", formula) for label, formula in rest if formula.terms)
    yield from _norms(parts)


def _mixture(parts: tuple[Part, ...], path: str) -> Iterator[Term]:
    """Experts, and what stands beside them: a router, experts that are always used."""
    for part in transparent(parts):
        if isinstance(part, Experts):
            note = f"{part.active} of {part.number} used by a token"
            yield Term(f"experts ({path})", "MLP", _held((part,), "matmul"), note)
        elif isinstance(part, Scope) and holds_experts(part.parts):
            yield from _mixture(part.parts, path)
        elif isinstance(part, Scope | Tensor) and _held((part,), "matmul").terms:
            yield Term(f"{part.name} ({path})", "other", _held((part,), "matmul"))


def _leaf(parts: tuple[Part, ...]) -> Iterator[Term]:
    """The terms of a component that is no layer: each table and matrix by its name."""
    for name, tensor in _tensors(parts):
        if tensor.use in ("matmul", "lookup"):
            role: Role = "embedding" if tensor.use == "lookup" and _of_words(tensor) else "other"
            held = constant(0) if tensor.tied_to else formula(tensor.size)
            yield Term(name, role, held, f"tied to {tensor.tied_to}" if tensor.tied_to else "")
    yield from _norms(parts)


def _norms(parts: tuple[Part, ...]) -> Iterator[Term]:
    for label, kind in ((NORMS, "vector"), ("other tensors", "other")):
        held = _held(parts, kind)
        if held.terms:
            yield Term(label, "other", held)


def _of_words(table: Tensor) -> bool:
    return any(isinstance(atom, FieldAtom) and atom.field == "vocab_size" for atom in formula(table.size).atoms())


def _tensors(parts: tuple[Part, ...], path: str = "") -> Iterator[tuple[str, Tensor]]:
    """Each tensor with its module's name within the component."""
    for part in parts:
        match part:
            case Tensor():
                yield path or part.name, part
            case Scope():
                yield from _tensors(part.parts, f"{path}.{part.name}" if path else part.name)
            case Stream():
                yield from _tensors(part.parts, path)


def _kind(tensor: Tensor) -> str:
    """What formulas tell apart: matrices, tables, the vectors of norms and biases, and what is none of these."""
    if tensor.use in ("matmul", "lookup"):
        return tensor.use
    return "vector" if len(tensor.shape) == 1 else "other"


def _held(parts: tuple[Part, ...], kind: str) -> Polynomial:
    """Parameters of one kind in all the parts."""
    found = constant(0)
    for part in parts:
        match part:
            case Tensor(tied_to=None) if _kind(part) == kind:
                found = found.plus(formula(part.size))
            case Scope() | Stream():
                found = found.plus(_held(part.parts, kind))
            case Experts():
                found = found.plus(_held(part.parts, kind).times(formula(part.number)))
            case Repeat():
                for group in part.groups:
                    found = found.plus(_held(group.parts, kind).times(formula(group.layers)))
    return found


# --- the rule of thumb -----------------------------------------------------------------------------------------------


def _rule(words: int | None, width: int | None, depth: int, sections: tuple[Section, ...]) -> Rule | None:
    """12·L·H² + V·H, as the papers on BERT and GPT-3 are read: four projections H × H and an MLP of 8·H² a layer."""
    if words is None or width is None or not depth:
        return None
    V, H, L = words, width, depth
    layer: dict[Role, int] = {"attention": 4 * H**2, "MLP": 8 * H**2}
    rules: dict[Role, int] = {"embedding": V * H, **{role: L * held for role, held in layer.items()}}
    really: dict[str, list[Polynomial]] = {}
    for section in sections:
        for term in section.terms:
            kind = term.role if term.role in rules else _left_out(section, term)
            really.setdefault(kind, []).append(section.times.times(term.formula))
    sums = {kind: total(found) for kind, found in really.items()}
    terms = tuple(Compared(role, formula(rule), sums.pop(role, constant(0))) for role, rule in rules.items())
    return Rule(
        formula(12 * L * H**2 + V * H),
        {role: formula(held) for role, held in layer.items()},
        terms,
        tuple((kind, held) for kind, held in sums.items() if held.terms),
    )


def _left_out(section: Section, term: Term) -> str:
    """What to call a term that the rule knows nothing of."""
    if term.label == NORMS or section.stack:
        return term.label
    return section.module if len(section.terms) == 1 or term.label == "weight" else f"{section.module}.{term.label}"
