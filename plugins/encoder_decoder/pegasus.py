"""PEGASUS: pre-norm encoder-decoder with sinusoidal positions, for summaries (Zhang et al., 2019, arXiv:1912.08777)."""

from zoo.common_keys import ANY

from .sequence_to_sequence import CAUSAL_LM, GENERATION, SequenceToSequence, SequenceToSequenceConfig


class PegasusConfig(SequenceToSequenceConfig):
    """Defaults of transformers' PegasusConfig."""

    # From the time when it was BART with other settings. transformers no longer reads them.
    inert = {
        "add_final_layer_norm": True,
        "extra_pos_embeddings": ANY,  # of learned positions only
        "normalize_embedding": False,
        "static_position_embeddings": True,
    }


class Pegasus(SequenceToSequence):
    """Positions are not trained, but transformers keeps them as parameters."""

    config: PegasusConfig
    prefix = "Pegasus"
    heads = GENERATION | CAUSAL_LM
