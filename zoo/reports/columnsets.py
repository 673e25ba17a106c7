"""Named sets of columns, usable wherever columns are named: `--columns size,flops`."""

DEFAULT = (
    "model", "class", "parameters", "short", "active", "embedding",
    "layers", "hidden", "heads", "ffn", "vocab", "context",
)  # fmt: skip

SETS = {
    "default": DEFAULT,
    "size": (
        "model", "parameters", "short", "active", "embedding_parameters", "non_embedding", "embedding", "published",
    ),
    "memory": ("model", "parameters", "dtype", "weights", "cache", "cache_per_token", "training"),
    "shape": ("model", "family", "layers", "hidden", "heads", "head_dim", "ffn", "vocab", "context"),
}  # fmt: skip
"""Each set by its name. There are two more: "all", and "scores", of what results say, where there are any."""

ALL, SCORES = "all", "scores"

DERIVED = ("mean", "rank", "score_per_billion", "score_per_billion_active", "pareto")
"""What results say of all tasks together."""

RESERVED = frozenset(
    (
        *SETS, ALL, SCORES,
        # What a record has beside columns, of a model counted from its checkpoint, too.
        "model_type", "active_parameters", "non_embedding_parameters", "unknown_keys", "decoder_layers", "hidden_size",
        "num_attention_heads", "num_key_value_heads", "intermediate_size", "vocab_size", "max_position_embeddings",
        "source", "registry", "commit", "config_sha256", "notes", "conditions",
        "checkpoint", "stored", "kinds", "tensors", *DERIVED,
    )
)  # fmt: skip
"""What no other column is called, of a plugin or a task."""
