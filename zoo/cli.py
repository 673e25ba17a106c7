"""The command `zoo`: how it starts and how it ends. What its subcommands do stands in zoo/commands, one in a module."""

import os
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

import click

from zoo.commands import fail
from zoo.commands.pluginoptions import PLUGIN_OPTIONS
from zoo.errors import ZooError
from zoo.text import inert, near


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs the command line. What goes wrong is one line on standard error and exit code 2; no traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal that cannot show a sign gets its code
    warnings.showwarning = lambda message, *where: click.echo(inert(f"zoo: {message}"), err=True)
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


class Commands(click.Group):
    """Subcommands, each the `command` of a module of its name, which is imported when it is asked for."""

    names = (
        "compare", "table", "plot", "site", "show", "explain", "verify", "width", "flops", "cache", "memory", "lora",
        "solve", "models", "add", "fetch", "architectures", "columns", "plugins", "which", "doctor", "new",
        "completion",
    )  # fmt: skip

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, in the order of the help."""
        return list(self.names)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is asked for. Raises UsageError, with near names, where there is none."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise click.UsageError(error.message.rstrip(".") + near(args[0], self.names), ctx) from None

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One of them; None where there is none of that name."""
        if cmd_name not in self.names:
            return None
        found: click.Command = import_module(f"zoo.commands.{cmd_name}").command
        found.params += [option for option in PLUGIN_OPTIONS if option not in found.params]
        return found


@click.group(
    cls=Commands,
    invoke_without_command=True,
    params=[*PLUGIN_OPTIONS],
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="paramzoo", prog_name="zoo")
@click.pass_context
def zoo(context: click.Context) -> None:
    """What a transformer is made of: exact parameter counts, from the config alone.

    A model (REF) is a name from the registry (zoo models lists them), a path to a config.json or to a folder that
    holds one, - for standard input, a repository of the Hugging Face Hub: org/name, org/name@revision, hf:name; or what
    a plugin finds: scheme:rest. Each may be changed: gpt3,num_hidden_layers=48
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
