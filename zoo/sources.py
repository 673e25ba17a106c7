"""From a reference to a config: a registry name, a file or folder, standard input, what a plugin reads, a repository of
the Hub; each with a variant's changes.

A reference is `BASE` or `BASE,field=value,...`. A source is a function that gives the Found of a base that is its own,
or the Remote, and None for any other; a further place to look is one more function in `SOURCES`.
"""

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from zoo.errors import ConfigError, HubError, RegistryError, UnknownModelError, ZooError
from zoo.hub.access import USUAL, Access
from zoo.hub.repository import PREFIX, Origin, Repository, named
from zoo.registries.registry import Registry, registry
from zoo.registries.registryfile import Entry
from zoo.text import near, shown

if TYPE_CHECKING:
    from zoo.hub.configs import Given

Reference: TypeAlias = str | os.PathLike[str] | Mapping[str, Any]
"""What names a model: a name, path or variant; a Path; or a config, parsed."""

Paths: TypeAlias = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]
"""Files and folders, of which one may stand by itself."""


def paths(given: Paths) -> tuple[Path, ...]:
    """Each of the files and folders."""
    return (Path(given),) if isinstance(given, str | os.PathLike) else tuple(map(Path, given))


class Found(NamedTuple):
    """What a reference leads to: a config as config.json would hold it, and the changes made to it, in order:
    an entry's to the defaults, a variant's to that.

    notes: what the person should be told about where it comes from. origin: the commit on the Hub that it is of.
    weights: where a checkpoint of the model would be, for one that no plugin counts. unverified: keys of which it was
    not known if they change the count, and that are not in `config`. took: seconds that the Hub took for it. owner: the
    distribution in whose registry the name is, changed or not.
    """

    name: str
    config: Mapping[str, Any]
    changes: tuple[Mapping[str, Any], ...] = ()
    entry: Entry | None = None
    notes: tuple[str, ...] = ()
    origin: Origin | None = None
    weights: Path | Repository | None = None
    unverified: tuple[str, ...] = ()
    took: float = 0.0
    owner: str | None = None


class Remote(NamedTuple):
    """What a reference leads to that has to be fetched from the Hub first; the fields as in Found.

    named_by: the entry that names the repository, also where changes make it another model than the entry's.
    """

    name: str
    repository: Repository
    changes: tuple[Mapping[str, Any], ...] = ()
    entry: Entry | None = None
    notes: tuple[str, ...] = ()
    named_by: Entry | None = None
    owner: str | None = None

    def checked(self, given: "Given | ZooError") -> "Given | ZooError":
        """What the Hub gave, or the error, if it is none yet, that it is not what it should be."""
        entry = self.named_by
        if isinstance(given, ZooError) or entry is None or entry.sha256 in (None, given.origin.sha256):
            return given
        from shlex import quote

        file = "" if entry.plugin else f" --registry {quote(entry.origin)}"
        return HubError(
            f"{self.name}: config.json of {self.repository} is not the one that sha256 in the registry is of "
            f"(zoo add {self.repository} --name {entry.name}{file} writes the entry anew)"
        )


Place: TypeAlias = Found | Remote

_FIELD = r"[A-Za-z_]\w*="
_CHANGE = re.compile(rf",(?={_FIELD})")
_NEXT = re.compile(rf",(?!{_FIELD})")


def references(text: str) -> list[str]:
    """The references in a list with commas; what looks like `field=value` is a change of the reference before it."""
    return _NEXT.split(",".join(word.strip() for word in text.split(",")))


def file_of(reference: str, registries: Iterable[Path] = ()) -> Path | None:
    """The file or folder that `locate` would read for a reference, unread; None where it leads elsewhere."""
    known = registry(*registries)
    for base, _ in _readings(reference):
        if base in known:
            return None
        if os.path.exists(base):  # noqa: PTH110 - Path.exists() raises for what can be no path at all
            return Path(base)
    return None


def _readings(reference: str) -> Iterator[tuple[str, list[str]]]:
    """What may be a name or a file, the longest beginning first, and the changes behind it; a folder may well be called
    lr=0.1,bs=32.
    """
    words = _CHANGE.split(reference)
    for cut in range(len(words), 0, -1):
        yield ",".join(words[:cut]), words[cut:]


