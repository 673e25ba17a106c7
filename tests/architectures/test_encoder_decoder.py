"""The encoder-decoder types under the kit."""

from collections.abc import Sequence
from math import prod
from typing import Any

from architectures.truth import of_transformers
from zoo.testing import ArchitectureSuite, Case

T5_CANDIDATES: dict[str, Sequence[Any]] = {
    "feed_forward_proj": ["gated-gelu", "gated-silu", "gelu", "relu"],
    "is_gated_act": [True, False],
    "tie_word_embeddings": [False],
}


class OwnOutputMatrix(ArchitectureSuite):
    """For types whose models, from T5 v1.1 on, have an output matrix of their own and say so.

    transformers 5.23 ties it to the word embedding all the same: its configs set `tie_word_embeddings` to true,
    whatever they read. LongT5's configs say no, too, but its files are reported to hold no such matrix (transformers,
    pull request 47620), so it is none of these.
    """

    exceptions = {
        "truth: corrected": (
            "files of T5 v1.1, flan-t5 and mT5 hold an lm_head.weight unlike shared.weight: flan-t5-base has "
            "990,345,061 bytes of float32, which is 247,577,856 parameters, not 222,903,552 as if it were tied; "
            "umT5's configs say the same of themselves. transformers has forced the tie since pull request 42815"
        ),
    }

    def corrected(self, case: Case) -> Case:
        """With a matrix of its own, where the config says that it is not tied."""
        if (
            not case.class_name.endswith("ForConditionalGeneration")
            or case.config.get("tie_word_embeddings") is not False
        ):
            return case
        name = "lm_head.weight"
        shape = case.tensors[case.tied[name]]
        return case._replace(
            parameters=case.parameters + prod(shape),
            tensors={**case.tensors, name: shape},
            tied={other: to for other, to in case.tied.items() if other != name},
        )


def unpassed(prefix: str) -> dict[str, str]:
    """Exceptions for what transformers builds of an encoder whose config calls it a decoder."""
    reason = "as decoders its layers have attention to an encoder too, which nothing passes, for there is none"
    return {f"matrices: {prefix}{ending}": reason for ending in ("EncoderModel", "ForTokenClassification")}


class TestBart(ArchitectureSuite):
    model_type = "bart"
    truth = of_transformers("bart")


class TestBlenderbot(ArchitectureSuite):
    model_type = "blenderbot"
    truth = of_transformers("blenderbot")
    exceptions = {
        "with a cache: BlenderbotForCausalLM": "the decoder alone makes a cache for as many layers as the encoder has",
    }


class TestLED(ArchitectureSuite):
    model_type = "led"
    truth = of_transformers("led")
    variants = [
        {"attention_window": 32},
        {"attention_window": [4, 8]},
        {"max_encoder_position_embeddings": 61},
        {"attention_window": [4, 32], "max_encoder_position_embeddings": 63},
    ]
    candidates = {"attention_window": [256, [64, 64, 128]]}


class TestLongT5(ArchitectureSuite):
    model_type = "longt5"
    truth = of_transformers("longt5")
    exceptions = {
        "attention: longt5": "its weights are laid out by windows, and not for each pair of tokens",
        "moves: is_decoder": "a field of T5's encoder alone, which is no class of this type",
        "moves: tie_word_embeddings": "tied whatever it says, as in transformers",
    }
    variants = [
        {"local_radius": 3},
        {"encoder_attention_type": "transient-global"},
        {"encoder_attention_type": "transient-global", "local_radius": 3, "global_block_size": 4},
        {"encoder_attention_type": "transient-global", "local_radius": 30, "d_kv": 24},
    ]
    candidates = T5_CANDIDATES | {"encoder_attention_type": ["transient-global"]}


class TestM2M100(ArchitectureSuite):
    model_type = "m2m_100"
    truth = of_transformers("m2m_100")


class TestMarian(ArchitectureSuite):
    model_type = "marian"
    truth = of_transformers("marian")
    variants = [
        {"share_encoder_decoder_embeddings": False, "decoder_vocab_size": 130},
    ]
    candidates = {"decoder_vocab_size": [58_200, 60_000]}


class TestMBart(ArchitectureSuite):
    model_type = "mbart"
    truth = of_transformers("mbart")


class TestMT5(OwnOutputMatrix):
    model_type = "mt5"
    truth = of_transformers("mt5")
    exceptions = OwnOutputMatrix.exceptions | unpassed("MT5")
    candidates = T5_CANDIDATES


class TestPegasus(ArchitectureSuite):
    model_type = "pegasus"
    truth = of_transformers("pegasus")


class TestSwitchTransformers(ArchitectureSuite):
    model_type = "switch_transformers"
    truth = of_transformers("switch_transformers")
    exceptions = {
        "truth: feed_forward_proj": "a field of T5, which this type does not read",
        "moves: feed_forward_proj": "a field of T5, whose MLP may be gated; here it never is",
        "moves: is_gated_act": "a field of T5, whose MLP may be gated; here it never is",
        "moves: is_decoder": "a field of T5's encoder alone, which is no class of this type",
    }
    variants = [
        {"num_layers": 5, "num_sparse_encoder_layers": 2, "router_bias": True},
        {"encoder_sparse_step": 1, "decoder_sparse_step": 0},
    ]
    candidates = {
        "num_sparse_encoder_layers": [1, 0, 2, 6],
        "num_sparse_decoder_layers": [1, 0, 2, 6],
        "encoder_sparse_step": [2, 1, 0],
        "decoder_sparse_step": [2, 1, 0],
    }


class TestT5(OwnOutputMatrix):
    model_type = "t5"
    truth = of_transformers("t5")
    exceptions = OwnOutputMatrix.exceptions | unpassed("T5")
    variants = [
        {"feed_forward_proj": "gated-gelu", "d_kv": 24},
        {"is_decoder": True},
        {"d_kv": 24},
        {"num_decoder_layers": 3},
    ]
    candidates = T5_CANDIDATES


class TestUMT5(OwnOutputMatrix):
    model_type = "umt5"
    truth = of_transformers("umt5")
    exceptions = OwnOutputMatrix.exceptions | unpassed("UMT5")
    candidates = T5_CANDIDATES
