"""A model: an architecture at a config, in one of its classes; and what can be read off it."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, Literal, NamedTuple, ParamSpec, TypeVar

from zoo.architecture import Architecture
from zoo.blueprint import Attend, Part
from zoo.conditions import Conditions, MeasureError, positive
from zoo.config import Reading
from zoo.custom_code import adopted
from zoo.errors import ArchitectureError, ConfigError, PluginError, UnknownTypeError, ZooError
from zoo.hub.access import USUAL, Access
from zoo.manager import manager
from zoo.measures.counts import (
    ROOT,
    Component,
    ComponentReading,
    Count,
    NamedTensor,
    attentions,
    breakdown,
    count,
    depths,
    tensors,
)
from zoo.registries.registry import BUILT_IN
from zoo.registries.registryfile import Entry
from zoo.sources import Found, Reference, find_all, has_weights
from zoo.text import near, shown

if TYPE_CHECKING:
    from zoo.measures.cache import Cache
    from zoo.measures.explanation import Explanation
    from zoo.measures.flops import Flops
    from zoo.measures.lengths import Lengths
    from zoo.measures.lora import Lora
    from zoo.measures.memory import Fit, WeightMemory
    from zoo.measures.training import TrainingMemory
    from zoo.measures.widths import Width

Status = Literal["exact", "unverified", "from checkpoint"]


def load(
    reference: Reference,
    *,
    as_: str | None = None,
    strict: bool = False,
    registries: Iterable[str | os.PathLike[str]] = (),
    access: Access = USUAL,
) -> "Model":
    """The model that a reference names, or that a config (as config.json holds it, parsed) describes.

    reference: a registry name, a path to a config.json or its folder, "-" for standard input, a repository of the Hub
        ("org/name", "org/name@revision", "hf:name"), each with changes if wanted (`"gpt3,num_hidden_layers=48"`); a
        Path, which is a file or folder and nothing else; or a mapping.
    as_: the class to count, as transformers names it ("BertModel"), in place of the one that the config names.
    strict: make a model that is not exact an error.
    registries: registry files whose entries come before all others.
    access: how the Hub may be used.

    Of a type that no plugin counts, the model is counted from its checkpoint, where there is one.

    Raises ZooError: what is wrong, in one line.
    """
    (model,) = load_all([reference], as_=as_, strict=strict, registries=registries, access=access)
    if isinstance(model, ZooError):
        raise model
    return model


def load_all(
    references: Sequence[Reference],
    *,
    as_: str | None = None,
    strict: bool = False,
    registries: Iterable[str | os.PathLike[str]] = (),
    access: Access = USUAL,
) -> "list[Model | ZooError]":
    """The model of each reference, in their order, or the error with which `load` fails; the Hub is asked for all at
    once.
    """
    return of_found(find_all(references, tuple(map(Path, registries)), access), as_, strict, access)


def of_found(
    found: Sequence[Found | ZooError], as_: str | None = None, strict: bool = False, access: Access = USUAL
) -> "list[Model | ZooError]":
    """The models that references lead to, or why there are none; the rest as in `load_all`."""
    models = [_built(one, as_) for one in found]
    uncounted = {place: model for place, model in enumerate(models) if isinstance(model, _Uncounted)}
    if uncounted:
        from zoo.checkpoints.model import from_checkpoints

        counted = from_checkpoints([(one.found, one.reason) for one in uncounted.values()], access)
        models = list(models)
        for place, model in zip(uncounted, counted, strict=True):
            models[place] = model
    return [_checked(model, strict) for model in models if not isinstance(model, _Uncounted)]


class _Uncounted(NamedTuple):
    """What no plugin counts, and why; but there are weights."""

    found: Found
    reason: str


def _built(found: Found | ZooError, as_: str | None) -> "Model | ZooError | _Uncounted":
    if isinstance(found, ZooError):
        return found
    try:
        return _build(found, as_)
    except UnknownTypeError as error:
        if _has_weights(found) and not (as_ or found.changes):
            return _Uncounted(found, _reason(found))
        return UnknownTypeError(f"{_where(found)}: {error}")
    except (ArchitectureError, ConfigError, PluginError) as error:
        told = type(error)(f"{_where(found)}: {error}")
        told.__cause__ = error.__cause__
        return told
    except ZooError as error:
        return error


def _has_weights(found: Found) -> bool:
    return found.weights is not None and (not isinstance(found.weights, Path) or has_weights(found.weights))


def _reason(found: Found) -> str:
    """Why no plugin counts it, in few words."""
    if not found.config:
        return "there is no config.json"
    model_type = found.config.get("model_type")
    return (
        "its config tells no type that is known"
        if model_type is None
        else f"no plugin counts model_type {shown(model_type)}"
    )


def _checked(model: "Model | ZooError", strict: bool) -> "Model | ZooError":
    if strict and isinstance(model, Model) and model.status != "exact":
        return ConfigError(f"{model.name}: {model.status}" + (f": {model.doubt}" if model.doubt else ""))
    return model


def _where(found: Found) -> str:
    """The reference, and the person's file that holds its entry."""
    if found.entry is None or found.entry.origin == BUILT_IN:
        return found.name
    return f"{found.entry.origin}: {found.name}"


