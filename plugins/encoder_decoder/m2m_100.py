"""M2M-100, also NLLB: pre-norm translation between 100 languages and more (Fan et al., 2020, arXiv:2010.11125)."""

from zoo.blueprint import Parts
from zoo.fields import dim

from .sequence_to_sequence import GENERATION, SequenceToSequence, SequenceToSequenceConfig


class M2M100Config(SequenceToSequenceConfig):
    """Defaults of transformers' M2M100Config."""

    vocab_size: int = dim("V", 128_112)


class M2M100(SequenceToSequence):
    """A norm after the layers of each stack."""

    config: M2M100Config
    prefix = "M2M100"
    heads = GENERATION

    def positions(self, tokens: int) -> Parts:
        """Sinusoids, which are computed for a text of any length, and no parameters."""
        return ()
