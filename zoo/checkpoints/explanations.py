"""Why a checkpoint holds a tensor that the model does not count.

An explanation is given only for what it is true of: a tensor of another class has the shape that it has there, a buffer
or a scale stands beside what the model has, an adapter fits what it adapts.
"""

import re
from collections.abc import Container, Iterable, Mapping
from functools import cached_property
from math import prod

from zoo.blueprint import Shape
from zoo.checkpoints.adapters import Adapter, fits, split
from zoo.checkpoints.checkpoint import Stored
from zoo.checkpoints.contents import Content
from zoo.checkpoints.dialects import Dialect
from zoo.model import Model

_NUMBERED = re.compile(r"(?P<stack>.*?(?:^|\.))(?P<number>0|[1-9]\d{0,8})\.(?P<rest>.+)")
_JOINTS = ("enorm.weight", "hnorm.weight", "eh_proj.weight")
"""What joins a layer that predicts a further token to the one before."""

_OF_MORE_LAYERS = ("num_nextn_predict_layers", "num_mtp_layers")


class Explanations:
    """Of what a checkpoint holds beside a model.

    stored: the names in it. adapters: those in it, by the name of the module as it is stored.
    """

    def __init__(self, model: Model, dialect: Dialect, stored: Container[str], adapters: Mapping[str, Adapter]) -> None:
        self._model, self._dialect, self._stored, self._adapters = model, dialect, stored, adapters

    def why(self, stored: Stored, content: Content) -> str:
        """What a tensor is, in words; empty where nobody knows. Not for what belongs to a quantized weight."""
        if place := split(stored.name):
            return f"LoRA on {place[0].rpartition('.')[2]}" if self.adapted(place[0]) else ""
        if content.kind == "buffer":
            return content.note if self._is_buffer(stored) else ""
        if content.kind == "scale":  # of what attention keeps
            return content.note if self._stands_within(stored.name) else ""
        if content.kind not in ("parameter", "packed"):
            return ""
        if self._is_ignored(stored.name):
            return "passed over by transformers"
        if (told := self._of_further_layer(content.of)) and has_shape(told, stored, content):
            return "multi-token prediction, left out by transformers"
        others = self._dialect.in_other_classes(content.of)
        classes = (name for name, tensor in others if has_shape(tensor.shape, stored, content))
        return next((f"of {name}" for name in classes), "")

    def _is_ignored(self, name: str) -> bool:
        """Whether it is, or stands in, what transformers passes over, where the model has a place for that."""
        for ignored in self._model.architecture.ignored:
            around, found, _ = f".{name}.".partition(f".{ignored}.")
            if found and (not around or self._stands_within(f"{around[1:]}.{ignored}")):
                return True
        return False

    def adapted(self, module: str) -> str | None:
        """The weight of the model that the adapter on a module is of, if it fits."""
        weight = self._dialect.canonical(f"{module}.weight")
        if weight is None:
            return None
        right = fits(self._adapters[module], self._dialect.outputs_first(weight.name))
        return weight.name if right else None

    @cached_property
    def _modules(self) -> dict[str, frozenset[str]]:
        """The modules of the model, and of the other classes of its type, by the name of the class."""
        held = {**self._dialect.others, self._model.class_name: self._dialect.tensors}
        return {class_name: modules(names) for class_name, names in held.items()}

    def _stands_within(self, stored: str) -> bool:
        """Whether a name stands in a module of the model, or in one without parameters within that, but no layer."""
        for class_name, name in self._dialect.names(self._in_known_layer(stored) or stored):
            known = self._modules[class_name]
            module = name.rpartition(".")[0]
            around, _, last = module.rpartition(".")
            if not module or module in known or (around in known and not last.isdecimal()):
                return True
        return False

    def _is_buffer(self, stored: Stored) -> bool:
        """Whether it can be one of the model's: where it stands, and as long as what stands beside it says."""
        if not self._stands_within(stored.name):
            return False
        if stored.name.endswith("final_logits_bias"):
            words: int | None = self._model.config.dimension("vocab_size")
            return stored.shape[-1] == words
        if stored.name.endswith("inv_freq"):
            return 2 * stored.size <= max((attention.head_dim for attention in self._model.attentions()), default=0)
        beside = self._dialect.canonical(stored.name.rpartition(".")[0] + ".weight")
        if beside is None or len(stored.shape) != 1:
            return True
        return stored.shape[0] in (1, self._dialect.tensors[beside.name].shape[0])

    # --- layers that predict further tokens --------------------------------------------------------------------------

    def _in_known_layer(self, name: str) -> str | None:
        """Of the name of a tensor in a layer that predicts further tokens that of the same in the last layer."""
        found = _NUMBERED.fullmatch(name)
        layers = self._model.config.dimension("num_hidden_layers")
        if found is None or not layers:
            return None
        more = next((said for key in _OF_MORE_LAYERS if type(said := self._model.stated(key)) is int), 0)
        layer = f"{found['stack']}{found['number']}."
        joined = all(layer + joint in self._stored for joint in _JOINTS)
        if not joined or not layers <= int(found["number"]) < layers + more:
            return None
        return f"{found['stack']}{layers - 1}.{found['rest']}"

    def _of_further_layer(self, name: str) -> Shape | None:
        """The shape of a tensor in such a layer, which transformers leaves out: one as the last, and what joins it on.

        Source: DeepSeek-AI, 2024, arXiv:2412.19437, section 2.2, and the weights that are published with it.
        """
        known = self._in_known_layer(name)
        if known is None:
            return None
        if same := self._dialect.canonical(known):
            return self._dialect.tensors[same.name].shape
        hidden, words = (self._model.config.dimension(field) or 0 for field in ("hidden_size", "vocab_size"))
        joints = {
            **dict(zip(_JOINTS, ((hidden,), (hidden,), (hidden, 2 * hidden)), strict=True)),
            "embed_tokens.weight": (words, hidden),
            "shared_head.norm.weight": (hidden,),
            "shared_head.head.weight": (words, hidden),
        }
        return next((shape for joint, shape in joints.items() if name.endswith(f".{joint}")), None)


def modules(names: Iterable[str]) -> frozenset[str]:
    """Those in which tensors of these names stand, and those around them."""
    found: set[str] = set()
    for name in names:
        while (name := name.rpartition(".")[0]) and name not in found:
            found.add(name)
    return frozenset(found)


def has_shape(shape: Shape, stored: Stored, content: Content, outputs_first: Shape | None = None) -> bool:
    """Whether what is stored is a tensor of that shape, as it is or packed.

    outputs_first: the same shape with the outputs before the inputs, as packed matrices are told, if it differs.
    """
    if content.kind != "packed":
        return content.kind != "unknown" and stored.shape == shape
    if content.shape is not None:
        return content.shape == (outputs_first or shape)
    # Two numbers a byte: of an odd number there is one too many.
    return content.numbers is not None and content.numbers - prod(shape) in (0, prod(shape) % 2)
