"""Encoder-decoder architectures: one stack reads, the other writes and looks back at what was read."""

from collections.abc import Mapping

from zoo.hookspecs import hookimpl

_TYPES = {}


@hookimpl
def zoo_architectures() -> Mapping[str, str]:
    """Each model_type with its module in this folder, and its class there."""
    return {model_type: f"{__name__}.{target}" for model_type, target in _TYPES.items()}
