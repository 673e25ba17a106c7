"""The encoder-only types under the kit."""

from collections.abc import Sequence
from typing import Any

from architectures.truth import of_transformers
from zoo.testing import ArchitectureSuite

READ = "the code reads it without its config declaring it: the tensors of the default config prove its default"

# Where heads do not divide hidden_size, transformers builds these types but cannot run them, and zoo refuses.
EMBEDDED: dict[str, Sequence[Any]] = {
    "hidden_size": [512, 128, 256],
    "num_attention_heads": [8, 2, 16],
    "hidden_act": ["relu"],
}

DECODER: dict[str, Sequence[Any]] = {"is_decoder": [False], "hidden_act": ["relu"]}

RELATIVE = {"relative_attention": True, "pos_att_type": ["c2p", "p2c"]}

# Many fields of DeBERTa are read from the config without being fields of transformers' config class.
DEBERTA: dict[str, Sequence[Any]] = {
    "embedding_size": [128, 64],
    "hidden_act": ["relu"],
    "max_relative_positions": [128, 1, 0],
    "pooler_hidden_act": ["relu"],
    "pooler_hidden_size": [64],
    "relative_attention": [False],
    "pos_att_type": [["c2p"], ["p2c"], [], "C2P | p2c", "p2c"],
    "type_vocab_size": [2, 1],
}


class TestAlbert(ArchitectureSuite):
    model_type = "albert"
    truth = of_transformers("albert")
    variants = [
        {"num_hidden_layers": 5, "num_hidden_groups": 2, "inner_group_num": 3},
    ]
    candidates = EMBEDDED | {"num_hidden_groups": [3, 1], "inner_group_num": [2, 3]}


class TestBert(ArchitectureSuite):
    model_type = "bert"
    truth = of_transformers("bert")
    variants = [
        {"is_decoder": True},
        {"is_decoder": True, "add_cross_attention": True},
    ]
    start = {"is_decoder": True}
    candidates = DECODER


class TestCamembert(ArchitectureSuite):
    model_type = "camembert"
    truth = of_transformers("camembert")
    variants = [
        {"is_decoder": True},
        {"is_decoder": True, "add_cross_attention": True},
        {"pad_token_id": 0},
        {"pad_token_id": 5},
    ]
    start = {"is_decoder": True}
    candidates = DECODER


class TestDeberta(ArchitectureSuite):
    model_type = "deberta"
    truth = of_transformers("deberta")
    exceptions = {
        "truth: talking_head": READ,
        "remembers: embedding_size": "a matrix stands between where it is not the width of the layers",
    }
    variants = [
        RELATIVE,
        {**RELATIVE, "max_relative_positions": 8},
        {**RELATIVE, "pos_att_type": ["p2c"], "talking_head": True},
        {"relative_attention": True},
        {"legacy": False, "embedding_size": 64},
        {"position_biased_input": False},
    ]
    start = RELATIVE
    candidates = DEBERTA | {"talking_head": [True]}


class TestDebertaV2(ArchitectureSuite):
    model_type = "deberta-v2"
    truth = of_transformers("deberta-v2")
    exceptions = {
        "truth: conv_groups": READ,
        "truth: conv_kernel_size": READ,
        "truth: norm_rel_ebd": READ,
        "truth: position_buckets": READ,
        "truth: share_att_key": READ,
        "truth: talking_head": "a field of DeBERTa, which this version does not read",
        "moves: talking_head": "a field of DeBERTa, which this version does not read",
        "remembers: embedding_size": "a matrix stands between where it is not the width of the layers",
    }
    variants = [
        RELATIVE,
        {**RELATIVE, "max_relative_positions": 8},
        {**RELATIVE, "position_buckets": 8, "max_relative_positions": 20, "norm_rel_ebd": "layer_norm"},
        {**RELATIVE, "share_att_key": True, "pos_att_type": ["c2p"]},
        {"relative_attention": True, "share_att_key": True},
        {"conv_kernel_size": 5, "conv_groups": 2, "legacy": False, "embedding_size": 64},
        {"position_biased_input": False},
    ]
    start = RELATIVE | {"conv_kernel_size": 3}
    candidates = DEBERTA | {
        "attention_head_size": [32],
        "conv_act": ["gelu"],
        "conv_groups": [2, 4],
        "conv_kernel_size": [5, 0],
        "norm_rel_ebd": ["layer_norm"],
        "position_buckets": [256, 8, 0],
        "share_att_key": [True],
    }


class TestDistilbert(ArchitectureSuite):
    model_type = "distilbert"
    truth = of_transformers("distilbert")
    candidates = {"activation": ["relu"]}


class TestElectra(ArchitectureSuite):
    model_type = "electra"
    truth = of_transformers("electra")
    variants = [
        {"is_decoder": True},
        {"is_decoder": True, "add_cross_attention": True},
    ]
    start = {"is_decoder": True}
    candidates = EMBEDDED | DECODER | {"summary_activation": ["tanh"], "summary_type": ["mean"]}


class TestModernbert(ArchitectureSuite):
    model_type = "modernbert"
    truth = of_transformers("modernbert")
    exceptions = {"truth: global_attn_every_n_layers": READ}
    variants = [
        {"local_attention": 6},
        {"local_attention": 7, "global_attn_every_n_layers": 2},
        {"local_attention": 6, "layer_types": ["sliding_attention", "full_attention"]},
    ]
    candidates = {
        "classifier_activation": ["relu"],
        "classifier_pooling": ["mean"],
        "cls_token_id": [1],
        "global_attn_every_n_layers": [2, 1],
        "global_rope_theta": [10_000.0],
        "hidden_activation": ["relu"],
        "layer_types": [["sliding_attention", "full_attention", "full_attention"]],
        "local_rope_theta": [1_000.0],
    }


class TestMpnet(ArchitectureSuite):
    model_type = "mpnet"
    truth = of_transformers("mpnet")
    variants = [
        {"pad_token_id": 0},
        {"pad_token_id": 5},
    ]
    candidates = {"hidden_act": ["relu"]}


class TestRoberta(ArchitectureSuite):
    model_type = "roberta"
    truth = of_transformers("roberta")
    variants = [
        {"is_decoder": True},
        {"is_decoder": True, "add_cross_attention": True},
        {"pad_token_id": 0},
        {"pad_token_id": 5},
    ]
    start = {"is_decoder": True}
    candidates = DECODER


class TestXlmRoberta(ArchitectureSuite):
    model_type = "xlm-roberta"
    truth = of_transformers("xlm-roberta")
    variants = [
        {"is_decoder": True},
        {"is_decoder": True, "add_cross_attention": True},
        {"pad_token_id": 0},
        {"pad_token_id": 5},
    ]
    start = {"is_decoder": True}
    candidates = DECODER
