"""Where zoo differs from transformers on purpose, each with its reason."""

from collections.abc import Mapping
from math import prod
from typing import Any

OWN_LM_HEAD = {"t5", "mt5", "umt5"}
"""Types whose models, from T5 v1.1 on, have an output matrix of their own and say `tie_word_embeddings: false`.

transformers 5.23 ties it to the word embedding all the same: its configs set the key to true, whatever they read. The
files of T5 v1.1, flan-t5 and mT5 hold an lm_head.weight that differs from shared.weight: flan-t5-base has 990,345,061
bytes of float32, which is 247,577,856 parameters, and would have 222,903,552 were it tied. umT5's configs say the same
of themselves. transformers has forced the key to true since pull request 42815. LongT5's configs say no, too, but its
files are reported to hold no such matrix (transformers, pull request 47620), so LongT5 is no exception.
"""


def corrected(
    model_type: str, class_name: str, config: Mapping[str, Any], truth: Mapping[str, Any]
) -> Mapping[str, Any]:
    """What zoo should say, given what transformers builds."""
    if (
        model_type in OWN_LM_HEAD
        and class_name.endswith("ForConditionalGeneration")
        and config.get("tie_word_embeddings") is False
    ):
        return _with_own_lm_head(truth)
    return truth


def _with_own_lm_head(truth: Mapping[str, Any]) -> Mapping[str, Any]:
    name = "lm_head.weight"
    shape = truth["tensors"][truth["tied"][name]]
    return {
        **truth,
        "parameters": truth["parameters"] + prod(shape),
        "tensors": {**truth["tensors"], name: shape},
        "tied": {other: to for other, to in truth["tied"].items() if other != name},
    }
