"""`zoo lora`: what low-rank adapters would train."""

from pathlib import Path

import click

from zoo.commands import Reference, TakesReferences, echo, format_option, model_options, tell
from zoo.model import load


@click.command("lora", cls=TakesReferences)
@click.argument("reference", metavar="REF", type=Reference())
@click.option("--rank", type=int, default=16, show_default=True, metavar="R", help="Rank of the adapters.")
@click.option(
    "--target",
    "targets",
    metavar="NAME,...",
    help="Modules to adapt, or all-linear; by default those that PEFT takes for the type.",
)
@click.option("--dtype", default="float32", show_default=True, metavar="DTYPE", help="Number format of the adapters.")
@format_option
@model_options
def command(
    reference: str,
    rank: int,
    targets: str | None,
    dtype: str,
    style: str,
    as_: str | None,
    strict: bool,
    registries: tuple[Path, ...],
) -> None:
    """Show what low-rank adapters would train.

    LoRA as PEFT makes it: how many parameters, in which modules. A name stands for each module whose name it is, or
    ends after a dot. A head that labels a text or its tokens is trained in full, as PEFT does for its task. The
    percentage is of all parameters, adapters included.
    """
    from zoo.reports.lora import LoraReport

    model = load(reference, as_=as_, strict=strict, registries=registries)
    report = LoraReport(model, model.lora(rank, targets), dtype)
    tell([model])
    echo(report, style)
