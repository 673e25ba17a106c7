"""What there is: models, architectures and columns, as tables."""

import json
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from zoo.config import Config
from zoo.errors import PluginError, ZooError
from zoo.formats import RECORDS, draw, is_raw, json_text
from zoo.loading import load
from zoo.manager import manager
from zoo.model import Model
from zoo.registries.registry import registry
from zoo.reports.columns import known
from zoo.reports.columnsets import SETS
from zoo.sources import Paths, paths
from zoo.text import some

Cell = str | int | Sequence[str] | None


class Listing(NamedTuple):
    """Rows under headers; a cell that is a sequence is several words.

    problems: what could not be listed, and why. brief: whether people are shown no more than the first words of a cell,
    and no column in which nothing is said.
    """

    headers: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]
    problems: tuple[str, ...] = ()
    brief: bool = False

    def __str__(self) -> str:
        return self.render()

    def records(self) -> list[dict[str, Cell]]:
        """A mapping for each row."""
        return [dict(zip(self.headers, row, strict=True)) for row in self.rows]

    def render(self, style: str = "table") -> str:
        """As text; json carries the values as they are, every other style as a person reads them."""
        if style in RECORDS:
            return json_text(self.records(), style)
        brief = self.brief and not is_raw(style)
        shown = [i for i in range(len(self.headers)) if not brief or any(row[i] for row in self.rows)]
        numeric = [any(isinstance(row[i], int) for row in self.rows) for i in shown]
        rows = [[_brief(row[i]) if brief else _text(row[i], is_raw(style)) for i in shown] for row in self.rows]
        return draw([self.headers[i] for i in shown], rows, numeric, style)


def _brief(cell: Cell) -> str:
    if cell is None or isinstance(cell, str | int):
        return _text(cell, machine=False)
    return some(cell, 4) or "-"


def _text(cell: Cell, machine: bool) -> str:
    if cell is None:
        return "" if machine else "-"
    if isinstance(cell, int):
        return str(cell) if machine else f"{cell:,}"
    return (cell if isinstance(cell, str) else " ".join(cell)) or ("" if machine else "-")


MOST_TENSORS = 200_000
"""The cap on a list of tensors that has to be held whole."""


def tensors(model: Model) -> Listing:
    """Every tensor of a model by its name in transformers, with its shape and what it is tied to.

    Raises ZooError for more than MOST_TENSORS; `model.tensors()` gives any number, one by one.
    """
    found = list(islice(model.tensors(), MOST_TENSORS + 1))
    if len(found) > MOST_TENSORS:
        raise ZooError(f"{model.name}: more than {MOST_TENSORS:,} tensors; as many are listed only without --format")
    return Listing(("tensor", "shape", "tied to"), [(name, str(list(shape)), to) for name, shape, to in found])


def models(pattern: str = "*", registries: Paths = ()) -> Listing:
    """The registry's entries that fit the pattern, each with its exact count beside the published one."""
    files = paths(registries)
    known = registry(*files)
    rows: list[tuple[Cell, ...]] = []
    problems = []
    for name in known.matching(pattern):
        if rivals := known.rivals(name):
            rows.append((name, (), *[None] * 5, " and ".join(plugin.distribution for plugin in rivals)))
            continue
        try:
            entry, parameters = known[name], load(name, registries=files).parameters
        except ZooError as error:  # one bad entry hides no other
            problems.append(str(error))
            continue
        origin = f"{entry.origin} (overrides {entry.overrides})" if entry.overrides else entry.origin
        row = (entry.aliases, entry.model_type, entry.class_name, parameters, entry.published, entry.hub, origin)
        rows.append((name, *row))
    headers = ("model", "aliases", "type", "class", "parameters", "published", "hub", "registry")
    return Listing(headers, rows, tuple(problems))


def architectures() -> Listing:
    """Each model_type with the class that is usual for it, all its classes, and the plugin that counts it."""
    rows: list[tuple[Cell, ...]] = []
    for model_type, plugin in manager:
        try:
            usual, *others = manager.architecture(model_type).classes()
            rows.append((model_type, plugin.name, usual, others))
        except PluginError as error:
            rows.append((model_type, plugin.name, str(error), ()))
        except ZooError:  # that it is claimed twice
            rows.append((model_type, "several", f"zoo which {model_type} tells", ()))
    return Listing(("type", "plugin", "usual class", "other classes"), rows)


def architecture(model_type: str) -> tuple[Listing, Listing]:
    """The classes of one type, and the fields of its config with symbols, spellings and defaults."""
    architecture = manager.architecture(model_type)
    doc = {name: getattr(architecture, method).__doc__ or "" for name, method in architecture.classes().items()}
    classes = Listing(("class", "what it is"), [(name, _first_sentence(text)) for name, text in doc.items()])
    return classes, _fields(architecture.config_class())


def _first_sentence(text: str) -> str:
    return " ".join(text.split()).split(". ")[0].split("; ")[0].removesuffix(".")


def _fields(config_class: type[Config]) -> Listing:
    spellings = config_class.all_spellings()
    rows: list[tuple[Cell, ...]] = []
    for name, field in config_class.fields.items():
        others = [key for key, target in spellings.items() if target == name and key != name]
        default = "follows from other fields" if field.follows else json.dumps(field.default)
        rows.append((name, field.symbol, others, default))
    return Listing(("field", "symbol", "also spelt", "default"), rows)


def columns() -> Listing:
    """Each column of a comparison with its header, the unit of its raw values, and the sets that have it."""
    rows: list[tuple[Cell, ...]] = [
        (name, column.header, column.unit, [key for key, names in SETS.items() if name in names])
        for name, column in known().items()
    ]
    return Listing(("column", "header", "unit", "sets"), rows)
