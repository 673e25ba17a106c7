"""What a comparison says of each model, one column at a time."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from zoo.contributions import rivals
from zoo.errors import ZooError
from zoo.manager import Plugin
from zoo.model import Model
from zoo.reports.column import Column, Value
from zoo.reports.columnsets import ALL, SCORES, SETS
from zoo.reports.costcolumns import COSTS, cost
from zoo.reports.plugincolumns import added
from zoo.reports.widthcolumns import WIDTHS
from zoo.text import figure, near, short, shown


def _share(model: Model) -> float:
    return round(model.embedding_parameters / (model.parameters or 1), 6)


def _heads(model: Model) -> str | None:
    """Query heads over key/value heads, of each kind of attention there is."""
    pairs = dict.fromkeys(f"{attention.heads}/{attention.kv_heads}" for attention in model.attentions())
    return " ".join(pairs) or None


def _published(model: Model) -> Value:
    return model.entry.published if model.entry else None


def _head_dim(model: Model) -> Value:
    """The width of a head, of each kind of attention there is."""
    widths = list(dict.fromkeys(attention.head_dim for attention in model.attentions()))
    return widths[0] if len(widths) == 1 else " ".join(map(str, widths)) or None


def _layers(model: Model) -> Value:
    """One number, or the encoder's and the decoder's: `6+6`."""
    return model.depths[0] if len(model.depths) == 1 else "+".join(map(str, model.depths)) or None


_ALL = (
    Column("model", "model", lambda m: m.name, numeric=False),
    Column("type", "type", lambda m: m.model_type, numeric=False),
    Column("family", "family", lambda m: m.model_type, numeric=False),
    Column("class", "class", lambda m: m.class_name, numeric=False),
    Column("parameters", "parameters", lambda m: m.parameters, unit="parameters"),
    Column("short", "size", lambda m: m.parameters, short),
    cost("active", "active", lambda m: m.active_parameters, int, unit="parameters"),
    cost("embedding", "embedding", _share, float, "{:.1%}".format, unit="share"),
    cost("embedding_parameters", "embedding parameters", lambda m: m.embedding_parameters, int, unit="parameters"),
    cost("non_embedding", "non-embedding", lambda m: m.non_embedding_parameters, int, unit="parameters"),
    Column("layers", "layers", _layers, order=lambda m: sum(m.depths)),
    Column("hidden", "hidden", lambda m: m.config.dimension("hidden_size")),
    Column("heads", "heads/KV", _heads, order=lambda m: max(attention.heads for attention in m.attentions())),
    Column("head_dim", "head dim", _head_dim),
    Column("ffn", "FFN", lambda m: m.config.dimension("intermediate_size")),
    Column("vocab", "vocabulary", lambda m: m.config.dimension("vocab_size")),
    Column("context", "context", lambda m: m.config.dimension("max_position_embeddings")),
    Column("published", "published", _published, order=lambda m: figure(str(_published(m)))),
    Column("repository", "repository", lambda m: provenance(m)["repository"], numeric=False),
    Column("revision", "revision", lambda m: provenance(m)["commit"], lambda commit: commit[:12], numeric=False),
    cost("formula", "formula", lambda m: m.explain(), lambda explained: explained.formula, str)._replace(numeric=False),
    Column("status", "status", lambda m: m.status, numeric=False),
)

COLUMNS = {column.name: column for column in (*_ALL, *COSTS, *WIDTHS)}
"""Every column that zoo has by itself, by name."""


_MOST_SCORES = 10
"""How many columns of scores the error for one that is not there names."""

LISTED = "zoo columns lists them, and the sets that they are in"


def known() -> Mapping[str, Column]:
    """Every column by its name, those that plugins add at the end; none of a name that two of them give."""
    of = _claims()
    return {**COLUMNS, **{name: of_plugins()[claims[0]][name] for name, claims in of.items() if len(claims) == 1}}


def _claims() -> Mapping[str, Sequence[Plugin]]:
    """The plugins that give a column of a name, of which there should be one."""
    found: dict[str, list[Plugin]] = {}
    for plugin, columns in of_plugins().items():
        for name in columns:
            found.setdefault(name, []).append(plugin)
    return found


def of_plugins() -> Mapping[Plugin, Mapping[str, Column]]:
    """The columns that each plugin adds, by their names."""
    return added(frozenset(COLUMNS))


def column(name: str, scores: Sequence[Column] = ()) -> Column:
    """The column of that name, `scores` among them. Raises ZooError with near names."""
    there = {**known(), **{column.name: column for column in scores}}
    if name in (*SETS, ALL, SCORES):
        raise ZooError(f"{name} is a set of columns, where one column is to be named")
    if name not in there:
        raise _unknown(name, there, scores)
    return there[name]


def columns(names: Sequence[str], scores: Sequence[Column] = (), doubtful: bool = False) -> tuple[Column, ...]:
    """The columns that are named, singly or by sets, in their order; what a set has that is there already is left out.

    scores: those that results say. doubtful: whether some model is not exact, which every set then tells.

    Raises ZooError for a name that is none, or is given twice.
    """
    there = {**known(), **{column.name: column for column in scores}}
    sets = {**SETS, ALL: tuple(there)}
    if len(there) > len(known()):
        # What has a colon in its name is a part of another score.
        sets[SCORES] = tuple(column.name for column in scores if ":" not in column.name)
    chosen: dict[str, None] = {}
    for name in names:
        if names.count(name) > 1:
            raise ZooError(f"column {shown(name)} is named twice")
        if name not in there and name not in sets:
            raise _unknown(name, (*sets, *there), scores)
        chosen |= dict.fromkeys(sets.get(name, (name,)))
    if doubtful and any(name in sets for name in names):
        chosen["status"] = None
    return tuple(there[name] for name in chosen)


def _unknown(name: str, there: Iterable[str], scores: Sequence[Column]) -> ZooError:
    """The error for a column that is not there, or twice: what is near, and the first of the scores."""
    if len(claims := _claims().get(name, ())) > 1:
        return ZooError(f"column {name} is given by {rivals(claims)}")
    if name == SCORES:
        return ZooError(f"no column {shown(SCORES)}: no results are given, or they have none of a model that is shown")
    more = len(scores) - _MOST_SCORES
    told = ", ".join(column.name for column in scores[:_MOST_SCORES]) + (f" and {more:,} more" if more > 0 else "")
    of_scores = f"; columns of scores: {told}" if scores else ""
    return ZooError(f"no column {shown(name)}{near(name, there)} ({LISTED}{of_scores})")


def provenance(model: Model) -> dict[str, Any]:
    """Which commit of which repository the config is of; as its registry entry says, where it comes from that."""
    origin, entry = model.found.origin, model.entry
    return {
        "repository": origin.repository.name if origin else entry and entry.hub,
        "commit": origin.commit if origin else entry and entry.revision,
        "config_sha256": origin.sha256 if origin else entry and entry.sha256,
    }
