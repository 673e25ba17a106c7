"""GPT: post-norm decoder with learned positions, its linear layers stored transposed (Radford et al., 2018)."""

from zoo.blueprint import Parts, attend, embedding, layer_norm, longest, repeat, scope, transposed_linear
from zoo.common_keys import harmless
from zoo.fields import derived, dim

from .decoder import SEQUENCE_CLASSIFICATION, SUMMARY, Decoder, SharedWidthConfig


class OpenAIGPTConfig(SharedWidthConfig):
    """Defaults of transformers' OpenAIGPTConfig."""

    vocab_size: int = dim("V", 40_478)
    hidden_size: int = dim("H", 768)
    num_hidden_layers: int = dim("L", 12)
    num_attention_heads: int = dim("A", 12)
    max_position_embeddings: int = dim("P", 512)
    intermediate_size: int = derived("F", lambda fields: 4 * fields["hidden_size"])

    spellings = {
        "n_embd": "hidden_size",
        "n_head": "num_attention_heads",
        "n_layer": "num_hidden_layers",
        "n_positions": "max_position_embeddings",
    }
    unread = frozenset({"intermediate_size"})
    inert = SUMMARY | harmless("afn attn_pdrop embd_pdrop layer_norm_epsilon n_ctx resid_pdrop")


class OpenAIGPT(Decoder):
    """Words and positions; layers of attention and MLP, each followed by a norm."""

    config: OpenAIGPTConfig
    prefix = "OpenAIGPT"
    base = "transformer"
    words = "tokens_embed"
    heads = {"LMHeadModel": "causal_lm", "Model": "model"} | SEQUENCE_CLASSIFICATION

    def model(self) -> Parts:
        """Words, positions, layers."""
        c = self.config
        yield embedding(self.words, c.vocab_size, c.hidden_size)
        yield embedding("positions_embed", c.max_position_embeddings, c.hidden_size), longest(c.max_position_embeddings)
        yield repeat("h", c.num_hidden_layers, self.layer())

    def layer(self) -> Parts:
        """Attention and MLP, each followed by a norm."""
        H = self.config.hidden_size
        yield scope("attn", self.attention()), layer_norm("ln_1", H)
        yield scope("mlp", self.mlp()), layer_norm("ln_2", H)

    def attention(self) -> Parts:
        """Queries, keys and values from one matrix; and the projection back."""
        c = self.config
        H = c.hidden_size
        yield transposed_linear("c_attn", H, 3 * H), transposed_linear("c_proj", H, H)
        yield attend(heads=c.num_attention_heads, head_dim=c.head_dim)

    def mlp(self) -> Parts:
        """Two matrices."""
        H, F = self.config.hidden_size, self.config.intermediate_size
        yield transposed_linear("c_fc", H, F), transposed_linear("c_proj", F, H)
