"""MPNet: BERT with relative positions, in one table for all layers (Song et al., 2020, arXiv:2004.09297)."""

from zoo.blueprint import Parts, attend, embedding, layer_norm, linear, scope
from zoo.common_keys import ANY
from zoo.fields import dim

from .encoder import QUESTION_ANSWERING, TOKEN_CLASSIFICATION, Encoder, EncoderConfig


class MpnetConfig(EncoderConfig):
    """Defaults of transformers' MPNetConfig."""

    vocab_size: int = dim("V", 30_527)
    relative_attention_num_buckets: int = dim("B", 32)

    inert = {"type_vocab_size": ANY}  # there are no segments


class Mpnet(Encoder):
    """Word and position embeddings, and a bias on the scores of attention for each head and distance."""

    config: MpnetConfig
    prefix = "MPNet"
    base = "mpnet"
    heads = {
        "Model": "model",
        "ForMaskedLM": "masked_lm",
        "ForSequenceClassification": "sequence_classification",
        **TOKEN_CLASSIFICATION,
        **QUESTION_ANSWERING,
    }

    def first_position(self) -> int:
        """Positions are counted from the one after that of padding, which is 1 whatever the config says."""
        return 2

    def layers(self) -> Parts:
        """The layers, and the bias that all of them use."""
        c = self.config
        yield super().layers()
        yield embedding("relative_attention_bias", c.relative_attention_num_buckets, c.num_attention_heads)

    def attention(self) -> Parts:
        """Four H x H projections and a norm."""
        c = self.config
        H = c.hidden_size
        yield scope("attn", [linear(name, H, H) for name in "qkvo"],
                    attend(heads=c.num_attention_heads, head_dim=c.head_dim, causal=False))  # fmt: skip
        yield layer_norm("LayerNorm", H)
