"""What the decoder-only types share: the heads that transformers puts on any of them."""

from typing import ClassVar

from zoo.architecture import Architecture
from zoo.blueprint import Parts, linear, scope
from zoo.common_keys import harmless
from zoo.config import Config
from zoo.fields import dim, per_head

CAUSAL_LM = {"ForCausalLM": "causal_lm", "Model": "model"}
SEQUENCE_CLASSIFICATION = {"ForSequenceClassification": "sequence_classification"}
TOKEN_CLASSIFICATION = {"ForTokenClassification": "token_classification"}
QUESTION_ANSWERING = {"ForQuestionAnswering": "question_answering"}
# For classes that call the base model `transformer`, whatever the other classes of the type call it.
OLD_QUESTION_ANSWERING = {"ForQuestionAnswering": "old_question_answering"}

# Rotary positions are computed and no parameters.
ROPE = harmless("rope_parameters rope_scaling rope_theta")
# How the head for multiple choice, which is not counted, condenses a sequence.
SUMMARY = harmless("""
    summary_activation summary_first_dropout summary_proj_to_labels summary_type summary_use_proj
""")


class DecoderConfig(Config):
    """The fields that every decoder has; each type gives its own defaults."""

    vocab_size: int = dim("V", None)
    hidden_size: int = dim("H", None)
    num_hidden_layers: int = dim("L", None)
    tie_word_embeddings: bool = True


class SharedWidthConfig(DecoderConfig):
    """For the types in which the heads always share out the model's width, whatever a key head_dim says."""

    num_attention_heads: int = dim("A", None)

    @property
    def head_dim(self) -> int:
        """The width of a head."""
        return per_head(vars(self))


class Decoder(Architecture):
    """A base model, and on it a head for words, labels or answers."""

    config: DecoderConfig
    base: ClassVar[str] = "model"
    """What a class with a head calls the base model."""
    words: ClassVar[str] = "embed_tokens"
    """What the base model calls its word embedding."""
    labels: ClassVar[str] = "score"
    """What the class that labels tokens calls its linear layer."""

    def model(self) -> Parts:
        """The base model, without a head."""
        raise NotImplementedError

    def causal_lm(self) -> Parts:
        """Scores for the next token, from the word embedding itself where it is tied."""
        yield scope(self.base, self.model())
        yield linear("lm_head", self.config.hidden_size, self.config.vocab_size, bias=False, tied_to=self.tied_words())

    def tied_words(self) -> str | None:
        """The tensor that the output matrix shares, if it does."""
        return f"{self.base}.{self.words}.weight" if self.config.tie_word_embeddings else None

    def sequence_classification(self) -> Parts:
        """One label for the whole."""
        yield scope(self.base, self.model())
        yield linear("score", self.config.hidden_size, self.config.num_labels, bias=False)

    def token_classification(self) -> Parts:
        """A label for each token."""
        yield scope(self.base, self.model())
        yield linear(self.labels, self.config.hidden_size, self.config.num_labels)

    def question_answering(self) -> Parts:
        """Where the answer begins and ends."""
        yield scope(self.base, self.model())
        yield linear("qa_outputs", self.config.hidden_size, 2)

    def old_question_answering(self) -> Parts:
        """Where the answer begins and ends, in classes that have kept an old name for the base model."""
        yield scope("transformer", self.model())
        yield linear("qa_outputs", self.config.hidden_size, 2)
