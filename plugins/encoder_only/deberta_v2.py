"""DeBERTa v2 and v3: distances in buckets, seen by the content's matrices (v3: He et al., 2021, arXiv:2111.09543)."""

from typing import Literal

from zoo.blueprint import Parts, again, attend, conv1d, layer_norm, linear, scope, stream
from zoo.common_keys import ANY
from zoo.errors import ConfigError
from zoo.fields import derived, dim, per_head

from .deberta import Deberta, DebertaConfig


class DebertaV2Config(DebertaConfig):
    """Defaults of transformers' DebertaV2Config, those of DeBERTa v2 xlarge without relative positions."""

    vocab_size: int = dim("V", 128_100)
    hidden_size: int = dim("H", 1_536)
    intermediate_size: int = dim("F", 6_144)
    num_hidden_layers: int = dim("L", 24)
    num_attention_heads: int = dim("A", 24)
    position_buckets: int = dim("B", -1, minimum=-1)
    share_att_key: bool = False
    norm_rel_ebd: Literal["none", "layer_norm"] = "none"
    conv_kernel_size: int = dim("k", 0, minimum=0)
    conv_groups: int = dim("g", 1)
    attention_head_size: int = derived("D", per_head)

    inert = {"conv_act": ANY}

    @property
    def relative_positions(self) -> int:
        """Distances, in buckets where they are."""
        return self.position_buckets if self.position_buckets > 0 else super().relative_positions


class DebertaV2(Deberta):
    """Projections of distances shared with those of content, and a convolution beside the first layer."""

    config: DebertaV2Config
    prefix = "DebertaV2"
    ignored = ("position_embeddings", "mask_predictions")
    always_full_precision = ()
    lora_targets = ("query_proj", "value_proj")

    def layers(self) -> Parts:
        """A norm for the distances, and the convolution, where they are asked for."""
        c = self.config
        H, groups = c.hidden_size, c.conv_groups
        yield super().layers()
        if c.norm_rel_ebd == "layer_norm":
            yield layer_norm("LayerNorm", H)
        if c.conv_kernel_size:
            if H % groups:
                raise ConfigError(f"hidden_size {H} is not a multiple of conv_groups {groups}")
            yield scope("conv", conv1d("conv", H, H, c.conv_kernel_size, groups=groups), layer_norm("LayerNorm", H))

    def disentangled(self) -> Parts:
        """Query, key and value; the same for distances, unless those share them."""
        c = self.config
        H, A, D = c.hidden_size, c.num_attention_heads, c.attention_head_size
        query, key, value = (linear(name, H, A * D) for name in ("query_proj", "key_proj", "value_proj"))
        yield query, key, value
        if not c.share_att_key:
            if c.scores_by_position("c2p"):
                yield stream(self.distances, linear("pos_key_proj", H, A * D))
            if c.scores_by_position("p2c"):
                yield stream(self.distances, linear("pos_query_proj", H, A * D))
        elif c.relative_attention:
            yield again(self.distances, query, key)
        yield attend(heads=A, head_dim=D, causal=False), self.relative_scores(A * D)

    def distances(self, tokens: int) -> int:
        """All vectors for distances, however short the text."""
        return 2 * self.config.relative_positions
