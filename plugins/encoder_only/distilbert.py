"""DistilBERT: BERT with half the layers, without segments and pooler (Sanh et al., 2019, arXiv:1910.01108)."""

from zoo.blueprint import Parts, attend, layer_norm, linear, scope, stream
from zoo.common_keys import harmless
from zoo.errors import ConfigError
from zoo.fields import dim

from .encoder import QUESTION_ANSWERING, TOKEN_CLASSIFICATION, Encoder, EncoderConfig


class DistilbertConfig(EncoderConfig):
    """Defaults of transformers' DistilBertConfig."""

    num_hidden_layers: int = dim("L", 6)

    spellings = {
        "dim": "hidden_size",
        "hidden_dim": "intermediate_size",
        "n_heads": "num_attention_heads",
        "n_layers": "num_hidden_layers",
    }
    unread = frozenset({"intermediate_size"})
    # sinusoidal_pos_embds tells how the position table starts out.
    inert = {
        **harmless("activation attention_dropout dropout qa_dropout seq_classif_dropout sinusoidal_pos_embds"),
        "is_decoder": False,
        "tie_weights_": True,
    }


class Distilbert(Encoder):
    """BERT's layers under other names; no segments, no pooler."""

    config: DistilbertConfig
    prefix = "DistilBert"
    output_embedding = "vocab_projector"
    base = "distilbert"
    heads = {
        "Model": "encoder",
        "ForMaskedLM": "masked_lm",
        "ForSequenceClassification": "sequence_classification",
        **TOKEN_CLASSIFICATION,
        **QUESTION_ANSWERING,
    }

    def encoder(self) -> Parts:
        """Embeddings and layers."""
        yield scope("embeddings", self.embeddings(self.config.hidden_size))
        yield scope("transformer", self.layers())

    def layer(self) -> Parts:
        """Self-attention and MLP, each followed by a norm."""
        H, F = self.config.hidden_size, self.config.intermediate_size
        yield scope("attention", self.attention()), layer_norm("sa_layer_norm", H)
        yield scope("ffn", linear("lin1", H, F), linear("lin2", F, H)), layer_norm("output_layer_norm", H)

    def attention(self) -> Parts:
        """Four H x H projections."""
        c = self.config
        yield [linear(name, c.hidden_size, c.hidden_size) for name in ("q_lin", "k_lin", "v_lin", "out_lin")]
        yield attend(heads=c.num_attention_heads, head_dim=c.head_dim, causal=False)

    def masked_lm(self) -> Parts:
        """Words, by one more layer before the scores."""
        c = self.config
        H = c.hidden_size
        yield scope(self.base, self.encoder())
        yield linear("vocab_transform", H, H), layer_norm("vocab_layer_norm", H)
        yield linear("vocab_projector", H, c.vocab_size, tied_to=self.tied_words())

    def sequence_classification(self) -> Parts:
        """One label for the whole, by one more layer on the first token."""
        H = self.config.hidden_size
        yield scope(self.base, self.encoder())
        yield stream(1, linear("pre_classifier", H, H), self.labels("classifier"))

    def question_answering(self) -> Parts:
        """Where the answer begins and ends: two labels, by definition."""
        if self.config.num_labels != 2:
            raise ConfigError(f"num_labels must be 2 for question answering, got {self.config.num_labels}")
        yield super().question_answering()
