"""What attention sees, read off the weights that a tiny random model of transformers gives, layer by layer."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

import torch
import transformers

from zoo.blueprint import Attend, Part, Repeat, Scope, Stream
from zoo.testing.judge import config
from zoo.testing.small import base_class

LENGTH = 30
"""Tokens of the text: more than any window that is tried."""

Stack: TypeAlias = Literal["text", "encoder", "across"]


class Sight(NamedTuple):
    """What one attention of one layer does: how many heads it has, and how many tokens one token sees at most."""

    heads: int
    seen: int
    causal: bool


def observed(model_type: str, fields: Mapping[str, Any]) -> dict[Stack, list[Sight]]:
    """What each layer's attention does in transformers: to the text itself, of the encoder, and to the encoder."""
    settings = config(model_type, **fields)
    settings._attn_implementation = "eager"
    torch.manual_seed(0)
    model = getattr(transformers, base_class(model_type))(settings).eval()
    text = torch.randint(2, 100, (1, LENGTH))
    inputs: dict[str, Any] = {"decoder_input_ids": text} if settings.is_encoder_decoder else {}
    if fields.get("add_cross_attention"):
        inputs["encoder_hidden_states"] = torch.randn(1, LENGTH, settings.hidden_size)
    with torch.no_grad():
        output = model(text, output_attentions=True, **inputs)
    stacks: dict[Stack, Any] = {
        "text": output.get("decoder_attentions", output.get("attentions")),
        "encoder": output.get("encoder_attentions"),
        "across": output.get("cross_attentions"),
    }
    return {stack: [_sight(weights[0]) for weights in layers] for stack, layers in stacks.items() if layers}


def _sight(weights: torch.Tensor) -> Sight:
    """Weights: heads x tokens x tokens, and in some models one more for a sink that is no token."""
    looks = (weights[..., :LENGTH] > 0).any(0)
    return Sight(weights.shape[0], int(looks.sum(-1).max()), not bool(torch.triu(looks, 1).any()))


def declared(parts: tuple[Part, ...]) -> dict[Stack, list[Sight]]:
    """What zoo says of the same, in the order of the layers. A layer that is used again stands there once."""
    found: dict[Stack, dict[int, Sight]] = {}
    for stack, layer, attention in _walk(parts):
        sight = Sight(attention.heads, min(attention.window or LENGTH, LENGTH), attention.causal)
        found.setdefault(stack, {})[layer] = sight
    return {stack: [layers[number] for number in sorted(layers)] for stack, layers in found.items()}


def _walk(parts: tuple[Part, ...], stack: Stack = "text", layer: int = 0) -> Iterator[tuple[Stack, int, Attend]]:
    for part in parts:
        match part:
            case Attend():
                yield "across" if part.across else stack, layer, part
            case Scope():
                yield from _walk(part.parts, stack, layer)
            case Repeat():
                for group in part.groups:
                    for number in group.numbers:
                        yield from _walk(group.parts, stack, number)
            case Stream():
                yield from _walk(part.parts, "encoder" if part.tokens == "encoder" else stack, layer)
