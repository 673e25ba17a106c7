"""`zoo table`: tables in documents, written by zoo and checked in CI."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zoo.commands import FAILED, access_options, fail, note, tell, tell_of_costs
from zoo.errors import ZooError
from zoo.hub.access import Access
from zoo.text import counted, inert

if TYPE_CHECKING:
    from zoo.model import Model
    from zoo.regions.making import Filled

DRIFT = 1
"""The exit code where a table is not what zoo would write."""

ERROR, DIFFERENT = "zoo table cannot tell", "table out of date"
"""The titles of annotations."""


@click.command("table")
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--write", is_flag=True, help="Fill the regions of the files.")
@click.option("--check", is_flag=True, help="Write nothing: say what has changed. Needs no network.")
@click.option("--upgrade", is_flag=True, help="With --write: take the newest commit of each model of the Hub.")
@click.option("--force", is_flag=True, help="With --write: overwrite tables that were edited by hand.")
@click.option(
    "--lock",
    type=click.Path(path_type=Path),
    default="zoo.lock",
    show_default=True,
    metavar="FILE",
    help="What the tables were counted from.",
)
@access_options
def command(
    files: tuple[Path, ...],
    write: bool,
    check: bool,
    upgrade: bool,
    force: bool,
    lock: Path,
    access: Access,
) -> int:
    """Keep tables in documents true.

    Those in the files, or in all that the lock names. A region begins with a marker on a line of its own, such as <!--
    zoo:begin models="bert-*,gpt3" columns="model,parameters" sort="-parameters" -->, and ends with <!-- zoo:end -->.
    The keys of a marker are the options of zoo compare. Exit code: 0 all is well, 1 --check found a difference, 2
    something is wrong.
    """
    from zoo.regions import filling, github

    if write == check:
        raise click.UsageError("give one of --write and --check")
    if check and (upgrade or force):
        raise click.UsageError("--upgrade and --force go with --write")
    on_github = github.is_runner()
    try:
        if write:
            outcome = filling.write(files, lock, upgrade=upgrade, force=force, access=access)
        else:
            outcome = filling.check(files, lock)
    except ZooError as error:
        if on_github:
            click.echo(github.annotation(str(error), ERROR))
        return fail(str(error))
    models = {(model.name, model.class_name, model.conditions): model for model in _models(outcome.tables)}
    tell([*models.values()])
    for table in outcome.tables:
        tell_of_costs(table.comparison.models, table.comparison.columns)
        for line in table.unmatched:
            note(line)
    for one in outcome.notes:
        note(str(one))
    for one in outcome.errors:
        fail(str(one))
    for one in outcome.differences:
        click.echo(inert(str(one)))
    if on_github:
        for title, told in ((ERROR, outcome.errors), (DIFFERENT, outcome.differences)):
            for one in told:
                click.echo(github.annotation(one, title))
    if problem := github.append_summary((*outcome.errors, *outcome.differences), outcome.tables):
        note(problem)
    if outcome.errors:
        return FAILED
    if outcome.differences:
        return DRIFT
    done = "all hold" if check else "written" if outcome.written else "nothing to write"
    click.echo(f"{counted(len(outcome.tables), 'table')}: {done}")
    return 0


def _models(tables: "Iterable[Filled]") -> "Iterator[Model]":
    for table in tables:
        yield from table.comparison.models
        if table.comparison.base:
            yield table.comparison.base
