"""One model as a tree of its components: `zoo show`."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from zoo.errors import ZooError
from zoo.formats import RECORDS, draw, headed, is_raw, json_text
from zoo.hub.access import USUAL, Access
from zoo.loading import load
from zoo.measures.counts import Component
from zoo.model import Model
from zoo.reports.columns import column, known, provenance
from zoo.reports.columnsets import SETS
from zoo.reports.comparison import costs
from zoo.reports.treecolumns import DEFAULT, TREE_COLUMNS, TreeColumn
from zoo.sources import Paths, Reference
from zoo.text import near, short, shown


class Breakdown(NamedTuple):
    """A model, how many levels of its tree to show (None: all), and what to say of each component.

    columns: names of TREE_COLUMNS (in treecolumns); or of COLUMNS (in columns), which stand above the tree.
    """

    model: Model
    depth: int | None = None
    columns: tuple[str, ...] = DEFAULT

    @property
    def shown(self) -> tuple[TreeColumn, ...]:
        """The columns of the tree."""
        found = (TREE_COLUMNS[name] for name in self.columns if name in TREE_COLUMNS)
        return tuple(
            column if self._told or not column.by_use else column._replace(value=_not_told) for column in found
        )

    @property
    def _told(self) -> bool:
        """Whether it is known what a token does with each tensor."""
        return not self.model.from_checkpoint

    def root(self) -> Component:
        """The tree, with the readings that its columns need."""
        return self.model.breakdown([column.reading(self.model) for column in self.shown if column.reading])

    def record(self) -> dict[str, Any]:
        """The tree as nested mappings, with raw integers; a count is that of all copies together.

        costs: what is told of the whole model. unknown: None.
        """
        names = [column.name for column in self.shown if column.reading]
        model = self.model
        about = {"status": model.status, "notes": list(model.notes), **provenance(model), **model.facts()}
        return {**_record(self.root(), self.depth, names, self._told), **about, "costs": costs(model)}

    def render(self, style: str = "table") -> str:
        """As text in any style of `zoo.compare`; csv, tsv, json and jsonl carry raw numbers, csv and tsv full names."""
        if style in RECORDS:
            return json_text(self.record(), style)
        root, machine = self.root(), is_raw(style)
        told = list(lines(root, self.depth))
        noted = machine or any(line.component.note for line in told)
        columns = [column for column in self.shown if noted or column.name != "note"]
        rows = [
            [
                line.path if machine else line.branches + line.component.name,
                *_cells(columns, line.component, root.parameters or 1, machine),
            ]
            for line in told
        ]
        headers = [column.name if machine else column.header for column in columns]
        return draw(["component", *headers], rows, [False, *(column.numeric for column in columns)], style)

    def heading(self) -> Iterator[str]:
        """What is counted, and what its authors say."""
        model, entry = self.model, self.model.entry
        used = column("active").value(model)
        active = f", {short(model.active_parameters)} active" if used not in (None, model.parameters) else ""
        yield f"{model.name}: {model.class_name}, {model.parameters:,} parameters ({short(model.parameters)}){active}"
        if model.doubt:
            yield f"{model.status}: {model.doubt}"
        yield from model.remarks()
        if entry and entry.published:
            yield f"published: {entry.published}" + (f" ({entry.source})" if entry.source else "")
        if entry and entry.note:
            yield entry.note
        for name in self.columns:
            if name not in TREE_COLUMNS:
                told = column(name)
                yield f"{told.title(model.conditions)}: {told.cell(model)}"

    def __str__(self) -> str:
        return headed(self.heading(), self.render(), "table")


def show(
    reference: Reference | Model,
    *,
    depth: int | None = None,
    as_: str | None = None,
    strict: bool = False,
    registries: Paths = (),
    access: Access = USUAL,
    columns: Sequence[str] = DEFAULT,
) -> Breakdown:
    """Where the parameters of a model sit; printed, a tree with shares. The arguments as in `zoo.load`.

    columns: what to say of each component, or of the model; see Breakdown. Raises ZooError for one that there is not.
    """
    columns = checked(columns)
    if not isinstance(reference, Model):
        reference = load(reference, as_=as_, strict=strict, registries=registries, access=access)
    return Breakdown(reference, depth, columns)


def checked(names: Sequence[str]) -> tuple[str, ...]:
    """The columns that are named, singly or by sets. Raises ZooError for one that there is not, or is named twice."""
    found: dict[str, None] = {}
    for name in names:
        if names.count(name) > 1:
            raise ZooError(f"column {shown(name)} is named twice")
        found |= dict.fromkeys(SETS.get(name, (name,)))
        if name not in TREE_COLUMNS and name not in known() and name not in SETS:
            there = dict.fromkeys((*TREE_COLUMNS, *known()))
            raise ZooError(
                f"no column {shown(name)}{near(name, there)} (of components: {', '.join(TREE_COLUMNS)}; of the model: "
                "zoo columns lists them)"
            )
    return tuple(found)


def _cells(columns: Sequence[TreeColumn], part: Component, total: int, machine: bool) -> Iterator[str]:
    costs = iter(part.costs)
    for told in columns:
        value = next(costs) if told.value is None else told.value(part, total)
        if value is None:
            yield "unknown"
        else:
            yield str(value) if machine else told.text(value)


def _not_told(part: Component, total: int) -> None:
    return None


def _record(component: Component, depth: int | None, costs: Sequence[str], told: bool) -> dict[str, Any]:
    below = None if depth is None else depth - 1
    return {
        "name": component.name,
        "copies": component.times,
        "parameters": component.counts.parameters,
        "active_parameters": component.counts.active if told else None,
        "embedding_parameters": component.counts.embedding if told else None,
        **dict(zip(costs, component.costs, strict=True)),
        "note": component.note,
        "children": [_record(child, below, costs, told) for child in component.children] if depth != 0 else [],
    }


class Line(NamedTuple):
    """A component as it is shown: how deep it stands, its full name, and the branches that are drawn before its own."""

    level: int
    path: str
    branches: str
    component: Component


def lines(root: Component, depth: int | None = None) -> Iterator[Line]:
    """The tree as it is shown: wrappers joined, bare tensors left out; the root by its own name."""
    yield Line(0, root.name, "", root)
    yield from _below(root, depth, 1, "", "")


def _below(component: Component, depth: int | None, level: int, path: str, indent: str) -> Iterator[Line]:
    if depth is not None and level > depth:
        return
    children = [_joined(child) for child in component.children]
    for child in children:
        last = child is children[-1]
        yield Line(level, path + child.name, f"{indent}{'└─ ' if last else '├─ '}", child)
        # The tensors of a module that is nothing but tensors are told by its line.
        if any(grandchild.children for grandchild in child.children):
            yield from _below(child, depth, level + 1, f"{path}{child.name}.", indent + ("   " if last else "│  "))


def _joined(component: Component) -> Component:
    """A component that only wraps another one, as one line: `encoder.layer.0-11`."""
    while len(component.children) == 1 and component.children[0].children and not component.note:
        (child,) = component.children
        component = child._replace(name=f"{component.name}.{child.name}", costs=component.costs)
    return component
