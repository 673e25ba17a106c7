"""What attention sees, read off the weights that a tiny random model of transformers gives, layer by layer."""

import dataclasses
from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
import transformers

from zoo.blueprint import Attend, Part, Repeat, Scope, Stream
from zoo.testing.judge import classes, config

LENGTH = 30
"""Tokens of the text: more than any window that is tried."""

_SIZES = {
    "hidden_size": 64,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "intermediate_size": 96,
    "moe_intermediate_size": 24,
    "shared_expert_intermediate_size": 40,
    "vocab_size": 120,
    "max_position_embeddings": 64,
    "num_hidden_layers": 2,
    "num_decoder_layers": 2,
    "decoder_layers": 2,
    "encoder_ffn_dim": 72,
    "decoder_ffn_dim": 80,
    "decoder_attention_heads": 2,
    "num_experts": 4,
    "num_local_experts": 4,
    "num_experts_per_tok": 2,
    "n_shared_experts": 1,
    "embedding_size": 32,
    "q_lora_rank": 24,
    "kv_lora_rank": 20,
    "qk_nope_head_dim": 8,
    "qk_rope_head_dim": 6,
    "v_head_dim": 10,
    "max_encoder_position_embeddings": 64,
    "max_decoder_position_embeddings": 64,
    "attention_window": 8,
    "rotary_dim": 8,
    "pad_token_id": 1,
    "bos_token_id": 1,
    "eos_token_id": 1,
    "decoder_start_token_id": 1,
}


class Sight(NamedTuple):
    """What one attention of one layer does: how many heads it has, and how many tokens one token sees at most."""

    heads: int
    seen: int
    causal: bool


def small(model_type: str) -> dict[str, Any]:
    """A config of the type that is quick to run."""
    default = config(model_type)
    names = {field.name for field in dataclasses.fields(default)}
    spelt = {default.attribute_map.get(name, name): value for name, value in _SIZES.items()}
    fields: dict[str, Any] = {name: value for name, value in spelt.items() if name in names}
    if "attention_types" in names:
        fields["attention_types"] = [[["global", "local"], 1]]
    if "kv_lora_rank" in names:  # each query head has a key and value head of its own
        fields["num_key_value_heads"] = fields["num_attention_heads"]
    return fields


def base_class(model_type: str) -> str:
    """The base model of the type."""
    return next(name for name in classes(model_type) if name.endswith("Model") and "LMHead" not in name)


def observed(model_type: str, fields: dict[str, Any]) -> dict[str, list[Sight]]:
    """What each layer's attention does in transformers: of the encoder or only stack, the decoder, and across."""
    settings = config(model_type, **fields)
    settings._attn_implementation = "eager"
    torch.manual_seed(0)
    model = getattr(transformers, base_class(model_type))(settings).eval()
    text = torch.randint(2, 100, (1, LENGTH))
    inputs: dict[str, Any] = {"decoder_input_ids": text} if settings.is_encoder_decoder else {}
    if fields.get("add_cross_attention"):
        inputs["encoder_hidden_states"] = torch.randn(1, LENGTH, 64)
    with torch.no_grad():
        output = model(text, output_attentions=True, **inputs)
    stacks = {
        "only": output.get("encoder_attentions", output.get("attentions")),
        "decoder": output.get("decoder_attentions"),
        "across": output.get("cross_attentions"),
    }
    return {name: [_sight(weights[0]) for weights in layers] for name, layers in stacks.items() if layers}


def _sight(weights: torch.Tensor) -> Sight:
    """Weights: heads x tokens x tokens, and in some models one more for a sink that is no token."""
    looks = (weights[..., :LENGTH] > 0).any(0)
    return Sight(weights.shape[0], int(looks.sum(-1).max()), not bool(torch.triu(looks, 1).any()))


def declared(parts: tuple[Part, ...]) -> dict[str, list[Sight]]:
    """What zoo says of the same, in the order of the layers."""
    found: dict[str, dict[int, Sight]] = {}
    for stack, layer, attention in _walk(parts):
        sight = Sight(attention.heads, min(attention.window or LENGTH, LENGTH), attention.causal)
        found.setdefault(stack, {})[layer] = sight
    if "only" not in found:  # OPT's one stack is called the decoder
        found["only"] = found.pop("decoder")
    return {stack: [layers[number] for number in sorted(layers)] for stack, layers in found.items()}


_ACROSS = ("crossattention", "encoder_attn", "EncDecAttention")


def _walk(parts: tuple[Part, ...], stack: str = "only", layer: int = 0) -> Iterator[tuple[str, int, Attend]]:
    for part in parts:
        match part:
            case Attend():
                yield stack, layer, part
            case Scope():
                inner = "across" if part.name in _ACROSS else "decoder" if part.name == "decoder" else stack
                yield from _walk(part.parts, inner, layer)
            case Repeat():
                for group in part.groups:
                    for number in group.numbers:
                        yield from _walk(group.parts, stack, number)
            case Stream():
                yield from _walk(part.parts, stack, layer)
