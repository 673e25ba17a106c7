"""An architecture as a delta on one that is counted already: a config with other defaults, and what differs besides."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from zoo.architecture import Architecture
from zoo.config import Config
from zoo.discovery.plugin import Plugin
from zoo.errors import ArchitectureError
from zoo.manager import manager
from zoo.scaffold import literals
from zoo.scaffold.filling import filled, remarks
from zoo.scaffold.names import Names
from zoo.scaffold.reading import Reading
from zoo.text import shown


class Delta(NamedTuple):
    """What a package begins with that varies a type: its architecture, and the plugin that has it."""

    model_type: str
    base: type[Architecture]
    plugin: Plugin

    @classmethod
    def of(cls, model_type: str) -> "Delta":
        """The delta on a type. Raises ArchitectureError for one that no package can import; the rest as the manager."""
        plugin = manager.plugin_for(model_type)
        base = manager.imported(plugin, model_type)
        kinds = (base, base.config_class())
        if plugin.file or not all(kind.__qualname__.isidentifier() for kind in kinds):
            raise ArchitectureError(
                f"--base {shown(model_type)}: {base.__qualname__} is in no installed package, which others could "
                "import: install it first"
            )
        return cls(model_type, base, plugin)

    @property
    def endings(self) -> Mapping[str, str]:
        """The endings of its classes, each with the method that yields the parts."""
        return self.base.heads

    @property
    def kind(self) -> type[Architecture]:
        """What the architecture is a subclass of."""
        return self.base

    @property
    def taken(self) -> Collection[str]:
        """Names that the module imports."""
        return self.base.__name__, self.base.config_class().__name__

    def config_class(self, config: Mapping[str, Any]) -> type[Config]:
        """The class that reads a config of the new type until its own is there."""
        return self.base.config_class()

    def module(self, names: Names, reading: Reading, config_class: type[Config]) -> str:
        """The module of the architecture. Raises PluginError for a field that cannot be written."""
        fields = [
            literals.field(name, config_class.fields[name], default, f"{config_class.__qualname__}.{name}")
            for name, default in reading.defaults.items()
        ]
        return filled(
            "delta.py",
            names=names,
            base=self.base.__name__,
            base_config=config_class.__name__,
            imports=self._imports(fields),
            fields="".join(f"\n{line}" for line in _body(fields, reading)),
            heads="".join(f"\n{line}" for line in self._heads(names)),
        )

    def _imports(self, fields: list[str]) -> str:
        """What the module imports: of the standard library first."""
        needed = [name for name in ("Any", "Literal") if any(name in line.partition(" = ")[0] for line in fields)]
        dims = ["from zoo.fields import dim"] if any(" = dim(" in line for line in fields) else []
        where: dict[str, set[str]] = {}
        for kind in (self.base, self.base.config_class()):
            where.setdefault(kind.__module__, set()).add(kind.__name__)
        own = [_import(module, sorted(found)) for module, found in where.items()]
        standard = f"from typing import {', '.join(needed)}\n\n" if needed else ""
        return standard + "\n".join(sorted([*dims, *own]))

    def _heads(self, names: Names) -> Iterator[str]:
        """What the architecture says of its classes, if the base does not say it."""
        if self.base.aliases:
            yield "    aliases = {}"
        if names.ending and names.ending not in self.base.heads:
            usual, method = next(iter(self.base.heads.items()))
            own, like = f"{names.prefix}{names.ending}", f"{self.base.prefix}{usual}"
            yield literals.comment(f"{own} is counted as {like} would be: look whether it is so.")
            ending, method = literals.text(names.ending), literals.text(method)
            yield f"    heads = {{{ending}: {method}, **{self.base.__name__}.heads}}"


def _import(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= literals.WIDTH:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")"


def _body(fields: list[str], reading: Reading) -> Iterator[str]:
    """What stands in the class of the config below its docstring."""
    lines = [*remarks(reading), *(f"    {line}" for line in fields)]
    if lines:
        yield ""
    yield from lines
