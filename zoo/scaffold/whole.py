"""An architecture with no other to begin with: a whole small one, to be rewritten, its config filled in."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, ClassVar

from zoo.architecture import Architecture
from zoo.config import Config
from zoo.scaffold import literals
from zoo.scaffold.example import FOLLOWING, ExampleConfig, spelt
from zoo.scaffold.filling import filled, remarks
from zoo.scaffold.names import Names
from zoo.scaffold.reading import Reading


class Whole:
    """What a package begins with that varies nothing."""

    endings: ClassVar[Mapping[str, str]] = {"ForCausalLM": "causal_lm", "Model": "model"}
    """The endings of its classes, each with the method that yields the parts."""
    kind: ClassVar[type[Architecture]] = Architecture
    """What the architecture is a subclass of."""
    taken: ClassVar[Collection[str]] = ("Architecture", "Config", "Parts")
    """Names that the module imports."""

    def config_class(self, config: Mapping[str, Any]) -> type[Config]:
        """The class that reads a config of the new type until its own is there."""
        return spelt(config)

    def module(self, names: Names, reading: Reading, config_class: type[Config]) -> str:
        """The module of the architecture. config_class: the one that has read the given config."""
        following = [name for name in FOLLOWING if name not in reading.defaults]
        per_head = ["per_head"] if "head_dim" in following else []
        return filled(
            "architecture.py",
            names=names,
            imports=", ".join([*(["derived"] if following else []), "dim", *per_head]),
            fields="\n".join(_fields(reading)),
            spellings="".join(f"\n{line}" for line in _spellings(config_class.spellings)),
            heads=self._heads(names),
        )

    def _heads(self, names: Names) -> str:
        """The classes, that of the given config first."""
        heads = dict(self.endings)
        if names.ending:
            heads = {names.ending: heads.get(names.ending, "causal_lm"), **heads}
        return ", ".join(f"{literals.text(ending)}: {literals.text(method)}" for ending, method in heads.items())


def _fields(reading: Reading) -> Iterator[str]:
    """The config's fields; those that follow from others do so unless they are given."""
    yield from remarks(reading)
    left = [name for name in ExampleConfig.fields if name not in (*reading.given, *FOLLOWING, *Config.fields)]
    if reading.given and left:
        yield literals.comment(f"Not said by tests/config.json, so still those of the example: {literals.keys(left)}.")
    for name, field in ExampleConfig.fields.items():
        if name in reading.defaults or name not in (*FOLLOWING, *Config.fields):
            line = literals.field(name, field, reading.defaults.get(name, field.default), name)
            yield f"    {line}"
        elif name in FOLLOWING:
            yield f"    {name}: int = {FOLLOWING[name]}"


def _spellings(spellings: Mapping[str, str]) -> Iterator[str]:
    if spellings:
        yield ""
        yield "    spellings = {"
        yield from (f"        {literals.text(key)}: {literals.text(field)}," for key, field in spellings.items())
        yield "    }"
