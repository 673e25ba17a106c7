"""T5: encoder-decoder with no positions but learned biases by distance (Raffel et al., 2019, arXiv:1910.10683)."""

from typing import ClassVar, Literal, TypeAlias

from zoo.architecture import Architecture
from zoo.blueprint import Part, Parts, attend, embedding, linear, repeat, rms_norm, scope, split, stream
from zoo.common_keys import harmless
from zoo.config import Config
from zoo.errors import ConfigError
from zoo.fields import derived, dim, following
from zoo.text import shown


def _gated(feed_forward_proj: str) -> bool:
    """Whether the MLP has a gate: "gated-gelu" says so, "relu" not."""
    gate, _, activation = feed_forward_proj.rpartition("-")
    if gate not in ("", "gated") or not activation:
        raise ConfigError(
            f"feed_forward_proj must be an activation, or one after gated-, got {shown(feed_forward_proj)}"
        )
    return gate == "gated"


class T5Config(Config):
    """Defaults of transformers' T5Config."""

    vocab_size: int = dim("V", 32_128)
    hidden_size: int = dim("H", 512)
    head_dim: int = dim("D", 64)
    intermediate_size: int = dim("F", 2_048)
    num_hidden_layers: int = dim("L", 6)
    # As many as in the encoder where it is not given, and also where it is given as null.
    num_decoder_layers: int | None = derived("L_dec", lambda fields: fields["num_hidden_layers"])
    num_attention_heads: int = dim("A", 8)
    relative_attention_num_buckets: int = dim("R", 32)
    max_position_embeddings: int | None = dim("P", None)
    feed_forward_proj: str = "relu"
    # Written by transformers beside feed_forward_proj, and believed where the two disagree.
    is_gated_act: bool | None = following(lambda fields: _gated(fields["feed_forward_proj"]))
    is_decoder: bool = False
    tie_word_embeddings: bool = True

    spellings = {
        "d_model": "hidden_size",
        "d_kv": "head_dim",
        "d_ff": "intermediate_size",
        "num_layers": "num_hidden_layers",
        "num_heads": "num_attention_heads",
        "n_positions": "max_position_embeddings",
    }
    # transformers takes num_hidden_layers for num_layers too late: what follows from it follows from the default.
    unread = frozenset({"intermediate_size", "num_hidden_layers"})

    inert = harmless("""
        chronos_config classifier_dropout dense_act_fn dropout_rate initializer_factor layer_norm_epsilon
        relative_attention_max_distance scale_decoder_outputs
    """)


Role: TypeAlias = Literal["encoder", "decoder", "decoder alone"]
"""What a stack is for. Alone, a decoder has the matrices to look at an encoder, and no use for them."""


