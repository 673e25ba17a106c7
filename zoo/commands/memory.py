"""`zoo memory`: what a model takes in memory, to run and to train, and whether it fits."""

from pathlib import Path

import click

from zoo.commands import Reference, TakesReferences, echo, format_option, memory_options, model_options, tell
from zoo.conditions import Conditions
from zoo.model import load


@click.command("memory", cls=TakesReferences)
@click.argument("reference", metavar="REF", type=Reference())
@memory_options
@click.option("--optimizer", metavar="NAME,...", default="adamw", show_default=True, help="As in zoo compare; or all.")
@format_option
@model_options
def command(
    reference: str,
    conditions: Conditions,
    optimizer: str,
    style: str,
    as_: str | None,
    strict: bool,
    registries: tuple[Path, ...],
) -> None:
    """Show what a model takes in memory.

    Weights, cache and training, each term in bytes. Weights are those of the class shown, tied ones once; quantized as
    the config says where no --dtype is given. Activations are not counted.
    """
    from zoo.reports.memory import memory_report, optimizers

    names = optimizers(optimizer)
    model = load(reference, as_=as_, strict=strict, registries=registries)
    report = memory_report(model.under(conditions), names)
    tell([model])
    echo(report, style)
