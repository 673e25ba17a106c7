"""`zoo verify`: every difference between a model and a checkpoint is told, and an explanation hides no error.

The checkpoints are what transformers wrote when it saved small models (`oracle/headers`), as they are and changed.
"""

import csv
import gzip
import io
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from math import prod
from pathlib import Path
from typing import Any

import pytest
from hubcase import Case, bytes_of, line_of

import zoo
from zoo.checkpoints.comparison import Line
from zoo.checkpoints.verification import Verification, verify
from zoo.errors import CheckpointError
from zoo.reports.verification import VerificationReport
from zoo.sources import Reference

Shape = tuple[int, ...]
Header = dict[str, tuple[str, Shape]]
"""Number format and shape of each tensor."""

HEADERS = Path(__file__).parent / "oracle" / "headers"
TYPES = sorted(path.name.removesuffix(".json.gz") for path in HEADERS.glob("*.json.gz"))

WIDTHS = {
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_attention_heads": 4,
    "num_hidden_layers": 2,
    "vocab_size": 40,
}
LLAMA: dict[str, Any] = {
    **WIDTHS,
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "num_key_value_heads": 2,
}
GPT2: dict[str, Any] = {
    "model_type": "gpt2",
    "architectures": ["GPT2LMHeadModel"],
    "n_embd": 64,
    "n_layer": 2,
    "n_head": 4,
    "n_positions": 16,
    "vocab_size": 40,
}
BERT: dict[str, Any] = {
    **WIDTHS,
    "model_type": "bert",
    "architectures": ["BertForMaskedLM"],
    "max_position_embeddings": 16,
}
DEEPSEEK: dict[str, Any] = {
    **WIDTHS,
    "model_type": "deepseek_v3",
    "architectures": ["DeepseekV3ForCausalLM"],
    "q_lora_rank": 16,
    "kv_lora_rank": 8,
    "qk_nope_head_dim": 8,
    "qk_rope_head_dim": 4,
    "v_head_dim": 8,
    "n_routed_experts": 4,
    "num_experts_per_tok": 2,
    "n_group": 1,
    "topk_group": 1,
    "moe_intermediate_size": 32,
    "first_k_dense_replace": 1,
    "num_nextn_predict_layers": 1,
}
GPT_OSS: dict[str, Any] = {
    **WIDTHS,
    "model_type": "gpt_oss",
    "architectures": ["GptOssForCausalLM"],
    "num_key_value_heads": 2,
    "num_local_experts": 3,
    "num_experts_per_tok": 2,
}


def saved(model_type: str) -> Iterator[tuple[dict[str, Any], Header]]:
    """The config of each recorded model of a type, and the header of what transformers wrote."""
    for row in json.loads(gzip.decompress((HEADERS / f"{model_type}.json.gz").read_bytes()))["saved"]:
        yield row["config"], {name: (dtype, tuple(shape)) for name, (dtype, shape) in row["tensors"].items()}


def of_model(config: Reference, dtype: str = "BF16") -> Header:
    """The header of a file with the tensors of a model under its own names, tied ones left out."""
    return {name: (dtype, shape) for name, shape, tied_to in zoo.load(config).tensors() if tied_to is None}


def verified(folder: Path, config: Mapping[str, Any], header: Header) -> Verification:
    """A model held against a file; every tensor of the file is told once, and all parameters of the model are."""
    file = folder / "model.safetensors"
    file.write_bytes(bytes_of(header))
    told = verify(config, file)
    assert Counter(line.name for line in told.lines if line.state != "missing") == Counter(header.keys())
    assert sum(line.parameters for line in told.lines) == told.model.parameters
    report = VerificationReport(told)
    assert sum(row.tensors for row in report.rows()) == len(told.lines)
    assert sum(row.parameters for row in report.rows()) == told.model.parameters
    return told


def unexplained(told: Verification) -> dict[str, str]:
    """The names of what is not explained, each with its state."""
    found = [line for line in told.lines if not line.explained]
    assert bool(found) != told.explained
    return {line.name: line.state for line in found}


def whys(told: Verification) -> set[str]:
    """All explanations that are given."""
    return {line.why for line in told.lines} - {""}


# --- what transformers saves -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("model_type", TYPES)
def test_what_transformers_saved_is_explained(model_type: str, tmp_path: Path) -> None:
    for config, header in saved(model_type):
        told = verified(tmp_path, config, header)
        assert unexplained(told) == {}
        assert told.model.status == "exact"
        buffers = {line.name for line in told.lines if line.state == "unexpected"}
        assert all(name.endswith(("final_logits_bias", "e_score_correction_bias")) for name in buffers)
        assert {line.state for line in told.lines} <= {"matched", "missing", "unexpected"}


# --- errors ----------------------------------------------------------------------------------------------------------

Mutation = Callable[[Header, list[str], random.Random], set[str] | None]
"""Changes a header. Gets it, the names in it that are of parameters, and chance; gives the names of which one must be
told as not explained, or None where it cannot be changed so.
"""


def dropped(header: Header, names: list[str], chance: random.Random) -> set[str]:
    name = chance.choice(names)
    del header[name]
    return {name}


def renamed(header: Header, names: list[str], chance: random.Random) -> set[str]:
    name = chance.choice(names)
    words = name.split(".")
    place = chance.randrange(len(words))
    words[place] = "x" + words[place]
    header[".".join(words)] = header.pop(name)
    return {".".join(words)}


def before_one(header: Header, names: list[str], chance: random.Random) -> set[str]:
    name = chance.choice(names)
    new = chance.choice(["module.", "model.", "evil.", "evil.model.", "transformer.", "bert.", "0."]) + name
    header[new] = header[name] if chance.random() < 0.5 else header.pop(name)
    return {new}


def resized(header: Header, names: list[str], chance: random.Random) -> set[str]:
    name = chance.choice(names)
    dtype, shape = header[name]
    place = chance.randrange(len(shape))
    header[name] = dtype, (*shape[:place], shape[place] + chance.choice([-1, 1, 7]), *shape[place + 1 :])
    return {name}


