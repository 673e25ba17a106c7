"""The registry of a package: an entry for the model that it was filled in from, if there is one."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from zoo.errors import RegistryError
from zoo.registries import tomltext
from zoo.registries.registry import registry
from zoo.registries.registryfile import entry, is_name, parse
from zoo.scaffold.given import Given
from zoo.scaffold.names import Names
from zoo.scaffold.reading import Reading

_FILE = Path("registry.toml")


def entry_of(given: Given, names: Names, class_name: str, reading: Reading) -> str:
    """The lines of the entry: what the config says that the type's defaults do not, and where it comes from.

    Raises RegistryError for what a registry cannot hold.
    """
    name = _name_of(given, names)
    table: dict[str, Any] = {"model_type": names.model_type, "class": class_name}
    table["config"] = {**_nothing_null(reading.stated), **_nothing_null(dict(_storage(given.config)))}
    if given.origin is not None:
        origin = given.origin
        table |= {"hub": origin.repository.name, "revision": origin.commit, "sha256": origin.sha256}
    table["unverified"] = [*reading.unread, *reading.refused]
    try:
        lines = "".join(tomltext.assignments([key], value) for key, value in table.items() if value)
    except ValueError as error:
        raise RegistryError(str(error)) from None
    text = tomltext.appended("", ["models", name], lines)
    entry(name, parse(text.encode(), _FILE)[name], str(_FILE), None)
    return text


def _storage(config: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """How the weights are stored, as far as the config says so."""
    for key in ("dtype", "torch_dtype"):
        if isinstance(config.get(key), str):
            yield "dtype", config[key]
            break
    if isinstance(config.get("quantization_config"), Mapping):
        yield "quantization_config", config["quantization_config"]


def _nothing_null(value: Any) -> Any:
    """Without keys that are null, which TOML does not have, and which say nothing here."""
    if not isinstance(value, Mapping):
        return value
    return {key: _nothing_null(inner) for key, inner in value.items() if inner is not None}


def _name_of(given: Given, names: Names) -> str:
    """What the registry calls the given model: as it is called, unless that is no name or taken."""
    known = registry()
    for name in (given.name, names.model_type):
        name = name.lower().lstrip("._-")
        if is_name(name) and name not in known:
            return name
    raise RegistryError(f"a model is called {names.model_type} already")
