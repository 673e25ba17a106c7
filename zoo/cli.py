"""The command `zoo`: each subcommand is a short call of what Python offers too."""

import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from zoo.errors import ZooError
from zoo.model import Model, load
from zoo.text import printable

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from zoo.listings import Listing

Command = TypeVar("Command", bound=Callable[..., Any])

FAILED = 2
"""The exit code where something is wrong with what was asked."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs the command line. What goes wrong is one line on standard error and exit code 2; no traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal that cannot show a sign gets its code
    warnings.showwarning = lambda message, *where: click.echo(printable(f"zoo: {message}"), err=True)
    try:
        code = zoo.main(arguments, prog_name="zoo", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
    except ZooError as error:
        code = fail(str(error))
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "zoo"
        code = fail(f"{' '.join(error.format_message().split())} ({command} --help tells more)")
    except click.ClickException as error:
        code = fail(error.format_message())
    except (click.Abort, KeyboardInterrupt):
        code = 130
    except OSError as error:
        # Of a pipe, the reader, head for one, has seen enough. What is still to be written goes nowhere.
        code = 1 if isinstance(error, BrokenPipeError) else fail(f"cannot write: {error.strerror}")
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def fail(message: str) -> int:
    """Says what went wrong, in one line."""
    click.echo(printable(f"zoo: {message}"), err=True)
    return FAILED


class Reference(click.ParamType):  # type: ignore[type-arg]  # generic in newer versions only
    """A model by name, file or variant; the shell completes names and files."""

    name = "ref"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list["CompletionItem"]:
        """Names of the registry that begin so; files, where none does."""
        from click.shell_completion import CompletionItem

        from zoo.registry import registry

        try:
            names = registry().names()
        except ZooError:  # no place to tell of a broken zoo.toml
            names = []
        # Not both: bash's part of click forgets the names when it is told to complete files.
        found = [CompletionItem(name) for name in names if name.startswith(incomplete)]
        return found or [CompletionItem(incomplete, type="file")]

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The reference as it was typed."""
        return value.removeprefix(_NO_OPTION)


_NO_OPTION = " "


class TakesReferences(click.Command):
    """A command that takes `-,field=value` for a variant of standard input, in which click would see an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does it, after the sign that tells such a reference from an option is put before it."""
        return super().parse_args(ctx, [_NO_OPTION + word if word.startswith("-,") else word for word in args])


def registry_option(command: Command) -> Command:
    """--registry, on every command that takes names."""
    return click.option(
        "--registry",
        "registries",
        multiple=True,
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="A registry file whose entries come before all others; may be given several times.",
    )(command)


