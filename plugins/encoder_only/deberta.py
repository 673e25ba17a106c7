"""DeBERTa: attention to content and to relative position, each with projections (He et al., 2020, arXiv:2006.03654)."""

from typing import ClassVar

from zoo.blueprint import (
    Parts,
    again,
    attend,
    embedding,
    layer_norm,
    linear,
    longest,
    products,
    scope,
    stream,
    tensor,
)
from zoo.common_keys import harmless
from zoo.fields import derived, dim

from .encoder import QUESTION_ANSWERING, TOKEN_CLASSIFICATION, Encoder, EncoderConfig


class DebertaConfig(EncoderConfig):
    """Defaults of transformers' DebertaConfig, in which the relative positions are switched off."""

    vocab_size: int = dim("V", 50_265)
    embedding_size: int = derived("E", lambda fields: fields["hidden_size"])
    pooler_hidden_size: int = derived("Q", lambda fields: fields["hidden_size"])
    type_vocab_size: int = dim("T", 0, minimum=0)
    position_biased_input: bool = True
    relative_attention: bool = False
    max_relative_positions: int = dim("R", -1, minimum=-1)
    pos_att_type: list[str] | str | None = None
    talking_head: bool = False
    legacy: bool = True

    inert = harmless("cls_dropout pooler_dropout pooler_hidden_act")

    @property
    def relative_positions(self) -> int:
        """How many distances are told apart in either direction."""
        return self.max_relative_positions if self.max_relative_positions > 0 else self.max_position_embeddings

    def scores_by_position(self, way: str) -> bool:
        """Whether content is scored by position ("c2p"), or position by content ("p2c")."""
        ways = self.pos_att_type or []
        if isinstance(ways, str):
            ways = [name.strip() for name in ways.lower().split("|")]
        return self.relative_attention and way in ways


class Deberta(Encoder):
    """Optional tables for position and segment; layers that look at distances, in one table for all of them."""

    config: DebertaConfig
    prefix = "Deberta"
    ignored: ClassVar[tuple[str, ...]] = ("position_embeddings",)
    output_embedding = "cls.predictions.decoder"
    always_full_precision: ClassVar[tuple[str, ...]] = ("q_bias", "v_bias")
    lora_targets: ClassVar[tuple[str, ...]] = ("in_proj",)
    base = "deberta"
    heads = {
        "Model": "encoder",
        "ForMaskedLM": "masked_lm",
        "ForSequenceClassification": "sequence_classification",
        **TOKEN_CLASSIFICATION,
        **QUESTION_ANSWERING,
    }

    def encoder(self) -> Parts:
        """Embeddings and layers."""
        yield scope("embeddings", self.embeddings(self.config.embedding_size))
        yield scope("encoder", self.layers())

    def embeddings(self, width: int) -> Parts:
        """One vector per token; position and segment only where they are asked for."""
        c = self.config
        yield embedding("word_embeddings", c.vocab_size, width)
        if c.position_biased_input:
            yield embedding("position_embeddings", c.max_position_embeddings, width), longest(c.max_position_embeddings)
        if c.type_vocab_size:
            yield embedding("token_type_embeddings", c.type_vocab_size, width)
        if width != c.hidden_size:
            yield linear("embed_proj", width, c.hidden_size, bias=False)
        yield layer_norm("LayerNorm", c.hidden_size)

    def layers(self) -> Parts:
        """The layers, and the distances that all of them look at."""
        c = self.config
        yield super().layers()
        if c.relative_attention:
            yield embedding("rel_embeddings", 2 * c.relative_positions, c.hidden_size)

    def attention(self) -> Parts:
        """Disentangled attention, the way back, and a norm."""
        H = self.config.hidden_size
        yield scope("self", self.disentangled())
        yield scope("output", linear("dense", H, H), layer_norm("LayerNorm", H))

    def disentangled(self) -> Parts:
        """Query, key and value in one matrix, biases for two of them, and projections of the distances."""
        c = self.config
        H, A = c.hidden_size, c.num_attention_heads
        yield tensor("q_bias", H), tensor("v_bias", H)
        yield linear("in_proj", H, 3 * H, bias=False)
        if c.talking_head:
            names = ("head_logits_proj", "head_weights_proj")
            yield stream(lambda tokens: tokens * tokens, [linear(name, A, A, bias=False) for name in names])
        if c.scores_by_position("c2p"):
            yield stream(self.distances, linear("pos_proj", H, H, bias=False))
        if c.scores_by_position("p2c"):
            yield stream(self.distances, linear("pos_q_proj", H, H))
        yield attend(heads=A, head_dim=c.head_dim, causal=False), self.relative_scores(H)

    def distances(self, tokens: int) -> int:
        """How many vectors for distances are looked at: as far as the text goes, at most, in both directions."""
        return 2 * min(tokens, self.config.relative_positions)

    def relative_scores(self, width: int) -> Parts:
        """Scores of each token for each distance, not only for those to other tokens; `width` is of all heads."""
        ways = sum(self.config.scores_by_position(way) for way in ("c2p", "p2c"))
        yield products(lambda tokens: 2 * width * tokens * ways * self.distances(tokens))

    def output_module(self) -> str:
        """Of the other head, transformers takes the layer before the scores for them."""
        return super().output_module() if self.config.legacy else "lm_predictions.lm_head.dense"

    def masked_lm(self) -> Parts:
        """Words, by one more layer before the scores: BERT's head, or one that always uses the word embedding."""
        c = self.config
        H, E = c.hidden_size, c.embedding_size
        yield scope(self.base, self.encoder())
        if c.legacy:
            transform = scope("transform", linear("dense", H, E), layer_norm("LayerNorm", E))
            yield scope("cls.predictions", transform, self.scores("cls.predictions", E))
        else:
            bias = tensor("bias", c.vocab_size)
            yield scope("lm_predictions.lm_head", bias, linear("dense", H, H), layer_norm("LayerNorm", H))
            yield again("text", linear("word_embeddings", H, c.vocab_size, bias=False))

    def sequence_classification(self) -> Parts:
        """One label for the whole, from a pooler outside the base model."""
        yield scope(self.base, self.encoder()), stream(1, self.pooler(), self.labels("classifier"))

    def pooler(self) -> Parts:
        """One more linear layer, whose width is given by itself, though only hidden_size fits."""
        Q = self.config.pooler_hidden_size
        yield scope("pooler", linear("dense", Q, Q))
