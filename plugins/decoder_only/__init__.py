"""Decoder-only architectures: each token sees those before it, and the model writes the next."""

from collections.abc import Mapping

from zoo.hookspecs import hookimpl

_TYPES = {
    "llama": "llama:Llama",
}


@hookimpl
def zoo_architectures() -> Mapping[str, str]:
    """Each model_type with its module in this folder, and its class there."""
    return {model_type: f"{__name__}.{target}" for model_type, target in _TYPES.items()}