class T5(Architecture):
    """Two stacks of blocks over one word embedding, without a bias in any linear layer.

    The output matrix is the word embedding in the first T5. From T5 v1.1 on the published models have one of their own,
    and their configs say so by `tie_word_embeddings: false`.
    """

    config: T5Config
    prefix = "T5"
    ignored: ClassVar[tuple[str, ...]] = ("decoder.block.0.layer.1.EncDecAttention.relative_attention_bias",)
    full_precision: ClassVar[tuple[str, ...]] = ("wo",)
    lora_targets: ClassVar[tuple[str, ...]] = ("q", "v")
    heads = {
        "ForConditionalGeneration": "conditional_generation",
        "Model": "model",
        "EncoderModel": "encoder_model",
        "ForSequenceClassification": "sequence_classification",
        "ForTokenClassification": "token_classification",
        "ForQuestionAnswering": "question_answering",
    }
    aliases = {"T5WithLMHeadModel": "T5ForConditionalGeneration"}

    def model(self, within: str = "") -> Parts:
        """Words, encoder and decoder; `within` is what names it in a class with a head, dot included."""
        c = self.config
        yield embedding("shared", c.vocab_size, c.hidden_size)
        words = self.shared_words(within)
        yield stream("encoder", scope("encoder", self.stack(c.num_hidden_layers, words, role="encoder")))
        yield scope("decoder", self.stack(c.num_decoder_layers or c.num_hidden_layers, words, role="decoder"))

    def encoder_model(self, within: str = "") -> Parts:
        """Words and encoder, which transformers builds as a decoder where the config says that it is one."""
        c = self.config
        role: Role = "decoder alone" if c.is_decoder else "encoder"
        stack = self.stack(c.num_hidden_layers, self.shared_words(within), role=role)
        yield stream("encoder", embedding("shared", c.vocab_size, c.hidden_size), scope("encoder", stack))

    def shared_words(self, within: str) -> str | None:
        """The tensor that the word embeddings of both stacks share."""
        return f"{within}shared.weight"

    def stack(self, layers: int, words: str | None, *, role: Role) -> Parts:
        """Encoder or decoder: words, blocks, norm."""
        c = self.config
        yield embedding("embed_tokens", c.vocab_size, c.hidden_size, tied_to=words)
        yield self.blocks(layers, role=role)
        yield rms_norm("final_layer_norm", c.hidden_size)

    def blocks(self, layers: int, *, role: Role) -> Parts:
        """The first block holds the position biases, and all use them."""
        yield repeat(
            "block",
            layers,
            split(layers, range(1), True, False),
            lambda first: self.block(positions=first, role=role),
        )

    def block(self, *, positions: bool, role: Role) -> Parts:
        """Attention, in the decoder also to the encoder, and MLP."""
        yield self.attentions(positions=positions, role=role)
        yield self.last_sublayer(self.mlp(), role=role)

    def attentions(self, *, positions: bool, role: Role) -> Parts:
        """What comes before the MLP in a block."""
        yield self.sublayer(0, self.self_attention(positions=positions, role=role))
        if role != "encoder":
            alone = role == "decoder alone"
            across = stream(0, self.projections()) if alone else self.attention(causal=False, across=True)
            yield self.sublayer(1, scope("EncDecAttention", across))

    def last_sublayer(self, mlp: Parts, *, role: Role) -> Parts:
        """The MLP, after one or two attentions."""
        yield self.sublayer(1 if role == "encoder" else 2, mlp)

    def sublayer(self, number: int, parts: Part | Parts) -> Parts:
        """Attention or MLP behind its norm."""
        yield scope(f"layer.{number}", parts, rms_norm("layer_norm", self.config.hidden_size))

    def self_attention(self, *, positions: bool, role: Role) -> Parts:
        """Attention among the tokens of a stack."""
        yield scope("SelfAttention", self.attention(causal=role != "encoder"), self.biases(positions))

    def attention(self, *, causal: bool, across: bool = False) -> Parts:
        """Projections to heads and back; `across`: keys and values are made of what the encoder gives."""
        c = self.config
        query, key, value, output = self.projections()
        yield query, stream("encoder", key, value) if across else (key, value), output
        yield attend(heads=c.num_attention_heads, head_dim=c.head_dim, causal=causal, across=across)

    def projections(self) -> tuple[Part, Part, Part, Part]:
        """To queries, keys and values of the heads, whose width together need not be that of the model, and back."""
        c = self.config
        H, width = c.hidden_size, c.num_attention_heads * c.head_dim
        query, key, value = (linear(name, H, width, bias=False) for name in ("q", "k", "v"))
        return query, key, value, linear("o", width, H, bias=False)

    def biases(self, positions: bool, name: str = "relative_attention_bias") -> Parts:
        """For each range of distances a number that each head adds to its scores."""
        if positions:
            yield embedding(name, self.config.relative_attention_num_buckets, self.config.num_attention_heads)

    def mlp(self) -> Parts:
        """Two matrices; from T5 v1.1 on three, one of them the gate (Shazeer, 2020, arXiv:2002.05202)."""
        c = self.config
        H, F = c.hidden_size, c.intermediate_size
        inputs = ("wi_0", "wi_1") if c.is_gated_act else ("wi",)
        yield scope(
            "DenseReluDense", [linear(name, H, F, bias=False) for name in inputs], linear("wo", F, H, bias=False)
        )

    def conditional_generation(self) -> Parts:
        """Scores for the next word."""
        c = self.config
        yield self.model(), linear("lm_head", c.hidden_size, c.vocab_size, bias=False, tied_to=self.tied_words())

    def tied_words(self) -> str | None:
        """The tensor that the output matrix shares, if it does."""
        return "shared.weight" if self.config.tie_word_embeddings else None

    def sequence_classification(self) -> Parts:
        """One label for the whole, through one more layer."""
        c = self.config
        yield scope("transformer", self.model("transformer."))
        dense, labels = linear("dense", c.hidden_size, c.hidden_size), linear("out_proj", c.hidden_size, c.num_labels)
        yield stream(1, scope("classification_head", dense, labels))

    def token_classification(self) -> Parts:
        """A label for each token, from the encoder alone."""
        yield scope("transformer", self.encoder_model("transformer."))
        yield stream("encoder", linear("classifier", self.config.hidden_size, self.config.num_labels))

    def question_answering(self) -> Parts:
        """Where the answer begins and ends."""
        yield self.model(), linear("qa_outputs", self.config.hidden_size, self.config.num_labels)
