"""What the encoder-only types share: BERT's sizes, the post-norm layer, and the heads that most of them have."""

from typing import ClassVar

from zoo.architecture import Architecture
from zoo.blueprint import Parts, embedding, layer_norm, linear, longest, repeat, scope, stream, tensor
from zoo.common_keys import ANY, harmless
from zoo.config import Config
from zoo.fields import dim, per_head

TOKEN_CLASSIFICATION = {"ForTokenClassification": "token_classification"}
QUESTION_ANSWERING = {"ForQuestionAnswering": "question_answering"}


class EncoderConfig(Config):
    """The fields that every encoder has; the defaults are those of BERT, which most types took over."""

    vocab_size: int = dim("V", 30_522)
    hidden_size: int = dim("H", 768)
    intermediate_size: int = dim("F", 3_072)
    num_hidden_layers: int = dim("L", 12)
    num_attention_heads: int = dim("A", 12)
    max_position_embeddings: int = dim("P", 512)
    tie_word_embeddings: bool = True

    inert = {
        **harmless("attention_probs_dropout_prob hidden_act hidden_dropout_prob layer_norm_eps"),
        "name": ANY,  # FARM writes one
        "position_embedding_type": "absolute",  # other types once put a table of distances into each layer
    }

    @property
    def head_dim(self) -> int:
        """The width of a head."""
        return per_head(vars(self))


class Encoder(Architecture):
    """A base model, and on it a head for words, labels or answers.

    Of the base model transformers has two forms: `model` with a pooler, `encoder` without one.
    """

    config: EncoderConfig
    base: ClassVar[str]
    """What a class with a head calls the base model."""
    words: ClassVar[str] = "embeddings.word_embeddings"
    """What the base model calls its word embedding."""
    output_embedding = "lm_head.decoder"

    def model(self) -> Parts:
        """The base model with the pooler, which the first token passes through for a sentence's vector."""
        yield self.encoder(), self.pooler()

    def encoder(self) -> Parts:
        """Embeddings and layers."""
        yield scope("embeddings", self.embeddings(self.config.hidden_size))
        yield scope("encoder", self.layers())

    def embeddings(self, width: int) -> Parts:
        """One vector per token: the sum of those looked up for the word and its position, normed."""
        c = self.config
        yield embedding("word_embeddings", c.vocab_size, width)
        yield embedding("position_embeddings", c.max_position_embeddings, width)
        yield longest(c.max_position_embeddings - self.first_position())
        yield layer_norm("LayerNorm", width)

    def first_position(self) -> int:
        """Which row of the table of positions is the first token's."""
        return 0

    def layers(self) -> Parts:
        """The layers, and what they have in common."""
        yield repeat("layer", self.config.num_hidden_layers, self.layer())

    def layer(self) -> Parts:
        """Self-attention and MLP, each followed by a norm."""
        yield scope("attention", self.attention()), self.mlp()

    def attention(self) -> Parts:
        """Projections to the heads and back, and a norm."""
        raise NotImplementedError

    def mlp(self) -> Parts:
        """Two matrices and a norm."""
        H, F = self.config.hidden_size, self.config.intermediate_size
        yield scope("intermediate", linear("dense", H, F))
        yield scope("output", linear("dense", F, H), layer_norm("LayerNorm", H))

    def pooler(self) -> Parts:
        """One more linear layer."""
        yield stream(1, scope("pooler", linear("dense", self.config.hidden_size, self.config.hidden_size)))

    # --- heads -------------------------------------------------------------------------------------------------------

    def tied_words(self) -> str | None:
        """The tensor that the output matrix shares, if it does."""
        return f"{self.base}.{self.words}.weight" if self.config.tie_word_embeddings else None

    def scores(self, path: str, width: int) -> Parts:
        """A score for each word of the vocabulary, from vectors of `width`, in the module that is called `path`.

        Where the matrix is the word embedding itself, the bias that goes with it is the module's own.
        """
        c = self.config
        yield tensor("bias", c.vocab_size)
        yield linear(
            "decoder",
            width,
            c.vocab_size,
            tied_to=self.tied_words(),
            bias_tied_to=f"{path}.bias" if c.tie_word_embeddings else None,
        )

    def masked_lm(self) -> Parts:
        """Words, by one more layer before the scores."""
        H = self.config.hidden_size
        yield scope(self.base, self.encoder())
        yield scope("lm_head", linear("dense", H, H), layer_norm("layer_norm", H), self.scores("lm_head", H))

    def pooled_classification(self) -> Parts:
        """One label for the whole, from the pooler."""
        yield scope(self.base, self.model()), stream(1, self.labels("classifier"))

    def sequence_classification(self) -> Parts:
        """One label for the whole, by one more layer on the first token."""
        H = self.config.hidden_size
        yield scope(self.base, self.encoder())
        yield stream(1, scope("classifier", linear("dense", H, H), self.labels("out_proj")))

    def token_classification(self) -> Parts:
        """A label for each token."""
        yield scope(self.base, self.encoder()), self.labels("classifier")

    def question_answering(self) -> Parts:
        """Where the answer begins and ends."""
        yield scope(self.base, self.encoder()), self.labels("qa_outputs")

    def labels(self, name: str) -> Parts:
        """A score for each label."""
        yield linear(name, self.config.hidden_size, self.config.num_labels)
