"""The models of a recipe, counted: from the registry, from files below the folder of the lock, from the Hub, or from
what the lock says of the Hub; and what the lock is to say of each.
"""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from zoo.errors import ZooError
from zoo.hub.access import Access
from zoo.hub.repository import Origin, Repository
from zoo.loading import of_found
from zoo.manager import manager
from zoo.model import Model
from zoo.pluginsources import NotAskedError
from zoo.regions.lock import ENTRY, Row
from zoo.regions.paths import is_model_inside
from zoo.regions.recipe import Recipe
from zoo.registries.registryfile import entry
from zoo.registries.registrywriter import described
from zoo.sources import Found, Place, Remote, file_of, find_all, locate


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

    locked: the row, with an entry and of the recipe's class, that the lock has of each reference; taken for those on
    the Hub. access: how to ask for those that it does not have; None: not at all, and they are a NotLockedError. lock:
    the file, in whose folder all other files must be.
    """
    places = [_place(one, recipe, locked, lock, access) for one in references]
    asked = [place.name for place, _ in places if isinstance(place, Remote)]
    answers = iter(find_all(asked, recipe.registries, access) if access and asked else ())
    found = [next(answers) if isinstance(place, Remote) else place for place, _ in places]
    models = of_found(found, recipe.as_, access=access or Access(offline=True))
    return [_counted(model, recipe, known) for model, (_, known) in zip(models, places, strict=True)]


def _place(
    reference: str, recipe: Recipe, locked: Mapping[str, Row], lock: Path, access: Access | None
) -> tuple[Place | ZooError, Row | None]:
    """Where a reference leads, or why nowhere; and the row, if it leads to that."""
    try:
        file = file_of(reference, recipe.registries)
        if file is not None and not is_model_inside(file, lock.parent):
            raise ZooError(f"{reference}: lies outside the folder of {lock}, where CI would not have it")
        place = locate(reference, recipe.registries, Access(offline=True))
        if not isinstance(place, Remote):
            return place, None
        if reference in locked:
            known = locked[reference]
            return from_lock(known, place.repository, place.changes), known
        if access is None:
            raise NotLockedError(f"{reference}: {lock} does not have it: run zoo table --write")
        return place, None
    except NotAskedError:
        why = "a table, which is to come out the same in CI, takes no model that is asked for over a network"
        return ZooError(f"{reference}: {why}: name its config as a file"), None
    except ZooError as error:
        return error, None


def _counted(model: Model | ZooError, recipe: Recipe, locked: Row | None) -> Counted | ZooError:
    """The model under the conditions of the recipe, and its row; one of the Hub is made as the lock will give it."""
    try:
        if isinstance(model, ZooError):
            raise model
        made = row(model, recipe.as_, locked)
        if model.found.origin is not None and locked is None:
            again = from_lock(made, model.found.origin.repository, model.found.changes)
            (told,) = of_found([again._replace(notes=model.notes)], recipe.as_)
            if isinstance(told, ZooError):
                raise told
            model = told
        return Counted(model.under(recipe.conditions), made)
    except ZooError as error:
        return error


# --- a row of the lock -----------------------------------------------------------------------------------------------


def row(model: Model, as_: str | None = None, locked: Row | None = None) -> Row:
    """What the lock says of a model. as_: the class that was asked for; locked: the row that the model was made from.

    Raises ZooError for a model of the Hub that is counted from its checkpoint.
    """
    origin, entry, told = model.found.origin, model.entry, described(model)
    if origin is not None and model.from_checkpoint:
        raise ZooError(f"{model.name}: is counted from its weights, and a lock holds none: leave it out")
    plugin = None if model.from_checkpoint else manager.plugin_for(model.model_type, model.found.owner)
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
        as_=as_ or "",
        entry={key: told[key] for key in ENTRY if key in told} if origin else None,
    )
    if locked is None:
        return made
    return made._replace(sha256=locked.sha256, entry=locked.entry)


def from_lock(row: Row, repository: Repository, changes: Sequence[Mapping[str, Any]] = ()) -> Found:
    """A model of the Hub as its row in the lock, which has an entry, tells it; the repository and the changes are those
    of the reference. Raises ZooError for a bad entry, or where no plugin counts the type.
    """
    told = {"model_type": row.model_type, "class": row.class_name, **(row.entry or {})}
    made = entry(row.model, told, "the lock", None)
    config = {
        **_spelt(made.config, row),
        "model_type": row.model_type,
        "architectures": [row.class_name],
    }
    origin = Origin(repository, row.commit, None)
    return Found(row.model, config, tuple(changes), origin=origin, unverified=made.unverified)


def _spelt(fields: Mapping[str, Any], row: Row) -> dict[str, Any]:
    """The fields as a config.json of their type spells them, where not every name is read."""
    try:
        config = manager.architecture(row.model_type).config_class()
    except ZooError as error:
        raise type(error)(f"{row.model}: {error}") from None
    return {config.key(name) or name: value for name, value in fields.items()}
