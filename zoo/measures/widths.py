"""Why a vector is so wide: the bits that tell tokens apart, those that it holds, and what else goes with width."""

from typing import NamedTuple

from zoo.measures import dtypes
from zoo.model import Model


class Width(NamedTuple):
    """The width H of a model beside its vocabulary V, its depth L and its size N. None: it has no such thing.

    token_bits: bits that tell V tokens apart, ceil(log2 V). vector_bits: bits that a vector holds, H times those of
    `dtype`. ratio: the second over the first. layers: all that a token passes through, of encoder and decoder together.
    hidden_per_layer: H / L. head_dim: of a query or key head, if all have one width. embedding_share: of the lookup
    tables in all parameters, 0 to 1.
    """

    parameters: int
    dtype: str
    vocab_size: int | None
    token_bits: int | None
    hidden_size: int | None
    vector_bits: int | None
    ratio: float | None
    layers: int | None
    hidden_per_layer: float | None
    head_dim: int | None
    embedding_share: float | None


def width(model: Model, dtype: str | None = None) -> Width:
    """How wide a model is; `dtype`: of its vectors, by default that of its conditions, or else of its weights.

    Raises MeasureError for a dtype that is not known.
    """
    dtype = dtypes.dtype(dtype or model.conditions.dtype or model.dtype)
    V, H = model.config.dimension("vocab_size"), model.config.dimension("hidden_size")
    token_bits = (V - 1).bit_length() if V else None
    vector_bits = None if H is None else H * dtypes.BITS[dtype]
    layers = sum(model.depths) or None
    head_dims = {attention.head_dim for attention in model.attentions()}
    return Width(
        parameters=model.parameters,
        dtype=dtype,
        vocab_size=V,
        token_bits=token_bits,
        hidden_size=H,
        vector_bits=vector_bits,
        # A vocabulary of one token needs no bits.
        ratio=vector_bits / token_bits if vector_bits is not None and token_bits else None,
        layers=layers,
        hidden_per_layer=H / layers if H is not None and layers else None,
        head_dim=head_dims.pop() if len(head_dims) == 1 else None,
        embedding_share=model.embedding_parameters / model.parameters if model.parameters else None,
    )
