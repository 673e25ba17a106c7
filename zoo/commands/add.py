"""`zoo add`: a model of the Hub gets a name of its own, pinned to its commit."""

from pathlib import Path

import click

from zoo.commands import access_options, note, tell
from zoo.errors import RegistryError, UnknownModelError
from zoo.hub.access import Access
from zoo.hub.repository import named
from zoo.loading import load
from zoo.registries.registry import LOCAL_FILES, local_files, registry
from zoo.text import printable, shown


@click.command("add")
@click.argument("reference", metavar="ORG/NAME[@REVISION]")
@click.option("--name", metavar="NAME", help="Its name; by default the last part of the repository's, in lower case.")
@click.option(
    "--registry",
    "given",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The registry file to write; by default zoo.toml or registry.toml here, whichever is there.",
)
@access_options
def command(reference: str, name: str | None, given: Path | None, access: Access) -> None:
    """Add a model of the Hub to a registry file.

    The entry tells the fields of its config that differ from the type's defaults, the commit, and the hash of its
    config.json. An entry of the same name and repository is brought up to date; what you wrote into it stays.
    """
    from zoo.checkpoints.model import FromCheckpoint
    from zoo.registries.registrywriter import write

    repository = named(reference)
    if repository is None:
        raise UnknownModelError(f"{shown(reference)} names no repository of the Hub: add takes org/name[@revision]")
    if name is None:
        name = repository.name.rpartition("/")[2].lower().lstrip("._-")
    if not name:
        raise RegistryError(f"{repository} has no name that a registry takes: choose one with --name")
    model = load(reference, access=access)
    origin = model.found.origin
    if origin is None:
        raise UnknownModelError(f"{reference} is a file or folder here: add takes what is on the Hub (hf:{reference})")
    if isinstance(model, FromCheckpoint):
        raise RegistryError(
            f"{reference}: no plugin counts it, so there is no config to write (zoo show tells its count)"
        )
    file = given or next(iter(local_files()), Path(LOCAL_FILES[0]))
    done = write(file, name, model, origin)
    commit = f"{origin.repository.name}@{origin.commit[:12]}"
    click.echo(printable(f"{file}: {done} {name}: {commit}, {model.class_name}, {model.parameters:,} parameters"))
    tell([model])
    if overridden := registry(file)[name].overrides:
        note(f"{name} now means the model in {file}, overriding the one of {overridden}")
