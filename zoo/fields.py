"""The fields of a config: what values they take, and what they are where config.json does not say."""

from collections.abc import Callable, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from zoo.errors import ConfigError
from zoo.text import shown

LARGEST = 10**12
"""The cap on every dimension: a larger one is an error, not a model, and products stay printable."""


class Field(NamedTuple):
    """A field as declared: its default, or how that follows from the fields before it, and what it may be.

    symbol: how formulas write it, if it is a dimension. minimum: the least that a dimension may be; LARGEST the most.
    """

    default: Any = None
    follows: Callable[[Mapping[str, Any]], Any] | None = None
    symbol: str | None = None
    minimum: int | None = None
    annotation: Any = None
    plain: frozenset[type] = frozenset()
    """The types whose values need no more than a look."""

    def typed(self, annotation: Any) -> "Field":
        """The field with the annotation that it bears in its class."""
        kinds = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
        return self._replace(annotation=annotation, plain=frozenset(kinds) & {int, bool, str, NoneType})

    def is_default(self, value: object, fields: Mapping[str, Any]) -> bool:
        """Whether a field that is not given would be `value`, after the `fields` before it."""
        try:
            return bool(value == (self.follows(fields) if self.follows else self.default))
        except ConfigError:  # nothing follows: it has to be given
            return False

    @property
    def nullable(self) -> bool:
        """Whether null is a value; elsewhere it means "not given"."""
        return NoneType in self.plain

    def checked(self, key: str, value: Any) -> Any:
        """The value, if the field may have it; `key` names it in the ConfigError that is raised if not."""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        kind = type(value)
        if kind in self.plain and (kind is not int or self.minimum is None or self.minimum <= value <= LARGEST):
            return value
        return self._judged(key, value)

    def _judged(self, key: str, value: Any) -> Any:
        """What pydantic makes of a value that is not plainly right: a list, say, or an error.

        Most configs hold nothing of the kind, and it is half of what zoo would import.
        """
        from pydantic import ConfigDict, TypeAdapter, ValidationError
        from pydantic import Field as Constraint

        limits = {} if self.minimum is None else {"ge": self.minimum, "le": LARGEST}
        kind = Annotated[self.annotation, Constraint(**limits)]  # type: ignore[name-defined]  # a type known when run
        try:
            return TypeAdapter(kind, config=ConfigDict(strict=True)).validate_python(value)
        except ValidationError as error:
            raise ConfigError(_complaint(key, error)) from None


def dim(symbol: str, default: int | None, *, minimum: int = 1) -> Any:
    """A dimension or a number of things, written `symbol` in formulas: a whole number from `minimum` to LARGEST.

    A default of None stands for "not given".
    """
    return Field(default, symbol=symbol, minimum=minimum)


def derived(symbol: str, follows: Callable[[Mapping[str, Any]], int], *, minimum: int = 1) -> Any:
    """A dimension whose default follows from the fields declared before it, which `follows` gets by name."""
    return Field(follows=follows, symbol=symbol, minimum=minimum)


def following(follows: Callable[[Mapping[str, Any]], Any]) -> Any:
    """A field that is no dimension, whose default follows from the fields declared before it."""
    return Field(follows=follows)


def per_head(fields: Mapping[str, Any], heads: str = "num_attention_heads") -> int:
    """The usual width of a head, hidden_size / `heads`. Raises ConfigError where that is not whole."""
    hidden_size, number = fields["hidden_size"], fields[heads]
    if hidden_size % number:
        raise ConfigError(f"hidden_size {hidden_size} is not a multiple of {heads} {number}")
    width: int = hidden_size // number
    return width


def for_each_layer(values: list[Any], layers: int, key: str) -> list[Any]:
    """`values`, which the config's `key` gives for each of `layers` layers. Raises ConfigError unless as many."""
    if len(values) != layers:
        raise ConfigError(f"{key} lists {len(values)} layers, but the model has {layers}")
    return values


def _complaint(key: str, error: Any) -> str:
    """Pydantic's first complaint in one line: the key as the config spells it, what it must be, what it is."""
    first = error.errors(include_url=False)[0]
    # Of a place in a list, its numbers; the names that pydantic gives the alternatives of a union tell nobody anything.
    key += "".join(f"[{step}]" for step in first["loc"] if isinstance(step, int))
    limits = first.get("ctx", {})
    match first["type"]:
        case "int_type" | "int_from_float":
            wanted = "must be a whole number"
        case "greater_than_equal":
            wanted = f"must be at least {limits['ge']}"
        case "less_than_equal":
            wanted = f"must be at most {limits['le']:,}"
        case "bool_type":
            wanted = "must be true or false"
        case "string_type":
            wanted = "must be a string"
        case "list_type":
            wanted = "must be a list"
        case "literal_error":
            wanted = f"must be {limits['expected']}"
        case _:
            wanted = f"is not valid ({first['msg']})"
    return f"{key} {wanted}, got {shown(first['input'])}"
