"""ALBERT: BERT whose layers share their parameters, with narrow embeddings (Lan et al., 2019, arXiv:1909.11942)."""

from zoo.blueprint import Parts, attend, embedding, layer_norm, linear, repeat, scope, stream
from zoo.common_keys import ANY
from zoo.fields import dim

from .encoder import QUESTION_ANSWERING, TOKEN_CLASSIFICATION, Encoder, EncoderConfig


class AlbertConfig(EncoderConfig):
    """Defaults of transformers' AlbertConfig, those of ALBERT xxlarge.

    A token passes num_hidden_layers times through a group of inner_group_num layers; the parameters stand once for
    each of num_hidden_groups x inner_group_num.
    """

    vocab_size: int = dim("V", 30_000)
    embedding_size: int = dim("E", 128)
    hidden_size: int = dim("H", 4_096)
    intermediate_size: int = dim("F", 16_384)
    num_hidden_groups: int = dim("G", 1)
    inner_group_num: int = dim("I", 1)
    num_attention_heads: int = dim("A", 64)
    type_vocab_size: int = dim("T", 2, minimum=0)

    inert = {
        "classifier_dropout_prob": ANY,
        # Google's own files offer variants that transformers does not have.
        "down_scale_factor": 1,
        "gap_size": 0,
        "layers_to_keep": [],
        "net_structure_type": 0,
        "num_memory_blocks": 0,
    }


class Albert(Encoder):
    """Embeddings of their own width, and groups of shared layers."""

    config: AlbertConfig
    prefix = "Albert"
    output_embedding = "predictions.decoder"
    base = "albert"
    heads = {
        "Model": "model",
        "ForPreTraining": "pretraining",
        "ForMaskedLM": "masked_lm",
        "ForSequenceClassification": "pooled_classification",
        **TOKEN_CLASSIFICATION,
        **QUESTION_ANSWERING,
    }

    def encoder(self) -> Parts:
        """Embeddings, the way from their width to that of the layers, and the layers."""
        yield scope("embeddings", self.embeddings(self.config.embedding_size))
        yield scope("encoder", self.layers())

    def embeddings(self, width: int) -> Parts:
        """A third vector for the segment that the token is in."""
        yield super().embeddings(width), embedding("token_type_embeddings", self.config.type_vocab_size, width)

    def layers(self) -> Parts:
        """Each group once, however often a token passes through it."""
        c = self.config
        yield linear("embedding_hidden_mapping_in", c.embedding_size, c.hidden_size)
        group = repeat("albert_layers", c.inner_group_num, self.layer())
        yield repeat("albert_layer_groups", c.num_hidden_groups, group, passes=c.num_hidden_layers)

    def layer(self) -> Parts:
        """Self-attention and MLP, each followed by a norm."""
        H, F = self.config.hidden_size, self.config.intermediate_size
        yield scope("attention", self.attention())
        yield linear("ffn", H, F), linear("ffn_output", F, H), layer_norm("full_layer_layer_norm", H)

    def attention(self) -> Parts:
        """Four H x H projections and a norm."""
        c = self.config
        H = c.hidden_size
        yield [linear(name, H, H) for name in ("query", "key", "value", "dense")], layer_norm("LayerNorm", H)
        yield attend(heads=c.num_attention_heads, head_dim=c.head_dim, causal=False)

    def pooler(self) -> Parts:
        """One more linear layer."""
        yield stream(1, linear("pooler", self.config.hidden_size, self.config.hidden_size))

    def predictions(self) -> Parts:
        """Words, back at the width of their embedding."""
        H, E = self.config.hidden_size, self.config.embedding_size
        yield scope("predictions", linear("dense", H, E), layer_norm("LayerNorm", E), self.scores("predictions", E))

    def masked_lm(self) -> Parts:
        """Masked words."""
        yield scope(self.base, self.encoder()), self.predictions()

    def pretraining(self) -> Parts:
        """Masked words, and whether two sentences stand in their order."""
        yield scope(self.base, self.model()), self.predictions()
        yield stream(1, scope("sop_classifier", self.labels("classifier")))