def find(reference: Reference, registries: Iterable[Path] = (), access: Access = USUAL) -> Found:
    """The config that a reference names; `find_all` for one."""
    (found,) = find_all([reference], registries, access)
    if isinstance(found, ZooError):
        raise found
    return found


def find_all(
    references: Sequence[Reference], registries: Iterable[Path] = (), access: Access = USUAL
) -> list[Found | ZooError]:
    """The config that each reference names, those on the Hub fetched at once; or the error with which it leads nowhere:
    UnknownModelError with near names, ConfigError for a bad file, HubError for what the Hub does not give.

    A Path is a file or folder and nothing else; a mapping is a config itself. `registries` come before all others.
    """
    registries = tuple(registries)
    places = [_located(reference, registries, access) for reference in references]
    remote = [place for place in places if isinstance(place, Remote)]
    if not remote:
        return [place for place in places if not isinstance(place, Remote)]
    from zoo.hub.configs import configs

    given = iter(configs([place.repository for place in remote], access))
    return [fetched(place, next(given)) if isinstance(place, Remote) else place for place in places]


def _located(reference: Reference, registries: Sequence[Path], access: Access) -> Place | ZooError:
    try:
        return locate(reference, registries, access)
    except ZooError as error:
        return error


def locate(reference: Reference, registries: Iterable[Path] = (), access: Access = USUAL) -> Place:
    """Where a reference leads, without asking the Hub. Raises ZooError as `find_all` gives it."""
    if isinstance(reference, Mapping):
        return Found("config", reference)
    if not isinstance(reference, str | os.PathLike):
        raise UnknownModelError(
            f"a model is named by a text, a path, or a mapping that is its config, not {shown(reference)}"
        )
    try:
        if isinstance(reference, os.PathLike):
            return _read(os.fspath(reference), Path(reference))
        return _find(reference, registry(*registries), access)
    except OSError as error:  # a folder that may not be looked into
        raise ConfigError(f"{os.fspath(reference)}: cannot be read: {error.strerror}") from None


def _find(reference: str, registry: Registry, access: Access) -> Place:
    for base, changes in _readings(reference):
        for source in SOURCES:
            if found := source(base, registry, access):
                return _changed(found, reference, changes)
    # `base` is now the shortest of them.
    head, comma, change = reference.partition(",")
    if comma and any(source(head, registry, access) for source in (_named, _file)):
        raise UnknownModelError(f"{head}: a change is written field=value, without blanks, got {shown(change)}")
    if base.startswith(PREFIX) or "@" in base:
        raise UnknownModelError(f"{shown(base)} names no repository: org/name or org/name@revision does")
    from zoo import pluginsources

    hint = pluginsources.unknown(base) or near(base, registry.names())
    raise UnknownModelError(
        f"no model or file is named {shown(base)}{hint} (zoo models lists the names; "
        "org/name is a repository of the Hugging Face Hub, and hf:name one without an organisation)"
    )


def _changed(found: Place, reference: str, words: list[str]) -> Place:
    """What was found with the changes of a variant, which is no longer the entry's model."""
    if not words:
        return found._replace(name=reference)
    changes = dict(changed_field(word) for word in words)
    if len(changes) < len(words):
        raise UnknownModelError(f"{reference}: a field is changed twice")
    return found._replace(name=reference, changes=(*found.changes, changes), entry=None)


def _named(base: str, registry: Registry, access: Access) -> Place | None:
    if base not in registry:
        return None
    entry = registry[base]
    notes = (f"{base}: taken from {entry.origin}, overriding the one of {entry.overrides}",) if entry.overrides else ()
    if access.hub:
        repository = repository_of(entry, base)
        return Remote(base, repository, entry=entry, notes=notes, named_by=entry, owner=entry.plugin)
    config = {"model_type": entry.model_type, "architectures": [entry.class_name]}
    return Found(base, config, (entry.config,), entry, notes, unverified=entry.unverified, owner=entry.plugin)


