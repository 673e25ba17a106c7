"""What classes of transformers do when they are run, held against what a plugin says of the same.

Each comparison is a function of a suite that yields what differs, with the check to which that belongs.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from zoo.errors import ZooError
from zoo.measures import dtypes
from zoo.measures.cache import Cache
from zoo.model import Model
from zoo.testing import judge, live
from zoo.testing.checks import Finding
from zoo.testing.configs import mixtures
from zoo.testing.kept import Held, Layers, handed, said
from zoo.testing.runs import CannotRunError, NeedsValuesError, Run, looks_for_the_end, run
from zoo.testing.sights import declared, observed
from zoo.testing.small import base_class, small

if TYPE_CHECKING:
    from zoo.testing.costs import CostChecks

Differences: TypeAlias = Iterator[tuple[str, Finding]]

TEXT, ENCODER = 19, 23
"""Tokens of a text, and those that an encoder reads."""

LENGTHS = (4, 5, 6, 7, 30)
"""Below a window of 6 tokens, at it and above."""

SHORT, BEYOND = 8, 80
"""Tokens that any of the small models can have, and more than any table of theirs holds."""

FORMATS = ("bfloat16", "float16", "float64")


def tried(suite: "CostChecks") -> Iterator[dict[str, Any]]:
    """The small configs of the type: as they are, and each of the variants."""
    start = {**small(suite.model_type), **suite.small}
    yield start
    yield from ({**start, **variant} for variant in suite.variants)


def where(class_name: str, fields: Mapping[str, Any], text: int, encoder: int | None = None) -> str:
    """Of what something is told, in words."""
    beside = "" if encoder is None else f" beside {encoder} of an encoder"
    return f"{class_name} at {dict(fields) or 'the default config'}, {text} tokens{beside}"


def subject(suite: "CostChecks", check: str, fields: Mapping[str, Any]) -> str:
    """By what an exception names what differs at these fields: by one of them that is set, or else by the type."""
    excepted = (key.partition(": ")[2] for key in suite.exceptions if key.startswith(f"{check}: "))
    return next((name for name in excepted if fields.get(name)), suite.model_type)


# --- FLOPs -----------------------------------------------------------------------------------------------------------


def flops(suite: "CostChecks", configs: int) -> Differences:
    """Operations of each class: at its default, at small configs with real tensors, and at random ones."""
    for name in judge.classes(suite.model_type):
        ending = looks_for_the_end(name, suite.model_type)
        yield from _flops(suite, name, {}, TEXT, TEXT if ending else ENCODER, "meta")
        for fields in tried(suite):
            for text, encoder in ((TEXT, ENCODER), (24, 16), (1, 40)):
                yield from _flops(suite, name, fields, text, text if ending else encoder, "cpu")
        yield from _random_flops(suite, name, configs)


def _random_flops(suite: "CostChecks", name: str, configs: int) -> Differences:
    chance = suite.chance("flops", name)
    build = partial(judge.tried, name, suite.model_type)
    ran, number = 0, live.number(configs)
    for fields, case in mixtures(live.space(suite), build, chance, number):
        if case is None:
            continue
        text, encoder = chance.randint(1, 40), chance.randint(1, 40)
        try:
            judged = _run(suite, name, fields, text, encoder, "meta")
        except NeedsValuesError:
            return
        except CannotRunError:  # transformers builds more than it can run
            continue
        ran += 1
        yield from _told(suite, name, fields, text, encoder, judged)
    if number and not ran:
        yield "flops", Finding(name, f"{name}: transformers runs none of the random configs: give candidates")


def _flops(
    suite: "CostChecks", name: str, fields: Mapping[str, Any], text: int, encoder: int, device: str
) -> Differences:
    try:
        judged = _run(suite, name, fields, text, encoder, device)
    except NeedsValuesError:
        return
    except CannotRunError as error:
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
        yield "with a cache", Finding(name, "")


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
        found = model.flops(text, encoder_length=_read(model, encoder))
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


def _read(model: Model, encoder: int) -> int | None:
    return encoder if model.lengths(1).encoder else None


# --- the cache -------------------------------------------------------------------------------------------------------


def cache(suite: "CostChecks", configs: int) -> Differences:
    """What the base model keeps at small configs: in each layer, in bytes, in other formats, and with a token more."""
    name = base_class(suite.model_type)
    for number, fields in enumerate(tried(suite)):
        model = suite.load(fields, name)
        if model.cache(1) is None:
            continue
        found = [difference for length in LENGTHS for difference in _kept(suite, model, fields, length)]
        yield from found
        if not number and not found:
            yield from _formats(suite, model, fields)
            yield from _one_more(suite, model, fields)
        yield from _uncompressed(suite, model, fields)


def _kept(suite: "CostChecks", model: Model, fields: Mapping[str, Any], length: int) -> Differences:
    told = _cache(model, length, batch=2)
    held = Held(suite.model_type, fields, length, ENCODER, 2)
    if said(told) == held.layers():
        if told.bytes != held.bytes():
            yield _differs(suite, "cache", model, fields, length, f"{told.bytes:,}", f"{held.bytes():,} bytes")
        elif _windowed(told) and not told.across:
            # One of fixed size has as many places.
            fixed = Held(suite.model_type, fields, length, ENCODER, 2, cache="fixed")
            if (said(told), told.bytes) != (fixed.layers(), fixed.bytes()):
                yield _differs(suite, "cache", model, fields, length, _words(said(told)), _words(fixed.layers()))
        return
    copies = {attention.heads // attention.kv_heads for attention in model.attentions()}
    check = "cache"
    if said(told, capped=False) == held.layers():
        check = "cache window"
    elif any(said(told, copies=number) == held.layers() for number in copies):
        check = "cache copies"
    yield _differs(suite, check, model, fields, length, _words(said(told)), _words(held.layers()))


def _formats(suite: "CostChecks", model: Model, fields: Mapping[str, Any]) -> Differences:
    for dtype in FORMATS:
        told = _cache(model, TEXT, dtype=dtype)
        more = Held(suite.model_type, fields, TEXT, ENCODER, 1, dtype).bytes() - told.bytes
        wide = {kept.name for kept in told.kept if kept.name and more and more == _widened(told, kept.name)}
        for name in wide:
            yield "cache float32", Finding(name, f"{model.class_name}: transformers keeps state {name} in float32")
        if more and not wide:
            held = f"{told.bytes + more:,} bytes in {dtype}"
            yield _differs(suite, "cache", model, fields, TEXT, f"{told.bytes:,}", held)


def _widened(told: Cache, name: str) -> int:
    """Bytes that a state takes more in float32 than in the format of the cache."""
    missing = max(0, dtypes.BITS["float32"] - dtypes.BITS[told.dtype]) // 8
    return sum(kept.total for kept in told.kept if kept.name == name) * missing


def _one_more(suite: "CostChecks", model: Model, fields: Mapping[str, Any]) -> Differences:
    shorter, longer = (Held(suite.model_type, fields, length, ENCODER).bytes() for length in (9, 10))
    told = _cache(model, 9).next_token_bytes
    if told != longer - shorter:
        yield _differs(suite, "cache", model, fields, 9, f"{told:,}", f"{longer - shorter:,} bytes for one token more")


def _uncompressed(suite: "CostChecks", model: Model, fields: Mapping[str, Any]) -> Differences:
    told = _cache(model, TEXT)
    if told.compressed:
        given = 4 * sum(handed(suite.model_type, fields, TEXT))
        if told.uncompressed_bytes != given or told.bytes >= given:
            numbers = f"{told.uncompressed_bytes:,}", f"{given:,} bytes uncompressed"
            yield _differs(suite, "cache", model, fields, TEXT, *numbers)


def _cache(model: Model, length: int, *, batch: int = 1, dtype: str = "float32") -> Cache:
    found = model.cache(length, encoder_length=_read(model, ENCODER), batch=batch, dtype=dtype)
    assert found is not None, "what it keeps is known at one length and not at another"
    return found


def _windowed(told: Cache) -> bool:
    return any(kept.window is not None for kept in told.kept)


def _differs(
    suite: "CostChecks", check: str, model: Model, fields: Mapping[str, Any], length: int, told: str, held: str
) -> tuple[str, Finding]:
    line = f"{where(model.class_name, fields, length)}: {told} kept, transformers keeps {held}"
    return check, Finding(subject(suite, check, fields), line)


def _words(layers: Layers) -> str:
    """Numbers kept in each layer: `self 32, 64`."""
    return "; ".join(f"{what} {', '.join(map(str, kept))}" for what, kept in layers.items() if kept) or "nothing"


# --- attention, and the longest text ---------------------------------------------------------------------------------


def attention(suite: "CostChecks", configs: int) -> Differences:
    """Heads, windows and causality of each layer, by the weights that attention gives at small configs."""
    for fields in tried(suite):
        model = suite.load(fields, base_class(suite.model_type))
        sights = declared(model.parts)
        if not sights:
            continue
        at, name = where(model.class_name, fields, TEXT), subject(suite, "attention", fields)
        try:
            seen = observed(suite.model_type, fields)
        except Exception as error:  # whatever transformers has no weights for
            yield "attention", Finding(name, f"{at}: transformers gives no weights: {type(error).__name__}: {error}")
            continue
        # A layer that is used again stands once among the parts.
        once = {stack: layers[: len(sights.get(stack, []))] for stack, layers in seen.items()}
        if once != sights or sum(map(len, seen.values())) < sum(model.depths):
            yield "attention", Finding(name, f"{at}: attention is said to be {sights}, in transformers it is {seen}")


def longest(suite: "CostChecks", configs: int) -> Differences:
    """The longest text that a small model can have is the longest that transformers can run."""
    for name in judge.classes(suite.model_type):
        if looks_for_the_end(name, suite.model_type):
            continue  # both texts are of the same length
        for fields in tried(suite):
            model = suite.load(fields, name)
            for text, encoder in ((BEYOND, SHORT), (SHORT, BEYOND)):
                for line in _bound(suite, model, fields, text, encoder):
                    yield "longest", Finding(subject(suite, "longest", fields), line)


def _bound(suite: "CostChecks", model: Model, fields: Mapping[str, Any], text: int, encoder: int) -> Iterator[str]:
    def runs(text: int, encoder: int) -> bool:
        try:
            run(model.class_name, suite.model_type, fields, text, encoder, device="cpu")
        except CannotRunError as error:
            if not isinstance(error.__cause__, IndexError | RuntimeError):
                raise
            return False
        return True

    def has(text: int, encoder: int) -> bool:
        try:
            model.lengths(text, _read(model, encoder))
        except ZooError:
            return False
        return True

    long = text == BEYOND
    bound = next(n for n in range(BEYOND, 0, -1) if has(*((n, encoder) if long else (text, n))))
    at = where(model.class_name, fields, text, encoder)
    if not runs(*((bound, encoder) if long else (text, bound))):
        yield f"{at}: transformers cannot run {bound}: longest(...) is missing or too large"
    if bound < BEYOND and runs(*((bound + 1, encoder) if long else (text, bound + 1))):
        yield f"{at}: transformers runs {bound + 1}: longest(...) is too small"


MEASURED: Mapping[str, Callable[["CostChecks", int], Differences]] = {
    "flops": flops,
    "cache": cache,
    "attention": attention,
    "longest": longest,
}
"""The comparisons by name."""
