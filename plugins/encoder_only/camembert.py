"""CamemBERT: RoBERTa for French (Martin et al., 2019, arXiv:1911.03894)."""

from .bert import Bert, BertConfig
from .roberta import Roberta


class CamembertConfig(BertConfig):
    """Defaults of transformers' CamembertConfig, which are those of BERT."""

    pad_token_id: int = 1


class Camembert(Bert):
    """BERT's base model and RoBERTa's heads."""

    config: CamembertConfig
    prefix = "Camembert"
    output_embedding = Roberta.output_embedding
    lora_targets = ()  # PEFT has none
    base = Roberta.base
    heads = Roberta.heads

    def first_position(self) -> int:
        """Positions are counted from the one after that of padding."""
        return self.config.pad_token_id + 1
