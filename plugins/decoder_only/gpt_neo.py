"""GPT-Neo: GPT-2's layers, of which every other one sees only a window (Black et al., 2021)."""

from typing import Annotated, Literal

from pydantic import Field, Strict

from zoo.blueprint import Parts, attend, embedding, layer_norm, linear, repeat, scope
from zoo.common_keys import ANY
from zoo.errors import ConfigError
from zoo.fields import LARGEST, derived, dim

from .decoder import ANSWERS, CAUSAL_LM, SEQUENCES, TOKENS, Decoder, SharedWidthConfig

Times = Annotated[int, Field(strict=True, ge=1, le=LARGEST)]
Pattern = Annotated[tuple[list[Literal["global", "local"]], Times], Strict(False)]


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
    """Patterns of layers, each with how often it is repeated; if not given, 12 times one global and one local."""

    spellings = {"num_heads": "num_attention_heads", "num_layers": "num_hidden_layers"}
    inert = dict.fromkeys(
        [
            "activation_function",
            "attention_dropout",
            "attention_layers",  # attention_types written out
            "classifier_dropout",
            "embed_dropout",
            "layer_norm_epsilon",
            "resid_dropout",
            "summary_activation",
            "summary_first_dropout",
            "summary_proj_to_labels",
            "summary_type",
            "summary_use_proj",
        ],
        ANY,
    )


class GPTNeo(Decoder):
    """Words and positions; layers of attention and MLP, each behind a norm; a norm at the end."""

    config: GPTNeoConfig
    prefix = "GPTNeo"
    base = "transformer"
    words = "wte"
    labels = "classifier"
    heads = CAUSAL_LM | SEQUENCES | TOKENS | ANSWERS

    def model(self) -> Parts:
        """Words, positions, layers, norm."""
        c = self.config
        yield embedding(self.words, c.vocab_size, c.hidden_size)
        yield embedding("wpe", c.max_position_embeddings, c.hidden_size)
        yield repeat("h", self.layers(), lambda kind: self.layer(c.window_size if kind[0] == "local" else None))
        yield layer_norm("ln_f", c.hidden_size)

    def layers(self) -> dict[tuple[str, int], range]:
        """What layers see, with the first of them: the numbers of those at the same place in the same pattern.

        Raises ConfigError where the patterns do not add up to the number of layers.
        """
        c = self.config
        patterns = [(["global", "local"], 12)] if c.attention_types is None else c.attention_types
        kinds: dict[tuple[str, int], range] = {}
        end = 0
        for pattern, times in patterns:
            start, end = end, end + times * len(pattern)
            kinds |= {(sees, start + at): range(start + at, end, len(pattern)) for at, sees in enumerate(pattern)}
        if end != c.num_hidden_layers:
            raise ConfigError(f"attention_types lists {end} layers, but the model has {c.num_hidden_layers}")
        return kinds

    def layer(self, window: int | None) -> Parts:
        """Attention and MLP, each behind a norm."""
        c = self.config
        H, F = c.hidden_size, c.intermediate_size
        yield layer_norm("ln_1", H), scope("attn.attention", self.attention(window))
        yield layer_norm("ln_2", H), scope("mlp", linear("c_fc", H, F), linear("c_proj", F, H))

    def attention(self, window: int | None) -> Parts:
        """Four H x H projections, of which only the last has a bias."""
        c = self.config
        H = c.hidden_size
        yield [linear(name, H, H, bias=False) for name in ("k_proj", "v_proj", "q_proj")], linear("out_proj", H, H)
        yield attend(heads=c.num_attention_heads, head_dim=c.head_dim, window=window)
