"""`zoo fetch`: configs of the Hub put into the cache, so that later nobody need be asked."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from zoo.commands import FAILED, Reference, access_options, fail, note, registry_option
from zoo.errors import UnknownModelError, UnknownTypeError, ZooError
from zoo.hub.access import Access
from zoo.hub.repository import Repository
from zoo.loading import of_found
from zoo.registries.registry import Registry, registry
from zoo.sources import Found, Remote, fetched, file_of, locate


@click.command("fetch")
@click.argument("references", metavar="[REF...]", nargs=-1, type=Reference())
@click.option("--headers", is_flag=True, help="Fetch the headers of the weights, too, for zoo verify.")
@click.option("--refresh", is_flag=True, help="Fetch also what is in the cache already.")
@registry_option
@access_options
def command(
    references: tuple[str, ...], headers: bool, refresh: bool, registries: tuple[Path, ...], access: Access
) -> int:
    """Fetch configs from the Hugging Face Hub into its cache.

    A REF is a repository (org/name, org/name@revision, hf:name), a name of the registry whose entry tells one, or a
    pattern of such names (bert-*). Without any, all models of zoo.toml and of the files that --registry names. Of a
    model that no plugin counts the headers of its weights come, too. What is pinned to a commit is not asked for again,
    here or later.
    """
    from tqdm import tqdm

    from zoo.checkpoints.model import FromCheckpoint
    from zoo.hub.configs import configs
    from zoo.hub.weights import checkpoints

    if access.asks_nobody:
        raise ZooError("fetch asks the Hub, and offline nobody is asked (--offline, HF_HUB_OFFLINE)")
    places, code = [], 0
    for name in _names(references, registry(*registries)):
        try:
            places.append(_remote(name, registries))
        except ZooError as error:
            code = fail(str(error))
    access = access._replace(refresh=refresh)
    # No bar where nobody looks at it.
    with tqdm(total=len(places), unit="model", leave=False, disable=None) as bar:
        given = configs([place.repository for place in places], access, bar.update)
        found = [fetched(place, answer) for place, answer in zip(places, given, strict=True)]
        # Reads the headers of what no plugin counts; what else is wrong with a config is told where it is counted.
        models = of_found(found, access=access)
        left = {
            one.weights: one.took
            for one, model in zip(found, models, strict=True)
            if headers and not isinstance(model, FromCheckpoint | UnknownTypeError)
            if isinstance(one, Found) and isinstance(one.weights, Repository)
        }
        faults = [fault for fault in checkpoints(left, access).values() if isinstance(fault, ZooError)]
    for answer, one, model in zip(given, found, models, strict=True):
        if isinstance(one, ZooError) or isinstance(model, UnknownTypeError):
            code = fail(str(one if isinstance(one, ZooError) else model))
            continue
        for told in one.notes:
            note(told)
        if one.origin and not isinstance(answer, ZooError) and answer.kept:
            click.echo(f"{one.origin.repository.name}@{one.origin.commit}")
        else:
            code = FAILED
    return max([code, *(fail(str(fault)) for fault in faults)])


def _names(references: Iterable[str], known: Registry) -> Iterator[str]:
    """The references, patterns written out; all models of the person's own files, if there are none."""
    if not references:
        own = [entry.name for entry in known if entry.plugin is None and entry.hub]
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
        what = "a file or folder" if file_of(reference, registries) else "read by a plugin"
        raise UnknownModelError(f"{reference}: is {what}, and not on the Hub (hf:org/name is)")
    return place
