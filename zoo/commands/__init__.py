"""The subcommands of zoo, each a short call of what Python offers too; and the options that several of them have."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias, TypeVar

import click

from zoo.conditions import Conditions
from zoo.errors import ZooError
from zoo.hub.access import USUAL, Access
from zoo.loading import expanded, load, load_all
from zoo.manager import manager
from zoo.model import Model
from zoo.reports.layout import Layout, words
from zoo.text import inert

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from zoo.reports.column import Column
    from zoo.reports.listings import Listing

Command = TypeVar("Command", bound=Callable[..., Any])
Option: TypeAlias = Callable[[Callable[..., Any]], Callable[..., Any]]
"""A decorator that gives a command an option."""

FAILED = 2
"""The exit code where something is wrong with what was asked."""


def fail(message: str) -> int:
    """Says what went wrong, in one line."""
    click.echo(inert(f"zoo: {message}"), err=True)
    return FAILED


def note(message: str) -> None:
    """Says what a reader should know, in one line."""
    click.echo(inert(f"zoo: note: {message}"), err=True)


class Reference(click.ParamType):  # type: ignore[type-arg]  # generic in newer versions only
    """A model by name, file or variant; the shell completes names and files."""

    name = "ref"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list["CompletionItem"]:
        """Names of the registry that begin so; files, where none does."""
        from click.shell_completion import CompletionItem

        from zoo.registries.registry import registry

        try:
            with manager.quietly():
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


class Loader(NamedTuple):
    """How references are read: what the options that `model_options` gives say."""

    as_: str | None
    strict: bool
    registries: tuple[Path, ...]
    access: Access

    def model(self, reference: str) -> Model:
        """The model that a reference names. Raises ZooError."""
        return load(reference, **self._asdict())

    def models(self, references: Sequence[str]) -> list[Model | ZooError]:
        """The model of each reference, or why there is none; `bert-*` stands for all of the registry that fit.

        Raises ZooError where standard input is named twice, or no name fits.
        """
        self.check(references)
        return load_all(expanded(references, self.registries), **self._asdict())

    def check(self, references: Sequence[str]) -> None:
        """Raises ZooError where standard input is named twice."""
        if sum(reference.split(",")[0] == "-" for reference in references) > 1:
            raise ZooError("standard input (-) can be read only once")

    def usable(
        self, references: Sequence[str], conditions: Conditions, told: Iterable["Column"] = ()
    ) -> tuple[list[Model], int]:
        """The models that can be counted, under these conditions, and of which these columns can be told; and the exit
        code, for the others are told of.
        """
        code = 0
        models = []
        for found in self.models(references):
            try:
                if isinstance(found, ZooError):
                    raise found
                model = found.under(conditions)
                model.parameters  # noqa: B018 - what cannot be counted is found out here, and what a plugin does wrong
                for column in told:
                    column.value(model)
                models.append(model)
            except ZooError as error:  # one bad reference hides no other
                code = fail(str(error))
        return models, code


def registry_files(flag: str, told: str) -> Option:
    """The option `flag`, which names registry files and may be given several times; `told`: its help."""
    return click.option(flag, "registries", multiple=True, metavar="FILE", type=click.Path(path_type=Path), help=told)


registry_option = registry_files(
    "--registry", "A registry file whose entries come before all others; may be given several times."
)
"""--registry, on every command that takes names."""


def access_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """How the Hub may be used; the command gets it as `access`."""
    return _with(
        command,
        {
            "offline": click.option("--offline", is_flag=True, help="Ask nobody: use what is in the cache."),
            "timeout": click.option(
                "--timeout",
                type=float,
                default=USUAL.timeout,
                show_default=True,
                metavar="SECONDS",
                help="How long the Hub may take for one model.",
            ),
        },
        "access",
        lambda given: Access(**given).checked(),
    )


def model_options(command: Callable[..., Any], registry: Option = registry_option) -> Callable[..., Any]:
    """What decides how a reference is read; the command gets it as `loader`. registry: the option that names files."""
    return _with(
        command,
        {
            "as_": click.option(
                "--as", "as_", metavar="CLASS", help="Count this class, in place of the one that the config names."
            ),
            "strict": click.option("--strict", is_flag=True, help="Fail where a count is not exact."),
            "registries": registry,
            "hub": click.option(
                "--hub",
                is_flag=True,
                help="Fetch the config of a named model from the Hub, as its registry entry says.",
            ),
            "access": access_options,
        },
        "loader",
        _loader,
    )


def _loader(given: dict[str, Any]) -> Loader:
    hub = given.pop("hub")
    return Loader(**{**given, "access": given["access"]._replace(hub=hub)})


def _size(context: click.Context, option: click.Parameter, value: str | None) -> int | None:
    """Bytes of a size such as 24GiB."""
    if value is None:
        return None
    from zoo.measures import sizes

    return sizes.size(value)


def comma_separated(context: click.Context, option: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    """The names in a list with commas."""
    return None if value is None else words(value)


_LENGTHS: dict[str, Option] = {
    "length": click.option(
        "--length", type=int, metavar="N", help="Tokens of the text; by default as many as the model is made for."
    ),
    "encoder_length": click.option(
        "--encoder-length", type=int, metavar="N", help="Tokens that the encoder reads, where there is one."
    ),
}
_CONDITIONS: dict[str, Option] = {
    **_LENGTHS,
    "batch": click.option(
        "--batch", type=int, default=1, show_default=True, metavar="B", help="How many texts there are at once."
    ),
    "dtype": click.option("--dtype", metavar="DTYPE", help="Number format, such as bf16; by default the config's own."),
}
_MEMORY: dict[str, Option] = {
    **_CONDITIONS,
    "cache_dtype": click.option(
        "--cache-dtype",
        metavar="DTYPE",
        help="Number format of the cache; by default that of the weights, if it has 16 bits.",
    ),
    "zero": click.option(
        "--zero",
        type=int,
        metavar="STAGE",
        default=0,
        show_default=True,
        help="ZeRO shares out 1: states, 2: gradients too, 3: weights too.",
    ),
    "devices": click.option(
        "--devices", type=int, metavar="N", default=1, show_default=True, help="Devices that share it."
    ),
    "fits": click.option(
        "--fits", metavar="SIZE", callback=_size, help="Whether weights and cache go into so much, such as 24GiB."
    ),
}
_COSTS: dict[str, Option] = {
    **_MEMORY,
    "optimizer": click.option(
        "--optimizer",
        metavar="NAME",
        default="adamw",
        show_default=True,
        help="adamw, adamw-fp32, adamw-8bit, adafactor, sgd or sgd-momentum.",
    ),
    "rank": click.option("--rank", type=int, metavar="R", default=16, show_default=True, help="Rank of LoRA adapters."),
    "targets": click.option(
        "--target",
        "targets",
        metavar="NAME,...",
        callback=comma_separated,
        help="Modules that LoRA adapts; see zoo lora.",
    ),
}


def length_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--length and --encoder-length; the command gets them as `conditions`."""
    return _conditioned(command, _LENGTHS)


