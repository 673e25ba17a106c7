"""What a comparison says of each model, one column at a time."""

from collections.abc import Sequence

from zoo.errors import ZooError
from zoo.measures.widths import COLUMNS as WIDTHS
from zoo.model import Model
from zoo.reports.column import Column, Value
from zoo.reports.costcolumns import COSTS, cost
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
    Column("class", "class", lambda m: m.class_name, numeric=False),
    Column("parameters", "parameters", lambda m: m.parameters),
    Column("size", "size", lambda m: m.parameters, short),
    cost("active", "active", lambda m: m.active_parameters, int),
    cost("embedding", "embedding", _share, float, "{:.1%}".format),
    cost("embedding_parameters", "embedding parameters", lambda m: m.embedding_parameters, int),
    cost("non_embedding", "non-embedding", lambda m: m.non_embedding_parameters, int),
    Column("layers", "layers", _layers, order=lambda m: sum(m.depths)),
    Column("hidden", "hidden", lambda m: m.config.dimension("hidden_size")),
    Column("heads", "heads/KV", _heads, order=lambda m: max(attention.heads for attention in m.attentions())),
    Column("head_dim", "head dim", _head_dim),
    Column("ffn", "FFN", lambda m: m.config.dimension("intermediate_size")),
    Column("vocab", "vocabulary", lambda m: m.config.dimension("vocab_size")),
    Column("context", "context", lambda m: m.config.dimension("max_position_embeddings")),
    Column("published", "published", _published, order=lambda m: figure(str(_published(m)))),
    Column("status", "status", lambda m: m.status, numeric=False),
)

COLUMNS = {column.name: column for column in (*_ALL, *COSTS, *WIDTHS)}
"""Every column by its name."""

DEFAULT = (
    "model", "class", "parameters", "size", "active", "embedding",
    "layers", "hidden", "heads", "ffn", "vocab", "context",
)  # fmt: skip


def column(name: str) -> Column:
    """The column of that name. Raises ZooError with near names."""
    if name not in COLUMNS:
        raise ZooError(f"no column {shown(name)}{near(name, COLUMNS)} (there are {', '.join(COLUMNS)})")
    return COLUMNS[name]


def columns(names: Sequence[str]) -> tuple[Column, ...]:
    """The columns of these names. Raises ZooError for one that is not there, or is named twice."""
    for name in names:
        if names.count(name) > 1:
            raise ZooError(f"column {shown(name)} is named twice")
    return tuple(map(column, names))
