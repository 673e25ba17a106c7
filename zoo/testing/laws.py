"""Laws that what a model is said to cost obeys, whatever it is: held against its tensors, which a truth has proved.

Each law is a function of a model that yields what breaks it.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TypeAlias

from zoo.blueprint import Attend, Shape
from zoo.conditions import MeasureError
from zoo.dims import Polynomial, formula
from zoo.errors import ZooError
from zoo.measures.cache import Cache
from zoo.measures.counts import mixes
from zoo.measures.flops import Flops
from zoo.model import Model
from zoo.testing.checks import Finding
from zoo.testing.walks import passed, scopes, scored, stacks, tables, wide

LENGTHS = (1, 3, 17, 64)
"""Tokens for which costs are told, ascending."""

BEYOND = 10**9
"""More tokens than any table of positions holds."""

WRITING = ("ForCausalLM", "LMHeadModel", "ForConditionalGeneration")
"""How the names of classes end that write a text word by word."""

Law: TypeAlias = Callable[[Model], Iterator[Finding]]


def told(model: Model, length: int) -> tuple[Flops | None, Cache | None]:
    """What so many tokens cost, and as many of the encoder where there is one; None for what nobody tells.

    Raises PluginError where a function among the parts fails, MeasureError where there are no positions for so many.
    """
    encoder = length if model.lengths(1).encoder else None
    return model.flops(length, encoder_length=encoder), model.cache(length, encoder_length=encoder)


def numbers(model: Model) -> Iterator[Finding]:
    """Costs are whole, never negative, and no less for a longer text; no function that tells them fails."""
    name, before = model.class_name, [0, 0]
    for length in LENGTHS:
        try:
            flops, cache = told(model, length)
        except MeasureError:  # there are no positions for so many
            return
        except ZooError as error:
            yield Finding(name, f"{name} at {length} tokens: {error}")
            return
        operations = [*flops.text, *flops.encoder] if flops else []
        kept = [kept.total for kept in cache.kept] if cache else []
        if strange := [number for number in (*operations, *kept) if not isinstance(number, int) or number < 0]:
            line = f"{name} at {length} tokens: {strange[0]!r} operations, or numbers kept, which cannot be"
            yield Finding(name, f"{line}: the functions of attend, products and stream give whole numbers from 0")
            return
        now = [sum(operations), sum(kept)]
        for what, less, more in zip(("operations", "numbers kept"), before, now, strict=True):
            if more < less:
                line = f"{name} at {length} tokens: {more:,} {what}, which is less than {less:,} for fewer tokens"
                yield Finding(name, f"{line}: look at the functions of attend, products and stream")
        before = now


def scores(model: Model) -> Iterator[Finding]:
    """A token sees itself at least; twice the tokens have at most four times the scores, for they stand in pairs."""
    for what in ("pairs", "value_pairs"):
        try:
            found = [scored(model.parts, what, length) for length in (64, 128, 256)]
        except Exception:  # whatever a function of a plugin does wrong: `numbers` tells
            return
        for few, many in pairwise(found):
            for (attention, tokens, less), (_, _, more) in zip(few, many, strict=True):
                where = f"{model.class_name}: {what} of attend(heads={attention.heads}, head_dim={attention.head_dim})"
                if less < tokens:
                    line = f"{where} gives {less:,} for {tokens:,} tokens: each sees itself at least"
                    yield Finding(what, line)
                if more > 4 * less > 0:
                    line = f"{where} gives {less:,} for {tokens:,} tokens, and more than four times as many, {more:,},"
                    yield Finding(what, f"{line} for twice the text: scores stand between pairs of tokens")


def matrices(model: Model) -> Iterator[Finding]:
    """A pass of one token multiplies each matrix that is no table at least once: two operations for each number."""
    try:
        flops, _ = told(model, 1)
    except ZooError:  # `numbers` tells
        return
    if flops is None:
        return
    least = 0
    for name, tensor, copies in wide(model.parts):
        if tensor.use == "matmul":
            least += 2 * tensor.size * copies
        else:
            line = f"{model.class_name}: {name} {list(tensor.shape)} is said to be multiplied by no token"
            *_, module, own = f".{name}".split(".")
            yield Finding(
                module if own == "weight" else own,
                f'{line}: give it use="matmul", or except it and say what is done with it',
            )
    if flops.weights < least:
        line = f"{model.class_name}: {flops.weights:,} operations with weights for one token, and {least:,} in matrices"
        yield Finding(model.class_name, f"{line}: what a token passes is within a stream(...) that leaves it out")


def layers(model: Model) -> Iterator[Finding]:
    """In a stack of layers of which some tell how tokens see each other, all do; and a decoder sees what is encoded."""
    name = model.class_name
    found = list(stacks(model.parts))
    sides = {read for _, _, read in found}
    if len(sides) == 2 and not any(attention.across for attention in model.attentions()):
        yield Finding(name, f"{name}: nothing sees what the encoder makes: attend(..., across=True) is missing")
    for where, stack, _ in found:
        for group in stack.groups if mixes((stack,)) else ():
            if not mixes(group.parts):
                line = f"{name}: {where}.{next(iter(group.numbers))} has neither attend(...) nor state(...)"
                yield Finding(where, f"{line}, which other layers of the stack have")


def projections(model: Model) -> Iterator[Finding]:
    """Queries, keys and values are as wide as what the matrices beside the attention make."""
    for name, siblings in scopes(model.parts):
        shapes = list(passed(siblings))
        for attention in (part for part in siblings if isinstance(part, Attend)):
            if shapes and not _made(attention, shapes):
                heads = f"{attention.heads} heads of {attention.head_dim}, {attention.kv_heads} for keys and values"
                line = f"{model.class_name}: {name}: attend(...) says {heads}, values of {attention.value_dim}"
                beside = ", ".join(map(str, shapes))
                yield Finding(name.rpartition(".")[2], f"{line}, which the matrices beside it do not make: {beside}")


def _made(attention: Attend, shapes: list[Shape]) -> bool:
    """Whether matrices of these shapes make the queries, keys and values, and at most one more reads what comes out.

    Shapes are (outputs, inputs), or in some types all (inputs, outputs).
    """
    queries, out = attention.heads * attention.head_dim, attention.heads * attention.value_dim
    wanted = queries + attention.kv_heads * (attention.head_dim + attention.value_dim)
    if attention.latent is not None:
        return {queries, attention.latent} <= {outputs for outputs, _ in shapes}
    for turned in (False, True):
        pairs = [shape[::-1] if turned else shape for shape in shapes]
        makers = [pairs[:at] + pairs[at + 1 :] for at, (_, inputs) in enumerate(pairs) if inputs == out]
        if len(pairs) % 2:  # three, or one of all; with a fourth, or second, one reads what comes out
            makers.append(pairs)
        for each in makers:
            # All that make something read the same, by which it is seen how they are stored.
            alike = len({inputs for _, inputs in each}) == 1
            if sum(outputs for outputs, _ in each) == wanted and (alike or not turned):
                return True
    return False


def positions(model: Model) -> Iterator[Finding]:
    """A table whose rows are the positions, and perhaps some more, bounds the text: `longest` stands beside it."""
    try:
        config = model.config.traced()
        rows = config.dimension("max_position_embeddings")
        shapes = list(tables(type(model.architecture)(config).parts(model.class_name)))
    except Exception:  # whatever a plugin does wrong with fields that remember their symbols: `formula` tells
        return
    if rows is None or not any(formula(rows).atoms()):
        return
    # By what the rows were made of, not by how many they are: a table of words may happen to have as many.
    bounding = [shape for shape in shapes if not any(_apart(shape[0], rows).atoms())]
    if not bounding:
        return
    try:
        told(model, BEYOND)
    except ZooError:
        return
    table = f"{model.class_name}: a table {list(map(int, bounding[0]))} for {int(rows):,} positions"
    line = f"{table}, and yet a text of any length: longest({int(rows):,}) is missing beside it"
    yield Finding(model.class_name, line)


def _apart(one: int, two: int) -> Polynomial:
    """What two dimensions are apart, in terms of the fields."""
    return formula(one).plus(formula(two), -1)


def keeps(model: Model) -> bool:
    """Whether something is kept of each token; so, too, where nobody tells."""
    try:
        _, cache = told(model, 1)
    except ZooError:  # `numbers` tells
        return True
    return cache is None or bool(cache.bytes)
