"""BART: post-norm encoder-decoder with learned positions, a denoiser (Lewis et al., 2019, arXiv:1910.13461)."""

from typing import ClassVar

from zoo.blueprint import Parts, embedding, layer_norm, longest
from zoo.fields import dim

from .sequence_to_sequence import (
    CAUSAL_LM,
    GENERATION,
    QUESTION_ANSWERING,
    SEQUENCE_CLASSIFICATION,
    SequenceToSequence,
    SequenceToSequenceConfig,
)


class BartConfig(SequenceToSequenceConfig):
    """Defaults of transformers' BartConfig."""

    num_labels: int = dim("labels", 3, minimum=0)

    # From the time when mBART and Blenderbot were BART with other settings. transformers no longer reads them.
    inert = {
        "add_final_layer_norm": False,
        "extra_pos_embeddings": 2,
        "normalize_embedding": True,
        "static_position_embeddings": False,
    }


class Bart(SequenceToSequence):
    """A norm before the layers of a stack, none after them."""

    config: BartConfig
    prefix = "Bart"
    lora_targets: ClassVar[tuple[str, ...]] = ("q_proj", "v_proj")
    heads = GENERATION | CAUSAL_LM | SEQUENCE_CLASSIFICATION | QUESTION_ANSWERING

    def positions(self, tokens: int) -> Parts:
        """A vector for each position, and two that are never used: positions are counted from 2."""
        yield embedding("embed_positions", tokens + 2, self.config.hidden_size), longest(tokens)

    def norms(self) -> Parts:
        """One, of words and positions together."""
        yield layer_norm("layernorm_embedding", self.config.hidden_size)
