"""What LLaMA and its kin share: RMSNorm before rotary grouped-query attention and before a gated MLP.

Grouped-query attention: Ainslie et al., 2023, arXiv:2305.13245; the gated MLP: Shazeer, 2020, arXiv:2002.05202.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

from zoo.blueprint import (
    Part,
    Parts,
    Without,
    attend,
    embedding,
    experts,
    linear,
    repeat,
    rms_norm,
    scope,
    split,
    tensor,
)
from zoo.common_keys import ANY
from zoo.fields import derived, dim, for_each_layer, per_head

from .decoder import Decoder, DecoderConfig


class GatedConfig(DecoderConfig):
    """The fields that all the kin have; each type gives its own defaults."""

    intermediate_size: int = dim("F", None)
    num_attention_heads: int = dim("A", None)
    num_key_value_heads: int = derived("K", lambda fields: fields["num_attention_heads"])
    head_dim: int = derived("D", per_head)
    max_position_embeddings: int = dim("P", None)
    tie_word_embeddings: bool = False

    inert = dict.fromkeys(
        ["attention_dropout", "hidden_act", "rms_norm_eps", "rope_parameters", "rope_scaling", "rope_theta"], ANY
    )


class Layer(NamedTuple):
    """What tells one kind of layer from another.

    window: how many tokens back its attention sees; None: all of them.
    sparse: whether its MLP is a mixture of experts.
    """

    window: int | None = None
    sparse: bool = False


Kinds: TypeAlias = Sequence[Layer] | Mapping[Layer, Collection[int]]
"""The kind of each layer: a list, or each kind with its layer numbers in closed form."""

LayerType: TypeAlias = Literal["full_attention", "sliding_attention"]
"""What `layer_types` in config.json says of each layer."""


class GatedDecoder(Decoder):
    """Layers of attention and MLP, each behind a norm; a norm at the end."""

    config: GatedConfig

    def model(self) -> Parts:
        """Words, layers, norm."""
        c = self.config
        yield embedding(self.words, c.vocab_size, c.hidden_size)
        yield repeat("layers", self.kinds(), self.layer)
        yield rms_norm("norm", c.hidden_size)

    def kinds(self) -> Kinds:
        """All layers are alike, dense, and see everything before them."""
        return {Layer(): range(self.config.num_hidden_layers)}

    def layer(self, kind: Layer) -> Parts:
        """Attention and MLP, each behind a norm."""
        H = self.config.hidden_size
        yield rms_norm("input_layernorm", H), scope("self_attn", self.attention(kind.window))
        yield rms_norm("post_attention_layernorm", H), scope("mlp", self.mixture() if kind.sparse else self.mlp())

    def attention(self, window: int | None) -> Parts:
        """Four projections without biases."""
        yield self.grouped_query(window, bias=False, output_bias=False)

    def grouped_query(self, window: int | None, *, bias: bool, output_bias: bool, causal: bool = True) -> Parts:
        """Projections to the query heads, to as many or fewer key and value heads, and back."""
        c = self.config
        H, A, K, D = c.hidden_size, c.num_attention_heads, self.kv_heads(), c.head_dim
        yield linear("q_proj", H, A * D, bias=bias)
        yield linear("k_proj", H, K * D, bias=bias), linear("v_proj", H, K * D, bias=bias)
        yield linear("o_proj", A * D, H, bias=output_bias)
        yield attend(heads=A, kv_heads=K, head_dim=D, window=window, causal=causal)

    def kv_heads(self) -> int:
        """How many heads keys and values have."""
        return self.config.num_key_value_heads

    def mlp(self) -> Parts:
        """Three matrices, one of them the gate."""
        yield gated_mlp(self.config.hidden_size, self.config.intermediate_size)

    def mixture(self) -> Parts:
        """What stands in place of the MLP in sparse layers."""
        raise NotImplementedError


class BiasConfig(GatedConfig):
    """For types whose config can give all four projections of attention a bias."""

    attention_bias: bool = False


class BiasDecoder(GatedDecoder):
    """The kin whose attention has biases or none, as the config says."""

    config: BiasConfig

    def attention(self, window: int | None) -> Parts:
        """Four projections, with biases if the config wants them."""
        bias = self.config.attention_bias
        yield self.grouped_query(window, bias=bias, output_bias=bias)


def gated_mlp(inputs: int, width: int, *, bias: bool = False) -> Parts:
    """SwiGLU or GeGLU: three matrices, one of them the gate."""
    yield linear("gate_proj", inputs, width, bias=bias), linear("up_proj", inputs, width, bias=bias)
    yield linear("down_proj", width, inputs, bias=bias)


def gated_experts(number: int, active: int, inputs: int, width: int) -> Part:
    """Gated MLPs of which a token uses `active`; gate and up are stored as one tensor."""
    gate_up = tensor("gate_up_proj", 2 * width, inputs, use="matmul")
    return experts("experts", number, active, gate_up, tensor("down_proj", inputs, width, use="matmul"))


def typed_layers(layers: int, types: list[LayerType] | None, at: Collection[int], sliding: Layer, full: Layer) -> Kinds:
    """The kinds of `layers` layers as the config's `layer_types` lists them, or else `sliding` for those in `at`."""
    if types is not None:
        types = for_each_layer(types, layers, "layer_types")
        return [sliding if layer_type == "sliding_attention" else full for layer_type in types]
    return split(layers, at, sliding, full)


def sparse_layers(
    layers: int, step: int, left_out: Sequence[int], sparse: Layer, dense: Layer
) -> Mapping[Layer, Collection[int]]:
    """Every `step`-th of `layers` layers is `sparse`, but for those in `left_out`; the rest are `dense`."""
    regular = range(step - 1, layers, step)
    dropped = dict.fromkeys(sorted({number for number in left_out if number in regular}))
    if step == 1:
        return split(layers, dropped, dense, sparse)
    return split(layers, Without(regular, dropped), sparse, dense)
