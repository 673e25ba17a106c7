"""Encoder-only architectures: each token sees every other, and the model reads rather than writes."""

from collections.abc import Mapping

from zoo.hookspecs import hookimpl

_TYPES = {
    "bert": "bert:Bert",
}


@hookimpl
def zoo_architectures() -> Mapping[str, str]:
    """Each model_type with its module in this folder, and its class there."""
    return {model_type: f"{__name__}.{target}" for model_type, target in _TYPES.items()}
