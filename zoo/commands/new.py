"""`zoo new`: the package of a plugin, to begin with."""

from pathlib import Path
from shlex import quote

import click

from zoo.commands import access_options, note
from zoo.hub.access import Access
from zoo.text import printable


@click.command("new")
@click.argument("model_type", metavar="TYPE")
@click.option(
    "--from", "reference", metavar="REF", help="Fill it in from a config.json, a folder with one, or org/name."
)
@click.option("--base", metavar="TYPE", help="Begin with a type that is counted, and say only what differs.")
@click.option(
    "--out",
    "folder",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Where to write it; by default zoo-TYPE here. There must be nothing in it.",
)
@access_options
def command(model_type: str, reference: str | None, base: str | None, folder: Path | None, access: Access) -> None:
    """Write the package of a plugin that counts a model_type.

    It can be installed and tested as it is: the architecture, its config with the defaults of --from, a registry, and
    tests that fail until the count is held against a truth and is right. Where weights are beside the config, the truth
    is their header. Keys of the config that nobody has understood are listed where they are to be looked at.
    """
    from zoo.scaffold import folder as folders
    from zoo.scaffold.given import given
    from zoo.scaffold.package import package, refuse_claimed

    refuse_claimed(model_type)  # before anything is fetched
    made = package(model_type, base, given(reference, access) if reference is not None else None)
    folder = folder or Path(made.names.distribution)
    folders.write(folder, made.files)
    click.echo(printable(f"{folder}: {made.names.model_type}, {made.names.target}"))
    for path in sorted(made.files):
        click.echo(f"  {path}")
    for told in made.notes:
        note(told)
    click.echo("next:")
    for line in (f"cd {quote(str(folder))}", "pip install -e '.[test]'", "pytest"):
        click.echo(printable(f"  {line}"))
