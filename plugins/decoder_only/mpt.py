"""MPT: no position vectors but a bias by distance (ALiBi), and no bias vectors anywhere (MosaicML, 2023)."""

from collections.abc import Mapping
from typing import Any

from zoo.blueprint import Parts, attend, embedding, layer_norm, linear, repeat, scope
from zoo.common_keys import COMMON, harmless
from zoo.errors import ConfigError
from zoo.fields import derived, dim
from zoo.text import shown

from .decoder import (
    CAUSAL_LM,
    QUESTION_ANSWERING,
    SEQUENCE_CLASSIFICATION,
    TOKEN_CLASSIFICATION,
    Decoder,
    SharedWidthConfig,
)

_GROUPED = "attn_config.kv_n_heads of grouped_query_attention"


class MptConfig(SharedWidthConfig):
    """Defaults of transformers' MptConfig. Keys in attn_config and ffn_config are told as "attn_config.alibi".

    Where a key is without effect at one value only, transformers ignores others, but the code that MPT was trained
    with makes another model of them.
    """

    vocab_size: int = dim("V", 50_368)
    hidden_size: int = dim("H", 2_048)
    num_hidden_layers: int = dim("L", 24)
    num_attention_heads: int = dim("A", 16)
    num_key_value_heads: int = derived("K", lambda fields: fields["num_attention_heads"])
    max_position_embeddings: int = dim("P", 2_048)
    intermediate_size: int = derived("F", lambda fields: 4 * fields["hidden_size"])

    spellings = {
        _GROUPED: "num_key_value_heads",
        "d_model": "hidden_size",
        "max_seq_len": "max_position_embeddings",
        "n_heads": "num_attention_heads",
        "n_layers": "num_hidden_layers",
    }
    unread = frozenset({"intermediate_size", "num_key_value_heads"})
    # learned_pos_emb: with ALiBi there are none.
    inert = {
        **harmless("""
            attn_config.alibi_bias_max attn_config.attn_impl attn_config.attn_pdrop
            attn_config.attn_uses_sequence_id attn_config.clip_qkv attn_config.model_type attn_config.prefix_lm
            attn_config.softmax_scale emb_pdrop embedding_fraction fc_type ffn_config.fc_type init_config
            init_device layer_norm_epsilon learned_pos_emb logit_scale norm_type resid_pdrop verbose
        """),
        "attn_config.alibi": True,
        "attn_config.attn_type": "multihead_attention",
        "attn_config.qk_ln": False,
        "expansion_ratio": 4,
        "ffn_config.ffn_type": "mptmlp",
        "no_bias": True,
    }

    @classmethod
    def normalized(cls, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """The nested keys by their paths; of grouped queries, which transformers does not know, kv_n_heads says all."""
        flat = dict(given)
        for outer in ("attn_config", "ffn_config"):
            inner = flat.pop(outer, None) or {}
            if not isinstance(inner, Mapping):
                raise ConfigError(f"{outer} must be an object, got {shown(inner)}")
            flat |= {f"{outer}.{key}": value for key, value in inner.items() if key not in COMMON}
        if flat.get("attn_config.attn_type") == "grouped_query_attention" and "attn_config.kv_n_heads" in flat:
            del flat["attn_config.attn_type"]
            flat[_GROUPED] = flat.pop("attn_config.kv_n_heads")
        return flat


class Mpt(Decoder):
    """Words; layers of attention and MLP, each behind a norm; a norm at the end."""

    config: MptConfig
    prefix = "Mpt"
    awq_scaled = ("up_proj",)
    lora_targets = ("Wqkv",)
    base = "transformer"
    words = "wte"
    labels = "classifier"
    heads = CAUSAL_LM | SEQUENCE_CLASSIFICATION | TOKEN_CLASSIFICATION | QUESTION_ANSWERING
    aliases = {"MPTForCausalLM": "MptForCausalLM", "MPTModel": "MptModel"}

    def model(self) -> Parts:
        """Words, layers, norm."""
        c = self.config
        yield embedding(self.words, c.vocab_size, c.hidden_size)
        yield repeat("blocks", c.num_hidden_layers, self.layer())
        yield layer_norm("norm_f", c.hidden_size, bias=False)

    def layer(self) -> Parts:
        """Attention and MLP, each behind a norm."""
        H, F = self.config.hidden_size, self.config.intermediate_size
        yield layer_norm("norm_1", H, bias=False), scope("attn", self.attention())
        yield layer_norm("norm_2", H, bias=False)
        yield scope("ffn", linear("up_proj", H, F, bias=False), linear("down_proj", F, H, bias=False))

    def attention(self) -> Parts:
        """Queries, keys and values from one matrix; and the projection back."""
        c = self.config
        H, A, K, D = c.hidden_size, c.num_attention_heads, c.num_key_value_heads, c.head_dim
        yield linear("Wqkv", H, H + 2 * K * D, bias=False), linear("out_proj", H, H, bias=False)
        yield attend(heads=A, kv_heads=K, head_dim=D)
