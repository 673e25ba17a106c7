"""Mistral: LLaMA with grouped queries and a sliding window in each layer (Jiang et al., 2023, arXiv:2310.06825)."""

from zoo.fields import dim

from .decoder import CAUSAL_LM, QUESTION_ANSWERING, SEQUENCE_CLASSIFICATION, TOKEN_CLASSIFICATION
from .gated import GatedConfig, GatedDecoder, Kinds, Layer


class MistralConfig(GatedConfig):
    """Defaults of transformers' MistralConfig. A `sliding_window` of null: no bound."""

    vocab_size: int = dim("V", 32_000)
    hidden_size: int = dim("H", 4_096)
    intermediate_size: int = dim("F", 14_336)
    num_hidden_layers: int = dim("L", 32)
    num_attention_heads: int = dim("A", 32)
    num_key_value_heads: int = dim("K", 8)
    max_position_embeddings: int = dim("P", 131_072)
    sliding_window: int | None = dim("W", 4_096)


class Mistral(GatedDecoder):
    """Equal layers with one window."""

    config: MistralConfig
    prefix = "Mistral"
    lora_targets = ("q_proj", "v_proj")
    heads = CAUSAL_LM | SEQUENCE_CLASSIFICATION | TOKEN_CLASSIFICATION | QUESTION_ANSWERING

    def kinds(self) -> Kinds:
        """All layers are alike."""
        return {Layer(self.config.sliding_window): range(self.config.num_hidden_layers)}
