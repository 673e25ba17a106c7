"""The decoder-only types under the kit."""

from collections.abc import Sequence
from typing import Any

from architectures.truth import of_transformers
from zoo.testing import ArchitectureSuite

FULL, SLIDING = "full_attention", "sliding_attention"
SLIDES = {"use_sliding_window": True, "sliding_window": 6}

READ = "the code reads it without its config declaring it: the tensors of the default config prove its default"

COMPUTED = "positions are computed once, for as many tokens as the config names; the model has no table of them"
COPIES = "those of a group are copied for each of its query heads before they are kept; an engine keeps each once"

# Where heads do not divide hidden_size, transformers builds these types with what is left over, and zoo refuses.
DIVISIBLE = {"hidden_size": [1024, 4096], "num_attention_heads": [16, 64]}


def heads(
    hidden_size: list[int], heads: list[int], kv_heads: list[int | None], head_dim: list[int]
) -> dict[str, Sequence[Any]]:
    """Of the llama kin, with which hidden_size and the heads for keys and values still divide in any mixture."""
    return {
        "hidden_size": hidden_size,
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "head_dim": head_dim,
    }


class TestBloom(ArchitectureSuite):
    model_type = "bloom"
    truth = of_transformers("bloom")


class TestCohere(ArchitectureSuite):
    model_type = "cohere"
    truth = of_transformers("cohere")
    exceptions = {
        "matrices: q_norm": "a norm, with weights of its own for each head",
        "matrices: k_norm": "a norm, with weights of its own for each head",
    }
    candidates = heads([4096, 2048], [32, 16], [8, 1, 4], [64])


class TestDeepseekV2(ArchitectureSuite):
    model_type = "deepseek_v2"
    truth = of_transformers("deepseek_v2")
    exceptions = {
        "runs: deepseek_v2": "by default it chooses no number of experts for a token, and then transformers cannot",
    }
    variants = [
        {"q_lora_rank": None},
        {"n_shared_experts": 3, "first_k_dense_replace": 5, "mlp_bias": True},
        {"v_head_dim": 14, "qk_nope_head_dim": 12},
        {"kv_lora_rank": 12},
    ]
    candidates = {
        "hidden_size": [2048, 8192],
        "num_attention_heads": [64, 16],
        "num_key_value_heads": [8, 1],
        "n_routed_experts": [32, 9],
        "num_experts_per_tok": [3, 1],
        "q_lora_rank": [None, 768],
        "first_k_dense_replace": [1, 2, 5],
    }


class TestDeepseekV3(ArchitectureSuite):
    model_type = "deepseek_v3"
    truth = of_transformers("deepseek_v3")
    variants = [
        {"q_lora_rank": None},
        {"q_lora_rank": None, "v_head_dim": 14},
        {"v_head_dim": 14, "qk_nope_head_dim": 12},
        {"kv_lora_rank": 12},
    ]
    start = {"first_k_dense_replace": 1}
    candidates = {
        "num_attention_heads": [64, 16],
        "num_key_value_heads": [8, 1],
        "n_routed_experts": [32, 9],
        "num_experts_per_tok": [3, 1],
        "q_lora_rank": [None, 768],
        "first_k_dense_replace": [2, 0, 5],
        "num_nextn_predict_layers": [2],
    }


class TestFalcon(ArchitectureSuite):
    model_type = "falcon"
    truth = of_transformers("falcon")
    exceptions = {
        "cache copies: new_decoder_architecture": COPIES,
    }
    variants = [
        {"new_decoder_architecture": True, "num_kv_heads": 2},
        {"multi_query": False},
        {"alibi": True},
    ]
    start = {
        "hidden_size": 512,
        "num_attention_heads": 16,
        "num_kv_heads": 8,
        "new_decoder_architecture": True,
    }
    candidates = {
        "hidden_size": [1024, 256],
        "num_attention_heads": [8, 32],
        "num_kv_heads": [4, 2, 1],
        "new_decoder_architecture": [False],
        "num_ln_in_parallel_attn": [1, 2],
    }


class TestGemma(ArchitectureSuite):
    model_type = "gemma"
    truth = of_transformers("gemma")
    candidates = heads([2048, 3000], [32, 64], [4, 1], [64, 96]) | {"use_bidirectional_attention": [True]}


class TestGemma2(ArchitectureSuite):
    model_type = "gemma2"
    truth = of_transformers("gemma2")
    variants = [
        {"sliding_window": 6},
        {"sliding_window": 6, "layer_types": [FULL, SLIDING]},
    ]
    candidates = heads([2048, 3072], [16, 32], [8, 1], [64, 96]) | {
        "sliding_window": [None, 1024],
        "layer_types": [[FULL, SLIDING, FULL]],
        "use_bidirectional_attention": [True],
    }


