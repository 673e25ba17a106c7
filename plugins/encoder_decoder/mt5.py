"""mT5: T5 v1.1 in 101 languages, with a vocabulary to match (Xue et al., 2020, arXiv:2010.11934)."""

from zoo.fields import dim

from .t5 import T5, T5Config


class MT5Config(T5Config):
    """Defaults of transformers' MT5Config."""

    vocab_size: int = dim("V", 250_112)
    intermediate_size: int = dim("F", 1_024)
    num_hidden_layers: int = dim("L", 8)
    num_attention_heads: int = dim("A", 6)
    feed_forward_proj: str = "gated-gelu"


class MT5(T5):
    """Built as T5 is."""

    config: MT5Config
    prefix = "MT5"
    aliases = {}
