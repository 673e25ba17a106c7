"""`zoo solve`: the width at which a model has so many parameters."""

import click

from zoo.commands import Loader, Reference, TakesReferences, model_options, tell
from zoo.errors import ZooError
from zoo.sources import changed_field
from zoo.text import printable, shown


@click.command("solve", cls=TakesReferences)
@click.argument("reference", metavar="REF", type=Reference())
@click.option("--parameters", required=True, metavar="N", help="How many there shall be: 7e9, 7B, 110M.")
@click.option("--layers", type=int, metavar="L", help="Layers of each stack; by default those of REF.")
@click.option("--fix", multiple=True, metavar="FIELD=VALUE", help="A field as it shall be; may be given several times.")
@model_options
def command(
    reference: str,
    parameters: str,
    layers: int | None,
    fix: tuple[str, ...],
    loader: Loader,
) -> None:
    """Find the width for a number of parameters.

    That is, the hidden_size at which a model like REF comes closest to it; its config.json is printed. REF may also be
    a type (zoo architectures lists them), which stands for its usual class with all defaults, even if a model has the
    same name. MLPs and experts keep their ratio to hidden_size, rounded to a multiple of 256; heads keep their width
    and their grouping, so that hidden_size is a multiple of head_dim times the queries that share a key. All other
    fields stay as they are.
    """
    from zoo.solving.solution import solve

    fixed = dict(changed_field(word) for word in fix if _is_change(word))
    if len(fixed) < len(fix):
        raise ZooError("--fix gives a field twice")
    found = solve(reference, parameters, layers=layers, fix=fixed, **loader._asdict())
    click.echo(str(found))
    tell([found.model])
    click.echo(printable(f"zoo: {found.summary()}"), err=True)


def _is_change(word: str) -> bool:
    """Whether this is field=value. Raises ZooError if not."""
    if not word.partition("=")[2] or word.startswith("="):
        raise ZooError(f"--fix wants field=value, got {shown(word)}")
    return True
