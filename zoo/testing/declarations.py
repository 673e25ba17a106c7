"""Whether what a test declares has the form that it must have: told in a line each, which says how to write it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from zoo.testing.truths import HOW_TO_STATE, Header, Published, Recorded, Transformers, given
from zoo.text import shown

_MAPPINGS = {
    "start": '{"num_experts": 4}',
    "candidates": '{"layer_types": [["full_attention", "sliding_attention"]]}',
    "exceptions": '{"moves: rotary_dim": "the reason why"}',
}
"""The declarations that are mappings, each with one as it is written."""


def misshapen(declared: Mapping[str, Any]) -> Iterator[str]:
    """What is no declaration of its kind. declared: those of a test, by name, but for the truth."""
    for name in ("model_type", "base"):
        if not isinstance(declared[name], str):
            yield f'{name}: {_written(declared[name])} is no name of a type: write {name} = "llama"'
    for name, example in _MAPPINGS.items():
        if not _is_mapping(declared[name]):
            yield f"{name}: {_written(declared[name])} is no mapping from names: write {name} = {example}"
        elif name == "exceptions":
            for key, reason in declared[name].items():
                if not isinstance(reason, str):
                    yield f"{name}: the reason of {shown(key)} is no text: {_written(reason)}"
        elif name == "candidates":
            for key, values in declared[name].items():
                if not _is_list(values):
                    one = f"{{{_written(key)}: [{_written(values)}]}}"
                    yield f"{name}: {_written(values)} is no list of values for {shown(key)}: write {one}"
    variants = declared["variants"]
    if not _is_list(variants) or not all(map(_is_mapping, variants)):
        how = 'variants = [{"use_sliding_window": True, "sliding_window": 8}]'
        yield f"variants: {_written(variants)} is no list of mappings from keys to values: write {how}"


def misstated(truth: object) -> Iterator[str]:
    """What is no truth, or one that does not say all that it must."""
    for one in given(truth):
        match one:
            case Transformers():
                if not _is_number(one.configs):
                    yield f"truth: Transformers({_written(one.configs)}): configs are a whole number"
            case Recorded():
                yield from _unnamed(one)
            case Header():
                yield from _unnamed(one)
                yield from _without_config(one, f"Header({_written(one.path)}")
            case Published():
                if not _is_number(one.parameters):
                    yield f"truth: Published({_written(one.parameters)}, ...): write the parameters as a whole number"
                if not isinstance(one.source, str) or not one.source:
                    yield f'truth: Published({_written(one.parameters)}, ...): who says so? add source="https://..."'
                yield from _without_config(one, f"Published({_written(one.parameters)}")
            case _:
                yield f"truth: {_written(one)} is none: {HOW_TO_STATE}"


def _unnamed(truth: Header | Recorded) -> Iterator[str]:
    if not isinstance(truth.path, str) or not truth.path:
        kind = type(truth).__name__
        yield f'truth: {kind}({_written(truth.path)}): name a file beside the test: {kind}("header.json", ...)'


def _without_config(truth: Header | Published, written: str) -> Iterator[str]:
    if not (_is_mapping(truth.config) or (isinstance(truth.config, str) and truth.config)):
        what = f"config={_written(truth.config)} is none" if truth.config else "which config is it of?"
        yield f'truth: {written}, ...): {what}: write config="config.json", a file beside the test, or its keys'


def _is_mapping(value: object) -> bool:
    return isinstance(value, Mapping) and all(isinstance(key, str) for key in value)


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _written(value: object) -> str:
    return value.__name__ if isinstance(value, type) else shown(value)