def turned(header: Header, names: list[str], chance: random.Random) -> set[str] | None:
    matrices = [name for name in names if len(header[name][1]) > 1 and header[name][1] != header[name][1][::-1]]
    if not matrices:
        return None
    name = chance.choice(matrices)
    header[name] = header[name][0], header[name][1][::-1]
    return {name}


def retyped(header: Header, names: list[str], chance: random.Random) -> set[str]:
    name = chance.choice(names)
    header[name] = chance.choice(["I64", "U8", "I32", "BOOL", "F8_E8M0"]), header[name][1]
    return {name}


def added(header: Header, names: list[str], chance: random.Random) -> set[str]:
    module = chance.choice(names).rpartition(".")[0]
    last = chance.choice(
        ["extra", "weight2", "weights", "scale", "weight_scale", "mtp.weight", "lora_A.weight", "gamma2"]
    )
    name = ".".join(filter(None, (module, last)))
    header[name] = "F32", (chance.randint(1, 5), 3)
    return {name}


def without_a_layer(header: Header, names: list[str], chance: random.Random) -> set[str] | None:
    layers = sorted({found for name in names if (found := layer_of(name))})
    if not layers:
        return None
    layer = chance.choice(layers)
    gone = {name for name in header if name.startswith(layer)}
    for name in gone:
        del header[name]
    return gone & set(names)


def with_another_layer(header: Header, names: list[str], chance: random.Random) -> set[str] | None:
    layers = sorted({found for name in names if (found := layer_of(name))})
    if not layers:
        return None
    layer = chance.choice(layers)
    further = layer.rstrip(".").rpartition(".")[0] + f".{chance.choice([2, 3, 61, 99])}."
    new = {further + name.removeprefix(layer): entry for name, entry in header.items() if name.startswith(layer)}
    header.update(new)
    return set(new)


def swapped(header: Header, names: list[str], chance: random.Random) -> set[str]:
    first = chance.choice(names)
    second = chance.choice([name for name in names if header[name][1] != header[first][1]])
    header[first], header[second] = header[second], header[first]
    return {first, second}


def without_an_expert(header: Header, names: list[str], chance: random.Random) -> set[str] | None:
    experts = sorted({name[: name.index(".", name.index("experts.") + 8)] for name in names if ".experts.0." in name})
    if not experts:
        return None
    expert = chance.choice(experts)
    gone = {name for name in names if name.startswith(f"{expert}.")}
    for name in gone:
        del header[name]
    return gone


def another_expert(header: Header, names: list[str], chance: random.Random) -> set[str] | None:
    experts = [name for name in names if ".experts.0." in name]
    if not experts:
        return None
    new = {name.replace(".experts.0.", ".experts.3."): header[name] for name in experts}
    header.update(new)
    return set(new)


def half_with_a_prefix(header: Header, names: list[str], chance: random.Random) -> set[str] | None:
    scope = Counter(name.partition(".")[0] for name in names).most_common(1)[0][0] + "."
    mine = [name for name in names if name.startswith(scope)]
    half = set(mine[::2])
    new = {name.removeprefix(scope) if name in half else name: entry for name, entry in header.items()}
    header.clear()
    header.update(new)
    return {name.removeprefix(scope) if name in half else name for name in mine}


def twice(header: Header, names: list[str], chance: random.Random) -> set[str]:
    """Under another name, too, that by itself would be known."""
    name = chance.choice(names)
    scope = Counter(name.partition(".")[0] for name in names).most_common(1)[0][0] + "."
    new = chance.choice([name.removeprefix(scope) if name.startswith(scope) else scope + name, "model." + name])
    header[new] = header[name]
    return {new}


MUTATIONS: tuple[Mutation, ...] = (
    dropped,
    renamed,
    before_one,
    resized,
    turned,
    retyped,
    added,
    without_a_layer,
    with_another_layer,
    swapped,
    without_an_expert,
    another_expert,
    half_with_a_prefix,
    twice,
)


def layer_of(name: str) -> str:
    """The beginning of a name up to the number of a layer."""
    words = name.split(".")
    place = next((place for place, word in enumerate(words) if word.isdecimal()), None)
    return "" if place is None else ".".join(words[: place + 1]) + "."


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
@pytest.mark.parametrize("model_type", TYPES)
def test_an_error_is_not_explained(model_type: str, mutation: Mutation, tmp_path: Path) -> None:
    chance = random.Random(f"{model_type} {mutation.__name__}")
    for _ in range(2):
        config, header = chance.choice(list(saved(model_type)))
        file = tmp_path / "whole.safetensors"
        file.write_bytes(bytes_of(header))
        told = verify(config, file)
        names = [line.name for line in told.lines if line.state == "matched" and not computed(told, line.name)]
        wrong = mutation(header, names, chance)
        if wrong is None:
            continue
        found = unexplained(verified(tmp_path, config, header))
        assert found
        # What is missing bears the model's name, which may be another than the file's.
        if mutation in (dropped, without_a_layer, without_an_expert):
            assert set(found.values()) == {"missing"}
        else:
            assert wrong & found.keys()


def computed(told: Verification, name: str) -> bool:
    """Whether transformers computes a tensor anew where it is missing."""
    return not set(told.model.architecture.not_stored).isdisjoint(name.split("."))


def errors(tmp_path: Path, config: Mapping[str, Any], header: Header) -> dict[str, str]:
    return unexplained(verified(tmp_path, config, header))


def test_nothing_at_all_is_not_explained(tmp_path: Path) -> None:
    told = verified(tmp_path, LLAMA, {})
    assert set(unexplained(told).values()) == {"missing"}
    assert len(told.lines) == len(of_model(LLAMA))


