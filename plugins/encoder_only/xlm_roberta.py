"""XLM-RoBERTa: RoBERTa for a hundred languages (Conneau et al., 2019, arXiv:1911.02116)."""

from .bert import Bert, BertConfig
from .roberta import Roberta


class XlmRobertaConfig(BertConfig):
    """Defaults of transformers' XLMRobertaConfig, which are those of BERT."""

    pad_token_id: int = 1


class XlmRoberta(Bert):
    """BERT's base model and RoBERTa's heads."""

    config: XlmRobertaConfig
    prefix = "XLMRoberta"
    output_embedding = Roberta.output_embedding
    base = Roberta.base
    heads = Roberta.heads

    def first_position(self) -> int:
        """Positions are counted from the one after that of padding."""
        return self.config.pad_token_id + 1
