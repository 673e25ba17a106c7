"""XLM-RoBERTa: RoBERTa for a hundred languages (Conneau et al., 2019, arXiv:1911.02116)."""

from .bert import Bert, BertConfig
from .roberta import Roberta


class XlmRobertaConfig(BertConfig):
    """Defaults of transformers' XLMRobertaConfig, which are those of BERT."""


class XlmRoberta(Bert):
    """BERT's base model and RoBERTa's heads."""

    config: XlmRobertaConfig
    prefix = "XLMRoberta"
    base = Roberta.base
    heads = Roberta.heads
