"""`zoo lora`: what low-rank adapters would train."""

import click

from zoo.commands import Loader, Reference, TakesReferences, echo, format_option, model_options, tell


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
    loader: Loader,
) -> None:
    """Show what low-rank adapters would train.

    LoRA as PEFT makes it: how many parameters, in which modules. A name stands for each module whose name it is, or
    ends after a dot. A head that labels a text or its tokens is trained in full, as PEFT does for its task. The
    percentage is of all parameters, adapters included.
    """
    from zoo.reports.lora import LoraReport

    model = loader.model(reference)
    report = LoraReport(model, model.lora(rank, targets), dtype)
    tell([model])
    echo(report, style)
