"""One model as a tree of its components: `zoo show`."""

from collections.abc import Iterator
from typing import Any

from zoo import tables
from zoo.measures import Component
from zoo.model import Model
from zoo.text import short

HEADERS = ("component", "copies", "parameters", "share", "note")


def render(model: Model, style: str = "table", depth: int | None = None) -> str:
    """The breakdown as a table in `style`; `depth` bounds the levels shown."""
    root = model.breakdown()
    rows = [
        [
            name,
            str(component.times) if component.times > 1 else "",
            f"{component.parameters:,}",
            f"{component.parameters / root.parameters:.2%}",
            component.note,
        ]
        for name, component in _lines(root, depth)
    ]
    columns = len(HEADERS) if any(row[-1] for row in rows) else len(HEADERS) - 1  # no column of notes without a note
    numeric = [False, True, True, True, False]
    return tables.draw(HEADERS[:columns], [row[:columns] for row in rows], numeric[:columns], style)


def heading(model: Model) -> Iterator[str]:
    """What is counted, and what its authors say."""
    active = f", {short(model.active_parameters)} active" if model.active_parameters != model.parameters else ""
    yield f"{model.name}: {model.class_name}, {model.parameters:,} parameters ({short(model.parameters)}){active}"
    if model.entry and model.entry.published:
        yield f"published: {model.entry.published} ({model.entry.source})"
    if model.entry and model.entry.note:
        yield model.entry.note


def record(component: Component) -> dict[str, Any]:
    """A component and those below it, for JSON."""
    return {
        "name": component.name,
        "copies": component.times,
        "parameters": component.counts.parameters,
        "active_parameters": component.counts.active,
        "embedding_parameters": component.counts.embedding,
        "note": component.note,
        "children": [record(child) for child in component.children],
    }


def _lines(root: Component, depth: int | None) -> Iterator[tuple[str, Component]]:
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
