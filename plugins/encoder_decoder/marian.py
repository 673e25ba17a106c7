"""Marian: post-norm translation model with sinusoidal positions (Junczys-Dowmunt et al., 2018, arXiv:1804.00344)."""

from zoo.blueprint import Parts, embedding, linear, repeat, scope, stream
from zoo.common_keys import ANY
from zoo.fields import derived, dim

from .sequence_to_sequence import CAUSAL_LM, SequenceToSequence, SequenceToSequenceConfig


class MarianConfig(SequenceToSequenceConfig):
    """Defaults of transformers' MarianConfig."""

    vocab_size: int = dim("V", 58_101)
    decoder_vocab_size: int = derived("V_dec", lambda fields: fields["vocab_size"])
    share_encoder_decoder_embeddings: bool = True

    # From the time when it was BART with other settings. transformers no longer reads them.
    inert = {
        "add_final_layer_norm": False,
        "extra_pos_embeddings": ANY,  # of learned positions only
        "normalize_embedding": False,
        "static_position_embeddings": True,
    }


class Marian(SequenceToSequence):
    """No norms but those of the layers. Source and target language have one vocabulary or two.

    Positions are not trained, but transformers keeps them as parameters.
    """

    config: MarianConfig
    prefix = "Marian"
    not_stored = ("embed_positions",)
    heads = {"MTModel": "conditional_generation", "Model": "model"} | CAUSAL_LM

    def model(self, within: str = "") -> Parts:
        """Without a common word embedding where the vocabularies are two."""
        if self.config.share_encoder_decoder_embeddings:
            yield super().model(within)
        else:
            yield stream("encoder", scope("encoder", self.encoder(None))), scope("decoder", self.decoder(None))

    def decoder(self, words: str | None) -> Parts:
        """A word embedding of its own is for the decoder's vocabulary."""
        c = self.config
        yield embedding("embed_tokens", c.vocab_size if words else c.decoder_vocab_size, c.hidden_size, tied_to=words)
        yield self.positions(c.max_position_embeddings)
        yield repeat("layers", c.num_decoder_layers, self.decoder_layer())

    def norms(self) -> Parts:
        """None."""
        return ()

    def conditional_generation(self) -> Parts:
        """Scores for the next word of the target language."""
        c = self.config
        if c.share_encoder_decoder_embeddings:
            yield super().conditional_generation()
        else:
            yield self.with_head(), self.decoder_scores(c.decoder_vocab_size)

    def causal_lm(self) -> Parts:
        """The decoder alone; only where nothing is tied does transformers take the encoder's vocabulary for scores."""
        c = self.config
        yield scope(f"{self.base}.decoder", self.decoder(None))
        yield self.decoder_scores(c.decoder_vocab_size if c.tie_word_embeddings else c.vocab_size)

    def decoder_scores(self, words: int) -> Parts:
        """Scores for `words` words, from the decoder's embedding where it is tied."""
        c = self.config
        tied_to = f"{self.base}.decoder.embed_tokens.weight" if c.tie_word_embeddings else None
        yield linear("lm_head", c.hidden_size, words, bias=False, tied_to=tied_to)
