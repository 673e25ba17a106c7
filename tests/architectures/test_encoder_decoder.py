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


class TestBart(ArchitectureSuite):
    model_type = "bart"
    truth = of_transformers("bart")


class TestBlenderbot(ArchitectureSuite):
    model_type = "blenderbot"
    truth = of_transformers("blenderbot")


class TestLED(ArchitectureSuite):
    model_type = "led"
    truth = of_transformers("led")
    candidates = {"attention_window": [256, [64, 64, 128]]}


class TestLongT5(ArchitectureSuite):
    model_type = "longt5"
    truth = of_transformers("longt5")
    exceptions = {
        "moves: is_decoder": "a field of T5's encoder alone, which is no class of this type",
        "moves: tie_word_embeddings": "tied whatever it says, as in transformers",
    }
    candidates = T5_CANDIDATES | {"encoder_attention_type": ["transient-global"]}


class TestM2M100(ArchitectureSuite):
    model_type = "m2m_100"
    truth = of_transformers("m2m_100")


class TestMarian(ArchitectureSuite):
    model_type = "marian"
    truth = of_transformers("marian")
    candidates = {"decoder_vocab_size": [58_200, 60_000]}


class TestMBart(ArchitectureSuite):
    model_type = "mbart"
    truth = of_transformers("mbart")


class TestMT5(OwnOutputMatrix):
    model_type = "mt5"
    truth = of_transformers("mt5")
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
    candidates = {
        "num_sparse_encoder_layers": [1, 0, 2, 6],
        "num_sparse_decoder_layers": [1, 0, 2, 6],
        "encoder_sparse_step": [2, 1, 0],
        "decoder_sparse_step": [2, 1, 0],
    }


class TestT5(OwnOutputMatrix):
    model_type = "t5"
    truth = of_transformers("t5")
    candidates = T5_CANDIDATES


class TestUMT5(OwnOutputMatrix):
    model_type = "umt5"
    truth = of_transformers("umt5")
    candidates = T5_CANDIDATES
