"""Low-rank adapters (LoRA; Hu et al., 2021, arXiv:2106.09685): what they train, read off the parts of a model.

A matrix W (out, in) is frozen, and B A is trained beside it: A (rank, in) and B (out, rank), without biases. Which
modules are adapted is decided as PEFT 0.21 does (https://huggingface.co/docs/peft), with the `task_type` that goes with
the class: a head that labels is new, and is trained in full.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from math import prod
from typing import NamedTuple

from zoo.blueprint import Shape
from zoo.conditions import MeasureError
from zoo.measures import dtypes
from zoo.measures.counts import count
from zoo.measures.targets import MANY, Place, places
from zoo.model import Model
from zoo.text import near, shown

ALL_LINEAR = "all-linear"
"""In place of names: every linear layer but the one that scores words or labels."""

LARGEST_RANK = 10**6
MOST_TARGETS = 1_000

IN_FULL = {
    "ForSequenceClassification": ("classifier", "score"),
    "ForTokenClassification": ("classifier", "score"),
    "ForQuestionAnswering": ("qa_outputs",),
}
"""By the ending of a class: the modules whose name ends so are trained themselves (PEFT's `modules_to_save`)."""

DTYPE = "float32"
"""What PEFT makes adapters of, also beside weights of 16 bits."""


class Trained(NamedTuple):
    """Modules of one name and shape that are trained: by adapters, or themselves.

    name: with * for the number of a layer or expert. shape: of the weight that is adapted; () where a module is trained
    itself. modules: how many. parameters: what is trained in all of them together. rank: of each adapter, which is a
    multiple of the one asked for where a tensor is several matrices; None where there is no adapter.
    """

    name: str
    shape: Shape
    modules: int
    parameters: int
    rank: int | None = None


class Lora(NamedTuple):
    """Adapters of one rank on some modules of a model.

    targets: the names that were asked for. adapted: the modules that have an adapter. in_full: those that are trained
    themselves. frozen: the parameters of the model as it was.
    """

    rank: int
    targets: tuple[str, ...]
    adapted: tuple[Trained, ...]
    in_full: tuple[Trained, ...]
    frozen: int

    @property
    def modules(self) -> int:
        """How many modules have an adapter."""
        return sum(trained.modules for trained in self.adapted)

    @property
    def parameters(self) -> int:
        """All that is trained: adapters, and what is trained itself."""
        return sum(trained.parameters for trained in self.adapted + self.in_full)

    @property
    def total(self) -> int:
        """Parameters with the adapters. What is trained itself counts twice: the model keeps it as it was, too."""
        return self.frozen + self.parameters

    @property
    def percent(self) -> float:
        """What is trained, in percent of `total`."""
        return 100 * self.parameters / self.total

    def bytes(self, dtype: str = DTYPE) -> int:
        """Bytes of all that is trained in a number format. Raises MeasureError for one that is not known."""
        return dtypes.size(self.parameters, dtypes.dtype(dtype))


def checked_rank(rank: int) -> int:
    """The rank, if adapters can have it. Raises MeasureError if not."""
    if isinstance(rank, bool) or not isinstance(rank, int) or not 1 <= rank <= LARGEST_RANK:
        raise MeasureError(f"rank must be a whole number from 1 to {LARGEST_RANK:,}, got {shown(rank)}")
    return rank


def lora(model: Model, rank: int = 16, targets: str | Sequence[str] | None = None) -> Lora:
    """What LoRA of a rank trains of a model.

    targets: names of modules, in a list or between commas, each for all modules whose name it is or ends after a dot;
        or "all-linear"; or None for those that PEFT takes for the type.

    Raises MeasureError for a rank or target that makes no sense, and where PEFT has no targets for the type.
    """
    adapters = _Adapters(model, checked_rank(rank))
    if isinstance(targets, str) and targets.strip().lower() == ALL_LINEAR:
        names, adapted = _names(ALL_LINEAR), adapters.on_all_linear()
    else:
        names = adapters.defaults() if targets is None else _names(targets)
        adapted = adapters.on(names)
    together = tuple(_together(adapted))
    if rank > adapters.largest:
        raise MeasureError(f"rank {rank:,} is more than any matrix that is adapted has (at most {adapters.largest:,})")
    return Lora(rank, names, together, tuple(_together(adapters.in_full())), model.parameters)


def _names(targets: object) -> tuple[str, ...]:
    if isinstance(targets, str):
        targets = [name.strip() for name in targets.split(",")]
    if (
        not isinstance(targets, Collection)
        or not targets
        or not all(isinstance(name, str) and name for name in targets)
    ):
        raise MeasureError(f"targets must be names of modules, or {ALL_LINEAR}, got {shown(targets)}")
    if len(targets) > MOST_TARGETS:
        raise MeasureError(f"{len(targets):,} targets are too many (at most {MOST_TARGETS:,})")
    return tuple(dict.fromkeys(targets))


def _together(trained: Iterable[Trained]) -> Iterator[Trained]:
    """Those of one name and shape as one, of whatever kind their layers are."""
    groups: dict[tuple[str, Shape], list[Trained]] = {}
    for one in trained:
        groups.setdefault((one.name, one.shape), []).append(one)
    for (name, shape), group in groups.items():
        modules, parameters = sum(one.modules for one in group), sum(one.parameters for one in group)
        yield Trained(name, shape, modules, parameters, group[0].rank)


class _Adapters:
    """Adapters of one rank for one model."""

    def __init__(self, model: Model, rank: int) -> None:
        self.model, self.rank, self.architecture = model, rank, model.architecture
        self.largest = 0  # rank that any of the matrices has
        self.heads = next((names for ending, names in IN_FULL.items() if model.class_name.endswith(ending)), ())

    def places(self, targets: Iterable[str] = ()) -> Iterator[Place]:
        """Where there can be an adapter: everywhere but in what is trained in full."""
        return (place for place in self.read(targets) if not self.is_head(place))

    def in_full(self) -> Iterator[Trained]:
        """The modules that are trained themselves."""
        for place in filter(self.is_head, self.read()):
            yield Trained(place.name, (), place.times, place.times * count(place.parts).parameters)

    def is_head(self, place: Place) -> bool:
        """Whether a module is trained itself."""
        return place.kind != "tensor" and place.name.endswith(self.heads)

    def read(self, targets: Iterable[str] = ()) -> Iterator[Place]:
        """Every place, but for those in a module that is trained itself."""
        within: tuple[str, ...] = ()
        for place in places(self.model.parts, targets, not_linear=self.architecture.not_linear):
            if not place.name.startswith(within):
                within = (f"{place.name}.",) if self.is_head(place) else ()
                yield place

    def linear(self) -> list[Place]:
        """What all-linear stands for."""
        output = self.architecture.output_module()
        return [place for place in self.places() if place.kind == "linear" and place.name != output]

    def defaults(self) -> tuple[str, ...]:
        """The targets that PEFT has for the type."""
        if not self.architecture.lora_targets:
            raise MeasureError(
                f"PEFT has no default targets for model_type {self.model.model_type}: name some with --target or "
                f"targets= ({self.candidates()}), or {ALL_LINEAR}"
            )
        return self.architecture.lora_targets

    def on_all_linear(self) -> Iterator[Trained]:
        """Adapters on every linear layer but the output's."""
        fused = self.architecture.lora_fused
        if not fused:
            yield from map(self.adapter, self.linear())
            return
        # Here PEFT goes by last names, which are also those of what is fused: a dense layer's matrices are left out.
        names = {place.last for place in self.linear()}.union(*fused.values())
        tensors = _fused(names, fused)
        for place in self.places():
            yield from self.at(place, names, tensors)

    def on(self, targets: tuple[str, ...]) -> Iterator[Trained]:
        """Adapters on what the targets name, each of which must name something."""
        names = {name for name in targets if MANY not in name}
        tensors = _fused(names, self.architecture.lora_fused)
        missing = set(targets)
        for place in self.places(targets):
            missing -= place.named_by(names) if place.kind != "tensor" else set()
            for tensor in place.named_by(tensors):
                missing -= tensors[tensor]
            yield from self.at(place, names, tensors)
        for name in targets:
            if name in missing:
                raise MeasureError(f"{self.model.class_name} has no module {shown(name)} to adapt{self.hint(name)}")

    def at(self, place: Place, names: set[str], tensors: dict[str, set[str]]) -> Iterator[Trained]:
        """The adapter at a place, if it is named."""
        if place.kind == "tensor":
            for tensor in place.named_by(tensors):
                yield self.adapter(place, len(self.architecture.lora_fused[tensor]))
        elif named := place.named_by(names):
            if place.kind == "other":
                raise MeasureError(
                    f"target {shown(min(named))} names {place.name}, which is no linear layer or embedding "
                    f"(linear are {self.candidates()})"
                )
            yield self.adapter(place)

    def adapter(self, place: Place, times: int = 1) -> Trained:
        """What a place's adapter holds, at `times` the rank."""
        refused = self.architecture.lora_refused
        if place.last in refused:
            others = dict.fromkeys(linear.last for linear in self.linear() if linear.last not in refused)
            raise MeasureError(
                f"PEFT adapts no {place.last} in model_type {self.model.model_type} (but {', '.join(others)})"
            )
        rank = times * self.rank
        if rank % place.groups:
            raise MeasureError(f"rank {rank:,} is not a multiple of the {place.groups:,} groups of {place.name}")
        if place.kind == "convolution":  # A is one of all inputs, B one of a single token in the same groups
            outputs, inputs, kernel = place.shape
            self.largest = max(self.largest, min(outputs, inputs * place.groups * kernel))
            each = rank * inputs * place.groups * kernel + outputs * rank // place.groups
        else:
            *copies, rows, width = place.shape
            self.largest = max(self.largest, min(rows, width))
            each = prod(copies) * rank * (rows + width)
        return Trained(place.name, place.shape, place.times, place.times * each, rank)

    def candidates(self) -> str:
        """The last names of the linear layers."""
        return ", ".join(dict.fromkeys(place.last for place in self.linear()))

    def hint(self, name: str) -> str:
        """Why a name cannot be adapted, or those that are near."""
        found = list(self.read())
        for place in found:
            if self.is_head(place) and place.named_by({name}):
                return f": {place.name} is a head, and trained in full"
            if place.kind == "tensor" and place.named_by({name}):
                old = ", ".join(self.architecture.lora_fused.get(name, ()))
                return f": {place.name} is a tensor, and no module" + (f" (PEFT knows it as {old})" if old else "")
        names = dict.fromkeys(place.last for place in found if place.kind not in ("tensor", "other"))
        return near(name, names) or f" (linear are {self.candidates()})"


def _fused(names: set[str], fused: Mapping[str, tuple[str, ...]]) -> dict[str, set[str]]:
    """Takes from `names` those of what is fused: the tensors that are adapted instead, each with the names for it.

    Raises MeasureError where only some of what is fused in a tensor are named.
    """
    tensors: dict[str, set[str]] = {}
    for tensor, olds in fused.items():
        given = {old: {name for name in names if f".{name}".endswith(f".{old}")} for old in olds}
        absent = [old for old, found in given.items() if not found]
        if 0 < len(absent) < len(olds):
            named = ", ".join(old for old in olds if old not in absent)
            raise MeasureError(f"target {named} goes only with {', '.join(absent)}: together they are one {tensor}")
        if not absent:
            tensors[tensor] = set().union(*given.values())
            names -= tensors[tensor]
    return tensors
