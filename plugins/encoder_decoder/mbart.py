"""mBART: BART in many languages, pre-norm, with a norm after each stack (Liu et al., 2020, arXiv:2001.08210)."""

from zoo.blueprint import Parts, layer_norm
from zoo.common_keys import ANY
from zoo.fields import dim

from .bart import Bart, BartConfig


class MBartConfig(BartConfig):
    """Defaults of transformers' MBartConfig."""

    num_labels: int = dim("labels", 2, minimum=0)

    inert = {"add_final_layer_norm": True, "do_blenderbot_90_layernorm": ANY}


class MBart(Bart):
    """BART with one more norm."""

    config: MBartConfig
    prefix = "MBart"
    lora_targets = ()  # PEFT has none

    def norms(self) -> Parts:
        """One before the layers, as in BART, and one after them."""
        yield super().norms(), layer_norm("layer_norm", self.config.hidden_size)
