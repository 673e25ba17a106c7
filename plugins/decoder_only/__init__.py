"""Decoder-only architectures: each token sees those before it, and the model writes the next."""

from collections.abc import Mapping

from zoo.hookspecs import hookimpl

_TYPES = {
    "bloom": "bloom:Bloom",
    "cohere": "cohere:Cohere",
    "deepseek_v2": "deepseek_v2:DeepseekV2",
    "deepseek_v3": "deepseek_v3:DeepseekV3",
    "falcon": "falcon:Falcon",
    "gemma": "gemma:Gemma",
    "gemma2": "gemma2:Gemma2",
    "gemma3_text": "gemma3_text:Gemma3",
    "gpt2": "gpt2:GPT2",
    "gpt_neo": "gpt_neo:GPTNeo",
    "gpt_neox": "gpt_neox:GPTNeoX",
    "gpt_oss": "gpt_oss:GptOss",
    "gptj": "gptj:GPTJ",
    "llama": "llama:Llama",
    "mamba": "mamba:Mamba",
    "mistral": "mistral:Mistral",
    "mixtral": "mixtral:Mixtral",
    "mpt": "mpt:Mpt",
    "olmo": "olmo:Olmo",
    "olmo2": "olmo2:Olmo2",
    "openai-gpt": "openai_gpt:OpenAIGPT",
    "opt": "opt:OPT",
    "phi": "phi:Phi",
    "phi3": "phi3:Phi3",
    "qwen2": "qwen2:Qwen2",
    "qwen2_moe": "qwen2_moe:Qwen2Moe",
    "qwen3": "qwen3:Qwen3",
    "qwen3_moe": "qwen3_moe:Qwen3Moe",
    "stablelm": "stablelm:StableLm",
    "starcoder2": "starcoder2:Starcoder2",
}


@hookimpl
def zoo_architectures() -> Mapping[str, str]:
    """Each model_type with its module in this folder, and its class there."""
    return {model_type: f"{__name__}.{target}" for model_type, target in _TYPES.items()}
