"""The registry of a package: an entry for the model that it was filled in from, if there is one."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from zoo.errors import RegistryError
from zoo.registries import tomltext
from zoo.registries.registry import registry
from zoo.registries.registryfile import entry, is_name, parse
from zoo.registries.registrywriter import without_nulls
from zoo.scaffold import literals
from zoo.scaffold.given import Given
from zoo.scaffold.names import Names
from zoo.scaffold.reading import Reading

_FILE = Path("registry.toml")


def entry_of(given: Given, names: Names, class_name: str, reading: Reading) -> str:
    """The lines of the entry: what the config says that the type's defaults do not, and where it comes from.

    Commented out where not all of the config has been read: it would give wrong counts once the type reads more.
    Raises RegistryError for what a registry cannot hold.
    """
    name = _name_of(given, names)
    left = dict(_left(given.config, reading))
    table: dict[str, Any] = {"model_type": names.model_type, "class": class_name}
    table["config"] = {**without_nulls({**reading.stated, **left}), **without_nulls(dict(_storage(given.config)))}
    if given.origin is not None:
        origin = given.origin
        table |= {"hub": origin.repository.name, "revision": origin.commit, "sha256": origin.sha256}
    try:
        lines = "".join(tomltext.assignments([key], value) for key, value in table.items() if value)
    except ValueError as error:
        raise RegistryError(str(error)) from None
    text = tomltext.appended("", ["models", name], lines)
    entry(name, parse(text.encode(), _FILE)[name], str(_FILE), None)
    return _commented(text, names, left) if left else text


def _left(config: Mapping[str, Any], reading: Reading) -> Iterator[tuple[str, Any]]:
    """What the config says that the type does not read, or not take, by the keys that config.json has itself."""
    for key in (*reading.unread, *reading.refused):
        outer = key if key in config else key.partition(".")[0]
        if outer in config:
            yield outer, config[outer]


def _commented(text: str, names: Names, left: Collection[str]) -> str:
    why = (
        f"Not in use yet, as {names.architecture} does not read all of its config: {literals.keys(tuple(left))}. "
        "Take the marks away once each is a field or a key of `inert`."
    )
    return "\n".join([literals.comment(why, indent=""), *(f"# {line}".rstrip() for line in text.splitlines()), ""])


def _storage(config: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """How the weights are stored, as far as the config says so."""
    for key in ("dtype", "torch_dtype"):
        if isinstance(config.get(key), str):
            yield "dtype", config[key]
            break
    if isinstance(config.get("quantization_config"), Mapping):
        yield "quantization_config", config["quantization_config"]


def _name_of(given: Given, names: Names) -> str:
    """What the registry calls the given model: as its repository is called, unless that is no name or taken.

    A file or folder gives no name: it would be that of the entry from then on.
    """
    known = registry()
    repository = given.origin.repository.name.rpartition("/")[2] if given.origin else ""
    for name in (repository, names.model_type):
        name = name.lower().lstrip("._-")
        if is_name(name) and name not in known:
            return name
    raise RegistryError(f"a model is called {names.model_type} already")
