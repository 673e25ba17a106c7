"""`zoo site`: a registry as a page."""

from pathlib import Path

import click

from zoo.commands import (
    Loader,
    Reference,
    TakesReferences,
    columns_option,
    cost_options,
    fail,
    model_options,
    results_option,
    scores,
    sort_option,
    tell,
)
from zoo.conditions import Conditions
from zoo.reports.columns import COLUMNS
from zoo.reports.layout import Layout
from zoo.site import TITLE


@click.command("site", cls=TakesReferences)
@click.argument("folder", metavar="OUT", type=click.Path(path_type=Path))
@click.argument("references", metavar="[REF...]", nargs=-1, type=Reference())
@click.option("--title", default=TITLE, show_default=True, metavar="TEXT", help="What stands above the table.")
@columns_option
@sort_option
@results_option
@cost_options
@model_options
def command(
    folder: Path,
    references: tuple[str, ...],
    title: str,
    columns: tuple[str, ...] | None,
    sort: tuple[str, ...],
    results: tuple[Path, ...],
    loader: Loader,
    conditions: Conditions,
) -> int:
    """Write models as a page that sorts and explains itself.

    It is OUT/index.html. The models are those named (bert-* stands for all names of the registry that fit), or all of
    the registry. The page is one file that needs no network and no server, and the same for the same models. It begins
    with the columns of --columns; every other one, costs under the conditions given here, is there to be chosen.
    """
    from zoo.reports.comparison import arrange
    from zoo.site.writing import write_site

    layout = Layout(columns, sort)
    if not results:
        arrange([], layout)  # a misspelt column is told before anything is read
    models, code = loader.usable(references or ("*",), conditions, COLUMNS.values())
    tell(models)
    if code and models:
        return fail("nothing is written, as not all of it can be shown")
    if models:
        click.echo(write_site(arrange(models, layout, more=scores(results, models)), folder, title=title))
    return code