def _build(found: Found, as_: str | None) -> "Model":
    model_type, wanted = found.config.get("model_type"), found.config.get("architectures") or []
    if not isinstance(wanted, list | tuple) or not all(isinstance(name, str) for name in wanted):
        raise ConfigError(f"architectures must be a list of class names, got {shown(wanted)}")
    named = wanted[0] if wanted else None
    if model_type is None:
        if not found.config and found.weights:
            raise UnknownTypeError("there is no config.json, so the architecture is unknown")
        if named is None:
            raise UnknownTypeError("neither model_type nor architectures is given, so the architecture is unknown")
        model_type = manager.type_of_class(named)
    if not isinstance(model_type, str):
        raise ConfigError(f"model_type must be a string, got {shown(model_type)}")
    architecture = manager.architecture(model_type)
    class_name = _class_of(architecture, model_type, named if as_ is None else as_)
    if found.entry and found.entry.class_name != class_name:
        found = found._replace(entry=None)  # what its authors publish is of another class
    fields = {key: value for key, value in found.config.items() if key not in ("model_type", "architectures")}
    if adopted(fields.get("auto_map"), model_type, architecture):
        del fields["auto_map"]
    with _blamed(architecture):
        reading = architecture.config_class().read(fields, *found.changes)
        reading = reading._replace(unknown_keys=reading.unknown_keys + found.unverified)
        stated = architecture(reading.config)
        return Model(found, model_type, class_name, stated, stated.parts(class_name), reading)


@contextmanager
def _blamed(architecture: type[Architecture], model: str = "") -> Iterator[None]:
    """Whatever a plugin's methods and functions do wrong is the plugin's: a PluginError that names the architecture.

    model: what to name before it.
    """
    try:
        yield
    except ZooError:
        raise
    except Exception as error:
        where = f"{architecture.__module__}:{architecture.__qualname__}"
        raise PluginError(f"{model}{where}: {type(error).__name__}: {error}") from error


def _class_of(architecture: type[Architecture], model_type: str, wanted: str | None) -> str:
    classes = architecture.classes()
    if wanted is None:
        return next(iter(classes))
    wanted = architecture.aliases.get(wanted, wanted)
    if wanted in classes:
        return wanted
    raise ArchitectureError(
        f"class {shown(wanted)} is none that is counted for model_type {model_type}{near(wanted, classes)} "
        f"(choose with --as or as_=: {', '.join(classes)})"
    )


Conditioned = ParamSpec("Conditioned")
Told = TypeVar("Told")


def _reading(
    measure: "Callable[Concatenate[Model, Conditioned], Told]",
) -> "Callable[Concatenate[Model, Conditioned], Told]":
    """A measure of a model, which asks the functions among its parts: what they do wrong is the plugin's, too."""

    @wraps(measure)
    def told(model: "Model", /, *args: Conditioned.args, **kwargs: Conditioned.kwargs) -> Told:
        with _blamed(type(model.architecture), f"{model.name}: "):
            return measure(model, *args, **kwargs)

    return told


