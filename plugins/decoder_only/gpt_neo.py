"""GPT-Neo: GPT-2's layers, of which every other one sees only a window (Black et al., 2021)."""

from collections import defaultdict
from collections.abc import Collection
from typing import Literal, TypeAlias

from zoo.blueprint import Parts, Together, attend, embedding, layer_norm, linear, longest, repeat, scope
from zoo.common_keys import harmless
from zoo.errors import ConfigError
from zoo.fields import LARGEST, derived, dim
from zoo.text import shown

from .decoder import (
    CAUSAL_LM,
    QUESTION_ANSWERING,
    SEQUENCE_CLASSIFICATION,
    SUMMARY,
    TOKEN_CLASSIFICATION,
    Decoder,
    SharedWidthConfig,
)

Pattern: TypeAlias = list[list[Literal["global", "local"]] | int]
"""What some layers in a row see, and how often that is repeated: `[["global", "local"], 12]`."""


class GPTNeoConfig(SharedWidthConfig):
    """Defaults of transformers' GPTNeoConfig."""

    vocab_size: int = dim("V", 50_257)
    hidden_size: int = dim("H", 2_048)
    num_hidden_layers: int = dim("L", 24)
    num_attention_heads: int = dim("A", 16)
    max_position_embeddings: int = dim("P", 2_048)
    intermediate_size: int = derived("F", lambda fields: 4 * fields["hidden_size"])
    window_size: int = dim("W", 256)
    attention_types: list[Pattern] | None = None
    """One pattern after the other; if not given, 12 times one global and one local."""

    spellings = {"num_heads": "num_attention_heads", "num_layers": "num_hidden_layers"}
    # attention_layers is attention_types written out.
    inert = SUMMARY | harmless("""
        activation_function attention_dropout attention_layers classifier_dropout embed_dropout layer_norm_epsilon
        resid_dropout
    """)


class GPTNeo(Decoder):
    """Words and positions; layers of attention and MLP, each behind a norm; a norm at the end."""

    config: GPTNeoConfig
    prefix = "GPTNeo"
    lora_targets = ("q_proj", "v_proj")
    base = "transformer"
    words = "wte"
    labels = "classifier"
    heads = CAUSAL_LM | SEQUENCE_CLASSIFICATION | TOKEN_CLASSIFICATION | QUESTION_ANSWERING

    def model(self) -> Parts:
        """Words, positions, layers, norm."""
        c = self.config
        yield embedding(self.words, c.vocab_size, c.hidden_size)
        yield embedding("wpe", c.max_position_embeddings, c.hidden_size), longest(c.max_position_embeddings)
        yield repeat("h", c.num_hidden_layers, self.layers(), self.layer_seeing)
        yield layer_norm("ln_f", c.hidden_size)

    def layers(self) -> dict[str, Collection[int]]:
        """What layers see, with the numbers of those that see it.

        Raises ConfigError where a pattern is none, or they do not add up to the number of layers.
        """
        c = self.config
        patterns: list[Pattern] = [[["global", "local"], 12]] if c.attention_types is None else c.attention_types
        found: defaultdict[str, list[Collection[int]]] = defaultdict(list)
        end = 0
        for pattern in patterns:
            match pattern:
                case [list(row), int(times)] if 1 <= times <= LARGEST:
                    start, end = end, end + times * len(row)
                case _:
                    raise ConfigError(
                        f'a pattern of attention_types must be like [["global", "local"], 12], got {shown(pattern)}'
                    )
            for sees in dict.fromkeys(row):
                places = [start + at for at, kind in enumerate(row) if kind == sees]
                found[sees] += [places] if times == 1 else [range(place, end, len(row)) for place in places]
        if end != c.num_hidden_layers:
            raise ConfigError(f"attention_types lists {end} layers, but the model has {c.num_hidden_layers}")
        return {sees: Together(*numbers) if len(numbers) > 1 else numbers[0] for sees, numbers in found.items()}

    def layer_seeing(self, sees: str) -> Parts:
        """Attention and MLP, each behind a norm."""
        c = self.config
        H, F = c.hidden_size, c.intermediate_size
        window = c.window_size if sees == "local" else None
        yield layer_norm("ln_1", H), scope("attn.attention", self.attention(window))
        yield layer_norm("ln_2", H), scope("mlp", linear("c_fc", H, F), linear("c_proj", F, H))

    def attention(self, window: int | None) -> Parts:
        """Four H x H projections, of which only the last has a bias."""
        c = self.config
        H = c.hidden_size
        yield [linear(name, H, H, bias=False) for name in ("k_proj", "v_proj", "q_proj")], linear("out_proj", H, H)
        yield attend(heads=c.num_attention_heads, head_dim=c.head_dim, window=window)