class TestGemma3(ArchitectureSuite):
    model_type = "gemma3_text"
    truth = of_transformers("gemma3_text")
    exceptions = {
        "cache: use_bidirectional_attention": "its layers see both ways, and yet a cache is filled",
        "truth: sliding_window_pattern": READ,
    }
    variants = [
        {"sliding_window": 6, "layer_types": [FULL, SLIDING]},
        {"sliding_window": 6, "layer_types": [FULL, SLIDING], "use_bidirectional_attention": True},
        {"sliding_window": 7, "layer_types": [FULL, SLIDING], "use_bidirectional_attention": True},
    ]
    candidates = heads([2048, 3072], [16, 32], [8, 1], [64, 96]) | {
        "sliding_window": [1024],
        "sliding_window_pattern": [2, 1],
        "layer_types": [[FULL, SLIDING, FULL]],
        "use_bidirectional_attention": [True],
    }


class TestGPT2(ArchitectureSuite):
    model_type = "gpt2"
    truth = of_transformers("gpt2")
    variants = [
        {"add_cross_attention": True},
    ]


class TestGPTNeo(ArchitectureSuite):
    model_type = "gpt_neo"
    truth = of_transformers("gpt_neo")
    exceptions = {
        "cache window: window_size": "a mask hides what is out of it, and nothing is thrown away",
        "moves: num_hidden_layers": "attention_types lists every layer, and goes with one number of them",
    }
    variants = [
        {"window_size": 6},
        {"window_size": 6, "attention_types": [[["local"], 2]]},
    ]
    start = {"attention_types": [[["global", "local"], 1], [["global"], 1]]}
    candidates = {"attention_types": [[[["local", "global"], 1], [["local"], 1]], [[["global"], 3]]]}


class TestGPTNeoX(ArchitectureSuite):
    model_type = "gpt_neox"
    truth = of_transformers("gpt_neox")


class TestGptOss(ArchitectureSuite):
    model_type = "gpt_oss"
    truth = of_transformers("gpt_oss")
    variants = [
        {"sliding_window": 6},
        {"sliding_window": 6, "layer_types": [FULL, SLIDING]},
    ]
    candidates = heads([1440, 2881], [128, 32], [4, 1], [32, 96]) | {
        "num_local_experts": [32, 9],
        "num_experts_per_tok": [3, 1],
        "sliding_window": [None, 64],
        "layer_types": [[FULL, SLIDING, FULL]],
    }


class TestGPTJ(ArchitectureSuite):
    model_type = "gptj"
    truth = of_transformers("gptj")
    exceptions = {
        "longest: gptj": COMPUTED,
    }


class TestLlama(ArchitectureSuite):
    model_type = "llama"
    truth = of_transformers("llama")
    variants = [
        {"num_key_value_heads": 1},
        {"num_key_value_heads": 4, "head_dim": 24},
    ]
    candidates = {"num_key_value_heads": [8, 1, 4], "head_dim": [64, 96]}


class TestMamba(ArchitectureSuite):
    model_type = "mamba"
    truth = of_transformers("mamba")
    exceptions = {
        "matrices: A_log": "a decay for each state, by which states are scaled and not multiplied",
        "with a cache: MambaModel": "the convolution fills up a short text where it keeps a state",
        "with a cache: MambaForCausalLM": "the convolution fills up a short text where it keeps a state",
        "cache float32: ssm": "computed and kept so; Mamba's own code keeps them in the format of the weights",
    }
    variants = [
        {"conv_kernel": 7, "state_size": 5, "time_step_rank": 3, "use_bias": True},
        {"expand": 3, "conv_kernel": 5, "state_size": 7},
    ]
    candidates = {"time_step_rank": [16, "auto", 1], "intermediate_size": [1000, 64]}


class TestMistral(ArchitectureSuite):
    model_type = "mistral"
    truth = of_transformers("mistral")
    variants = [
        {"sliding_window": 6},
        {"sliding_window": None},
    ]
    candidates = heads([2048, 8192], [64, 16], [4, 1, 16], [64, 96]) | {"sliding_window": [None, 2048]}


class TestMixtral(ArchitectureSuite):
    model_type = "mixtral"
    truth = of_transformers("mixtral")
    variants = [
        {"sliding_window": 6},
        {"sliding_window": None},
        {"num_key_value_heads": 1},
        {"num_experts_per_tok": 1},
        {"num_experts_per_tok": 4},
    ]
    candidates = heads([2048, 8192], [64, 16], [4, 1, 16], [64, 96]) | {
        "num_local_experts": [16, 4, 9],
        "num_experts_per_tok": [3, 1],
        "sliding_window": [2048],
    }


class TestMpt(ArchitectureSuite):
    model_type = "mpt"
    truth = of_transformers("mpt")
    candidates = {
        "d_model": [1024, 512],
        "n_heads": [8, 32],
        "attn_config": [{"alibi_bias_max": 16, "clip_qkv": 6.0, "prefix_lm": True, "softmax_scale": 0.5}],
        "expansion_ratio": [4],
        "no_bias": [True],
    }


