"""A model: an architecture at a config, in one of its classes; and what can be read off it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, Concatenate, Literal, ParamSpec, TypeVar

from zoo.architecture import Architecture
from zoo.blueprint import Attend, Part
from zoo.conditions import Conditions, MeasureError, positive
from zoo.config import Reading
from zoo.discovery import quarantine
from zoo.errors import PluginError, ZooError
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
from zoo.registries.registryfile import Entry
from zoo.sources import Found
from zoo.text import shown

if TYPE_CHECKING:
    from zoo.measures.cache import Cache
    from zoo.measures.explanation import Explanation
    from zoo.measures.flops import Flops
    from zoo.measures.lengths import Lengths
    from zoo.measures.lora import Lora
    from zoo.measures.memory import Fit, WeightMemory
    from zoo.measures.roles import Role
    from zoo.measures.training import TrainingMemory
    from zoo.measures.widths import Width

Status = Literal["exact", "unverified", "from checkpoint"]


@contextmanager
def blamed(architecture: type[Architecture], model: str = "") -> Iterator[None]:
    """Whatever a plugin's methods and functions do wrong is the plugin's: a PluginError that names the architecture.

    model: what to name before it.
    """
    try:
        with quarantine.output_aside():
            yield
    except ZooError:
        raise
    except Exception as error:
        where = f"{architecture.__module__}:{architecture.__qualname__}"
        raise PluginError(f"{model}{where}: {quarantine.told(error)}") from error


Conditioned = ParamSpec("Conditioned")
Told = TypeVar("Told")


def _reading(
    measure: "Callable[Concatenate[Model, Conditioned], Told]",
) -> "Callable[Concatenate[Model, Conditioned], Told]":
    """A measure of a model, which asks the functions among its parts: what they do wrong is the plugin's, too."""

    @wraps(measure)
    def told(model: "Model", /, *args: Conditioned.args, **kwargs: Conditioned.kwargs) -> Told:
        with blamed(type(model.architecture), f"{model.name}: "):
            if args or kwargs:
                return measure(model, *args, **kwargs)
            # Under the model's own conditions, many columns ask for the same.
            if measure not in model.readings:
                model.readings[measure] = measure(model, *args, **kwargs)
            found: Told = model.readings[measure]
            return found

    return told


class Model:
    """A model in one of its classes, and what is read off it. Made by `load`.

    name: the reference it was loaded by ("config" for a mapping). entry: the registry entry, if that named one.
    config: the fields that decide the shapes, defaults filled in: a Config, whose fields are those of its type.
    given: the names of those that were given. model_type, class_name: what is counted. architecture: the plugin's
    class at this config. parts: the tree from which everything is read.
    unknown_keys: the keys of the config that may change a shape, for all that zoo knows.
    found: what the reference led to. notes: what to know about where that came from.
    conditions: what costs are told for where nothing else is said; see `under`. readings: what has been told already.
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
        self.readings: dict[object, Any] = {}

    def __repr__(self) -> str:
        return f"<Model {self.name}: {self.class_name}, {self.parameters:,} parameters, {self.status}>"

    @property
    def status(self) -> Status:
        """Either "exact", or "unverified" where a key of the config is unknown; see FromCheckpoint for the third."""
        return "unverified" if self.unknown_keys else "exact"

    @property
    def from_checkpoint(self) -> bool:
        """Whether only the tensors are known, and not what a token does with them."""
        return self.status == "from checkpoint"

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

    @_reading
    def roles(self) -> "dict[Role, int]":
        """Parameters by what they are for: embedding, attention, MLP, experts, norms, head; see `zoo.measures.roles`.

        Without those of which there are none; of a model of which only tensors are known, all are "unknown".
        """
        from zoo.measures.roles import roles

        return {"unknown": self.parameters} if self.from_checkpoint else roles(self.parts)

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
        twin.readings = {}
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
