"""What LLaMA and its kin share: RMSNorm before rotary grouped-query attention and before a gated MLP.

Grouped-query attention: Ainslie et al., 2023, arXiv:2305.13245; the gated MLP: Shazeer, 2020, arXiv:2002.05202.
"""

from collections.abc import Collection, Mapping, Sequence
from math import lcm
from typing import Literal, NamedTuple, TypeAlias

from zoo.blueprint import (
    Part,
    Parts,
    Without,
    attend,
    embedding,
    experts,
    linear,
    present,
    repeat,
    rms_norm,
    scope,
    split,
    tensor,
)
from zoo.common_keys import harmless
from zoo.fields import derived, dim, for_each_layer, per_head

from .decoder import ROPE, Decoder, DecoderConfig


class GatedConfig(DecoderConfig):
    """The fields that all the kin have; each type gives its own defaults."""

    intermediate_size: int = dim("F", None)
    num_attention_heads: int = dim("A", None)
    num_key_value_heads: int = derived("K", lambda fields: fields["num_attention_heads"])
    head_dim: int = derived("D", per_head)
    max_position_embeddings: int = dim("P", None)
    tie_word_embeddings: bool = False

    inert = ROPE | harmless("attention_dropout hidden_act rms_norm_eps")

    # Fields in the types whose config tells; in the others as here.

    @property
    def attention_bias(self) -> bool:
        """Whether all four projections of attention have a bias."""
        return False

    @property
    def use_bidirectional_attention(self) -> bool | None:
        """Whether a token sees those after it, too."""
        return False


class Layer(NamedTuple):
    """What tells one kind of layer from another.

    window: how many tokens one token sees, itself included; None: all of them.
    sparse: whether its MLP is a mixture of experts.
    """

    window: int | None = None
    sparse: bool = False


Kinds: TypeAlias = Sequence[Layer] | Mapping[Layer, Collection[int]]
"""The kind of each layer: a list, or each kind with its layer numbers in closed form."""

LayerType: TypeAlias = Literal["full_attention", "sliding_attention", "attention"]
"""What `layer_types` in config.json says of each layer; "attention" is an old name of the full one."""


class GatedDecoder(Decoder):
    """Layers of attention and MLP, each behind a norm; a norm at the end."""

    config: GatedConfig

    def model(self) -> Parts:
        """Words, layers, norm."""
        c = self.config
        yield embedding(self.words, c.vocab_size, c.hidden_size)
        yield repeat("layers", c.num_hidden_layers, self.kinds(), self.layer)
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
        """Grouped-query attention to all tokens before, or to those in the window."""
        c = self.config
        bias, output_bias = self.biases()
        yield grouped_query(
            c.hidden_size,
            c.num_attention_heads,
            self.kv_heads(),
            c.head_dim,
            bias=bias,
            output_bias=output_bias,
            window=window,
            causal=not c.use_bidirectional_attention,
        )

    def kv_heads(self) -> int:
        """How many heads keys and values have."""
        return self.config.num_key_value_heads

    def biases(self) -> tuple[bool, bool]:
        """Whether there are biases on queries, keys and values, and whether on the way back."""
        return self.config.attention_bias, self.config.attention_bias

    def mlp(self) -> Parts:
        """Three matrices, one of them the gate."""
        yield gated_mlp(self.config.hidden_size, self.config.intermediate_size)

    def mixture(self) -> Parts:
        """What stands in place of the MLP in sparse layers."""
        raise NotImplementedError


def grouped_query(
    inputs: int,
    heads: int,
    kv_heads: int,
    head_dim: int,
    *,
    bias: bool,
    output_bias: bool,
    output: str = "o_proj",
    window: int | None = None,
    causal: bool = True,
) -> Parts:
    """Projections to the query heads, to as many or fewer key and value heads, and back; and attention itself."""
    yield linear("q_proj", inputs, heads * head_dim, bias=bias)
    yield [linear(name, inputs, kv_heads * head_dim, bias=bias) for name in ("k_proj", "v_proj")]
    yield linear(output, heads * head_dim, inputs, bias=output_bias)
    yield attend(heads=heads, kv_heads=kv_heads, head_dim=head_dim, window=window, causal=causal)


def gated_mlp(inputs: int, width: int, *, bias: bool = False) -> Parts:
    """SwiGLU or GeGLU: three matrices, one of them the gate."""
    yield linear("gate_proj", inputs, width, bias=bias), linear("up_proj", inputs, width, bias=bias)
    yield linear("down_proj", width, inputs, bias=bias)


def gated_experts(number: int, active: int, inputs: int, width: int) -> Part:
    """Gated MLPs of which a token uses `active`; gate and up are stored as one tensor."""
    gate_up = tensor("gate_up_proj", 2 * width, inputs, use="matmul")
    return experts("experts", number, active, gate_up, tensor("down_proj", inputs, width, use="matmul"))


# The tensors of a mixture by the modules that they once were: one for each expert, as checkpoints have them still.
EXPERTS = {"gate_up_proj": ("gate_proj", "up_proj"), "down_proj": ("down_proj",)}
# What PEFT takes for tensors in place of modules.
FUSED = {"gate.weight": ("gate",), **EXPERTS}


def typed_layers(layers: int, types: list[LayerType] | None, at: Collection[int], sliding: Layer, full: Layer) -> Kinds:
    """The kinds of `layers` layers as the config's `layer_types` lists them, or else `sliding` for those in `at`."""
    if types is not None:
        types = for_each_layer(types, layers, "layer_types")
        return [sliding if layer_type == "sliding_attention" else full for layer_type in types]
    return split(layers, at, sliding, full)


def sparse_layers(
    layers: range, step: int, left_out: Collection[int] | None, sparse: Layer, dense: Layer
) -> dict[Layer, Collection[int]]:
    """The kinds of `layers`: `sparse` is every `step`-th of the model but for `left_out`, the rest `dense`."""
    regular = common(range(step - 1, layers.stop, step), layers)
    dropped = dict.fromkeys(sorted({number for number in left_out or () if number in regular}))
    kept = Without(regular, dropped) if dropped else regular
    return present({sparse: kept, dense: dropped if len(regular) == len(layers) else Without(layers, kept)})


def common(one: range, other: range) -> range:
    """The numbers in both of two ascending ranges."""
    before = max(0, -(-(other.start - one.start) // one.step))
    first = next((number for number in one[before : before + other.step] if number in other), other.stop)
    return range(first, min(one.stop, other.stop), lcm(one.step, other.step))
