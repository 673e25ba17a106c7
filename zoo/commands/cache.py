"""`zoo cache`: what a model keeps of a text while it writes."""

import click

from zoo.commands import Loader, Reference, TakesReferences, condition_options, echo, format_option, model_options, tell
from zoo.conditions import Conditions


@click.command("cache", cls=TakesReferences)
@click.argument("reference", metavar="REF", type=Reference())
@condition_options
@format_option
@model_options
def command(
    reference: str,
    conditions: Conditions,
    style: str,
    loader: Loader,
) -> None:
    """Show what a model keeps of a text.

    The KV cache, and recurrent states, from which it writes on. A sliding window caps its layers at its width. Latent
    attention is kept compressed, and the size of all its keys and values told beside it. An encoder keeps nothing.
    """
    from zoo.reports.cache import cache_report

    model = loader.model(reference).under(conditions)
    report = cache_report(model)
    tell([model])
    echo(report, style)
