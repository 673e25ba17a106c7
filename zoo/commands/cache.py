"""`zoo cache`: what a model keeps of a text while it writes."""

from pathlib import Path

import click

from zoo.commands import Reference, TakesReferences, condition_options, echo, format_option, model_options, tell
from zoo.conditions import Conditions
from zoo.model import load


@click.command("cache", cls=TakesReferences)
@click.argument("reference", metavar="REF", type=Reference())
@condition_options
@format_option
@model_options
def command(
    reference: str,
    conditions: Conditions,
    style: str,
    as_: str | None,
    strict: bool,
    registries: tuple[Path, ...],
) -> None:
    """Show what a model keeps of a text.

    The KV cache, and recurrent states, from which it writes on. A sliding window caps its layers at its width. Latent
    attention is kept compressed, and the size of all its keys and values told beside it. An encoder keeps nothing.
    """
    from zoo.reports.cache import cache_report

    model = load(reference, as_=as_, strict=strict, registries=registries).under(conditions)
    report = cache_report(model)
    tell([model])
    echo(report, style)
