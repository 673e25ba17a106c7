"""What optimizers really keep for small models: the tensors of their state after a step."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import torch

from oracle.quantized import built, size

FACTORIES: dict[str, Callable[[Any], torch.optim.Optimizer]] = {
    "adamw": lambda parameters: torch.optim.AdamW(parameters, foreach=False),
    "adamw-fp32": lambda parameters: torch.optim.AdamW(parameters, foreach=False),
    "sgd": lambda parameters: torch.optim.SGD(parameters, lr=0.1),
    "sgd-momentum": lambda parameters: torch.optim.SGD(parameters, lr=0.1, momentum=0.9),
    "adafactor": lambda parameters: torch.optim.Adafactor(parameters, foreach=False),
}


def state_bytes(class_name: str, model_type: str, fields: dict[str, Any], name: str) -> int:
    """Bytes of what PyTorch's optimizer remembers after a step, in float32; its counters of steps left out."""
    model = built(class_name, model_type, fields, "cpu")
    return _remembered(FACTORIES[name](list(model.parameters())), model)


def transformers_adafactor_bytes(class_name: str, model_type: str, fields: dict[str, Any]) -> int:
    """The same of the Adafactor that transformers has of its own."""
    optimization: Any = import_module("transformers.optimization")
    model = built(class_name, model_type, fields, "cpu")
    return _remembered(optimization.Adafactor(list(model.parameters())), model)


def eight_bit_bytes(class_name: str, model_type: str, fields: dict[str, Any]) -> int:
    """The same of bitsandbytes' AdamW, embeddings in 32 bits as transformers' Trainer has them."""
    optim: Any = import_module("bitsandbytes.optim")
    model = built(class_name, model_type, fields, "cpu")
    manager = optim.GlobalOptimManager.get_instance()
    manager.initialize()
    for module in model.modules():
        if isinstance(module, torch.nn.Embedding):
            manager.register_module_override(module, "weight", {"optim_bits": 32})
    manager.register_parameters(model.parameters())
    optimizer = optim.AdamW8bit(list(model.parameters()))
    optimizer.check_overrides()
    for group_index, group in enumerate(optimizer.param_groups):
        for index, parameter in enumerate(group["params"]):
            optimizer.init_state(group, parameter, group_index, index)
    return _bytes(optimizer)


def _remembered(optimizer: torch.optim.Optimizer, model: Any) -> int:
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    return _bytes(optimizer)


def _bytes(optimizer: torch.optim.Optimizer) -> int:
    """Tables that several parameters share count once."""
    held = {
        tensor.data_ptr(): tensor
        for state in optimizer.state.values()
        for tensor in state.values()
        if isinstance(tensor, torch.Tensor) and tensor.ndim
    }
    return size(held.values())
