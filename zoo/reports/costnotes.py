"""What a reader of costs must know beside them: what was taken for granted, and why something is unknown."""

from collections.abc import Iterable, Iterator, Sequence

from zoo.model import Model
from zoo.reports.column import Column
from zoo.text import counted, some

MOST_REASONS = 12
"""How many reasons for what is unknown are told, before it is said how many more."""


def notes(models: Sequence[Model], columns: Iterable[Column]) -> Iterator[str]:
    """Notes on the columns, for these models under one set of conditions."""
    told = [column for column in columns if column.why]
    if len(models) > 1 and models[0].conditions.length is None and any("length" in column.at for column in told):
        own = {model.name: model.lengths().text for model in models}
        lengths = [f"{name} {length:,}" for name, length in own.items() if length]
        yield f"no --length is stated, so each model has its own: {some(lengths)}"
    silent = [model.name for model in models if not model.says_dtype]
    if silent and any({"dtype", "cache_dtype"}.intersection(column.at) for column in told):
        yield f"{some(silent)}: no dtype is stated, so it is float32, as PyTorch takes (--dtype states one)"
    unknown = list(_unknown(models, told).items())
    for (reason, names), of in unknown[:MOST_REASONS]:
        yield f"{some(of)}: {', '.join(names)} unknown: {reason}"
    if len(unknown) > MOST_REASONS:
        yield f"and {counted(len(unknown) - MOST_REASONS, 'more reason')} why something is unknown"


def _unknown(models: Sequence[Model], columns: Sequence[Column]) -> dict[tuple[str, tuple[str, ...]], list[str]]:
    """The models of which columns are unknown, by the reason and the names of the columns."""
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for model in models:
        reasons: dict[str, list[str]] = {}
        for column in columns:
            if column.why and column.value(model) is None and (reason := column.why(model)):
                reasons.setdefault(reason.removeprefix(f"{model.name}: "), []).append(column.name)
        for reason, names in reasons.items():
            found.setdefault((reason, tuple(names)), []).append(model.name)
    return found
