"""Encoder-decoder architectures: one stack reads, the other writes and looks back at what was read."""

from collections.abc import Mapping

from zoo.hookspecs import hookimpl

_TYPES = {
    "bart": "bart:Bart",
    "blenderbot": "blenderbot:Blenderbot",
    "led": "led:LED",
    "longt5": "longt5:LongT5",
    "m2m_100": "m2m_100:M2M100",
    "marian": "marian:Marian",
    "mbart": "mbart:MBart",
    "mt5": "mt5:MT5",
    "pegasus": "pegasus:Pegasus",
    "switch_transformers": "switch_transformers:SwitchTransformers",
    "t5": "t5:T5",
    "umt5": "umt5:UMT5",
}


@hookimpl
def zoo_architectures() -> Mapping[str, str]:
    """Each model_type with its module in this folder, and its class there."""
    return {model_type: f"{__name__}.{target}" for model_type, target in _TYPES.items()}
