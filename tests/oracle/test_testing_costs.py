"""The kit's comparison of costs with transformers can fail: for a plugin that says something else it does."""

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

import pytest
from architectures.test_decoder_only import TestMistral as Mistral
from architectures.test_encoder_only import TestBert as Bert

from zoo import Model

if not (find_spec("torch") and find_spec("transformers")):
    pytest.skip("needs the oracle extra: pip install '.[oracle]'", allow_module_level=True)


class Misled(Mistral):
    """Says of every model what is true of one with another config."""

    variants = [{"sliding_window": 6}]
    wrong: Mapping[str, Any] = {}

    def load(self, config: Mapping[str, Any], class_name: str | None = None) -> Model:
        return super().load({**config, **self.wrong}, class_name)


class Wider(Misled):
    wrong = {"num_key_value_heads": 4}


class Farther(Misled):
    wrong = {"sliding_window": None}


class Longer(Bert):
    variants = []

    def load(self, config: Mapping[str, Any], class_name: str | None = None) -> Model:
        return super().load({**config, "max_position_embeddings": 70}, class_name)


class Excepted(Mistral):
    variants = []
    exceptions = {"cache copies: mistral": "an exception that is not needed"}


@pytest.mark.parametrize(
    ("suite", "comparison", "said"),
    [
        (Wider, "flops", "operations with weights"),
        (Wider, "cache", "kept, transformers keeps self"),
        (Farther, "cache", "19|30"),
        (Farther, "attention", "seen=30.*in transformers it is .*seen=6"),
        (Longer, "longest", r"transformers cannot run 70: longest\(...\) is missing or too large"),
        (Excepted, "cache", "'cache copies: mistral' is not needed"),
    ],
)
def test_what_is_said_wrongly_is_told(suite: type[Misled], comparison: str, said: str) -> None:
    with pytest.raises(pytest.fail.Exception, match=said):
        suite().test_costs(f"transformers {comparison}")


@pytest.mark.parametrize("comparison", ["cache", "attention", "longest"])
def test_what_is_said_rightly_passes(comparison: str) -> None:
    Mistral().test_costs(f"transformers {comparison}")
