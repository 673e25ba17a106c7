"""What a comparison says of width beside the columns of every comparison: hidden, layers, head_dim, ..."""

from zoo.reports.costcolumns import cost

WIDTHS = (
    cost("token_bits", "token bits", lambda m: m.width(), lambda width: width.token_bits, unit="bits"),
    cost(
        "vector_bits", "vector bits", lambda m: m.width(), lambda width: width.vector_bits, at=("dtype",), unit="bits"
    ),
    cost("bits_ratio", "vector/token bits", lambda m: m.width(), lambda width: width.ratio, "{:,.0f}".format),
    cost(
        "hidden_per_layer", "hidden/layers", lambda m: m.width(), lambda width: width.hidden_per_layer, "{:,.1f}".format
    ),
)
"""The columns of `zoo width` that are of no other report."""
