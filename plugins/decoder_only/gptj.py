"""GPT-J: rotary positions, and attention and MLP side by side behind one norm (Wang and Komatsuzaki, 2021)."""

from zoo.blueprint import Parts, attend, embedding, layer_norm, linear, repeat, scope
from zoo.common_keys import harmless
from zoo.fields import derived, dim

from .decoder import CAUSAL_LM, QUESTION_ANSWERING, SEQUENCE_CLASSIFICATION, SUMMARY, Decoder, SharedWidthConfig


class GPTJConfig(SharedWidthConfig):
    """Defaults of transformers' GPTJConfig."""

    vocab_size: int = dim("V", 50_400)
    hidden_size: int = dim("H", 4_096)
    num_hidden_layers: int = dim("L", 28)
    num_attention_heads: int = dim("A", 16)
    max_position_embeddings: int = dim("P", 2_048)
    intermediate_size: int = derived("F", lambda fields: 4 * fields["hidden_size"])
    tie_word_embeddings: bool = False

    unread = frozenset({"intermediate_size"})
    spellings = {
        "n_embd": "hidden_size",
        "n_head": "num_attention_heads",
        "n_inner": "intermediate_size",
        "n_layer": "num_hidden_layers",
        "n_positions": "max_position_embeddings",
    }
    inert = {
        **SUMMARY,
        **harmless("""
            activation_function attn_pdrop embd_pdrop layer_norm_epsilon resid_pdrop rotary_dim scale_attn_weights
        """),
        "rotary": True,
    }


class GPTJ(Decoder):
    """Words; layers of attention and MLP behind one norm; a norm at the end."""

    config: GPTJConfig
    prefix = "GPTJ"
    awq_scaled = ("fc_in",)
    lora_targets = ("q_proj", "v_proj")
    base = "transformer"
    words = "wte"
    heads = CAUSAL_LM | SEQUENCE_CLASSIFICATION | QUESTION_ANSWERING

    def model(self) -> Parts:
        """Words, layers, norm."""
        c = self.config
        yield embedding(self.words, c.vocab_size, c.hidden_size)
        yield repeat("h", c.num_hidden_layers, self.layer())
        yield layer_norm("ln_f", c.hidden_size)

    def layer(self) -> Parts:
        """Attention and MLP, which read the same normed vector."""
        c = self.config
        H, F = c.hidden_size, c.intermediate_size
        yield layer_norm("ln_1", H), scope("attn", self.attention())
        yield scope("mlp", linear("fc_in", H, F), linear("fc_out", F, H))

    def attention(self) -> Parts:
        """Four H x H projections without bias."""
        c = self.config
        H = c.hidden_size
        yield [linear(name, H, H, bias=False) for name in ("k_proj", "v_proj", "q_proj", "out_proj")]
        yield attend(heads=c.num_attention_heads, head_dim=c.head_dim)

    def causal_lm(self) -> Parts:
        """Scores for the next token, with a bias."""
        c = self.config
        yield scope(self.base, self.model())
        yield linear("lm_head", c.hidden_size, c.vocab_size, tied_to=self.tied_words())

    def question_answering(self) -> Parts:
        """Where the answer begins and ends, if the labels are the usual two."""
        yield scope(self.base, self.model()), linear("qa_outputs", self.config.hidden_size, self.config.num_labels)
