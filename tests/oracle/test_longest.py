"""The longest text that zoo lets a model have is the longest that transformers can run, with tiny tensors."""

from importlib.util import find_spec
from typing import Any

import pytest

import zoo
from zoo.conditions import MeasureError
from zoo.manager import manager

if not (find_spec("torch") and find_spec("transformers")):
    pytest.skip("needs the oracle extra: pip install '.[oracle]'", allow_module_level=True)

TYPES = sorted(model_type for model_type, plugin in manager if plugin.distribution.startswith("paramzoo "))

# Beside the small config of each type: what moves the bound, or lifts it.
MORE: dict[str, list[dict[str, Any]]] = {
    **{name: [{"pad_token_id": 0}, {"pad_token_id": 5}] for name in ("camembert", "mpnet", "roberta", "xlm-roberta")},
    "deberta": [{"position_biased_input": False}],
    "deberta-v2": [{"position_biased_input": False}],
    "led": [
        {"max_encoder_position_embeddings": 61},
        {"attention_window": [4, 32], "max_encoder_position_embeddings": 63},
    ],
}
CASES = [(name, fields) for name in TYPES for fields in [{}, *MORE.get(name, [])]]

# transformers computes rotary or ALiBi positions once, for as many tokens as the config names. The model has no table.
COMPUTED = {"gptj", "mpt"}

SHORT, BEYOND = 8, 80
"""Tokens that any of the small models can have, and more than any table of theirs holds."""


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize(("model_type", "fields"), CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_one_token_more_than_the_longest_text_cannot_be_run(model_type: str, fields: dict[str, Any]) -> None:
    from oracle.attention import small
    from oracle.flops import CannotRunError, run
    from zoo.testing.judge import classes, config

    fields = small(model_type) | fields
    for class_name in classes(model_type):
        if config(model_type).is_encoder_decoder and class_name.endswith("ForSequenceClassification"):
            continue  # transformers asks for two texts of the same length
        model = zoo.load({**fields, "model_type": model_type, "architectures": [class_name]})
        for text, encoder in ((BEYOND, SHORT), (SHORT, BEYOND)):
            bound = bounded(model, text, encoder)
            if bound is None:
                if model_type not in COMPUTED:
                    run(class_name, model_type, fields, text, encoder, device="cpu")
                continue
            text, encoder = min(text, bound), min(encoder, bound)
            tell(model, text, encoder)
            run(class_name, model_type, fields, text, encoder, device="cpu")
            text, encoder = (text + 1, encoder) if encoder == SHORT else (text, encoder + 1)
            with pytest.raises(CannotRunError, match=r"IndexError|RuntimeError"):
                run(class_name, model_type, fields, text, encoder, device="cpu")
            with pytest.raises(MeasureError, match=f"{bound + 1}: the model has positions for {bound} tokens"):
                tell(model, text, encoder)


def tell(model: zoo.Model, text: int, encoder: int) -> None:
    """Has zoo tell of a text, and of what an encoder reads, where there is one."""
    model.flops(text, encoder_length=encoder if model.lengths(1).encoder else None)


def bounded(model: zoo.Model, text: int, encoder: int) -> int | None:
    """How many tokens zoo says that there are positions for, if it takes neither length."""
    try:
        tell(model, text, encoder)
    except MeasureError as error:
        return int(str(error).rsplit(" ", 2)[-2])
    return None


def test_a_text_is_by_default_as_long_as_it_can_be() -> None:
    assert zoo.load({"model_type": "roberta", "max_position_embeddings": 514}).lengths().text == 512
    assert zoo.load({"model_type": "bert"}).lengths().text == 512
    assert zoo.load({"model_type": "led"}).lengths() == (1_024, 16_384)
    assert zoo.load({"model_type": "llama"}).lengths().text == 2_048
