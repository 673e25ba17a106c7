"""FLOPs of a type, held against the operations that are counted while its classes of transformers are run."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from zoo.errors import ZooError
from zoo.testing import judge, live
from zoo.testing.checks import Finding
from zoo.testing.configs import mixtures
from zoo.testing.runs import CannotRunError, NeedsValuesError, Run, looks_for_the_end, run
from zoo.testing.tried import ENCODER, TEXT, Differences, has, read, subject, tried, where

if TYPE_CHECKING:
    from zoo.testing.costs import CostChecks


def flops(suite: "CostChecks", configs: int) -> Differences:
    """Operations of each class: at its default, at small configs with real tensors, and at random ones."""
    for name in judge.classes(suite.model_type):
        ending = looks_for_the_end(name, suite.model_type)
        yield from _flops(suite, name, {}, TEXT, TEXT if ending else ENCODER, "meta")
        for fields in tried(suite):
            for text, encoder in ((TEXT, ENCODER), (24, 16), (1, 40)):
                yield from _flops(suite, name, fields, text, text if ending else encoder, "cpu")
    yield from _random_flops(suite, live.number(configs))


def _random_flops(suite: "CostChecks", number: int) -> Differences:
    ran = not number
    for name in judge.classes(suite.model_type):
        chance = suite.chance("flops", name)
        for fields, case in mixtures(live.space(suite), partial(judge.tried, name, suite.model_type), chance, number):
            if case is None:
                continue
            text, encoder = chance.randint(1, 40), chance.randint(1, 40)
            try:
                judged = _run(suite, name, fields, text, encoder, "meta")
            except NeedsValuesError:
                ran = True  # what it does there nobody can know
                continue
            except CannotRunError:  # transformers builds more than it can run
                continue
            ran = True
            yield from _told(suite, name, fields, text, encoder, judged)
    if not ran:
        yield "flops", Finding(suite.model_type, "transformers runs none of the random configs: give candidates")


def _flops(
    suite: "CostChecks", name: str, fields: Mapping[str, Any], text: int, encoder: int, device: str
) -> Differences:
    try:
        judged = _run(suite, name, fields, text, encoder, device)
    except NeedsValuesError:
        return
    except CannotRunError as error:
        model = suite.tried(fields, name)
        if model is None or has(model, text, encoder):  # that a text is too long, `longest` proves
            at = where(name, fields, text, encoder)
            yield "runs", Finding(subject(suite, "runs", fields), f"{at}: transformers cannot run it: {error}")
        return
    yield from _told(suite, name, fields, text, encoder, judged)
    if _without_cache(suite, name):
        try:
            if run(name, suite.model_type, fields, text, encoder, device=device) == judged:
                return
        except CannotRunError:
            pass
        yield "with a cache", Finding(name, f"{name}: transformers does otherwise, or cannot, where it has a cache")


def _run(suite: "CostChecks", name: str, fields: Mapping[str, Any], text: int, encoder: int, device: str) -> Run:
    use_cache = not _without_cache(suite, name)
    return run(name, suite.model_type, fields, text, encoder, device=device, use_cache=use_cache)


def _without_cache(suite: "CostChecks", name: str) -> bool:
    return f"with a cache: {name}" in suite.exceptions


def _told(
    suite: "CostChecks", name: str, fields: Mapping[str, Any], text: int, encoder: int, judged: Run
) -> Differences:
    at = f"{where(name, fields, text, encoder)}, seed {suite.seed}"
    try:
        model = suite.load(fields, name)
        found = model.flops(text, encoder_length=read(model, encoder))
    except ZooError as error:
        yield "flops", Finding(name, f"{at}: {error}")
        return
    if found is not None and (*found.text, *found.encoder) != judged:
        line = (
            f"{at}: {found.weights:,} operations with weights and {found.scores:,} others, of which the encoder's are"
        )
        line += f" {found.encoder.weights:,} and {found.encoder.scores:,}; transformers does {judged.weights:,} and"
        line += (
            f" {judged.scores:,} for the text, {judged.encoder_weights:,} and {judged.encoder_scores:,} in the encoder"
        )
        yield "flops", Finding(name, line)
