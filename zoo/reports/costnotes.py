"""What a reader of costs must know beside them: what was taken for granted, and why something is unknown."""

from collections.abc import Iterable, Iterator, Sequence

from zoo.model import Model
from zoo.reports.column import Column


def notes(models: Sequence[Model], columns: Iterable[Column]) -> Iterator[str]:
    """Notes on the columns, for these models under one set of conditions."""
    told = [column for column in columns if column.why]
    if len(models) > 1 and models[0].conditions.length is None and any("length" in column.at for column in told):
        own = {model.name: model.lengths().text for model in models}
        lengths = ", ".join(f"{name} {length:,}" for name, length in own.items() if length)
        yield f"no --length is stated, so each model has its own: {lengths}"
    silent = [model.name for model in models if not model.says_dtype]
    if silent and any({"dtype", "cache_dtype"}.intersection(column.at) for column in told):
        yield f"{', '.join(silent)}: no dtype is stated, so it is float32, as PyTorch takes (--dtype states one)"
    for model in models:
        for reason, unknown in _unknown(model, told).items():
            yield f"{model.name}: {', '.join(unknown)} unknown: {reason.removeprefix(f'{model.name}: ')}"


def _unknown(model: Model, columns: Sequence[Column]) -> dict[str, list[str]]:
    """The columns that are unknown of a model, by the reason."""
    found: dict[str, list[str]] = {}
    for column in columns:
        if column.why and column.value(model) is None and (reason := column.why(model)):
            found.setdefault(reason, []).append(column.name)
    return found
