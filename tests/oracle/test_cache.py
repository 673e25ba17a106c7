"""What `Model.cache` says is kept, against the tensors in the caches of tiny models of transformers that are run."""

from importlib.util import find_spec
from typing import Any

import pytest

from oracle.variants import VARIANTS
from zoo.manager import manager

if not (find_spec("torch") and find_spec("transformers")):
    pytest.skip("needs the oracle extra: pip install '.[oracle]'", allow_module_level=True)

TYPES = [model_type for model_type, plugin in manager if plugin.distribution.startswith("paramzoo ")]

# Beside those that switch windows, causality and cross-attention: what changes how much is kept.
MORE: dict[str, list[dict[str, Any]]] = {
    "llama": [{"num_key_value_heads": 1}, {"num_key_value_heads": 4, "head_dim": 24}],
    "deepseek_v2": [{"q_lora_rank": None}],
    "deepseek_v3": [{"q_lora_rank": None, "v_head_dim": 14}],
    "mamba": [{"expand": 3, "conv_kernel": 5, "state_size": 7}],
    "t5": [{"d_kv": 24}, {"num_decoder_layers": 3}],
    "longt5": [{"encoder_attention_type": "transient-global"}],
    "mixtral": [{"num_key_value_heads": 1}],
}
CASES = [(name, fields) for name in TYPES for fields in [{}, *VARIANTS.get(name, []), *MORE.get(name, [])]]

# No cache of a decoder: its layers see both ways, and what it makes is vectors. transformers fills one all the same.
CASES = [(name, fields) for name, fields in CASES if not fields.get("use_bidirectional_attention")]

WINDOWED = [
    (name, fields)
    for name, fields in CASES
    if name not in ("gpt_neo", "modernbert") and any("window" in key for key in fields)
]

WINDOW = 6
LENGTHS = (WINDOW - 2, WINDOW - 1, WINDOW, WINDOW + 1, 5 * WINDOW)
"""Below the window, at it and above."""

BATCH, ENCODER = 2, 16


def _id(value: object) -> str:
    return value if isinstance(value, str) else ""


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize(("model_type", "fields"), CASES, ids=_id)
def test_what_is_kept_is_what_transformers_keeps(model_type: str, fields: dict[str, Any]) -> None:
    from oracle.attention import small
    from oracle.cache import NONE_IN_TRANSFORMERS, WHOLE_IN_TRANSFORMERS, Held, load, repeated, said

    fields = small(model_type) | fields
    model = load(model_type, fields)
    times = repeated(model_type, fields)
    encoder = ENCODER if model.lengths(1).encoder else None
    for length in LENGTHS if any("window" in key for key in fields) else (5, 23):
        held = Held(model_type, fields, length, ENCODER, BATCH)
        kept = model.cache(length, encoder_length=encoder, batch=BATCH, dtype="float32")
        assert kept is not None
        if model_type in NONE_IN_TRANSFORMERS:
            assert held.cache is None
            assert kept.bytes > 0
            continue
        capped = model_type not in WHOLE_IN_TRANSFORMERS
        assert said(kept, times=times, capped=capped) == held.layers()
        if capped and times == 1:
            assert kept.bytes == held.bytes()


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize(("model_type", "fields"), WINDOWED, ids=_id)
@pytest.mark.parametrize("length", LENGTHS)
def test_a_cache_of_fixed_size_has_as_many_places(model_type: str, fields: dict[str, Any], length: int) -> None:
    from oracle.attention import small
    from oracle.cache import Held, load, said

    fields = small(model_type) | fields
    kept = load(model_type, fields).cache(length, batch=BATCH, dtype="float32")
    assert kept is not None
    held = Held(model_type, fields, length, ENCODER, BATCH, cache="fixed")
    assert said(kept) == held.layers()
    assert kept.bytes == held.bytes()


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("model_type", ["llama", "bart", "deepseek_v3", "mamba", "gemma2"])
@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float64"])
def test_bytes_in_other_formats(model_type: str, dtype: str) -> None:
    import torch

    from oracle.attention import small
    from oracle.cache import Held, load, widened

    fields = small(model_type)
    model = load(model_type, fields)
    kept = model.cache(19, encoder_length=ENCODER if model.lengths(1).encoder else None, dtype=dtype)
    assert kept is not None
    assert kept.bytes + widened(kept) == Held(model_type, fields, 19, ENCODER, 1, getattr(torch, dtype)).bytes()


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("model_type", ["deepseek_v2", "deepseek_v3"])
@pytest.mark.parametrize("more", [{}, {"v_head_dim": 14, "qk_nope_head_dim": 12}, {"kv_lora_rank": 12}])
def test_latent_attention_uncompressed_is_what_attention_is_given(model_type: str, more: dict[str, Any]) -> None:
    from oracle.attention import small
    from oracle.cache import handed, load

    fields = small(model_type) | more
    kept = load(model_type, fields).cache(21, dtype="float32")
    assert kept is not None
    assert kept.uncompressed_bytes == 4 * sum(handed(model_type, fields, 21))
    assert kept.bytes < kept.uncompressed_bytes


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("model_type", ["gemma2", "llama", "mamba"])
def test_one_more_token_adds_what_is_said(model_type: str) -> None:
    from oracle.attention import small
    from oracle.cache import Held, load

    fields = small(model_type)
    kept = load(model_type, fields).cache(9, dtype="float32")
    assert kept is not None
    shorter, longer = (Held(model_type, fields, length, ENCODER, 1).bytes() for length in (9, 10))
    assert kept.bytes_per_token == longer - shorter
