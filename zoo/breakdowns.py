"""One model as a tree of its components: `zoo show`."""

import os
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from zoo import tables
from zoo.measures import Component
from zoo.model import Model, load
from zoo.sources import Reference
from zoo.text import short

_HEADERS = ("component", "copies", "parameters", "share", "note")
_NUMERIC = (False, True, True, True, False)


class Breakdown(NamedTuple):
    """A model, and how many levels of its tree to show (None: all)."""

    model: Model
    depth: int | None = None

    def record(self) -> dict[str, Any]:
        """The tree as nested mappings, with raw integers; a count is that of all copies together."""
        return _record(self.model.breakdown(), self.depth)

    def render(self, style: str = "table") -> str:
        """As text in any style of `zoo.compare`; csv, tsv and json carry raw numbers, csv and tsv full names."""
        if style == "json":
            import json

            return json.dumps(self.record(), indent=2)
        root = self.model.breakdown()
        total = root.parameters or 1
        if style in ("csv", "tsv"):
            rows = [
                [name, str(part.times), str(part.parameters), str(round(part.parameters / total, 6)), part.note]
                for name, part in _walk(root, self.depth)
            ]
            return tables.draw(_HEADERS, rows, _NUMERIC, style)
        rows = [
            [
                name,
                f"{part.times:,}" if part.times > 1 else "",
                f"{part.parameters:,}",
                f"{part.parameters / total:.2%}",
                part.note,
            ]
            for name, part in _lines(root, self.depth)
        ]
        columns = len(_HEADERS) - (not any(row[-1] for row in rows))  # no column of notes without a note
        return tables.draw(_HEADERS[:columns], [row[:columns] for row in rows], _NUMERIC[:columns], style)

    def heading(self) -> Iterator[str]:
        """What is counted, and what its authors say."""
        model, entry = self.model, self.model.entry
        active = f", {short(model.active_parameters)} active" if model.active_parameters != model.parameters else ""
        yield f"{model.name}: {model.class_name}, {model.parameters:,} parameters ({short(model.parameters)}){active}"
        if model.doubt:
            yield f"unverified: {model.doubt}"
        if entry and entry.published:
            yield f"published: {entry.published}" + (f" ({entry.source})" if entry.source else "")
        if entry and entry.note:
            yield entry.note

    def __str__(self) -> str:
        return "\n".join([*self.heading(), "", self.render()])


def show(
    reference: Reference | Model,
    *,
    depth: int | None = None,
    as_: str | None = None,
    strict: bool = False,
    registries: Iterable[str | os.PathLike[str]] = (),
) -> Breakdown:
    """Where the parameters of a model sit; printed, a tree with shares. The arguments as in `zoo.load`."""
    if not isinstance(reference, Model):
        reference = load(reference, as_=as_, strict=strict, registries=registries)
    return Breakdown(reference, depth)


def _record(component: Component, depth: int | None) -> dict[str, Any]:
    below = None if depth is None else depth - 1
    return {
        "name": component.name,
        "copies": component.times,
        "parameters": component.counts.parameters,
        "active_parameters": component.counts.active,
        "embedding_parameters": component.counts.embedding,
        "note": component.note,
        "children": [_record(child, below) for child in component.children] if depth != 0 else [],
    }


def _walk(component: Component, depth: int | None, path: str = "") -> Iterator[tuple[str, Component]]:
    """Every component by its full name, the root by its own."""
    yield path or component.name, component
    if depth != 0:
        for child in component.children:
            name = f"{path}.{child.name}" if path else child.name
            yield from _walk(child, None if depth is None else depth - 1, name)


def _lines(root: Component, depth: int | None) -> Iterator[tuple[str, Component]]:
    """The tree as a person reads it: drawn with branches, wrappers joined, bare tensors left out."""
    yield root.name, root
    yield from _below(root, depth, "")


def _below(component: Component, depth: int | None, indent: str) -> Iterator[tuple[str, Component]]:
    if depth == 0:
        return
    children = [_joined(child) for child in component.children]
    for child in children:
        last = child is children[-1]
        yield f"{indent}{'└─ ' if last else '├─ '}{child.name}", child
        # The tensors of a module that is nothing but tensors are told by its line.
        if any(grandchild.children for grandchild in child.children):
            yield from _below(child, None if depth is None else depth - 1, indent + ("   " if last else "│  "))


def _joined(component: Component) -> Component:
    """A component that only wraps another one, as one line: `encoder.layer.0-11`."""
    while len(component.children) == 1 and component.children[0].children and not component.note:
        (child,) = component.children
        component = Component(f"{component.name}.{child.name}", child.counts, child.times, child.note, child.children)
    return component