class Model:
    """A model in one of its classes, and what is read off it. Made by `load`.

    name: the reference it was loaded by ("config" for a mapping). entry: the registry entry, if that named one.
    config: the fields that decide the shapes, defaults filled in: a Config, whose fields are those of its type.
    given: the names of those that were given. model_type, class_name: what is counted. architecture: the plugin's
    class at this config. parts: the tree from which everything is read.
    unknown_keys: the keys of the config that may change a shape, for all that zoo knows.
    found: what the reference led to. notes: what to know about where that came from.
    conditions: what costs are told for where nothing else is said; see `under`.
    """

    def __init__(
        self,
        found: Found,
        model_type: str,
        class_name: str,
        architecture: Architecture,
        parts: tuple[Part, ...],
        reading: Reading,
    ) -> None:
        self.name = found.name
        self.entry: Entry | None = found.entry
        self.notes = found.notes
        self.model_type = model_type
        self.class_name = class_name
        self.architecture = architecture
        self.given, self.unknown_keys = reading.given, reading.unknown_keys
        self.config: Any = reading.config
        self.parts = parts
        self.conditions = Conditions()
        self.found = found

    def __repr__(self) -> str:
        return f"<Model {self.name}: {self.class_name}, {self.parameters:,} parameters, {self.status}>"

    @property
    def status(self) -> Status:
        """Either "exact", or "unverified" where a key of the config is unknown; see FromCheckpoint for the third."""
        return "unverified" if self.unknown_keys else "exact"

    @property
    def doubt(self) -> str:
        """Why the model is not exact, in words; empty where it is."""
        if not self.unknown_keys:
            return ""
        keys = ", ".join(shown(key) for key in self.unknown_keys[:5]) + (", ..." if len(self.unknown_keys) > 5 else "")
        custom = "; custom code: unverified, and never run" if "auto_map" in self.unknown_keys else ""
        return f"it is not known whether {keys} changes the count{custom}"

    def remarks(self) -> list[str]:
        """What else a reader of the count should know, a line each."""
        return []

    def facts(self) -> dict[str, Any]:
        """The same for a program, under names of its own."""
        return {}

    @property
    def depths(self) -> tuple[int, ...]:
        """How many layers a token passes through: one number, or encoder's and decoder's."""
        return tuple(depths(self.parts))

    @cached_property
    @_reading
    def count(self) -> Count:
        """Parameters, active ones and those in embeddings, in one reading."""
        return count(self.parts)

    @property
    def parameters(self) -> int:
        """Every parameter of the class, tied ones once; buffers are none."""
        return self.count.parameters

    @property
    def active_parameters(self) -> int:
        """Those that one token passes through: of experts the chosen ones, all else in full, embeddings included."""
        return self.count.active

    @property
    def embedding_parameters(self) -> int:
        """Those in lookup tables: tokens, positions, segments, relative positions."""
        return self.count.embedding

    @property
    def non_embedding_parameters(self) -> int:
        """All others: what Kaplan et al. (2020, arXiv:2001.08361) call N, but for an output matrix of its own."""
        return self.count.parameters - self.count.embedding

    @property
    def active_non_embedding_parameters(self) -> int:
        """Of these, those that one token passes through."""
        return self.count.active - self.count.embedding

    def tensors(self) -> Iterator[NamedTensor]:
        """Each parameter by its name in transformers, with its shape; a tied one names the tensor that it shares."""
        return tensors(self.parts)

    @_reading
    def parts_of(self, class_name: str) -> tuple[Part, ...]:
        """The parts of another class of the type, one of `architecture.classes()`, at the same config."""
        return self.architecture.parts(class_name)

    @_reading
    def breakdown(self, readings: Sequence[ComponentReading] = ()) -> Component:
        """The model as a tree of components, each with its count; all layers of a kind are one component.

        readings: what else to tell of each, in its `costs`.
        """
        children = tuple(breakdown(self.parts, readings))
        costs = tuple(reading(self.parts, ROOT) for reading in readings)
        return Component(self.class_name, self.count, children=children, costs=costs)

    def attentions(self) -> tuple[Attend, ...]:
        """The distinct attentions of the model: heads, their width, and how far they look."""
        return tuple(attentions(self.parts))

    @_reading
    def explain(self) -> "Explanation":
        """How the count comes about: each component as a formula in the fields of the config."""
        from zoo.measures.explanation import explain

        return explain(self)

    # --- what it costs, under the conditions of the model or of the call ---------------------------------------------

    def under(self, conditions: Conditions) -> "Model":
        """The same model, its costs told under these conditions where nothing else is said.

        Raises MeasureError for one that makes no sense, or none for the model.
        """
        from zoo.measures import dtypes

        twin = copy(self)
        twin.conditions = at = conditions
        for name in filter(None, (at.dtype, at.cache_dtype)):
            dtypes.dtype(name)
        positive(at.batch, "batch")
        if at.rank != Conditions().rank:
            from zoo.measures.lora import checked_rank

            checked_rank(at.rank)
        usual = Conditions()
        try:  # what is asked of this model, where others may be asked for the same
            twin.lengths()
            if (at.optimizer, at.zero, at.devices) != (usual.optimizer, usual.zero, usual.devices):
                twin.training_memory()
            if at.targets is not None:
                twin.lora()
        except MeasureError as error:
            raise MeasureError(str(error) if str(error).startswith(self.name) else f"{self.name}: {error}") from None
        return twin

    def stated(self, key: str) -> Any:
        """What the config says under a key that decides no shape ("dtype", "quantization_config"); None if nothing."""
        found = self.found
        return next((given[key] for given in (*reversed(found.changes), found.config) if key in given), None)

    @property
    def dtype(self) -> str:
        """The number format of the weights: as the config says, or float32, which is what PyTorch takes otherwise.

        Of a quantized model it is that of the rest. Raises MeasureError where the config says one that is not known.
        """
        from zoo.measures import dtypes

        return dtypes.dtype(self._said_dtype or dtypes.DEFAULT)

    @property
    def says_dtype(self) -> bool:
        """Whether the config or the conditions say a number format for the weights."""
        return bool(self.conditions.dtype or self._said_dtype)

    @property
    def _said_dtype(self) -> Any:
        """What the config says, or the quantization that it states implies."""
        said = self.stated("dtype") or self.stated("torch_dtype")
        if said or (quantization := self.stated("quantization_config")) is None:
            return said
        from zoo.measures.quantization import implied_dtype

        return implied_dtype(quantization)

    @_reading
    def lengths(self, length: int | None = None, encoder_length: int | None = None) -> "Lengths":
        """Tokens of the text and of what an encoder reads: as stated, or as many as the model is made for.

        Raises MeasureError for more than there are positions for.
        """
        from zoo.measures.lengths import lengths

        return lengths(
            self.parts,
            self.config.dimension("max_position_embeddings"),
            self.conditions.length if length is None else length,
            self.conditions.encoder_length if encoder_length is None else encoder_length,
        )

    @_reading
    def flops(self, length: int | None = None, *, encoder_length: int | None = None) -> "Flops | None":
        """Operations of one forward pass over a text; None where a part does not tell what it costs.

        Raises MeasureError for a length that the model cannot have, or where none is stated and the config names none.
        """
        from zoo.measures.flops import UnknownCostError, flops

        try:
            return flops(self.parts, self.lengths(length, encoder_length))
        except UnknownCostError:
            return None

    @_reading
    def cache(
        self,
        length: int | None = None,
        *,
        encoder_length: int | None = None,
        batch: int | None = None,
        dtype: str | None = None,
    ) -> "Cache | None":
        """What the model keeps of `batch` texts while it writes; None where a part does not tell what it keeps.

        dtype: the format in which it is kept; by default that of the weights, or of the config where those are in fewer
        than 16 bits. Raises MeasureError as `flops` does.
        """
        from zoo.measures import dtypes
        from zoo.measures.cache import cache
        from zoo.measures.flops import UnknownCostError

        at = self.conditions
        batch = positive(at.batch if batch is None else batch, "batch")
        kept_in = dtypes.dtype(dtype or at.kept_in or self.dtype)
        try:
            return cache(self.parts, self.lengths(length, encoder_length), batch, kept_in)
        except UnknownCostError:
            return None

    @_reading
    def weight_memory(self, dtype: str | None = None) -> "WeightMemory | None":
        """Bytes of the weights; None where they are quantized in a way that is not known.

        dtype: the format of all of them, as in a file; by default the config's own, and what it quantizes as its
        `quantization_config` says. Raises MeasureError for a value in that that cannot be.
        """
        from zoo.measures.flops import UnknownCostError
        from zoo.measures.memory import weights

        try:
            return weights(self, dtype)
        except UnknownCostError:
            return None

    @_reading
    def training_memory(
        self, optimizer: str | None = None, zero: int | None = None, devices: int | None = None
    ) -> "TrainingMemory":
        """Bytes on each device of weights, gradients and optimizer while it is trained; activations come on top.

        optimizer: adamw, adamw-fp32, adamw-8bit, adafactor, sgd or sgd-momentum. zero: the stage of ZeRO, 0 to 3.
        Raises MeasureError for others.
        """
        from zoo.measures.training import training_memory

        at = self.conditions
        return training_memory(
            self.parts,
            at.optimizer if optimizer is None else optimizer,
            at.zero if zero is None else zero,
            at.devices if devices is None else devices,
        )

    @_reading
    def fits(
        self,
        memory: int | str | None = None,
        length: int | None = None,
        *,
        encoder_length: int | None = None,
        batch: int | None = None,
        dtype: str | None = None,
        cache_dtype: str | None = None,
    ) -> "Fit | None":
        """Whether the weights and what is kept of `batch` texts go into so many bytes ("24GiB"), and of how long ones.

        None where either is not known. Raises MeasureError as `cache` does, and for a size that is none.
        """
        from zoo.measures.memory import fits

        return fits(
            self, memory, length, encoder_length=encoder_length, batch=batch, dtype=dtype, cache_dtype=cache_dtype
        )

    @_reading
    def lora(self, rank: int | None = None, targets: str | Sequence[str] | None = None) -> "Lora":
        """What low-rank adapters of this rank train, as PEFT makes them.

        targets: the names of modules, or "all-linear"; by default those that PEFT takes for the type. Raises
        MeasureError for a rank or target that makes no sense.
        """
        from zoo.measures.lora import lora

        at = self.conditions
        return lora(self, at.rank if rank is None else rank, at.targets if targets is None else targets)

    @_reading
    def width(self, dtype: str | None = None) -> "Width":
        """How wide the vectors are, beside the vocabulary, depth and size; `dtype`: of their numbers.

        Raises MeasureError for one that is not known.
        """
        from zoo.measures.widths import width

        return width(self, dtype)
