"""BERT: post-norm encoder with learned positions (Devlin et al., 2018, arXiv:1810.04805)."""

from typing import ClassVar

from zoo.blueprint import Parts, attend, embedding, layer_norm, linear, scope, stream
from zoo.common_keys import harmless
from zoo.errors import ConfigError
from zoo.fields import dim

from .encoder import QUESTION_ANSWERING, TOKEN_CLASSIFICATION, Encoder, EncoderConfig


class BertConfig(EncoderConfig):
    """Defaults of transformers' BertConfig."""

    type_vocab_size: int = dim("T", 2, minimum=0)
    is_decoder: bool = False
    add_cross_attention: bool = False

    # Google's own files have a directionality, and describe a pooler that transformers never had.
    inert = harmless("""
        classifier_dropout directionality pooler_fc_size pooler_num_attention_heads pooler_num_fc_layers
        pooler_size_per_head pooler_type
    """)


class Bert(Encoder):
    """Word, position and segment embeddings; layers of self-attention and a two-layer MLP, each followed by a norm."""

    config: BertConfig
    prefix = "Bert"
    output_embedding = "cls.predictions.decoder"
    lora_targets: ClassVar[tuple[str, ...]] = ("query", "value")
    base = "bert"
    heads = {
        "Model": "model",
        "ForPreTraining": "pretraining",
        "LMHeadModel": "language_model",
        "ForMaskedLM": "language_model",
        "ForSequenceClassification": "pooled_classification",
        **TOKEN_CLASSIFICATION,
        **QUESTION_ANSWERING,
    }

    def embeddings(self, width: int) -> Parts:
        """A third vector for the segment that the token is in."""
        yield super().embeddings(width), embedding("token_type_embeddings", self.config.type_vocab_size, width)

    def layer(self) -> Parts:
        """Self-attention and MLP, between them attention to an encoder where this is the decoder to one."""
        c = self.config
        yield scope("attention", self.attention(causal=c.is_decoder))
        if c.add_cross_attention:
            if not c.is_decoder:
                raise ConfigError("add_cross_attention is true, but is_decoder is not: only a decoder has it")
            yield scope("crossattention", self.attention(across=True))
        yield self.mlp()

    def attention(self, *, causal: bool = False, across: bool = False) -> Parts:
        """Four H x H projections and a norm; `across`: keys and values are made of what an encoder gives."""
        c = self.config
        H = c.hidden_size
        seen = [linear(name, H, H) for name in ("key", "value")]
        yield scope(
            "self",
            linear("query", H, H),
            stream("encoder", seen) if across else seen,
            attend(heads=c.num_attention_heads, head_dim=c.head_dim, causal=causal, across=across),
        )
        yield scope("output", linear("dense", H, H), layer_norm("LayerNorm", H))

    def predictions(self) -> Parts:
        """Words, by one more layer before the scores."""
        H = self.config.hidden_size
        yield scope("transform", linear("dense", H, H), layer_norm("LayerNorm", H))
        yield self.scores("cls.predictions", H)

    def language_model(self) -> Parts:
        """Words, masked or next."""
        yield scope(self.base, self.encoder())
        yield scope("cls.predictions", self.predictions())

    def pretraining(self) -> Parts:
        """Masked words, and whether one sentence follows the other."""
        yield scope(self.base, self.model())
        yield scope(
            "cls",
            scope("predictions", self.predictions()),
            stream(1, linear("seq_relationship", self.config.hidden_size, 2)),
        )
