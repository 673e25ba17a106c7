"""`zoo completion`: names and options, completed in the shell."""

import click


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script of a SHELL.

    For bash, put  eval "$(zoo completion bash)"  into ~/.bashrc; likewise for zsh. For fish:
    zoo completion fish > ~/.config/fish/completions/zoo.fish
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(click.get_current_context().find_root().command, {}, "zoo", "_ZOO_COMPLETE").source())
