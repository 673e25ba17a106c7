"""`zoo fetch`: configs of the Hub put into the cache, so that later nobody need be asked."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from zoo.commands import FAILED, Reference, access_options, fail, note, registry_option
from zoo.errors import UnknownModelError, UnknownTypeError, ZooError
from zoo.hub.access import Access
from zoo.hub.repository import PREFIX
from zoo.model import load
from zoo.registries.registry import BUILT_IN, Registry, registry
from zoo.sources import Remote, locate


@click.command("fetch")
@click.argument("references", metavar="[REF...]", nargs=-1, type=Reference())
@click.option("--refresh", is_flag=True, help="Fetch also what is in the cache already.")
@registry_option
@access_options
def command(references: tuple[str, ...], refresh: bool, registries: tuple[Path, ...], access: Access) -> int:
    """Fetch configs from the Hugging Face Hub into its cache.

    A REF is a repository (org/name, org/name@revision, hf:name), a name of the registry whose entry tells one, or a
    pattern of such names (bert-*). Without any, all models of zoo.toml, or of the files that --registry names. Of a
    model that no plugin counts the headers of its weights come, too. What is pinned to a commit is not asked for again,
    here or later.
    """
    from tqdm import tqdm

    from zoo.hub.configs import configs

    if access.asks_nobody:
        raise ZooError("fetch asks the Hub, and offline nobody is asked (--offline, HF_HUB_OFFLINE)")
    places, code = [], 0
    for name in _names(references, registry(*registries)):
        try:
            places.append(_remote(name, registries))
        except ZooError as error:
            code = fail(str(error))
    # No bar where nobody looks at it.
    with tqdm(total=len(places), unit="model", leave=False, disable=None) as bar:
        given = configs([place.repository for place in places], access._replace(refresh=refresh), bar.update)
    for place, answer in zip(places, given, strict=True):
        found = place.checked(answer)
        if isinstance(found, ZooError):
            code = fail(str(found))
            continue
        for told in found.notes:
            note(told)
        pinned = f"{found.origin.repository.name}@{found.origin.commit}"
        try:
            load(
                f"{PREFIX}{pinned}", access=access
            )  # reads the headers of the weights, where no plugin counts the type
        except UnknownTypeError as error:
            code = fail(str(error))
            continue
        except ZooError:
            pass  # what else is wrong with a config is told where it is to be counted
        if found.kept:
            click.echo(pinned)
        else:
            code = FAILED
    return code


def _names(references: Iterable[str], known: Registry) -> Iterator[str]:
    """The references, patterns written out; all models of the person's own files, if there are none."""
    if not references:
        own = [entry.name for entry in known if entry.origin != BUILT_IN and entry.hub]
        if not own:
            raise UnknownModelError("nothing to fetch: name models, or keep some in zoo.toml (zoo add writes it)")
        yield from own
    for reference in references:
        pattern = any(sign in reference for sign in "*?[")
        fitting = [name for name in known.matching(reference) if known[name].hub] if pattern else []
        yield from fitting or [reference]  # one that fits nothing is told where it is looked up, and the others fetched


def _remote(reference: str, registries: tuple[Path, ...]) -> Remote:
    place = locate(reference, registries, Access(hub=True))
    if not isinstance(place, Remote):
        raise UnknownModelError(f"{reference}: is a file or folder, and not on the Hub (hf:org/name is)")
    return place
