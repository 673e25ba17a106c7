"""Heads, windows and causality as `attend` declares them, against the attention weights of tiny models that are run."""

from importlib.util import find_spec
from typing import Any

import pytest

import zoo
from oracle.variants import VARIANTS
from zoo.manager import manager

if not (find_spec("torch") and find_spec("transformers")):
    pytest.skip("needs the oracle extra: pip install '.[oracle]'", allow_module_level=True)

# Their outputs are not one weight for each pair of tokens: none at all, or windows in a layout of their own.
WITHOUT = {"mamba", "led", "longt5"}

TYPES = [model_type for model_type, _ in manager if model_type not in WITHOUT]
CASES = [(model_type, fields) for model_type in TYPES for fields in [{}, *VARIANTS.get(model_type, [])]]


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize(("model_type", "fields"), CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_attention_sees_what_is_declared(model_type: str, fields: dict[str, Any]) -> None:
    from oracle.attention import base_class, declared, observed, small

    fields = small(model_type) | fields
    model = zoo.load({**fields, "model_type": model_type, "architectures": [base_class(model_type)]})
    sights = declared(model.parts)
    expected = observed(model_type, fields)
    # A layer that is used again stands once among the parts.
    assert {stack: layers[: len(sights.get(stack, []))] for stack, layers in expected.items()} == sights
    assert sum(map(len, expected.values())) >= sum(model.depths)