def model_options(command: Command) -> Command:
    """What decides how a reference is read."""
    options = (
        click.option(
            "--as", "as_", metavar="CLASS", help="Count this class, in place of the one that the config names."
        ),
        click.option("--strict", is_flag=True, help="Fail where a key of the config is unknown."),
        registry_option,
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="paramzoo", prog_name="zoo")
@click.pass_context
def zoo(context: click.Context) -> None:
    """What a transformer is made of: exact parameter counts, from the config alone.

    A model (REF) is a name from the registry (zoo models lists them), a path to a config.json or to a folder that
    holds one, or - for standard input. Each may be changed: gpt3,num_hidden_layers=48
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@zoo.command(cls=TakesReferences)
@click.argument("references", metavar="REF...", nargs=-1, required=True, type=Reference())
@click.option("--columns", metavar="NAME,...", help="Columns to show, in this order.")
@click.option("--sort", metavar="NAME", help="Column to sort by; -NAME for the largest first.")
@click.option(
    "--format",
    "style",
    default="table",
    metavar="FORMAT",
    help="table, markdown, latex, csv, tsv, json, or any format of tabulate.",
)
@model_options
def compare(
    references: tuple[str, ...],
    columns: str | None,
    sort: str | None,
    style: str,
    as_: str | None,
    strict: bool,
    registries: tuple[Path, ...],
) -> int:
    """Show models side by side.

    Parameters are those of the class shown: tied tensors once, buffers not. Active are those that one token passes
    through, embeddings included. Embedding is the share of lookup tables (tokens, positions, segments).
    """
    from zoo.comparison import arrange

    if sum(reference.split(",")[0] == "-" for reference in references) > 1:
        raise ZooError("standard input (-) can be read only once")
    names = None if columns is None else [name.strip() for name in columns.split(",")]
    arrange([], names, sort)  # a misspelt column is told before anything is read
    code = 0
    models = []
    for reference in references:
        try:
            models.append(load(reference, as_=as_, strict=strict, registries=registries))
            models[-1].parameters  # noqa: B018 - what cannot be counted is found out here
        except ZooError as error:
            code = fail(str(error))
    tell(models)
    if models:
        click.echo(arrange(models, names, sort).render(style))
    return code


@zoo.command(cls=TakesReferences)
@click.argument("reference", metavar="REF", type=Reference())
@click.option("--depth", type=click.IntRange(min=0), metavar="N", help="Levels to show; all, if not given.")
@click.option("--tensors", "list_tensors", is_flag=True, help="List each tensor with its name and shape.")
@click.option("--format", "style", default="table", metavar="FORMAT", help="As in zoo compare.")
@model_options
def show(
    reference: str,
    depth: int | None,
    list_tensors: bool,
    style: str,
    as_: str | None,
    strict: bool,
    registries: tuple[Path, ...],
) -> None:
    """Show where the parameters of a model sit, as a tree with shares.

    Layers of one kind are one component, with how many copies there are; its count is that of all copies together.
    """
    from zoo import breakdowns
    from zoo.listings import tensors

    if list_tensors and depth is not None:
        raise ZooError("--tensors lists every tensor: it goes with no --depth")
    model = load(reference, as_=as_, strict=strict, registries=registries)
    tell([model])
    if list_tensors and style == "table":
        for tensor in model.tensors():
            click.echo(f"{tensor.name} {list(tensor.shape)}" + (f" tied to {tensor.tied_to}" if tensor.tied_to else ""))
    elif list_tensors:
        click.echo(tensors(model).render(style))
    else:
        breakdown = breakdowns.show(model, depth=depth)
        click.echo(str(breakdown) if style == "table" else breakdown.render(style))


@zoo.command()
@click.argument("pattern", default="*")
@click.option("--format", "style", default="table", metavar="FORMAT", help="As in zoo compare.")
@registry_option
def models(pattern: str, style: str, registries: tuple[Path, ...]) -> int:
    """List the models of the registry, or those whose name or type fits PATTERN (bert-*, or a part of the name)."""
    from zoo import listings

    return _listed(listings.models(pattern, registries), style, f"no model fits {pattern!r}")


@zoo.command()
@click.argument("model_type", required=False, metavar="[TYPE]")
@click.option("--format", "style", default="table", metavar="FORMAT", help="As in zoo compare.")
def architectures(model_type: str | None, style: str) -> int:
    """List the types that can be counted; or the classes and config fields of one TYPE."""
    from zoo import listings

    tables = [listings.architectures()] if model_type is None else listings.architecture(model_type)
    return max([_listed(table, style, "no architecture is installed") for table in tables])


@zoo.command()
@click.option("--format", "style", default="table", metavar="FORMAT", help="As in zoo compare.")
def plugins(style: str) -> int:
    """List the plugins that are installed, with what each counts, or why it could not be used."""
    from zoo import listings

    return _listed(listings.plugins(), style, "no plugin is installed")


@zoo.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of a SHELL.

    For bash, put  eval "$(zoo completion bash)"  into ~/.bashrc; likewise for zsh. For fish:
    zoo completion fish > ~/.config/fish/completions/zoo.fish
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(zoo, {}, "zoo", "_ZOO_COMPLETE").source())


def tell(models: Sequence[Model]) -> None:
    """Says on standard error what a reader of the counts must know."""
    for line in _warnings(models):
        click.echo(printable(f"zoo: {line}"), err=True)


def _warnings(models: Sequence[Model]) -> Iterator[str]:
    for model in models:
        yield from (f"note: {note}" for note in model.notes)
        if model.doubt:
            yield f"warning: {model.name}: unverified: {model.doubt}"


def _listed(table: "Listing", style: str, nothing: str) -> int:
    if not table.rows and not table.problems:
        raise ZooError(nothing)
    click.echo(table.render(style))
    return max([0, *map(fail, table.problems)])
