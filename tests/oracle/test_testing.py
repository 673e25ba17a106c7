"""The kit's comparison with transformers can fail: against a truth that is turned around it does."""

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest
from architectures.test_decoder_only import TestLlama as Llama

from zoo.testing import Case, Transformers

if not (find_spec("torch") and find_spec("transformers")):
    pytest.skip("needs the oracle extra: pip install '.[oracle]'", allow_module_level=True)

OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
TRUTHS = (Transformers(configs=1),)


class Misled(Llama):
    """Of Llama, each case with one tensor otherwise than transformers builds it."""

    def corrected(self, case: Case) -> Case:
        name = next(name for name in case.tensors if name.endswith("up_proj.weight"))
        return case._replace(tensors={**case.tensors, name: [1, *case.tensors[name]]})


class Unheard(Llama):
    model_type = "bert"

    @property
    def classes(self) -> tuple[str, ...]:
        return ("BertModel",)


def test_transformers_is_agreed_with() -> None:
    Llama().test_truth(TRUTHS)


def test_a_shape_that_differs_is_told_with_the_config_and_the_seed() -> None:
    with pytest.raises(pytest.fail.Exception) as failed:
        Misled().test_truth(TRUTHS)
    text = str(failed.value)
    assert "LlamaForCausalLM at the default config: " in text
    assert "1  shape differs  model.layers.0.mlp.up_proj.weight  [11008, 4096], the truth has [1, 11008, 4096]" in text
    assert "ZOO_TESTING_SEED=" in text


def test_a_class_that_the_plugin_lacks_is_told() -> None:
    with pytest.raises(pytest.fail.Exception, match="BertForMaskedLM: a class that transformers has for the type"):
        Unheard().test_truth(TRUTHS)


def test_an_authors_other_tests_keep_the_hub_and_what_is_built_asks_nobody() -> None:
    code = """
import os
import huggingface_hub
import transformers
from huggingface_hub import constants
from zoo.testing import judge

seen = []

class Watched(transformers.BertModel):
    def __init__(self, config):
        seen.append(huggingface_hub.is_offline_mode())
        super().__init__(config)

transformers.Watched = Watched
judge.build("Watched", "bert", {"num_hidden_layers": 1})
try:
    judge.build("Watched", "bert", {"num_attention_heads": 7})
except judge.CannotBuildError:
    pass
print(seen, constants.HF_HUB_OFFLINE, os.environ.get("HF_HUB_OFFLINE"))
"""
    environment = {name: value for name, value in os.environ.items() if name not in OFFLINE}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == "[True, True] False None\n"
