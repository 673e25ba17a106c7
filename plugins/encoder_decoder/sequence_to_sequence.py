"""What the types around BART share: two stacks of post- or pre-norm layers over one word embedding, and their heads."""

from typing import ClassVar

from zoo.architecture import Architecture
from zoo.blueprint import Part, Parts, attend, embedding, layer_norm, linear, longest, repeat, scope, stream
from zoo.common_keys import harmless
from zoo.config import Config
from zoo.fields import dim, per_head

GENERATION = {"ForConditionalGeneration": "conditional_generation", "Model": "model"}
CAUSAL_LM = {"ForCausalLM": "causal_lm"}
SEQUENCE_CLASSIFICATION = {"ForSequenceClassification": "sequence_classification"}
QUESTION_ANSWERING = {"ForQuestionAnswering": "question_answering"}


class SequenceToSequenceConfig(Config):
    """The defaults that most of these types have in transformers."""

    vocab_size: int = dim("V", 50_265)
    hidden_size: int = dim("H", 1_024)
    max_position_embeddings: int = dim("P", 1_024)
    num_hidden_layers: int = dim("L", 12)
    intermediate_size: int = dim("F", 4_096)
    num_attention_heads: int = dim("A", 16)
    num_decoder_layers: int = dim("L_dec", 12)
    decoder_ffn_dim: int = dim("F_dec", 4_096)
    decoder_attention_heads: int = dim("A_dec", 16)
    tie_word_embeddings: bool = True

    spellings = {
        "d_model": "hidden_size",
        "encoder_layers": "num_hidden_layers",
        "encoder_ffn_dim": "intermediate_size",
        "encoder_attention_heads": "num_attention_heads",
        "decoder_layers": "num_decoder_layers",
    }
    unread = frozenset({"intermediate_size", "num_decoder_layers"})

    inert = harmless("""
        activation_dropout activation_function add_bias_logits attention_dropout classif_dropout classifier_dropout
        decoder_layerdrop dropout encoder_layerdrop init_std is_decoder normalize_before scale_embedding
    """)


class SequenceToSequence(Architecture):
    """Types differ in their positions and in the norms around the layers."""

    config: SequenceToSequenceConfig
    base: ClassVar[str] = "model"
    """What a class with a head calls the base model."""

    def model(self, within: str = "") -> Parts:
        """Words, encoder and decoder; `within` is what names it in a class with a head, dot included."""
        c = self.config
        yield embedding("shared", c.vocab_size, c.hidden_size)
        words = f"{within}shared.weight" if c.tie_word_embeddings else None
        yield stream("encoder", scope("encoder", self.encoder(words))), scope("decoder", self.decoder(words))

    def encoder(self, words: str | None) -> Parts:
        """The stack that reads; its word embedding is the tensor `words`, if it has none of its own."""
        c = self.config
        layers = repeat("layers", c.num_hidden_layers, self.encoder_layer())
        yield self.stack(words, c.max_position_embeddings, layers)

    def decoder(self, words: str | None) -> Parts:
        """The stack that writes, likewise."""
        c = self.config
        layers = repeat("layers", c.num_decoder_layers, self.decoder_layer())
        yield self.stack(words, c.max_position_embeddings, layers)

    def stack(self, words: str | None, tokens: int, layers: Part) -> Parts:
        """Words, positions for so many `tokens`, layers and the norms before and after them."""
        yield embedding("embed_tokens", self.config.vocab_size, self.config.hidden_size, tied_to=words)
        yield self.positions(tokens), layers, self.norms()

    def positions(self, tokens: int) -> Parts:
        """A vector for each position."""
        yield embedding("embed_positions", tokens, self.config.hidden_size), longest(tokens)

    def norms(self) -> Parts:
        """What a stack has beside the norms of its layers: one at the end, as every pre-norm model."""
        yield layer_norm("layer_norm", self.config.hidden_size)

    def encoder_layer(self) -> Parts:
        """Self-attention and MLP."""
        c = self.config
        yield scope("self_attn", self.attention("num_attention_heads", causal=False))
        yield layer_norm("self_attn_layer_norm", c.hidden_size), self.mlp(c.intermediate_size)

    def decoder_layer(self) -> Parts:
        """Attention to what is written, attention to what was read, MLP."""
        c = self.config
        heads = "decoder_attention_heads"
        yield scope("self_attn", self.attention(heads, causal=True))
        yield layer_norm("self_attn_layer_norm", c.hidden_size)
        yield scope("encoder_attn", self.attention(heads, causal=False, across=True))
        yield layer_norm("encoder_attn_layer_norm", c.hidden_size), self.mlp(c.decoder_ffn_dim)

    def attention(self, heads: str, *, causal: bool, across: bool = False) -> Parts:
        """Four H x H projections; `heads` is the field that tells how many heads there are.

        `across`: keys and values are made of what the encoder gives.
        """
        fields = vars(self.config)
        H = self.config.hidden_size
        seen = [linear(name, H, H) for name in ("k_proj", "v_proj")]
        yield stream("encoder", seen) if across else seen, linear("q_proj", H, H), linear("out_proj", H, H)
        yield attend(heads=fields[heads], head_dim=per_head(fields, heads), causal=causal, across=across)

    def mlp(self, width: int) -> Parts:
        """To the inner `width` and back, and the last norm of a layer."""
        H = self.config.hidden_size
        yield linear("fc1", H, width), linear("fc2", width, H), layer_norm("final_layer_norm", H)

    def conditional_generation(self) -> Parts:
        """Scores for the next word, from the word embedding itself where it is tied."""
        c = self.config
        yield self.with_head()
        tied_to = f"{self.base}.shared.weight" if c.tie_word_embeddings else None
        yield linear("lm_head", c.hidden_size, c.vocab_size, bias=False, tied_to=tied_to)

    def causal_lm(self) -> Parts:
        """The decoder alone, cross-attention included, and scores for the next word."""
        c = self.config
        yield scope(f"{self.base}.decoder", self.decoder(None))
        tied_to = f"{self.base}.decoder.embed_tokens.weight" if c.tie_word_embeddings else None
        yield linear("lm_head", c.hidden_size, c.vocab_size, bias=False, tied_to=tied_to)

    def sequence_classification(self) -> Parts:
        """One label for the whole, through one more layer."""
        c = self.config
        yield self.with_head()
        dense, labels = linear("dense", c.hidden_size, c.hidden_size), linear("out_proj", c.hidden_size, c.num_labels)
        yield stream(1, scope("classification_head", dense, labels))

    def question_answering(self) -> Parts:
        """Where the answer begins and ends."""
        yield self.with_head(), linear("qa_outputs", self.config.hidden_size, 2)

    def with_head(self) -> Parts:
        """The base model as it stands in a class with a head."""
        yield scope(self.base, self.model(f"{self.base}."))
