"""`zoo flops`: what a forward pass and training cost."""

import click

from zoo.commands import Loader, Reference, TakesReferences, echo, format_option, length_options, model_options, tell
from zoo.conditions import Conditions


@click.command("flops", cls=TakesReferences)
@click.argument("reference", metavar="REF", type=Reference())
@length_options
@click.option("--tokens", metavar="D", help="Tokens to train on, in texts of that length: 300B, 3e11.")
@format_option
@model_options
def command(
    reference: str,
    conditions: Conditions,
    tokens: str | None,
    style: str,
    loader: Loader,
) -> None:
    """Show what a forward pass over a text costs.

    Floating-point operations of weights and of attention, in encoder and decoder; beside them the rules of thumb, 2N
    for each token and 6ND for the training on D tokens, with their errors.
    """
    from zoo.reports.flops import flops_report
    from zoo.solving.solution import number

    model = loader.model(reference).under(conditions)
    report = flops_report(model, None if tokens is None else number(tokens, "training tokens"))
    tell([model])
    echo(report, style)
