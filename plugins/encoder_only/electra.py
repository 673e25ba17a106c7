"""ELECTRA: BERT that learns to tell replaced words; embeddings may be narrow (Clark et al., 2020, arXiv:2003.10555)."""

from zoo.blueprint import Parts, layer_norm, linear, scope
from zoo.common_keys import harmless
from zoo.fields import dim

from .bert import Bert, BertConfig
from .encoder import QUESTION_ANSWERING, TOKEN_CLASSIFICATION


class ElectraConfig(BertConfig):
    """Defaults of transformers' ElectraConfig, those of ELECTRA small."""

    embedding_size: int = dim("E", 128)
    hidden_size: int = dim("H", 256)
    intermediate_size: int = dim("F", 1_024)
    num_attention_heads: int = dim("A", 4)

    # Read for multiple choice only.
    inert = harmless("summary_activation summary_last_dropout summary_type summary_use_proj")


class Electra(Bert):
    """BERT without a pooler; where embeddings are narrower than layers, a matrix stands between."""

    config: ElectraConfig
    prefix = "Electra"
    output_embedding = "generator_lm_head"
    base = "electra"
    heads = {
        "Model": "encoder",
        "ForPreTraining": "pretraining",
        "ForCausalLM": "masked_lm",
        "ForMaskedLM": "masked_lm",
        "ForSequenceClassification": "sequence_classification",
        **TOKEN_CLASSIFICATION,
        **QUESTION_ANSWERING,
    }

    def encoder(self) -> Parts:
        """Embeddings, projected if they have another width, and layers."""
        H, E = self.config.hidden_size, self.config.embedding_size
        yield scope("embeddings", self.embeddings(E))
        if E != H:
            yield linear("embeddings_project", E, H)
        yield scope("encoder", self.layers())

    def pretraining(self) -> Parts:
        """The discriminator: for each token, whether it was replaced."""
        H = self.config.hidden_size
        yield scope(self.base, self.encoder())
        yield scope("discriminator_predictions", linear("dense", H, H), linear("dense_prediction", H, 1))

    def masked_lm(self) -> Parts:
        """The generator: words, masked or next."""
        H, E = self.config.hidden_size, self.config.embedding_size
        yield scope(self.base, self.encoder())
        yield scope("generator_predictions", linear("dense", H, E), layer_norm("LayerNorm", E))
        yield linear("generator_lm_head", E, self.config.vocab_size, tied_to=self.tied_words())
