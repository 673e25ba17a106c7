"""BERT: post-norm encoder with learned positions (Devlin et al., 2018, arXiv:1810.04805)."""

from typing import ClassVar

from zoo.architecture import Architecture
from zoo.blueprint import Parts, attend, embedding, layer_norm, linear, repeat, scope, tensor
from zoo.common_keys import ANY
from zoo.config import Config, derived, dim, per_head


class BertConfig(Config):
    """Defaults of transformers' BertConfig."""

    vocab_size: int = dim("V", 30_522)
    hidden_size: int = dim("H", 768)
    intermediate_size: int = dim("F", 3_072)
    num_hidden_layers: int = dim("L", 12)
    num_attention_heads: int = dim("A", 12)
    max_position_embeddings: int = dim("P", 512)
    type_vocab_size: int = dim("T", 2, minimum=0)
    head_dim: int = derived("D", per_head)
    is_decoder: bool = False
    add_cross_attention: bool = False
    tie_word_embeddings: bool = True

    inert = dict.fromkeys(
        [
            "attention_probs_dropout_prob",
            "classifier_dropout",
            "hidden_act",
            "hidden_dropout_prob",
            "layer_norm_eps",
            "directionality",
            "pooler_fc_size",
            "pooler_num_attention_heads",
            "pooler_num_fc_layers",
            "pooler_size_per_head",
            "pooler_type",
            "seq_length",
        ],
        ANY,
    ) | {"position_embedding_type": "absolute"}


class Bert(Architecture):
    """Word, position and segment embeddings; layers of self-attention and a two-layer MLP, each followed by a norm."""

    config: BertConfig
    prefix = "Bert"
    base: ClassVar[str] = "bert"
    """What a class with a head calls the base model."""

    heads = {
        "Model": "model",
        "ForPreTraining": "pretraining",
        "LMHeadModel": "language_model",
        "ForMaskedLM": "language_model",
        "ForSequenceClassification": "sequence_classification",
        "ForTokenClassification": "token_classification",
        "ForQuestionAnswering": "question_answering",
    }

    def model(self) -> Parts:
        """The base model with the pooler, which the first token passes through for a sentence's vector."""
        yield self.encoder(), self.pooler()

    def encoder(self) -> Parts:
        """Embeddings and layers."""
        yield scope("embeddings", self.embeddings())
        yield scope("encoder", repeat("layer", self.config.num_hidden_layers, self.layer()))

    def embeddings(self) -> Parts:
        """One vector per token: the sum of three looked up, normed."""
        c = self.config
        yield embedding("word_embeddings", c.vocab_size, c.hidden_size)
        yield embedding("position_embeddings", c.max_position_embeddings, c.hidden_size)
        yield embedding("token_type_embeddings", c.type_vocab_size, c.hidden_size)
        yield layer_norm("LayerNorm", c.hidden_size)

    def layer(self) -> Parts:
        """Self-attention and MLP, between them attention to an encoder where this is the decoder to one."""
        c = self.config
        yield scope("attention", self.attention(causal=c.is_decoder))
        if c.add_cross_attention:
            yield scope("crossattention", self.attention(causal=False))
        yield scope("intermediate", linear("dense", c.hidden_size, c.intermediate_size))
        yield scope(
            "output", linear("dense", c.intermediate_size, c.hidden_size), layer_norm("LayerNorm", c.hidden_size)
        )

    def attention(self, *, causal: bool) -> Parts:
        """Four H x H projections and a norm."""
        c = self.config
        H, A = c.hidden_size, c.num_attention_heads
        yield scope("self", [linear(name, H, A * c.head_dim) for name in ("query", "key", "value")],
                    attend(heads=A, head_dim=c.head_dim, causal=causal))  # fmt: skip
        yield scope("output", linear("dense", H, H), layer_norm("LayerNorm", H))

    def pooler(self) -> Parts:
        """The first token's vector through one more linear layer."""
        yield scope("pooler", linear("dense", self.config.hidden_size, self.config.hidden_size))

    def predictions(self) -> Parts:
        """Scores for each word of the vocabulary; the output matrix is the word embedding, with a bias of its own."""
        c = self.config
        yield tensor("bias", c.vocab_size)
        yield scope("transform", linear("dense", c.hidden_size, c.hidden_size), layer_norm("LayerNorm", c.hidden_size))
        tie = c.tie_word_embeddings
        yield linear(
            "decoder",
            c.hidden_size,
            c.vocab_size,
            tied_to=f"{self.base}.embeddings.word_embeddings.weight" if tie else None,
            bias_tied_to="cls.predictions.bias" if tie else None,
        )

    def pretraining(self) -> Parts:
        """Masked words, and whether one sentence follows the other."""
        yield scope(self.base, self.model())
        yield scope(
            "cls", scope("predictions", self.predictions()), linear("seq_relationship", self.config.hidden_size, 2)
        )

    def language_model(self) -> Parts:
        """Words, masked or next."""
        yield scope(self.base, self.encoder())
        yield scope("cls.predictions", self.predictions())

    def sequence_classification(self) -> Parts:
        """One label for the whole."""
        yield scope(self.base, self.model()), linear("classifier", self.config.hidden_size, self.config.num_labels)

    def token_classification(self) -> Parts:
        """A label for each token."""
        yield scope(self.base, self.encoder()), linear("classifier", self.config.hidden_size, self.config.num_labels)

    def question_answering(self) -> Parts:
        """Where the answer begins and ends."""
        yield scope(self.base, self.encoder()), linear("qa_outputs", self.config.hidden_size, self.config.num_labels)
