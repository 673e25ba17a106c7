"""Runs a class of transformers under PyTorch's flop counter, and tells the operations apart."""

import inspect
from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
import transformers
from torch.utils.flop_counter import FlopCounterMode, flop_registry

from zoo.testing.judge import config

torch.set_num_threads(1)  # tiny tensors lose more by threads than they gain

WORD, END = 2, 1
"""A token like any other, and the one that ends a text in every small config."""


class Run(NamedTuple):
    """Operations of one forward pass: products with parameters, and those beside them, of the text's side and of the
    encoder's.
    """

    weights: int
    scores: int
    encoder_weights: int
    encoder_scores: int

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self)


class CannotRunError(Exception):
    """transformers itself fails at the lengths or the config, from what it raises there."""


class NeedsValuesError(CannotRunError):
    """What it does depends on values, which tensors without storage do not have: which experts a token gets, say."""


class Split:
    """Sorts what FlopCounterMode counts: by whether a parameter is multiplied, and by whose module does it."""

    def __init__(self, model: Any) -> None:
        self.parameters = {parameter.untyped_storage()._cdata for parameter in model.parameters()}
        self.found = [0, 0, 0, 0]
        encoder = own_encoder(model)
        self.reading = encoder is not None and not writes(model)
        if encoder is not None and not self.reading:
            encoder.register_forward_pre_hook(lambda *_: self.read(True))
            encoder.register_forward_hook(lambda *_: self.read(False))

    def read(self, reading: bool) -> None:
        """Whether it is the encoder that works from here on."""
        self.reading = reading

    def sorting(self, count: Any) -> Any:
        """The counter's own formula for an operation, noting down what it tells."""

        def noting(*operands: Any, **others: Any) -> int:
            tensors = [value for value in operands if isinstance(value, torch.Tensor)]
            of_weights = any(value.untyped_storage()._cdata in self.parameters for value in tensors)
            found: int = count(*operands, **others)
            self.found[2 * self.reading + (not of_weights)] += found
            return found

        formula: Any = noting
        formula._get_raw = True  # to be given tensors, and not only their shapes
        return formula


def run(
    class_name: str,
    model_type: str,
    fields: Mapping[str, Any],
    text: int,
    encoder: int,
    *,
    device: str = "meta",
    use_cache: bool = True,
) -> Run:
    """What a forward pass over `text` tokens costs, the encoder's being `encoder`; on the meta device nothing but
    shapes is computed, on "cpu" everything. Raises CannotRunError where transformers cannot, NeedsValuesError where
    it could on "cpu".

    use_cache: without it, transformers asks whether several texts stand in one row, which the meta device cannot tell.
    """
    settings = config(model_type, **fields)
    settings._attn_implementation = "eager"
    settings._experts_implementation = "eager"
    settings.use_cache = use_cache
    torch.manual_seed(0)
    with torch.device(device):
        model = getattr(transformers, class_name)(settings).eval().requires_grad_(False)
        asked = inputs(model, text, encoder)
    split = Split(model)
    formulas = {operation: split.sorting(count) for operation, count in flop_registry.items()}
    with torch.no_grad(), FlopCounterMode(display=False, custom_mapping=formulas) as counter:
        try:
            model(**asked)
        except Exception as error:
            no_values = device == "meta" and (isinstance(error, NotImplementedError) or "meta tensors" in str(error))
            failed = NeedsValuesError if no_values else CannotRunError
            raise failed(f"{class_name}: {type(error).__name__}: {error}") from error
    found = Run(*split.found)
    assert found.total == counter.get_total_flops()
    return found


def looks_for_the_end(class_name: str, model_type: str) -> bool:
    """Whether the class looks for the token that ends the encoder's text: what is there of the decoder's is classified.

    So both texts have the same length, and the tokens must be there, which they are not on the meta device.
    """
    return bool(type(config(model_type))().is_encoder_decoder) and class_name.endswith("ForSequenceClassification")


def own_encoder(model: Any) -> Any:
    """The stack that reads, of an encoder-decoder or the half of one that does nothing else."""
    # Asked of the type: in a class with one half only, the model's own config no longer says that there are two.
    return getattr(model.base_model, "encoder", None) if type(model.config)().is_encoder_decoder else None


def inputs(model: Any, text: int, encoder: int) -> dict[str, Any]:
    """What is given to the model: tokens, and to a decoder alone the vectors of an encoder, where it looks at them."""
    if own_encoder(model) is None:
        found = {"input_ids": words(text)}
        if any(name.endswith(("crossattention", "encoder_attn")) for name, _ in model.named_modules()):
            found["encoder_hidden_states"] = torch.randn(1, encoder, model.config.hidden_size)
        return found
    found = {"input_ids": words(encoder)}
    if type(model).__name__.endswith("ForSequenceClassification"):
        found["input_ids"][0, -1] = END  # what the decoder makes of it is classified
    if writes(model):
        found["decoder_input_ids"] = words(text)
    return found


def writes(model: Any) -> bool:
    """Whether there is a decoder beside the encoder."""
    return "decoder_input_ids" in inspect.signature(model.forward).parameters


def words(number: int) -> torch.Tensor:
    """A text of so many tokens."""
    return torch.full((1, number), WORD, dtype=torch.long)
