"""CamemBERT: RoBERTa for French (Martin et al., 2019, arXiv:1911.03894)."""

from zoo.fields import dim

from .roberta import Roberta, RobertaConfig


class CamembertConfig(RobertaConfig):
    """Defaults of transformers' CamembertConfig."""

    vocab_size: int = dim("V", 30_522)


class Camembert(Roberta):
    """RoBERTa; only the vocabulary differs."""

    config: CamembertConfig
    prefix = "Camembert"
