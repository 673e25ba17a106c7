"""Encoder-only architectures: each token sees every other, and the model reads rather than writes."""

from collections.abc import Mapping

from zoo.hookspecs import hookimpl

_TYPES = {
    "albert": "albert:Albert",
    "bert": "bert:Bert",
    "camembert": "camembert:Camembert",
    "deberta": "deberta:Deberta",
    "deberta-v2": "deberta_v2:DebertaV2",
    "distilbert": "distilbert:Distilbert",
    "electra": "electra:Electra",
    "modernbert": "modernbert:Modernbert",
    "mpnet": "mpnet:Mpnet",
    "roberta": "roberta:Roberta",
    "xlm-roberta": "xlm_roberta:XlmRoberta",
}


@hookimpl
def zoo_architectures() -> Mapping[str, str]:
    """Each model_type with its module in this folder, and its class there."""
    return {model_type: f"{__name__}.{target}" for model_type, target in _TYPES.items()}