@pytest.mark.parametrize(
    "name",
    ["", ".", "base_layer", "lora_A.weight", ".lora_A.weight", "0", "beta", "a.\n.gamma", "x" * 10_000, "." * 10_000],
)
def test_a_name_that_nobody_would_give(tmp_path: Path, name: str) -> None:
    assert errors(tmp_path, LLAMA, {**of_model(LLAMA), name: ("F32", (2,))}) == {name: "unexpected"}


def test_of_two_spellings_of_one_tensor_the_nearer_stands(tmp_path: Path) -> None:
    norm = "bert.encoder.layer.0.output.LayerNorm."
    header = {norm + "gamma": ("F32", (64,)), **of_model(BERT)}
    assert errors(tmp_path, BERT, header) == {norm + "gamma": "unexpected"}
    del header[norm + "weight"]
    assert errors(tmp_path, BERT, header) == {}


def test_gamma_and_beta_are_of_norms_only(tmp_path: Path) -> None:
    query = "bert.encoder.layer.0.attention.self.query."
    header = of_model(BERT)
    header[query + "beta"] = header.pop(query + "bias")
    assert errors(tmp_path, BERT, header) == {query + "beta": "unexpected", query + "bias": "missing"}


@pytest.mark.parametrize("prefix", ["evil.", "evil.model.", "language_model.", "model.model.", "layers."])
def test_no_prefix_is_one_that_nobody_writes(tmp_path: Path, prefix: str) -> None:
    header = {prefix + name: entry for name, entry in of_model(LLAMA).items()}
    assert errors(tmp_path, LLAMA, header).keys() == header.keys() | of_model(LLAMA).keys()


def test_a_tensor_of_another_class_has_the_shape_that_it_has_there(tmp_path: Path) -> None:
    pooler = {"bert.pooler.dense.weight": ("F32", (64, 64)), "bert.pooler.dense.bias": ("F32", (64,))}
    told = verified(tmp_path, BERT, {**of_model(BERT), **pooler})
    assert unexplained(told) == {}
    assert "of BertModel" in whys(told)
    pooler["bert.pooler.dense.weight"] = "F32", (64, 63)
    assert errors(tmp_path, BERT, {**of_model(BERT), **pooler}) == {"bert.pooler.dense.weight": "unexpected"}


def test_a_head_that_is_not_there_is_missing(tmp_path: Path) -> None:
    header = {**of_model({**BERT, "architectures": ["BertModel"]})}
    heads = {name for name in of_model(BERT) if name.startswith("cls.")}
    assert errors(tmp_path, BERT, header) == dict.fromkeys(heads, "missing")


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("evil.inv_freq", (8,)),
        ("evil.rotary_emb.inv_freq", (8,)),
        ("model.layers.2.self_attn.rotary_emb.inv_freq", (8,)),
        ("model.layers.2.layer_scalar", (1,)),
        ("model.layers.0.self_attn.rotary_emb.inv_freq", (8, 1)),
        ("model.layers.0.self_attn.rotary_emb.inv_freq", (9,)),
        ("model.layers.0.self_attn.rotary_emb.inv_freq", (99_999,)),
        ("layers.0.self_attn.rotary_emb.inv_freq", (8,)),
        ("module.model.layers.0.self_attn.rotary_emb.inv_freq", (8,)),
        ("final_logits_bias", (1, 41)),
        ("model.layers.0.input_layernorm.running_mean", (63,)),
    ],
)
def test_a_buffer_stands_where_the_model_has_a_place_for_it(tmp_path: Path, name: str, shape: Shape) -> None:
    assert errors(tmp_path, LLAMA, {**of_model(LLAMA), name: ("F32", shape)}) == {name: "unexpected"}


def test_the_bias_of_a_router_has_a_number_for_each_expert(tmp_path: Path) -> None:
    for experts, right in ((4, True), (5, False)):
        header = apart(of_model(DEEPSEEK))
        header["model.layers.1.mlp.gate.e_score_correction_bias"] = "F32", (experts,)
        assert (errors(tmp_path, DEEPSEEK, header) == {}) == right


def test_tied_tensors_of_another_shape(tmp_path: Path) -> None:
    config = {**LLAMA, "tie_word_embeddings": True}
    header = {**of_model(config), "lm_head.weight": ("BF16", (41, 64))}
    assert errors(tmp_path, config, header) == {"lm_head.weight": "different"}
    del header["model.embed_tokens.weight"], header["lm_head.weight"]
    assert errors(tmp_path, config, header) == {"model.embed_tokens.weight": "missing"}


# --- what people save ------------------------------------------------------------------------------------------------


