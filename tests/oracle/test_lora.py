"""What LoRA trains of each class, against what PEFT makes trainable of the model that transformers builds.

ZOO_ORACLE_SEED=N repeats a run.
"""

import os
import random
import re
from collections import Counter
from functools import partial
from importlib.util import find_spec
from typing import Any

import pytest
from architectures.suites import SUITES

import zoo
from zoo.conditions import MeasureError
from zoo.manager import manager
from zoo.measures.targets import places
from zoo.model import Model

if not (find_spec("torch") and find_spec("transformers") and find_spec("peft")):
    pytest.skip("needs the oracle extra: pip install '.[oracle]'", allow_module_level=True)

SEED = os.environ.get("ZOO_ORACLE_SEED") or str(random.randrange(10**9))
TYPES = sorted(model_type for model_type, plugin in manager if plugin.distribution.startswith("paramzoo "))
MOST_RANK = 40

pytestmark = pytest.mark.filterwarnings("default")  # those of torch, transformers and PEFT are not zoo's


def counted(class_name: str, model_type: str, fields: dict[str, Any]) -> Model:
    return zoo.load({**fields, "model_type": model_type, "architectures": [class_name]})


def start(model_type: str) -> dict[str, Any]:
    """The config of a type from which fields are moved."""
    from zoo.testing.live import space

    return dict(space(SUITES[model_type]).start)


def starred(name: str) -> str:
    """The name of a module or tensor, whichever layer and expert it is of, without the wrappers that PEFT nests."""
    name = re.sub(r"\.(base_layer|modules_to_save\.default)(?=\.|$)", "", name)
    return re.sub(r"(^|\.)(expert_)?(\d+)(?=\.|$)", r"\1\2*", name)


def untied(class_name: str, model: Model, fields: dict[str, Any]) -> int:
    """Parameters that zoo counts on purpose beside those of transformers: see `corrected` in tests/architectures."""
    from zoo.testing.judge import build

    case = build(class_name, model.model_type, fields)
    return SUITES[model.model_type].corrected(case).parameters - case.parameters


def within(name: str, heads: tuple[str, ...]) -> bool:
    """Whether a module is one that is trained in full, or in one."""
    return any(word.endswith(heads) for word in name.split("."))


def possible(model: Model, rank: int, targets: Any) -> int:
    """The rank, or the highest that any of the matrices has: zoo refuses a higher one, which PEFT does not."""
    try:
        model.lora(rank, targets)
    except MeasureError as error:
        if found := re.search(r"more than any matrix that is adapted has \(at most ([\d,]+)\)", str(error)):
            return int(found[1].replace(",", ""))
    return rank


def same(model: Model, class_name: str, fields: dict[str, Any], rank: int, targets: Any) -> str:
    """Holds one count against PEFT's: the adapters of each module, all that is trained, all there is, and the bytes.

    Gives what PEFT refuses, if it does; then zoo must refuse it too.
    """
    from oracle.lora import RefusedError, adapters

    rank = possible(model, rank, targets)
    where = f"{class_name} {fields} rank {rank} targets {targets} seed {SEED}"
    try:
        expected = adapters(class_name, model.model_type, fields, rank, targets)
    except RefusedError as error:
        with pytest.raises(MeasureError):
            model.lora(rank, targets)
        return str(error)
    lora = model.lora(rank, targets)
    wanted: Counter[str] = Counter()
    for name, numbers in expected.adapted.items():
        wanted[starred(name)] += numbers
    fused = tuple(f".{tensor}" for tensor in model.architecture.lora_fused)
    found: Counter[str] = Counter()
    for trained in lora.adapted:
        name = trained.name.rpartition(".")[0] if trained.name.endswith(fused) else trained.name
        found[starred(name)] += trained.parameters  # PEFT adapts a tensor by a wrapper around its module
    assert found == wanted, where
    in_full = sum(expected.in_full.values())
    assert sum(trained.parameters for trained in lora.in_full) == in_full, where
    heads = {starred(trained.name) for trained in lora.in_full}
    assert {
        next((head for head in heads if starred(name).startswith(head)), name) for name in expected.in_full
    } == heads
    assert (lora.parameters, lora.total) == (expected.trainable, expected.total + untied(class_name, model, fields)), (
        where
    )
    assert lora.bytes() == expected.bytes, where
    return ""


