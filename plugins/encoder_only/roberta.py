"""RoBERTa: BERT trained longer on words alone, with heads of its own (Liu et al., 2019, arXiv:1907.11692)."""

from zoo.fields import dim

from .bert import Bert, BertConfig
from .encoder import QUESTION_ANSWERING, TOKEN_CLASSIFICATION, Encoder


class RobertaConfig(BertConfig):
    """Defaults of transformers' RobertaConfig."""

    vocab_size: int = dim("V", 50_265)
    pad_token_id: int = 1


class Roberta(Bert):
    """BERT's base model; a head has a layer of its own in place of the pooler."""

    config: RobertaConfig
    prefix = "Roberta"
    output_embedding = Encoder.output_embedding
    base = "roberta"
    heads = {
        "Model": "model",
        "ForMaskedLM": "masked_lm",
        "ForCausalLM": "masked_lm",
        "ForSequenceClassification": "sequence_classification",
        **TOKEN_CLASSIFICATION,
        **QUESTION_ANSWERING,
    }

    def first_position(self) -> int:
        """Positions are counted from the one after that of padding."""
        return self.config.pad_token_id + 1
