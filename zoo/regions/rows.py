"""The models of a recipe, counted: from the registry, from files below the folder of the lock, from the Hub, or from
what the lock says of the Hub; and what the lock is to say of each.
"""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from zoo.errors import ZooError
from zoo.hub.access import Access
from zoo.loading import of_found
from zoo.manager import manager
from zoo.model import Model
from zoo.regions.lock import Row, name_of
from zoo.regions.recipe import Recipe
from zoo.registries.registryfile import entry
from zoo.registries.registrywriter import described
from zoo.sources import Found, Remote, find_all, locate

CHECKPOINT = "from checkpoint"
"""The status of a model of which only the weights tell."""

ENTRY = ("config", "null", "unverified")
"""What of a registry's entry a row has, beside what every row tells."""

_LOCK = "the lock"
"""The origin of an entry that a row makes."""


class NotLockedError(ZooError):
    """A model of the Hub of which the lock says nothing."""


class Counted(NamedTuple):
    """A model, and what the lock is to say of it."""

    model: Model
    row: Row


def counted(
    references: Sequence[str], recipe: Recipe, locked: Mapping[str, Row], lock: Path, access: Access | None
) -> list[Counted | ZooError]:
    """The models that references name, in their order, counted as the recipe says; or why there are none.

    locked: the row, with an entry, that the lock has of each reference; taken for those on the Hub. access: how to ask
    for those that it does not have; None: not at all, and they are a NotLockedError. lock: the file, in whose folder
    all other files must be.
    """
    places = [_place(one, recipe, locked, lock, access) for one in references]
    asked = [place.name for place in places if isinstance(place, Remote)]
    answers = iter(find_all(asked, recipe.registries, access) if access and asked else ())
    found = [next(answers) if isinstance(place, Remote) else place for place in places]
    models = of_found(found, recipe.as_, access=access or Access(offline=True))
    return [
        _counted(model, recipe, locked[name] if _is_locked(place) else None)
        for name, place, model in zip(references, places, models, strict=True)
    ]


def _is_locked(place: Found | Remote | ZooError) -> bool:
    return isinstance(place, Found) and place.entry is not None and place.entry.origin == _LOCK


def _place(
    reference: str, recipe: Recipe, locked: Mapping[str, Row], lock: Path, access: Access | None
) -> Found | Remote | ZooError:
    try:
        place = locate(reference, recipe.registries, access or Access(offline=True))
        if isinstance(place, Remote) and reference in locked:
            return from_lock(locked[reference])
        if isinstance(place, Remote) and access is None:
            return NotLockedError(f"{reference}: {lock} does not have it: run zoo table --write")
    except ZooError as error:
        return error
    if isinstance(place, Found) and isinstance(place.weights, Path) and name_of(place.weights, lock.parent) is None:
        return ZooError(f"{reference}: lies outside the folder of {lock}, where CI would not have it")
    return place


def _counted(model: Model | ZooError, recipe: Recipe, locked: Row | None) -> Counted | ZooError:
    """The model under the conditions of the recipe, and its row; one of the Hub is made as the lock will give it."""
    try:
        if isinstance(model, ZooError):
            raise model
        made = row(model, locked)
        if made.entry is not None:
            (again,) = of_found([from_lock(made)._replace(notes=model.notes)], recipe.as_)
            if isinstance(again, ZooError):
                raise again
            model = again
        return Counted(model.under(recipe.conditions), made)
    except ZooError as error:
        return error


# --- a row of the lock -----------------------------------------------------------------------------------------------


def row(model: Model, locked: Row | None = None) -> Row:
    """What the lock says of a model; locked: the row that it was made from.

    Raises ZooError for a model of the Hub that is counted from its checkpoint.
    """
    origin, entry, told = model.found.origin, model.entry, described(model)
    from_checkpoint = model.status == CHECKPOINT
    if origin is not None and from_checkpoint:
        raise ZooError(f"{model.name}: is counted from its weights, and a lock holds none: leave it out")
    plugin = None if from_checkpoint else manager.types[model.model_type][0]
    data = json.dumps({**told, **model.facts()}, sort_keys=True, default=repr).encode()
    made = Row(
        model=model.name,
        model_type=model.model_type,
        class_name=model.class_name,
        status=model.status,
        parameters=model.parameters,
        repository=(origin.repository.name if origin else entry and entry.hub) or "",
        commit=(origin.commit if origin else entry and entry.revision) or "",
        sha256=(origin and origin.sha256) or sha256(data).hexdigest(),
        plugin=plugin.name if plugin else "",
        distribution=plugin.distribution if plugin else "",
        zoo=version("paramzoo"),
        entry={key: told[key] for key in ENTRY if key in told} if origin else None,
    )
    if locked is None:
        return made
    return made._replace(repository=locked.repository, commit=locked.commit, sha256=locked.sha256, entry=locked.entry)


def from_lock(row: Row) -> Found:
    """A model of the Hub as its row in the lock, which has an entry, tells it. Raises RegistryError for a bad one."""
    told = {"model_type": row.model_type, "class": row.class_name, **(row.entry or {})}
    pinned = {"hub": row.repository, "revision": row.commit, "sha256": row.sha256}
    made = entry(row.model, {**told, **{key: value for key, value in pinned.items() if value}}, _LOCK, None)
    config = {"model_type": row.model_type, "architectures": [row.class_name]}
    return Found(row.model, config, (made.config,), made, unverified=made.unverified)
