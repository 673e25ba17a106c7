"""Buffers: tensors of a checkpoint that no training adjusts, told by name, and by shape where a name is not enough.

What counts is whether transformers registers it as a buffer, now or when the file was written: its counts leave them
out (`named_parameters()`). A tensor of another name is not taken for one.
"""

from collections.abc import Callable

from zoo.blueprint import Shape
from zoo.checkpoints.checkpoint import Stored


def buffer(stored: Stored) -> str | None:
    """What it is, in a few words, if it is a buffer."""
    module, _, last = stored.name.rpartition(".")
    known = _BUFFERS.get(last)
    if known and known[1](stored.shape):
        return known[0]
    if last.endswith("inv_freq") and len(stored.shape) == 1:  # also those of several kinds: `local_inv_freq`
        return _ROTARY
    owner = module.rpartition(".")[2]
    if last == "bias" and "att" in owner and _mask(stored.shape):
        return _MASK
    return _OWNED.get((owner, last))


def _any(shape: Shape) -> bool:
    return True


def _one(shape: Shape) -> bool:
    return shape in ((), (1,))


def _vector(shape: Shape) -> bool:
    return len(shape) == 1


def _row(shape: Shape) -> bool:
    return len(shape) == 2 and shape[0] == 1


def _vector_or_row(shape: Shape) -> bool:
    return _vector(shape) or _row(shape)


def _mask(shape: Shape) -> bool:
    """A square for all texts and heads: a bias that is learned is a vector."""
    return len(shape) == 4 and shape[:2] == (1, 1) and shape[2] == shape[3]


_ROTARY = "rotary frequencies"
_MASK = "causal mask"

# Sources: `register_buffer` and `nn.Buffer` in the models of transformers, 4.x for what it no longer stores (masks,
# rotary caches, positions), 5.23 for the rest; torch.nn.BatchNorm1d; fairseq (`version`); TransformerEngine
# (`_extra_state`).
_BUFFERS: dict[str, tuple[str, Callable[[Shape], bool]]] = {
    "inv_timescales": (_ROTARY, _vector),
    "freqs_cis": (_ROTARY, _any),
    "cos_cached": ("rotary cosines", _any),
    "sin_cached": ("rotary sines", _any),
    "position_ids": ("positions", _vector_or_row),
    "token_type_ids": ("segments", _vector_or_row),
    "causal_mask": (_MASK, _mask),
    "attn_mask": ("attention mask", _any),
    "masked_bias": ("value of masked scores", _one),
    "relative_position_index": ("positions", _any),
    "relative_coords_table": ("positions", _any),
    "final_logits_bias": ("bias of the output, not trained", _row),
    # Of two dimensions transformers has it as a parameter, if one without a gradient.
    "e_score_correction_bias": ("bias of the router, not trained by gradient", _vector),
    "running_mean": ("batch-norm statistics", _vector),
    "running_var": ("batch-norm statistics", _vector),
    "num_batches_tracked": ("batch-norm statistics", _one),
    "embed_scale": ("scale of the embedding, fixed", _one),
    "layer_scalar": ("scale of a layer, not trained", _one),
    "std_bias": ("statistics of the input", _vector),
    "std_scale": ("statistics of the input", _vector),
    "version": ("version of the format", _one),
    "_extra_state": ("state of TransformerEngine", _any),
}

# By the name of what holds them, too: a parameter may be called so elsewhere.
_OWNED = {
    ("rope", "freqs"): _ROTARY,
    ("attn", "embed_positions"): "rotary sines and cosines",
    ("embed_positions", "weights"): "sinusoidal positions",
    ("embed_positions", "_float_tensor"): "type of the positions",
}
