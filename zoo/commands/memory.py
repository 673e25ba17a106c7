"""`zoo memory`: what a model takes in memory, to run and to train, and whether it fits."""

import click

from zoo.commands import Loader, Reference, TakesReferences, echo, format_option, memory_options, model_options, tell
from zoo.conditions import Conditions


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
    loader: Loader,
) -> None:
    """Show what a model takes in memory.

    Weights, cache and training, each term in bytes. Weights are those of the class shown, tied ones once; quantized as
    the config says where no --dtype is given. Activations are not counted.
    """
    from zoo.reports.memory import memory_report, optimizers

    names = optimizers(optimizer)
    model = loader.model(reference)
    report = memory_report(model.under(conditions), names)
    tell([model])
    echo(report, style)