def repository_of(entry: Entry, name: str) -> Repository:
    """The repository of an entry, at the commit that it is pinned to; `name`: the one by which the entry was found.

    Raises UnknownModelError where it has none, RegistryError where that is none.
    """
    found = named(f"{PREFIX}{entry.hub}" + (f"@{entry.revision}" if entry.revision else "")) if entry.hub else None
    if found is None and entry.hub:
        raise RegistryError(f"{entry.origin}: models.{entry.name}: hub {shown(entry.hub)} names no repository")
    if found is None:
        raise UnknownModelError(
            f"{name}: the registry ({entry.origin}) names no repository of it on the Hub (it is counted without --hub)"
        )
    return found


def _on_the_hub(base: str, registry: Registry, access: Access) -> Remote | None:
    if base.endswith((".json", *CHECKPOINTS)) and not base.startswith(PREFIX):
        return None  # a file, and it is not there
    repository = named(base)
    return Remote(base, repository) if repository else None


def fetched(place: Remote, given: "Given | ZooError") -> Found | ZooError:
    """What the Hub gave as the config that a reference leads to; or why there is none, with the name of an entry."""
    given = place.checked(given)
    if isinstance(given, ZooError):
        if place.named_by is None or str(given).startswith(f"{place.name}: "):
            return given
        kind = ConfigError if isinstance(given, ConfigError) else HubError
        return kind(f"{place.name}: {given}")
    pinned = Repository(place.repository.name, given.origin.commit)
    notes = place.notes + given.notes
    config = given.config or {}
    entry, owner = place.entry, place.owner
    return Found(place.name, config, place.changes, entry, notes, given.origin, pinned, took=given.took, owner=owner)


def _file(base: str, registry: Registry, access: Access) -> Found | None:
    if not os.path.exists(base):  # noqa: PTH110 - Path.exists() raises for what can be no path at all
        return None
    return _read(base, Path(base))


def _read(name: str, path: Path) -> Found:
    """The config of a file or folder; none, where there is only a checkpoint."""
    from zoo import configfile

    if path.name.endswith(CHECKPOINTS) and not path.is_dir():
        beside = path.with_name("config.json")
        return Found(name, configfile.read(beside) if beside.exists() else {}, weights=path)
    if not path.is_dir():
        return Found(name, configfile.read(path), weights=path.parent)
    bare = not (path / "config.json").exists() and has_weights(path)
    return Found(name, {} if bare else configfile.read(path), weights=path)


def has_weights(path: Path) -> bool:
    """Whether it is a checkpoint, or a folder that holds one."""
    try:
        return not path.is_dir() or any(entry.name.endswith(CHECKPOINTS) for entry in path.iterdir())
    except OSError:
        return False


CHECKPOINTS = (".safetensors", ".safetensors.index.json")


def _of_a_plugin(base: str, registry: Registry, access: Access) -> Found | None:
    """What a plugin finds; of a base without changes, as only the shortest has none in it."""
    if ":" not in base or _CHANGE.search(base):
        return None
    from zoo import pluginsources

    found = pluginsources.find(base, access)
    if found is None or isinstance(found, Mapping):
        return found if found is None else Found(base, found)
    try:
        return _read(base, found)
    except (ConfigError, ValueError) as error:  # ValueError: what can be no path at all
        raise ConfigError(f"{base}: {error}") from None


def _standard_input(base: str, registry: Registry, access: Access) -> Found | None:
    if base != "-":
        return None
    from zoo import configfile

    if sys.stdin is None:
        raise ConfigError("standard input is closed")
    return Found(base, configfile.parse(sys.stdin.buffer, "standard input"))


SOURCES: tuple[Callable[[str, Registry, Access], Place | None], ...] = (
    _named,
    _standard_input,
    _file,
    _of_a_plugin,
    _on_the_hub,
)


def changed_field(change: str) -> tuple[str, Any]:
    """`field=value`; the value is read as JSON, and what is not JSON is a string."""
    import json

    key, _, text = change.partition("=")
    try:
        return key, json.loads(text)
    except (ValueError, RecursionError):
        return key, text