def apart(header: Header) -> Header:
    """Fused experts of two halves one by one, as checkpoints hold them."""
    found: Header = {}
    for name, (dtype, shape) in header.items():
        parent, _, last = name.rpartition(".")
        parts = {"gate_up_proj": ("gate_proj", "up_proj"), "down_proj": ("down_proj",)}.get(last, ())
        for expert in range(shape[0] if parts else 0):
            for part in parts:
                found[f"{parent}.{expert}.{part}.weight"] = dtype, (shape[1] // len(parts), shape[2])
        if not parts:
            found[name] = dtype, shape
    return found


def explained(tmp_path: Path, config: Mapping[str, Any], header: Header, *words: str) -> None:
    """Everything is, among others in these words."""
    told = verified(tmp_path, config, header)
    assert unexplained(told) == {}
    assert set(words) <= {word for why in whys(told) for word in why.split("; ")}


def test_what_transformers_passes_over(tmp_path: Path) -> None:
    config = {"model_type": "t5", "architectures": ["T5ForConditionalGeneration"], "num_layers": 1, "d_model": 8}
    name = "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"
    explained(tmp_path, config, {**of_model(config), name: ("F32", (32, 8))}, "passed over by transformers")
    other = name.replace("block.0", "block.1")
    assert list(errors(tmp_path, config, {**of_model(config), other: ("F32", (32, 8))})) == [other]


@pytest.mark.parametrize("wrapper", ["module.", "_orig_mod."])
def test_a_wrapped_model(tmp_path: Path, wrapper: str) -> None:
    header = {wrapper + name: entry for name, entry in of_model(GPT2).items()}
    explained(tmp_path, GPT2, header, f"with the prefix {wrapper[:-1]}")


def test_a_body_alone_and_a_head_with_it(tmp_path: Path) -> None:
    base = {**LLAMA, "architectures": ["LlamaModel"]}
    bare = {**of_model(base), "lm_head.weight": ("F32", (40, 64))}
    explained(tmp_path, LLAMA, bare, "without the prefix model")
    explained(tmp_path, base, of_model(LLAMA), "with the prefix model", "of LlamaForCausalLM")
    labels = {**LLAMA, "architectures": ["LlamaForQuestionAnswering"]}
    heads = {"qa_outputs.weight": ("F32", (2, 64)), "qa_outputs.bias": ("F32", (2,))}
    header = {**of_model(LLAMA), **heads}
    explained(tmp_path, labels, header, "without the prefix transformer, with the prefix model", "of LlamaForCausalLM")


def test_bert_as_it_was_first_published(tmp_path: Path) -> None:
    config = {**BERT, "architectures": ["BertForPreTraining"]}
    spelt = {"weight": "gamma", "bias": "beta"}
    header = {
        f"{module}.{spelt[last]}" if module.endswith("LayerNorm") else name: entry
        for name, entry in of_model(config).items()
        for module, _, last in [name.rpartition(".")]
    }
    header["bert.embeddings.position_ids"] = "I64", (1, 16)
    header["cls.predictions.decoder.weight"] = "F32", (40, 64)
    explained(
        tmp_path,
        config,
        header,
        "gamma for weight",
        "beta for bias",
        "positions",
        "tied to bert.embeddings.word_embeddings.weight, stored as well",
    )
    explained(tmp_path, BERT, header, "of BertForPreTraining")


def test_gpt2_as_it_is_published(tmp_path: Path) -> None:
    header = of_model({**GPT2, "architectures": ["GPT2Model"]})
    header |= {f"h.{layer}.attn.bias": ("F32", (1, 1, 16, 16)) for layer in range(2)}
    explained(tmp_path, GPT2, header, "without the prefix transformer", "causal mask", "tied to transformer.wte.weight")


def test_rotary_frequencies_of_old(tmp_path: Path) -> None:
    rotary = {f"model.layers.{layer}.self_attn.rotary_emb.inv_freq": ("F32", (8,)) for layer in range(2)}
    explained(tmp_path, LLAMA, {**of_model(LLAMA), **rotary}, "rotary frequencies")


def test_tied_tensors_both_one_or_the_other(tmp_path: Path) -> None:
    config = {**LLAMA, "tie_word_embeddings": True}
    header = of_model(config)
    explained(tmp_path, config, header, "tied to model.embed_tokens.weight")
    header["lm_head.weight"] = header["model.embed_tokens.weight"]
    explained(tmp_path, config, header, "tied to model.embed_tokens.weight, stored as well")
    del header["model.embed_tokens.weight"]
    explained(
        tmp_path,
        config,
        header,
        "tied to model.embed_tokens.weight, stored in its place",
        "stored as lm_head.weight, which is tied to it",
    )


def test_experts_whole_and_apart(tmp_path: Path) -> None:
    whole = of_model(DEEPSEEK)
    explained(tmp_path, DEEPSEEK, whole)
    explained(tmp_path, DEEPSEEK, apart(whole), "part of gate_up_proj", "part of down_proj")
    fused = "model.layers.1.mlp.experts.gate_up_proj"
    both = {**apart(whole), fused: whole[fused]}
    told = errors(tmp_path, DEEPSEEK, both)
    assert set(told.values()) == {"unexpected"}
    assert all(".experts." in name for name in told)


JOINTS: dict[str, Shape] = {
    "eh_proj": (64, 128),
    "enorm": (64,),
    "hnorm": (64,),
    "shared_head.norm": (64,),
    "shared_head.head": (40, 64),
    "embed_tokens": (40, 64),
}


def deepseek() -> Header:
    """As DeepSeek-V3 is published, but small: FP8 with scales, a layer that predicts a further token."""
    plain = apart(of_model(DEEPSEEK))
    plain |= {name.replace("layers.1.", "layers.2."): entry for name, entry in plain.items() if "layers.1." in name}
    header: Header = {f"model.layers.2.{name}.weight": ("BF16", shape) for name, shape in JOINTS.items()}
    for name, (_, shape) in plain.items():
        if name.endswith("_proj.weight") or "kv_a_proj_with_mqa" in name:
            header[name] = "F8_E4M3", shape
            header[f"{name}_scale_inv"] = "F32", tuple(-(-size // 128) for size in shape)
        else:
            header[name] = "BF16", shape
    header |= {f"model.layers.{layer}.mlp.gate.e_score_correction_bias": ("F32", (4,)) for layer in (1, 2)}
    return header


MTP = "multi-token prediction, left out by transformers"


def test_deepseek_as_it_is_published(tmp_path: Path) -> None:
    explained(tmp_path, DEEPSEEK, deepseek(), MTP, "FP8 block scale", "bias of the router, not trained by gradient")


def test_a_layer_that_predicts_further_tokens_is_stated_and_whole(tmp_path: Path) -> None:
    header = deepseek()
    further = {name for name in header if ".layers.2." in name}
    for none in (0, None, False, True, "1", 0.5):
        assert errors(tmp_path, {**DEEPSEEK, "num_nextn_predict_layers": none}, header).keys() == further
    third = {name.replace("layers.2.", "layers.3."): entry for name, entry in header.items() if ".layers.2." in name}
    assert errors(tmp_path, DEEPSEEK, {**header, **third}).keys() == third.keys()
    for name, shape in {"eh_proj.weight": (64, 64), "input_layernorm.weight": (63,), "mtp.weight": (64,)}.items():
        wrong = {**header, f"model.layers.2.{name}": ("BF16", shape)}
        assert errors(tmp_path, DEEPSEEK, wrong).keys() == {f"model.layers.2.{name}"}
    mtp = {"model.mtp.norm.weight": ("BF16", (64,)), "mtp.0.weight": ("BF16", (64,))}
    assert errors(tmp_path, DEEPSEEK, {**header, **mtp}).keys() == mtp.keys()
    del header["model.layers.2.eh_proj.weight"]
    assert "model.layers.2.input_layernorm.weight" in errors(tmp_path, DEEPSEEK, header)


def test_a_scale_and_its_weight_go_together(tmp_path: Path) -> None:
    weight = "model.layers.0.self_attn.o_proj.weight"
    header = deepseek()
    header["model.layers.0.self_attn.x_proj.weight_scale_inv"] = header[f"{weight}_scale_inv"]
    header["model.norm.weight_scale_inv"] = "F32", (1,)  # of a weight that is not quantized
    assert errors(tmp_path, DEEPSEEK, header) == {
        "model.layers.0.self_attn.x_proj.weight_scale_inv": "unexpected",
        "model.norm.weight_scale_inv": "unexpected",
    }
    header = {**deepseek(), f"{weight}_scale": ("F32", (1,))}  # which of the two?
    assert errors(tmp_path, DEEPSEEK, header).keys() == {f"{weight}_scale", f"{weight}_scale_inv"}
    header = deepseek()
    del header[f"{weight}_scale_inv"]
    assert errors(tmp_path, DEEPSEEK, header) == {weight: "different"}
    header = deepseek()
    del header[weight]
    assert errors(tmp_path, DEEPSEEK, header) == {weight: "missing", f"{weight}_scale_inv": "unexpected"}


def test_a_whole_file_of_fp8_needs_no_scales(tmp_path: Path) -> None:
    explained(tmp_path, LLAMA, of_model(LLAMA, "F8_E5M2"), "FP8")


Packing = Callable[[str, Shape], Header]


def gptq(name: str, shape: Shape) -> Header:
    (outputs, inputs), module = shape, name.removesuffix("weight")
    return {
        module + "qweight": ("I32", (inputs // 8, outputs)),
        module + "qzeros": ("I32", (inputs // 32, outputs // 8)),
        module + "scales": ("F16", (inputs // 32, outputs)),
        module + "g_idx": ("I32", (inputs,)),
    }


def awq(name: str, shape: Shape) -> Header:
    (outputs, inputs), module = shape, name.removesuffix("weight")
    return {
        module + "qweight": ("I32", (inputs, outputs // 8)),
        module + "qzeros": ("I32", (inputs // 32, outputs // 8)),
        module + "scales": ("F16", (inputs // 32, outputs)),
    }


def four_bits(name: str, shape: Shape) -> Header:
    return {
        name: ("U8", (prod(shape) // 2, 1)),
        name + ".absmax": ("F32", (prod(shape) // 64,)),
        name + ".quant_map": ("F32", (16,)),
        name + ".quant_state.bitsandbytes__nf4": ("U8", (90,)),
    }


def eight_bits(name: str, shape: Shape) -> Header:
    module = name.removesuffix("weight")
    return {name: ("I8", shape), module + "SCB": ("F32", shape[:1]), module + "weight_format": ("U8", ())}


def mlx(name: str, shape: Shape) -> Header:
    (outputs, inputs), module = shape, name.removesuffix("weight")
    return {
        name: ("U32", (outputs, inputs // 8)),
        module + "scales": ("F16", (outputs, inputs // 32)),
        module + "biases": ("F16", (outputs, inputs // 32)),
    }


PACKINGS: dict[str, tuple[Packing, dict[str, Any]]] = {
    "GPTQ, 4 bits": (gptq, {"quantization_config": {"quant_method": "gptq", "bits": 4, "group_size": 32}}),
    "AWQ, 4 bits": (awq, {"quantization_config": {"quant_method": "awq", "bits": 4, "group_size": 32}}),
    "bitsandbytes nf4, 4 bits": (four_bits, {}),
    "bitsandbytes int8": (eight_bits, {}),
    "MLX, 4 bits": (mlx, {"quantization": {"bits": 4, "group_size": 32}}),
}


def packed(config: Mapping[str, Any], pack: Packing) -> Header:
    """A model with its linear layers packed."""
    header: Header = {}
    for name, entry in of_model(config, "F16").items():
        header |= pack(name, entry[1]) if name.endswith("_proj.weight") else {name: entry}
    return header


@pytest.mark.parametrize("words", PACKINGS)
def test_packed_weights(tmp_path: Path, words: str) -> None:
    pack, stated = PACKINGS[words]
    config = {**LLAMA, **stated}
    header = packed(config, pack)
    explained(tmp_path, config, header, words)
    # Each tensor beside one weight taken away, made of another shape, given another name.
    name = "model.layers.1.mlp.down_proj.weight"
    for own in pack(name, (64, 96)):
        without = {key: entry for key, entry in header.items() if key != own}
        if not own.endswith(("quant_map", "weight_format", "g_idx", "biases", "qzeros")):
            assert errors(tmp_path, config, without)
        assert errors(tmp_path, config, {**without, own.replace("down", "dawn"): header[own]})
    for own, (dtype, shape) in pack(name, (64, 128)).items():
        if shape == header[own][1]:
            del header[own]
        header[own] = dtype, shape
    assert name.removesuffix("weight") in min(errors(tmp_path, config, header))


def test_gptq_of_a_square_matrix_turned(tmp_path: Path) -> None:
    pack, stated = next(found for words, found in PACKINGS.items() if words.startswith("GPTQ"))
    config = {**LLAMA, **stated}
    header = packed(config, pack)
    own = "model.layers.0.self_attn.q_proj.qweight"
    dtype, (rows, columns) = header[own]
    header[own] = dtype, (columns, rows)
    assert own in errors(tmp_path, config, header)


def test_gptq_of_a_matrix_with_the_inputs_first(tmp_path: Path) -> None:
    header = of_model(GPT2, "F16")
    name = "transformer.h.0.mlp.c_fc.weight"
    assert header.pop(name)[1] == (64, 256)
    config = {**GPT2, **PACKINGS["GPTQ, 4 bits"][1]}
    explained(tmp_path, config, {**header, **gptq(name, (256, 64))}, "GPTQ, 4 bits")
    wrong = errors(tmp_path, config, {**header, **gptq(name, (64, 256))})
    assert wrong["transformer.h.0.mlp.c_fc.qweight"] == "different"


def test_gpt_oss_as_it_is_published(tmp_path: Path) -> None:
    header = of_model(GPT_OSS)
    for name, (_, shape) in of_model(GPT_OSS).items():
        if name.endswith(("experts.gate_up_proj", "experts.down_proj")):
            experts, inputs, outputs = shape
            del header[name]
            header[f"{name}_blocks"] = "U8", (experts, outputs, inputs // 32, 16)
            header[f"{name}_scales"] = "U8", (experts, outputs, inputs // 32)
    explained(tmp_path, GPT_OSS, header, "MXFP4", "MXFP4 block scale")
    name = "model.layers.0.mlp.experts.gate_up_proj_"
    header |= {
        name + "blocks": ("U8", (3, 64, 6, 16)),
        name + "scales": ("U8", (3, 64, 6)),
    }  # outputs and inputs swapped
    assert errors(tmp_path, GPT_OSS, header)[name + "blocks"] == "different"


# --- adapters --------------------------------------------------------------------------------------------------------

PEFT = "base_model.model."
QUERY = f"{PEFT}model.layers.0.self_attn.q_proj."
ADAPTER: Header = {
    f"{QUERY}lora_A.weight": ("F32", (8, 64)),
    f"{QUERY}lora_B.weight": ("F32", (64, 8)),
    f"{PEFT}model.layers.1.mlp.down_proj.lora_A.weight": ("F32", (8, 96)),
    f"{PEFT}model.layers.1.mlp.down_proj.lora_B.weight": ("F32", (64, 8)),
}


def test_an_adapter(tmp_path: Path) -> None:
    explained(tmp_path, LLAMA, ADAPTER, "LoRA on q_proj", "LoRA on down_proj", "in the base model of the adapter")
    of_base = {name.replace("model.model.", "model."): entry for name, entry in ADAPTER.items()}
    explained(tmp_path, LLAMA, of_base, "LoRA on q_proj")
    dora = {f"{QUERY}lora_magnitude_vector": ("F32", (64,))}
    explained(tmp_path, LLAMA, {**ADAPTER, **dora})
    table = {
        f"{PEFT}model.embed_tokens.lora_embedding_A": ("F32", (8, 40)),
        f"{PEFT}model.embed_tokens.lora_embedding_B": ("F32", (64, 8)),
        f"{PEFT}model.embed_tokens.base_layer.weight": ("F32", (40, 64)),
        f"{PEFT}lm_head.weight": ("F32", (40, 64)),
    }
    explained(tmp_path, LLAMA, {**ADAPTER, **table}, "LoRA on embed_tokens", "with the prefix base_model.model")


def test_an_adapter_of_matrices_with_the_inputs_first(tmp_path: Path) -> None:
    name = f"{PEFT}transformer.h.0.attn.c_attn.lora_"
    right: Header = {f"{name}A.weight": ("F32", (8, 64)), f"{name}B.weight": ("F32", (192, 8))}
    explained(tmp_path, GPT2, right, "LoRA on c_attn")
    wrong: Header = {f"{name}A.weight": ("F32", (8, 192)), f"{name}B.weight": ("F32", (64, 8))}
    assert wrong.keys() <= errors(tmp_path, GPT2, wrong).keys()


@pytest.mark.parametrize(
    "changes",
    [
        {"q_proj.lora_A.weight": (8, 65)},
        {"q_proj.lora_A.weight": (4, 64)},
        {"q_proj.lora_B.weight": (8, 64)},
        {"q_proj.lora_B.weight": None},
        {"q_proj.lora_A.weight": ()},
        {"q_proj.lora_A.weight": (0, 64), "q_proj.lora_B.weight": (64, 0)},
        {"q_proj.lora_magnitude_vector": (63,)},
        {"q_proj.lora_embedding_A": (8, 64)},
        {"x_proj.lora_A.weight": (8, 64), "x_proj.lora_B.weight": (64, 8)},
        {"q_norm.lora_A.weight": (8, 64), "q_norm.lora_B.weight": (64, 8)},
        {"q_proj.lora_A.default.weight": (8, 64)},
    ],
)
def test_an_adapter_fits_its_module_and_is_whole(tmp_path: Path, changes: dict[str, Shape | None]) -> None:
    header = dict(ADAPTER)
    module = QUERY.removesuffix("q_proj.")
    for name, shape in changes.items():
        header.pop(module + name, None)
        if shape is not None:
            header[module + name] = "F32", shape
    told = errors(tmp_path, LLAMA, header)
    touched = {module + next(iter(changes)).partition(".")[0]}
    assert told
    assert {name.partition(".lora_")[0] for name in told} == touched


def test_an_adapter_excuses_no_whole_model(tmp_path: Path) -> None:
    header = {f"{PEFT}{name}": entry for name, entry in of_model(LLAMA).items()} | ADAPTER
    explained(tmp_path, LLAMA, header)
    del header[f"{PEFT}model.norm.weight"]
    assert errors(tmp_path, LLAMA, header) == {"model.norm.weight": "missing"}


def test_an_adapter_excuses_no_layer_that_is_missing(tmp_path: Path) -> None:
    base = of_model(LLAMA)
    adapter = {name: entry for name, entry in ADAPTER.items() if ".layers.1." in name}
    header = {f"{PEFT}{name}": entry for name, entry in base.items() if ".layers.1." not in name} | adapter
    missing = {name: "missing" for name in base if ".layers.1." in name}
    assert errors(tmp_path, LLAMA, header) == missing


# --- size ------------------------------------------------------------------------------------------------------------


def test_as_many_tensors_as_deepseek_v3_has(tmp_path: Path) -> None:
    config = {**DEEPSEEK, "num_hidden_layers": 61, "n_routed_experts": 256, "first_k_dense_replace": 3}
    header = apart(of_model(config))
    scaled = {name: entry for name, entry in header.items() if ".experts." in name}
    header |= {name: ("F8_E4M3", shape) for name, (_, shape) in scaled.items()}
    header |= {f"{name}_scale_inv": ("F32", (1, 1)) for name in scaled}
    file = tmp_path / "model.safetensors"
    file.write_bytes(bytes_of(header))
    told = verify(config, file)
    rows = VerificationReport(told).rows()
    assert told.explained
    assert len(header) > 89_000
    assert len(rows) < 60


def test_more_tensors_than_are_held_against_a_checkpoint(tmp_path: Path) -> None:
    config = {**DEEPSEEK, "n_routed_experts": 10**9}
    with pytest.raises(CheckpointError, match="more than 1,000,000 tensors"):
        verified(tmp_path, config, of_model(LLAMA))


# --- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def local(case: Case) -> Case:
    case.put("llama/config.json", json.dumps(LLAMA).encode())
    case.put("llama/model.safetensors", bytes_of(of_model(LLAMA)))
    return case


def test_a_table(local: Case) -> None:
    run = local.zoo("verify", "llama")
    assert (run.code, run.err) == (0, "")
    assert run.out.splitlines()[:3] == [
        "llama: LlamaForCausalLM, 66,880 parameters",
        "checkpoint: llama: 21 tensors in 1 file",
        "21 tensors match, and there is no other",
    ]
    assert "matched          2  model.layers.{0..1}.mlp.gate_proj.weight  " in run.out


def test_what_is_not_explained_comes_first_and_is_counted(local: Case) -> None:
    header = of_model(LLAMA)
    header["evil.norm.weight"] = header.pop("model.norm.weight")
    header["model.layers.1.mlp.up_proj.weight"] = "F32", (96, 65)
    local.put("llama/model.safetensors", bytes_of(header))
    run = local.zoo("verify", "llama", "--format", "csv")
    assert (run.code, run.err) == (1, "")
    rows = list(csv.DictReader(io.StringIO(run.out)))
    assert [(row["state"], row["explained"], row["name"]) for row in rows[:4]] == [
        ("different", "no", "model.layers.1.mlp.up_proj.weight"),
        ("unexpected", "no", "evil.norm.weight"),
        ("missing", "no", "model.norm.weight"),
        ("matched", "yes", "model.embed_tokens.weight"),
    ]
    assert (rows[0]["shape"], rows[0]["stored"], rows[0]["parameters"]) == ("[96, 64]", "[96, 65] F32", "6144")
    assert sum(int(row["parameters"]) for row in rows) == 66_880
    assert local.zoo("verify", "llama", "--format", "tsv").out.splitlines()[0].split("\t") == list(rows[0])
    assert "different, NOT explained" in local.zoo("verify", "llama").out
    assert "19 tensors match; NOT explained: 1 different, 1 unexpected, 1 missing" in local.zoo("verify", "llama").out


def test_markdown_and_json(local: Case) -> None:
    assert "| matched" in local.zoo("verify", "llama", "--format", "markdown").out
    run = local.zoo("verify", "llama", "--format", "json")
    told = json.loads(run.out)
    assert (told["explained"], told["parameters"], told["tensors"]) == (True, 66_880, {"matched": 21})
    assert sum(pattern["parameters"] for pattern in told["patterns"]) == 66_880
    assert told["patterns"][0] == {
        "state": "matched",
        "explained": True,
        "pattern": "model.embed_tokens.weight",
        "tensors": 1,
        "parameters": 2_560,
        "shape": [40, 64],
        "stored": None,
        "why": None,
    }


def shards(header: Header) -> dict[str, bytes]:
    """The files of a checkpoint in two."""
    names = sorted(header)
    found = {"model-00001-of-00002.safetensors": names[::2], "model-00002-of-00002.safetensors": names[1::2]}
    index = {"weight_map": {name: file for file, own in found.items() for name in own}}
    files = {file: bytes_of({name: header[name] for name in own}) for file, own in found.items()}
    return {**files, "model.safetensors.index.json": json.dumps(index).encode()}


def test_where_a_checkpoint_may_be(local: Case) -> None:
    for name, data in shards(of_model(LLAMA)).items():
        local.put(f"parts/{name}", data)
    local.put("parts/config.json", json.dumps(LLAMA).encode())
    local.hub.add("org/llama", {"config.json": json.dumps(LLAMA).encode(), **shards(of_model(LLAMA))})
    for arguments in (
        ("llama/config.json",),
        ("llama", "llama/model.safetensors"),
        ("llama/model.safetensors",),
        ("parts/model.safetensors.index.json",),
        ("llama", "parts"),
        ("parts", "parts/model.safetensors.index.json"),
        ("llama", "org/llama"),
        ("org/llama", "llama"),
        ("org/llama",),
    ):
        run = local.zoo("verify", *arguments)
        assert (run.code, run.err) == (0, "")
        assert "21 tensors match, and there is no other" in run.out
    assert local.zoo("verify", "llama,num_hidden_layers=3", "llama").code == 1
    assert local.zoo("verify", "llama", "--as", "LlamaModel").code == 0


MLX: dict[str, Any] = {**LLAMA, **PACKINGS["MLX, 4 bits"][1]}


def test_how_weights_are_quantized_tells_the_config_beside_them(local: Case) -> None:
    weights = bytes_of(packed(LLAMA, mlx))
    for folder, config in (("told", MLX), ("denied", LLAMA)):
        local.put(f"{folder}/config.json", json.dumps(config).encode())
        local.put(f"{folder}/model.safetensors", weights)
    local.put("alone/model.safetensors", weights)
    local.put("base/config.json", json.dumps(MLX).encode())
    told = {"config.json": json.dumps(MLX).encode(), "model.safetensors": weights}
    local.hub.add("org/told", told)
    local.hub.add("org/denied", {**told, "config.json": json.dumps(LLAMA).encode()})
    local.hub.add("org/alone", {"model.safetensors": weights})
    for where in ("{}", "{}/model.safetensors", "org/{}"):
        codes = [local.zoo("verify", "llama", where.format(name)).code for name in ("told", "denied", "alone")]
        assert codes == [0, 1, 1]
        codes = [local.zoo("verify", "base", where.format(name)).code for name in ("told", "denied", "alone")]
        assert codes == [0, 1, 0]


def llama_on_the_hub(local: Case) -> str:
    """The commit of org/llama."""
    return local.hub.add("org/llama", {"config.json": json.dumps(LLAMA).encode(), **shards(of_model(LLAMA))})


@pytest.mark.parametrize("checkpoint", ["org/llama", "org/llama@main", "hf:org/llama"])
def test_a_branch_is_held_against_at_its_commit_and_kept(local: Case, checkpoint: str) -> None:
    sha = llama_on_the_hub(local)
    told = json.loads(local.zoo("verify", "llama", checkpoint, "--format", "json").out)
    assert (told["checkpoint"], told["notes"]) == (f"org/llama@{sha}", [])
    assert all(f"/{sha}" in request.path for request in local.hub.requests[1:])
    local.hub.close()
    asked = len(local.hub.requests)
    for options, why in ((("--offline",), "nobody is asked offline"), ((), f"{local.hub.url} cannot be reached")):
        run = local.zoo("verify", "llama", checkpoint, "--format", "json", *options)
        told = json.loads(run.out)
        (note,) = told["notes"]
        assert note.startswith(f"org/llama: cached copy of commit {sha[:12]}, not verified: {why}")
        assert (run.code, run.err, told["checkpoint"]) == (0, f"zoo: note: {note}\n", f"org/llama@{sha}")
    assert len(local.hub.requests) == asked


def test_fetched_headers_are_all_that_is_needed(local: Case) -> None:
    sha = llama_on_the_hub(local)
    run = local.zoo("fetch", "org/llama", "--headers")
    assert (run.code, run.out, run.err) == (0, f"org/llama@{sha}\n", "")
    local.hub.close()
    for arguments in (("org/llama",), (f"org/llama@{sha}",), ("llama", "org/llama")):
        assert local.zoo("verify", *arguments, "--offline").code == 0


def test_json_tells_the_commit_and_what_a_reader_must_know(local: Case) -> None:
    sha = llama_on_the_hub(local)
    local.zoo("fetch", "org/llama", "--headers")
    for command in ("verify", "show"):
        told = json.loads(local.zoo(command, "org/llama", "--format", "json", "--offline").out)
        assert (told["repository"], told["commit"], told["status"]) == ("org/llama", sha, "exact")
        (note,) = told["notes"]
        assert note.startswith(f"org/llama: cached copy of commit {sha[:12]}")


def test_the_repository_that_the_registry_names(local: Case) -> None:
    header = of_model("gpt2")
    small: Header = dict.fromkeys(header, ("U8", (0,)))  # nobody has the room for the weights themselves
    sha = local.hub.add("openai-community/gpt2", {"model.safetensors": bytes_of(small)})
    run = local.zoo("verify", "gpt2", "--format", "json")
    assert run.code == 1
    told = json.loads(run.out)
    assert told["checkpoint"] == f"openai-community/gpt2@{sha}"
    assert told["tensors"] == {"different": len(header), "missing": 1}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-,", "llama"), "no model or file is named"),
        (("llama", ""), "the checkpoint has no name"),
        (("llama", "nowhere.safetensors"), "nowhere.safetensors: no such file"),
        (("llama", "llama/config.json"), "weight_map must be an object"),
        (("llama", "empty"), "empty: holds no safetensors file"),
        (("bert-base,vocab_size=7",), "nothing says where its weights are: name a checkpoint"),
        (("new",), "there is nothing to hold its weights against"),
        (("llama", "text.safetensors"), "not a safetensors file"),
        (("llama", "org/none"), "org/none"),
        (("llama", "--format", "nonsense"), "nonsense"),
    ],
)
def test_what_cannot_be_verified(local: Case, arguments: tuple[str, ...], words: str) -> None:
    local.put("empty/config.json", b"{}")
    local.put("text.safetensors", b"hello, this is no checkpoint")
    local.put("new/config.json", b'{"model_type": "never-heard-of"}')
    local.put("new/model.safetensors", bytes_of({"w": ("F32", (2, 2))}))
    assert words in line_of(local.zoo("verify", *arguments))


def test_names_from_strangers_are_made_printable(local: Case) -> None:
    name = "model.\x1b[2Jevil|\u202e.weight"
    local.put("llama/model.safetensors", bytes_of({**of_model(LLAMA), name: ("F32", (2,))}))
    for style in ("table", "markdown", "csv", "json"):
        run = local.zoo("verify", "llama", "--format", style)
        assert run.code == 1
        assert all(line.isprintable() for line in run.out.split("\n"))
        assert "evil" in run.out


def test_a_line_without_a_reason_is_not_explained() -> None:
    assert not Line("missing", "w", (2,)).explained
    assert Line("missing", "w", (2,), "tied to v").explained
    assert Line("matched", "w", (2,)).explained
    assert not Line("different", "w", (2,)).explained
