"""What LoRA trains of a model, as a table: `zoo lora`."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from zoo.formats import RECORDS, headed, json_text
from zoo.measures import dtypes
from zoo.measures.lora import DTYPE, Lora, Trained
from zoo.model import Model
from zoo.reports.identity import identity
from zoo.reports.listings import Cell, Listing
from zoo.text import binary


class LoraReport(NamedTuple):
    """Adapters of a model, in a number format. Raises MeasureError, when it is printed, for one that is not known."""

    model: Model
    lora: Lora
    dtype: str = DTYPE

    def record(self) -> dict[str, Any]:
        """Everything, with raw integers; `bytes` of all that is trained."""
        lora = self.lora
        return {
            **identity(self.model),
            "rank": lora.rank,
            "targets": list(lora.targets),
            "trainable_parameters": lora.parameters,
            "all_parameters": lora.total,
            "percent": round(lora.percent, 6),
            "dtype": dtypes.dtype(self.dtype),
            "bytes": lora.bytes(self.dtype),
            "adapted": [_record(trained) for trained in lora.adapted],
            "trained_in_full": [_record(trained) for trained in lora.in_full],
        }

    def render(self, style: str = "table") -> str:
        """As text in any style of `zoo.compare`; json carries raw numbers."""
        if style in RECORDS:
            return json_text(self.record(), style)
        lora = self.lora
        rows: list[tuple[Cell, ...]] = [
            _row(trained, "LoRA" if trained.rank == lora.rank else f"LoRA, rank {trained.rank:,}")
            for trained in lora.adapted
        ]
        rows += [_row(trained, "in full") for trained in lora.in_full]
        rows.append(
            ("all that is trained", "", "", sum(row[3] for row in rows if isinstance(row[3], int)), lora.parameters)
        )
        return Listing(("module", "trained", "weight", "modules", "parameters"), rows).render(style)

    def heading(self) -> Iterator[str]:
        """What is adapted, and how much that is of the whole."""
        model, lora = self.model, self.lora
        yield f"{model.name}: {model.class_name}, LoRA of rank {lora.rank:,} on {', '.join(lora.targets)}"
        yield f"{lora.parameters:,} of {lora.total:,} parameters are trained ({lora.percent:.4f} %)"
        size = lora.bytes(self.dtype)
        yield f"{size:,} bytes ({binary(size)}) in {dtypes.dtype(self.dtype)}"

    def __str__(self) -> str:
        return headed(self.heading(), self.render(), "table")


def _record(trained: Trained) -> dict[str, Any]:
    return {**trained._asdict(), "shape": list(trained.shape) or None}


def _row(trained: Trained, how: str) -> tuple[Cell, ...]:
    shape = " x ".join(map(str, trained.shape))
    return trained.name, how, shape, trained.modules, trained.parameters