@pytest.mark.parametrize("model_type", TYPES)
def test_the_default_targets_are_those_of_peft(model_type: str) -> None:
    from oracle.lora import DEFAULT_TARGETS

    assert manager.architecture(model_type).lora_targets == tuple(DEFAULT_TARGETS.get(model_type, ()))


@pytest.mark.parametrize("model_type", TYPES)
def test_modules_are_what_their_classes_are(model_type: str) -> None:
    """Which modules are linear, embeddings or convolutions, and which of them scores words."""
    from oracle.lora import modules, output_embedding

    architecture = manager.architecture(model_type)
    for class_name in architecture.classes():
        fields = start(model_type)
        expected = modules(class_name, model_type, fields)
        wanted = Counter((starred(name), kind) for name, kind in expected.items())
        found: Counter[tuple[str, str]] = Counter()
        for place in places(counted(class_name, model_type, fields).parts, not_linear=architecture.not_linear):
            if place.kind not in ("other", "tensor"):
                found[starred(place.name), place.kind] += place.times
        assert found == wanted, class_name
        output = counted(class_name, model_type, fields).architecture.output_module()
        assert (output if output in expected else None) == output_embedding(class_name, model_type, fields), class_name


@pytest.mark.parametrize("model_type", ["deberta", "deberta-v2"])
def test_what_scores_words_may_depend_on_the_config(model_type: str) -> None:
    from oracle.lora import output_embedding

    for class_name in manager.architecture(model_type).classes():
        fields = {**start(model_type), "legacy": False}
        model = counted(class_name, model_type, fields)
        if class_name.endswith("ForMaskedLM"):
            assert model.architecture.output_module() == output_embedding(class_name, model_type, fields)
        same(model, class_name, fields, 8, "all-linear")


@pytest.mark.parametrize("model_type", TYPES)
def test_adapters_by_default_and_on_all_linear_layers(model_type: str) -> None:
    """Each class at its default with few layers, and at a random config, at random ranks."""
    from zoo.testing import live
    from zoo.testing.configs import mixtures
    from zoo.testing.judge import tried

    architecture = manager.architecture(model_type)
    space = live.space(SUITES[model_type])
    for class_name in architecture.classes():
        chance = random.Random(f"{SEED} {class_name}")
        build = partial(tried, class_name, model_type)
        random_ones = [fields for fields, case in mixtures(space, build, chance, 1) if case]
        for fields in [start(model_type), *random_ones]:
            model = counted(class_name, model_type, fields)
            for targets in (None, "all-linear"):
                if targets or architecture.lora_targets:
                    refused = same(model, class_name, fields, chance.randint(1, MOST_RANK), targets)
                    assert not refused or (architecture.lora_refused and targets), refused


@pytest.mark.parametrize("groups", [1, 4])
@pytest.mark.parametrize("rank", [1, 4, 8, 10])
def test_adapters_on_convolutions(groups: int, rank: int) -> None:
    fields = {"num_hidden_layers": 2, "conv_kernel_size": 3, "conv_groups": groups}
    model = counted("DebertaV2Model", "deberta-v2", fields)
    refused = same(model, "DebertaV2Model", fields, rank, ["conv.conv", "query_proj"])
    assert bool(refused) == (rank % groups > 0)


@pytest.mark.parametrize("model_type", TYPES)
def test_adapters_on_random_targets(model_type: str) -> None:
    """Last words, ends and whole names of modules: embeddings and tied heads too, and what has no matrix."""
    from oracle.lora import build, heads_of, modules

    fields = start(model_type)
    accepted = 0
    for class_name in manager.architecture(model_type).classes():
        chance = random.Random(f"{SEED} {class_name}")
        model = counted(class_name, model_type, fields)
        heads = heads_of(class_name)
        kinds = modules(class_name, model_type, fields)
        every = [name for name, _ in build(class_name, model_type, fields).named_modules() if name]
        ends = {name: [".".join(name.split(".")[at:]) for at in range(name.count(".") + 1)] for name in every}
        left_out = {end for name in every if within(name, heads) for end in ends[name]}
        # Where PEFT refuses much, most lists hold something of that.
        for number in range(20 if model.architecture.lora_refused else 3):
            names = chance.sample(sorted(kinds), 3) + chance.sample(every, int(number == 2))
            targets = [chance.choice(ends[name]) for name in names]
            targets = [target for target in dict.fromkeys(targets) if target not in left_out]
            if targets:
                accepted += not same(model, class_name, fields, chance.randint(1, MOST_RANK), targets)
    assert accepted
