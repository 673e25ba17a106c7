"""LED: BART with Longformer's windowed attention in the encoder (Beltagy et al., 2020, arXiv:2004.05150)."""

from zoo.blueprint import Parts, attend, layer_norm, linear, longest, repeat, scope, stream
from zoo.common_keys import ANY
from zoo.errors import ConfigError
from zoo.fields import LARGEST, dim, for_each_layer, per_head
from zoo.text import shown

from .sequence_to_sequence import GENERATION, QUESTION_ANSWERING, SequenceToSequence, SequenceToSequenceConfig


class LEDConfig(SequenceToSequenceConfig):
    """Defaults of transformers' LEDConfig."""

    max_position_embeddings: int = dim("P", 16_384)
    max_decoder_position_embeddings: int = dim("P_dec", 1_024)
    attention_window: int | list[int] = 512

    spellings = {"max_encoder_position_embeddings": "max_position_embeddings"}
    unread = frozenset({"max_position_embeddings"})

    inert = {"attention_probs_dropout_prob": ANY}


class LED(SequenceToSequence):
    """The encoder reads texts longer than the decoder writes."""

    config: LEDConfig
    prefix = "LED"
    heads = GENERATION | QUESTION_ANSWERING
    base = "led"

    def encoder(self, words: str | None) -> Parts:
        """All layers have the same window, or each its own; the text is filled up to a multiple of the widest."""
        c = self.config
        window, layers = c.attention_window, c.num_hidden_layers
        if isinstance(window, int):
            widest, body = window, repeat("layers", layers, self.windowed_layer(window))
        else:
            windows = for_each_layer(window, layers, "attention_window")
            widest, body = max(windows), repeat("layers", layers, windows, self.windowed_layer)
        yield self.stack(words, c.max_position_embeddings, stream(lambda tokens: -(-tokens // widest) * widest, body))
        yield longest(c.max_position_embeddings // widest * widest)

    def decoder(self, words: str | None) -> Parts:
        """With fewer positions."""
        c = self.config
        layers = repeat("layers", c.num_decoder_layers, self.decoder_layer())
        yield self.stack(words, c.max_decoder_position_embeddings, layers)

    def norms(self) -> Parts:
        """One, of words and positions together."""
        yield layer_norm("layernorm_embedding", self.config.hidden_size)

    def windowed_layer(self, window: int) -> Parts:
        """Self-attention and MLP."""
        c = self.config
        yield scope("self_attn", self.windowed_attention(window))
        yield layer_norm("self_attn_layer_norm", c.hidden_size), self.mlp(c.intermediate_size)

    def windowed_attention(self, window: int) -> Parts:
        """Projections for the tokens within the window, and others for the few tokens that see all and are seen."""
        if not 2 <= window <= LARGEST or window % 2:
            raise ConfigError(f"attention_window must be even and from 2 to {LARGEST:,}, got {shown(window)}")
        c = self.config
        H, A = c.hidden_size, c.num_attention_heads
        D = per_head(vars(c))
        half = window // 2
        yield scope(
            "longformer_self_attn",
            [linear(name, H, H) for name in ("query", "key", "value")],
            # A text has such tokens only where somebody marks them.
            stream(0, [linear(name, H, H) for name in ("query_global", "key_global", "value_global")]),
            attend(
                heads=A,
                head_dim=D,
                # Half of the window on either side of the token, and the token itself.
                window=window + 1,
                causal=False,
                # Scores are computed in squares as wide as the window, each of which begins in the middle of the one
                # before; values are then weighed for half a window of tokens at a time, over three halves around them.
                pairs=lambda queries, keys: window * window * (queries // half - 1),
                value_pairs=lambda queries, keys: 3 * half * queries,
            ),
        )
        yield linear("output", H, H)
