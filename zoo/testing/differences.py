"""How a plugin's tensors differ from those that a truth has, layer numbers folded."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from zoo.checkpoints.comparison import Line
from zoo.checkpoints.patterns import fold_by
from zoo.measures.counts import NamedTensor
from zoo.testing.cases import Case
from zoo.text import counted

MOST_PATTERNS = 20
"""Of one comparison; those behind are told by their number."""


class Difference(NamedTuple):
    """One tensor. what: how it differs. plugin, truth: what either has, in words."""

    name: str
    what: str
    plugin: str = ""
    truth: str = ""


ONLY_TRUTH, ONLY_PLUGIN = "only in the truth", "only in the plugin"


def differing(tensors: Iterable[NamedTensor], case: Case) -> Iterator[Difference]:
    """How the tensors of a plugin differ from those of a case: names, shapes and ties."""
    found = {tensor.name: tensor for tensor in tensors}
    for name, shape in case.tensors.items():
        if name not in found:
            yield Difference(name, ONLY_TRUTH, truth=str(list(shape)))
    for name, to in case.tied.items():
        if name not in found:
            yield Difference(name, ONLY_TRUTH, truth=f"tied to {to}")
    for tensor in found.values():
        yield from _of_tensor(tensor, found, case)


def _of_tensor(tensor: NamedTensor, found: Mapping[str, NamedTensor], case: Case) -> Iterator[Difference]:
    name, shape, tied_to = tensor
    own = f"tied to {tied_to}" if tied_to else "its own"
    if name not in case.tensors and name not in case.tied:
        yield Difference(name, ONLY_PLUGIN, f"{list(shape)}, {own}" if tied_to else str(list(shape)))
        return
    to = case.tied.get(name)
    if tied_to != to:
        yield Difference(name, "tie differs", own, f"tied to {to}" if to else "its own")
    elif tied_to is None and list(shape) != list(case.tensors[name]):
        yield Difference(name, "shape differs", str(list(shape)), str(list(case.tensors[name])))
    elif tied_to is not None and tied_to in found and shape != found[tied_to].shape:
        yield Difference(name, "shape differs", str(list(shape)), f"{list(found[tied_to].shape)}, that of {tied_to}")


def of_lines(lines: Iterable[Line]) -> Iterator[Difference]:
    """The same of a comparison with a checkpoint, as `zoo verify` makes it: all that is not explained."""
    for line in lines:
        if line.explained:
            continue
        shape = str(list(line.shape))
        match line.state:
            case "unexpected":
                yield Difference(line.name, ONLY_TRUTH, truth=shape)
            case "missing":
                yield Difference(line.name, ONLY_PLUGIN, shape)
            case _:
                yield Difference(line.name, "shape differs", shape, line.stored)


def explained(lines: Iterable[Line]) -> Iterator[Difference]:
    """What the comparison explains, where the checkpoint holds another number of parameters nevertheless."""
    for line in lines:
        if line.explained and line.why and (line.state != "matched" or not line.parameters):
            yield Difference(line.name, line.state, truth=line.why)


def folded(differences: Iterable[Difference]) -> Iterator[str]:
    """A line for each pattern of names that differ alike: how many, how, their names, what plugin and truth have."""
    alike: dict[str, dict[str, tuple[str, str, str]]] = {}
    for name, what, plugin, truth in differences:
        alike.setdefault(what, {})[name] = (what, plugin, truth)
    rows = [
        (f"{len(pattern.names):,}", what, pattern.pattern, *_held(plugin, truth))
        for names in alike.values()
        for pattern, (what, plugin, truth) in fold_by(names)
    ]
    shown = rows[:MOST_PATTERNS]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for number, *words in shown:
        padded = (word.ljust(width) for word, width in zip(words, widths[1:], strict=True))
        yield f"  {number.rjust(widths[0])}  {'  '.join(padded)}".rstrip()
    if len(rows) > MOST_PATTERNS:
        yield f"  ... and {counted(len(rows) - MOST_PATTERNS, 'more pattern')}"


def _held(plugin: str, truth: str) -> tuple[str]:
    return (f"{plugin}, the truth has {truth}" if plugin and truth else plugin or truth,)