class TestOlmo(ArchitectureSuite):
    model_type = "olmo"
    truth = of_transformers("olmo")
    candidates = heads([2048, 8192], [64, 16], [8, 1, 4], [64])


class TestOlmo2(ArchitectureSuite):
    model_type = "olmo2"
    truth = of_transformers("olmo2")
    candidates = heads([2048, 8192], [64, 16], [8, 1, 4], [64])


class TestOpenAIGPT(ArchitectureSuite):
    model_type = "openai-gpt"
    truth = of_transformers("openai-gpt")
    exceptions = {
        "cache: openai-gpt": "its code has no cache, and reads the whole text again for each word",
    }


class TestOPT(ArchitectureSuite):
    model_type = "opt"
    truth = of_transformers("opt")
    exceptions = {"remembers: word_embed_proj_dim": "matrices stand between where it is not the width of the layers"}


class TestPhi(ArchitectureSuite):
    model_type = "phi"
    truth = of_transformers("phi")
    candidates = DIVISIBLE | {"num_key_value_heads": [8, 1, 16], "head_dim": [96]}


class TestPhi3(ArchitectureSuite):
    model_type = "phi3"
    truth = of_transformers("phi3")
    variants = [
        {"sliding_window": 6},
        {"sliding_window": None},
    ]
    candidates = heads([1536, 6144], [64, 16], [8, 1, 4], [64]) | {"sliding_window": [1024]}


class TestQwen2(ArchitectureSuite):
    model_type = "qwen2"
    truth = of_transformers("qwen2")
    variants = [
        {**SLIDES, "max_window_layers": 0},
        {**SLIDES, "max_window_layers": 1},
        {**SLIDES, "layer_types": [FULL, SLIDING]},
    ]
    candidates = heads([2048, 8192], [64], [8, None, 4], [64, 96]) | {
        "sliding_window": [None, 1024],
        "max_window_layers": [1, 0],
        "layer_types": [[FULL, SLIDING, FULL]],
    }


class TestQwen2Moe(ArchitectureSuite):
    model_type = "qwen2_moe"
    truth = of_transformers("qwen2_moe")
    variants = [
        {**SLIDES, "max_window_layers": 0},
        {**SLIDES, "max_window_layers": 1},
        {**SLIDES, "layer_types": [FULL, SLIDING]},
        {"decoder_sparse_step": 2},
        {"mlp_only_layers": [0]},
        {"num_experts": 0},
    ]
    candidates = heads([1024, 4096], [32, 64], [8, 1, 4], [64, 96]) | {
        "sliding_window": [1024],
        "max_window_layers": [1, 0],
        "layer_types": [[FULL, SLIDING, FULL]],
        "num_experts": [32, 7, 0],
        "num_experts_per_tok": [3, 1],
        "decoder_sparse_step": [2, 3],
        "mlp_only_layers": [[1], [2, 0, 5]],
    }


class TestQwen3(ArchitectureSuite):
    model_type = "qwen3"
    truth = of_transformers("qwen3")
    variants = [
        {**SLIDES, "max_window_layers": 0},
        {**SLIDES, "max_window_layers": 1},
        {**SLIDES, "layer_types": [FULL, SLIDING]},
    ]
    candidates = heads([2048, 4097], [64], [8, None, 4], [64, 96]) | {
        "sliding_window": [None, 1024],
        "max_window_layers": [1, 0],
        "layer_types": [[FULL, SLIDING, FULL]],
    }


class TestQwen3Moe(ArchitectureSuite):
    model_type = "qwen3_moe"
    truth = of_transformers("qwen3_moe")
    variants = [
        SLIDES,
        {"sliding_window": 6},
        {"decoder_sparse_step": 2},
        {"mlp_only_layers": [0]},
        {"num_experts": 0},
    ]
    candidates = heads([1024, 4096], [64, 16], [8, 1], [128]) | {
        "sliding_window": [None, 1024],
        "num_experts": [32, 9, 0],
        "num_experts_per_tok": [3, 1],
        "decoder_sparse_step": [2, 3],
        "mlp_only_layers": [[1], [2, 0, 5]],
    }


class TestStableLm(ArchitectureSuite):
    model_type = "stablelm"
    truth = of_transformers("stablelm")
    candidates = {"num_key_value_heads": [8, 1, 4], "num_attention_heads": [64, 160]}


class TestStarcoder2(ArchitectureSuite):
    model_type = "starcoder2"
    truth = of_transformers("starcoder2")
    variants = [
        {"sliding_window": 6},
        {"sliding_window": None},
    ]
    start = {"hidden_size": 512, "num_attention_heads": 32}
    candidates = DIVISIBLE | {"num_key_value_heads": [4, 1], "head_dim": [96]}
