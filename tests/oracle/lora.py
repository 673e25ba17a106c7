"""What PEFT trains of a model that transformers builds on the meta device, where tensors have no storage."""

import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
import transformers
from peft import LoraConfig, get_peft_model
from peft.utils.constants import TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING as DEFAULT_TARGETS
from transformers.pytorch_utils import Conv1D

from zoo.testing.judge import config

__all__ = [
    "DEFAULT_TARGETS",
    "Adapters",
    "RefusedError",
    "adapters",
    "build",
    "heads_of",
    "modules",
    "output_embedding",
]

# The task that goes with a class, and what PEFT trains itself for it. all-linear would have it adapt a head first, and
# then it cannot be trained itself (TypeError: modules_to_save cannot be applied): so that is left out of the targets.
_TASKS = {
    "ForSequenceClassification": ("SEQ_CLS", ("classifier", "pre_classifier", "score")),
    "ForTokenClassification": ("TOKEN_CLS", ("classifier", "pre_classifier", "score")),
    "ForQuestionAnswering": ("QUESTION_ANS", ("qa_outputs",)),
}
# PEFT looks its defaults up only after it has turned the targets, none yet, into those of fused experts.
_DEFAULTS_LOST = ("mixtral",)


class RefusedError(Exception):
    """PEFT itself refuses."""


class Adapters(NamedTuple):
    """What is trained. adapted: how many numbers by the name of the adapted module or tensor. in_full: by the name of
    the parameter that is trained itself.
    """

    trainable: int
    total: int
    bytes: int
    adapted: dict[str, int]
    in_full: dict[str, int]


def _task(class_name: str) -> tuple[str | None, tuple[str, ...]]:
    return next((task for ending, task in _TASKS.items() if class_name.endswith(ending)), (None, ()))


def heads_of(class_name: str) -> tuple[str, ...]:
    """How the modules of a class are called that PEFT trains themselves."""
    return _task(class_name)[1]


def build(class_name: str, model_type: str, fields: dict[str, Any]) -> Any:
    """A class of transformers."""
    with torch.device("meta"):
        return getattr(transformers, class_name)(config(model_type, **fields))


def adapters(
    class_name: str, model_type: str, fields: dict[str, Any], rank: int, targets: str | Sequence[str] | None
) -> Adapters:
    """What PEFT makes trainable. Raises RefusedError where it does not go."""
    task, heads = _task(class_name)
    if targets is None and model_type in _DEFAULTS_LOST:
        targets = DEFAULT_TARGETS[model_type]
    settings = LoraConfig(
        r=rank,
        target_modules=targets if targets is None or isinstance(targets, str) else list(targets),
        task_type=task,
        exclude_modules=list(heads),
    )
    base = build(class_name, model_type, fields)
    with torch.device("meta"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            model = get_peft_model(base, settings)
        except ValueError as error:
            raise RefusedError(str(error)) from error
    adapted: dict[str, int] = {}
    in_full: dict[str, int] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            name = name.removeprefix("base_model.model.")
            module, lora, _ = name.partition(".lora_")
            found = adapted if lora else in_full
            found[module] = found.get(module, 0) + parameter.numel()
    size = sum(parameter.nbytes for parameter in model.parameters() if parameter.requires_grad)
    trainable, total = model.get_nb_trainable_parameters()
    return Adapters(trainable, total, size, adapted, in_full)


def modules(class_name: str, model_type: str, fields: dict[str, Any]) -> dict[str, str]:
    """Each module with a matrix that PEFT can adapt, by its full name: of which kind it is."""
    kinds = {
        torch.nn.Linear: "linear",
        Conv1D: "linear",
        torch.nn.Embedding: "embedding",
        torch.nn.Conv1d: "convolution",
    }
    named = build(class_name, model_type, fields).named_modules()
    found = {name: [kind for cls, kind in kinds.items() if isinstance(module, cls)] for name, module in named}
    return {name: kind[0] for name, kind in found.items() if kind}


def output_embedding(class_name: str, model_type: str, fields: dict[str, Any]) -> str | None:
    """The name of the module that scores words, where a class has one."""
    model = build(class_name, model_type, fields)
    output = model.get_output_embeddings()
    return next((name for name, module in model.named_modules() if module is output), None) if output else None
