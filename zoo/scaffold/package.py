"""A package that counts a type, from its names and the model that it is filled in from."""

import json
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from zoo.custom_code import adopted
from zoo.errors import ArchitectureError, ConfigError, RegistryError
from zoo.manager import manager
from zoo.scaffold import entries, literals
from zoo.scaffold.delta import Delta
from zoo.scaffold.filling import filled
from zoo.scaffold.given import Given
from zoo.scaffold.names import Names, check, names
from zoo.scaffold.reading import Reading, read
from zoo.scaffold.requirements import requirements
from zoo.scaffold.whole import Whole
from zoo.text import shown


class Package(NamedTuple):
    """A package as it is written: each file by its path, below a folder named as its distribution.

    notes: what its author should be told.
    """

    names: Names
    files: Mapping[PurePosixPath, bytes]
    notes: tuple[str, ...] = ()


def refuse_claimed(model_type: str) -> None:
    """Raises ArchitectureError for a type that is counted already, ZooError for one that is no name."""
    check(model_type)
    if claims := manager.types.get(model_type, ()):
        who = " and ".join(sorted({plugin.distribution for plugin in claims}))
        raise ArchitectureError(
            f"model_type {shown(model_type)} is counted already, by {who} (zoo architectures {model_type} tells how)"
        )


def package(model_type: str, base: str | None = None, given: Given | None = None) -> Package:
    """The package of a plugin that counts a type.

    base: the type that it varies; if none, it begins with an example that is whole. given: the model whose config is
    filled in; if none, the defaults are those of what it begins with.

    Raises ArchitectureError for a type that is counted already or a base that is not, ZooError for a type that is no
    name, ConfigError for a config whose fields contradict each other.
    """
    refuse_claimed(model_type)
    start = Delta.of(base) if base is not None else Whole()
    named = names(model_type, given.class_name if given else None, start.endings, start.taken)
    config = given.config if given else {}
    config_class = start.config_class(config)
    try:
        reading = read(config_class, _without_adopted_code(config, named, start))
    except ConfigError as error:
        raise ConfigError(f"--from: read as model_type {base or model_type}: {error}") from None
    class_name = named.prefix + (named.ending or next(iter(start.endings)))
    own = {**config, "model_type": model_type} if given else {"model_type": model_type, "architectures": [class_name]}
    registry, notes = _registry(given, named, class_name, reading)
    weights = given.weights if given else None
    varied = f"    base = {literals.text(base)}\n" if base is not None else ""
    contents = {
        "pyproject.toml": filled("pyproject.toml", named, requirements=requirements(start)),
        "README.md": filled("readme.md", named),
        ".gitignore": filled("gitignore", named),
        ".github/workflows/tests.yml": filled("tests.yml", named),
        f"src/{named.package}/__init__.py": filled("init.py", named),
        f"src/{named.package}/{named.module}.py": start.module(named, reading, config_class),
        f"src/{named.package}/registry.toml": registry,
        f"src/{named.package}/py.typed": "",
        f"tests/test_{named.module}.py": filled("test_header.py" if weights else "test.py", named, base=varied),
        "tests/config.json": _json(own),
    }
    if weights:
        from zoo.testing import header

        contents["tests/header.json"] = header.text(header.recorded(weights))
    files = {PurePosixPath(path): text.encode() for path, text in contents.items()}
    return Package(named, files, (*_notes(given, named), *notes))


def _without_adopted_code(config: Mapping[str, Any], names: Names, start: Delta | Whole) -> Mapping[str, Any]:
    """The config as it is read once the package is installed: without an auto_map that names the package's classes."""
    heads = {**start.endings, **({names.ending: ""} if names.ending else {})}
    later = type(names.architecture, (start.kind,), {"prefix": names.prefix, "heads": heads, "aliases": {}})
    if not adopted(config.get("auto_map"), names.model_type, later):
        return config
    return {key: value for key, value in config.items() if key != "auto_map"}


def _json(config: Mapping[str, Any]) -> str:
    try:
        return json.dumps(config, indent=2) + "\n"
    except (TypeError, ValueError) as error:  # of a plugin's source, which may give anything
        raise ConfigError(f"--from: is no config that JSON can hold: {error}") from None


def _registry(given: Given | None, named: Names, class_name: str, reading: Reading) -> tuple[str, list[str]]:
    """The registry of the package, and why the given model is not in it, if so."""
    head = filled("registry.toml", named)
    if given is None:
        return head, []
    try:
        return f"{head}\n{entries.entry_of(given, named, class_name, reading)}", []
    except RegistryError as error:
        return head, [f"the registry of the package has no entry of the model: {error}"]


def _notes(given: Given | None, names: Names) -> Iterator[str]:
    """What the author should be told of the given model, and of the tests."""
    if given is not None:
        yield from given.notes
        if (other := given.config.get("model_type")) != names.model_type:
            told = "names no model_type" if other is None else f"is of model_type {shown(other)}"
            yield f"the given config {told}; tests/config.json is of {names.model_type}, as the package counts it"
    if given is None or given.weights is None:
        yield f"the tests fail until a truth is stated: tests/test_{names.module}.py tells how"
