"""`zoo verify`: a model held against a checkpoint."""

import click

from zoo.commands import Loader, Reference, TakesReferences, echo, format_option, model_options, note, tell

UNEXPLAINED = 1
"""The exit code where something is not as it should be, and nothing explains it."""


@click.command("verify", cls=TakesReferences)
@click.argument("reference", metavar="REF", type=Reference())
@click.argument("checkpoint", metavar="[CHECKPOINT]", required=False, type=click.Path())
@format_option
@model_options
def command(reference: str, checkpoint: str | None, style: str, loader: Loader) -> int:
    """Hold the tensors of a model against those of a checkpoint.

    CHECKPOINT is a .safetensors file, a folder with such files and their index, or a repository of the Hub; if it is
    not given, the folder or repository of REF. Only headers are read. Every tensor is told: matched, missing,
    unexpected or of another shape, numbers of layers folded; and why, where that is known: tied and therefore not
    stored, buffers, names of other dialects, experts apart, further layers, adapters, quantization. The exit code is 0
    only if everything is explained, and 1 if not.
    """
    from zoo.checkpoints.verification import verify
    from zoo.reports.verification import VerificationReport

    model = loader.model(reference)
    told = verify(model, checkpoint, access=loader.access)
    tell([model])
    for line in told.notes:
        note(line)
    echo(VerificationReport(told), style)
    return 0 if told.explained else UNEXPLAINED
