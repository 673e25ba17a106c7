"""`zoo plot`: pictures of models."""

from pathlib import Path

import click

from zoo.commands import (
    Loader,
    Reference,
    TakesReferences,
    cost_options,
    model_options,
    note,
    results_option,
    scores,
    tell,
    tell_of_costs,
)
from zoo.conditions import Conditions
from zoo.reports.columns import COLUMNS, column


@click.command("plot", cls=TakesReferences, epilog=f"Columns: {', '.join(COLUMNS)}; and those of --results.")
@click.argument("references", metavar="REF...", nargs=-1, required=True, type=Reference())
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Draw into FILE.svg, .png or .html; without, in the terminal.",
)
@click.option("--share", is_flag=True, help="Bars of equal length, in percent of each model.")
@click.option("--x", metavar="COLUMN", help="A scatter instead: what goes to the right.")
@click.option("--y", metavar="COLUMN", help="And what goes up.")
@click.option("--pareto", is_flag=True, help="With the front: less of an amount is better, more of all else.")
@results_option
@cost_options
@model_options
def command(
    references: tuple[str, ...],
    out: Path | None,
    share: bool,
    x: str | None,
    y: str | None,
    pareto: bool,
    results: tuple[Path, ...],
    loader: Loader,
    conditions: Conditions,
) -> int:
    """Draw models.

    bert-* stands for all names of the registry that fit. Bars of where the parameters sit: embedding, attention, MLP,
    experts that a token uses and idle ones, norms, head. Or a scatter of one column of zoo compare against another, on
    logarithmic axes but for shares and scores, coloured by family; with --x parameters --y hidden, also the line that
    zoo width fits to each family.

    A file is replaced only if all models can be drawn. An SVG is the same bytes wherever this version of zoo and of
    vl-convert makes it, so that it can be committed and checked.
    """
    from zoo.plots.picture import ending
    from zoo.plots.plotting import check, picture
    from zoo.plots.terminal import standard_output

    # What is misspelt is told before anything is read, if no results can have it.
    check(x, y, share, pareto)
    if out is not None:
        ending(out)
    asked = [name for name in (x, y) if name is not None]
    columns = [] if results else [column(name) for name in asked]
    models, code = loader.usable(references, conditions, columns)
    tell(models)
    if not models or (out is not None and code):
        return code
    more = scores(results, models)
    tell_of_costs(models, [column(name, more) for name in asked])
    drawn = picture(models, x, y, share, pareto, more)
    if out is None:
        click.echo(drawn.text(standard_output()))
    else:
        drawn.save(out)
    for told in drawn.notes:
        note(told)
    return code