def condition_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What a cost depends on beside the model; the command gets it as `conditions`."""
    return _conditioned(command, _CONDITIONS)


def memory_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The same, and what else memory depends on."""
    return _conditioned(command, _MEMORY)


def cost_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Everything that any cost depends on, for the commands that tell of all."""
    return _conditioned(command, _COSTS)


def _conditioned(command: Callable[..., Any], options: dict[str, Option]) -> Callable[..., Any]:
    """The command with `options`, each a field of the conditions; what values they may have, the measures say."""
    return _with(command, options, "conditions", lambda given: Conditions(**given))


def _with(
    command: Callable[..., Any], options: dict[str, Option], name: str, made: Callable[[dict[str, Any]], object]
) -> Callable[..., Any]:
    """The command with `options`, which gets what is made of their values as its argument `name`."""

    @wraps(command)
    def gathering(**given: Any) -> Any:
        values = {option: given.pop(option) for option in options}
        return command(**{name: made(values)}, **given)

    with_options: Callable[..., Any] = gathering
    for option in reversed(options.values()):
        with_options = option(with_options)
    return with_options


columns_option = click.option(
    "--columns", metavar="NAME,...", callback=comma_separated, help="Columns or sets of columns to show, in this order."
)
"""--columns, which a command gets as a tuple of names, or None."""

sort_option = click.option(
    "--sort",
    metavar="NAME,...",
    default="",
    callback=lambda *given: comma_separated(*given) if given[-1] else (),
    help="Columns to sort by; -NAME for the largest first.",
)
"""--sort, which a command gets as a tuple of names."""


def layout_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """How a comparison is arranged; the command gets it as `layout`."""
    from zoo.reports.numbers import STYLES

    return _with(
        command,
        {
            "columns": columns_option,
            "sort": sort_option,
            "group_by": click.option(
                "--group-by", metavar="NAME", help="Models that have the same in this column together: family, say."
            ),
            "difference_to": click.option(
                "--difference-to", metavar="REF", type=Reference(), help="Beside each amount, how much more it is."
            ),
            "transpose": click.option("--transpose", is_flag=True, help="Models as columns."),
            "numbers": click.option(
                "--numbers",
                type=click.Choice(STYLES),
                default="usual",
                show_default=True,
                help="exact; short, in one unit for each column; usual: counts exact, all else short.",
            ),
        },
        "layout",
        lambda given: Layout(**given),
    )


results_option = click.option(
    "--results",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Scores of the models: results of lm-evaluation-harness or mteb, CSV or JSON; may be given several times.",
)
"""--results, which a command gets as a tuple of paths."""


def scores(results: Sequence[Path], models: Sequence[Model]) -> tuple["Column", ...]:
    """The columns of what results say of these models; which of them match no model is told. Raises ZooError."""
    if not results:
        return ()
    from zoo.results import columns_of

    return columns_of(results, models, note)


def format_option(command: Command) -> Command:
    """--format, on every command that prints a table."""
    return click.option("--format", "style", default="table", metavar="FORMAT", help="As in zoo compare.")(command)


class Report(Protocol):
    """What a command prints: lines that say what is told and under which conditions, and a table."""

    def heading(self) -> Iterable[str]: ...

    def render(self, style: str = "table") -> str: ...


def echo(report: Report, style: str) -> None:
    """Prints a report in a style."""
    from zoo.formats import headed

    click.echo(headed(report.heading(), report.render(style), style))


def tell(models: Sequence[Model]) -> None:
    """Says on standard error what a reader of the counts must know."""
    for line in _warnings(models):
        click.echo(inert(f"zoo: {line}"), err=True)


def tell_of_costs(models: Sequence[Model], columns: Iterable["Column"]) -> None:
    """Says on standard error what a reader of these columns must know."""
    from zoo.reports.costnotes import notes

    for told in notes(models, columns):
        note(told)


def _warnings(models: Sequence[Model]) -> Iterator[str]:
    for model in models:
        yield from (f"note: {told}" for told in model.notes)
        context, length = model.config.dimension("max_position_embeddings"), model.conditions.length
        if context and length and length > context:
            yield f"note: {model.name}: a length of {length:,} is more than the {context:,} that the model is made for"
        if model.doubt:
            yield f"warning: {model.name}: {model.status}: {model.doubt}"


def listed(table: "Listing", style: str, nothing: str) -> int:
    """Prints a list, and what could not be listed; the exit code. Raises ZooError, saying `nothing`, if it is empty."""
    if not table.rows and not table.problems:
        raise ZooError(nothing)
    click.echo(table.render(style))
    return max([0, *map(fail, table.problems)])
