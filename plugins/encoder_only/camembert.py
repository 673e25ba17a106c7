"""CamemBERT: RoBERTa for French (Martin et al., 2019, arXiv:1911.03894)."""

from .bert import Bert, BertConfig
from .roberta import Roberta


class CamembertConfig(BertConfig):
    """Defaults of transformers' CamembertConfig, which are those of BERT."""


class Camembert(Bert):
    """BERT's base model and RoBERTa's heads."""

    config: CamembertConfig
    prefix = "Camembert"
    base = Roberta.base
    heads = Roberta.heads
