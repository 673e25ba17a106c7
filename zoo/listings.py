"""What there is: models, architectures and plugins, as tables."""

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from zoo import tables
from zoo.config import Config
from zoo.errors import ZooError
from zoo.manager import manager
from zoo.model import load
from zoo.registry import registry

Cell = str | int | Sequence[str] | None


class Listing(NamedTuple):
    """Rows under headers; a cell that is a sequence is several words."""

    headers: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]

    def records(self) -> list[dict[str, Cell]]:
        """A mapping for each row."""
        return [dict(zip(self.headers, row, strict=True)) for row in self.rows]

    def render(self, style: str = "table") -> str:
        """As text; json carries the values as they are, every other style as a person reads them."""
        if style == "json":
            return json.dumps(self.records(), indent=2)
        numeric = [any(isinstance(row[i], int) for row in self.rows) for i in range(len(self.headers))]
        return tables.draw(self.headers, [[_text(cell, style) for cell in row] for row in self.rows], numeric, style)


def _text(cell: Cell, style: str) -> str:
    machine = style in ("csv", "tsv")
    if cell is None:
        return "" if machine else "-"
    if isinstance(cell, int):
        return str(cell) if machine else f"{cell:,}"
    return cell if isinstance(cell, str) else " ".join(cell)


def models(pattern: str = "*", registries: Iterable[str | os.PathLike[str]] = ()) -> Listing:
    """The registry's entries that fit the pattern, each with its exact count beside the published one."""
    files = tuple(map(Path, registries))
    rows: list[tuple[Cell, ...]] = []
    for entry in registry(*files).matching(pattern):
        try:
            parameters: Cell = load(entry.name, registries=files).parameters
        except ZooError as error:  # one bad entry hides no other
            parameters = str(error)
        origin = f"{entry.origin} (overrides {entry.overrides})" if entry.overrides else entry.origin
        rows.append(
            (
                entry.name,
                entry.aliases,
                entry.model_type,
                entry.class_name,
                parameters,
                entry.published,
                entry.hub,
                origin,
            )
        )
    headers = ("model", "aliases", "type", "class", "parameters", "published", "hub", "registry")
    return Listing(headers, rows)


def architectures() -> Listing:
    """Each model_type with the class that is usual for it, all its classes, and the plugin that counts it."""
    rows: list[tuple[Cell, ...]] = []
    for model_type, plugin in manager:
        try:
            usual, *others = manager.architecture(model_type).classes()
            rows.append((model_type, plugin.name, usual, others))
        except ZooError as error:
            rows.append((model_type, plugin.name, str(error), ()))
    return Listing(("type", "plugin", "usual class", "other classes"), rows)


def architecture(model_type: str) -> tuple[Listing, Listing]:
    """The classes of one type, and the fields of its config with symbols, spellings and defaults."""
    architecture = manager.architecture(model_type)
    doc = {name: getattr(architecture, method).__doc__ or "" for name, method in architecture.classes().items()}
    classes = Listing(("class", "what it is"), [(name, " ".join(text.split())) for name, text in doc.items()])
    return classes, _fields(architecture.config_class())


def _fields(config_class: type[Config]) -> Listing:
    spellings = config_class.all_spellings()
    rows: list[tuple[Cell, ...]] = []
    for name, field in config_class.fields.items():
        others = [key for key, target in spellings.items() if target == name and key != name]
        default = "follows from other fields" if field.follows else json.dumps(field.default)
        rows.append((name, field.symbol, others, default))
    return Listing(("field", "symbol", "also spelt", "default"), rows)


def plugins() -> Listing:
    """Each installed plugin with its distribution, its types, and its error if it could not be used."""
    rows = [
        (plugin.name, plugin.distribution, tuple(plugin.architectures), plugin.error or "ok")
        for plugin in manager.plugins
    ]
    return Listing(("plugin", "distribution", "types", "state"), rows)
