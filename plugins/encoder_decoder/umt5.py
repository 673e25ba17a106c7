"""umT5: mT5 with position biases of its own in every block (Chung et al., 2023, arXiv:2304.09151)."""

from zoo.blueprint import Parts, repeat
from zoo.common_keys import ANY

from .mt5 import MT5Config
from .t5 import T5, Role


class UMT5Config(MT5Config):
    """Defaults of transformers' UMT5Config, which are those of mT5."""

    inert = {"scalable_attention": ANY}


class UMT5(T5):
    """T5 whose blocks are all alike."""

    config: UMT5Config
    prefix = "UMT5"
    lora_targets = ()  # PEFT has none
    aliases = {}

    def blocks(self, layers: int, *, role: Role) -> Parts:
        """Every block holds position biases."""
        yield repeat("block", layers, self.block(positions=True, role=role))
