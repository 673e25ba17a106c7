"""XLM-RoBERTa: RoBERTa for a hundred languages (Conneau et al., 2019, arXiv:1911.02116)."""

from zoo.fields import dim

from .roberta import Roberta, RobertaConfig


class XlmRobertaConfig(RobertaConfig):
    """Defaults of transformers' XLMRobertaConfig."""

    vocab_size: int = dim("V", 30_522)


class XlmRoberta(Roberta):
    """RoBERTa; only the vocabulary differs."""

    config: XlmRobertaConfig
    prefix = "XLMRoberta"
