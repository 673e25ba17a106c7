"""The family of a model: the models of other widths that are built as it is, and what goes with the width."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import gcd, lcm
from typing import Any

from zoo.common_keys import ANY
from zoo.conditions import MeasureError, positive
from zoo.config import Config
from zoo.errors import ConfigError
from zoo.loading import load
from zoo.model import Model
from zoo.solving.written import Written
from zoo.text import near, shown

WIDTH = "hidden_size"
DEPTHS = ("num_hidden_layers", "num_decoder_layers")
HEADS = ("num_attention_heads", "decoder_attention_heads")
KV_HEADS = "num_key_value_heads"
INNER = ("intermediate_size", "decoder_ffn_dim", "moe_intermediate_size", "shared_expert_intermediate_size")
"""Widths of MLPs and experts."""

INNER_STEP = 256
"""What the width of an MLP is a multiple of, as in LLaMA (its `multiple_of`), if the reference's is one; otherwise a
divisor of this that divides the reference's, too.
"""

STEP = 64
"""What the width is a multiple of where no number of heads follows from it: as wide as one head usually is."""

MOST_LISTED = 1_000
"""The cap on layers where a list tells of each."""


class Family:
    """A model at other widths.

    MLPs, experts included, keep their ratio to the width, rounded to INNER_STEP. Heads keep their own width and their
    grouping, and their number goes with the width of the model; where their number is fixed, they grow wider. All other
    fields stay. step: what the width is a multiple of: so that there are whole groups of heads that share a key and
    value, or where the number of these is fixed, as many query heads for each.
    """

    def __init__(self, start: Model, layers: int | None = None, fix: Mapping[str, Any] | None = None) -> None:
        """`start`: the model. `layers`: of each stack, if not as many as it has. `fix`: fields with their values.

        Raises ConfigError for a field that there is not, MeasureError for one that cannot be fixed.
        """
        self._start = start
        self._kind: type[Config] = type(start.config)
        if WIDTH not in self._kind.fields:
            raise MeasureError(f"{start.name}: a config of model_type {start.model_type} has no {WIDTH}")
        self._base = self._as_it_is()
        self._fixed = self._checked(fix or {})
        for name, value in self._fixed.items():
            self._base.put(name, value)
        if layers is not None:
            self._stack(positive(layers, "layers"))
        self._heads = [name for name in HEADS if name in self._kind.fields]
        self.step = lcm(*map(self._step, self._heads)) if self._heads else STEP

    def config(self, width: int) -> dict[str, Any]:
        """The config.json of this width, in the keys that transformers reads."""
        found = self._base.copy()
        for name, value in ((WIDTH, width), *self._inner(width), *self._numbers_of_heads(width)):
            if name not in self._fixed:
                found.put(name, value)
        return {
            "model_type": self._start.model_type,
            "architectures": [self._start.class_name],
            **found.keys(),
        }

    def model(self, width: int) -> Model:
        """The model of this width. Raises MeasureError where there is none."""
        try:
            return load(self.config(width))
        except ConfigError as error:
            why = str(error).removeprefix("config: ")
            raise MeasureError(
                f"no model of {WIDTH} {width:,}: {why} (--fix or fix= gives a field its value)"
            ) from None

    # --- what stays, whatever the width ------------------------------------------------------------------------------

    def _as_it_is(self) -> Written:
        """The config of the reference. Dimensions that would be the same without a key have none: they follow."""
        start, fields = self._start, self._kind.fields
        without = {"model_type", "architectures", "_name_or_path", *self._kind.unread}
        given = {key: value for key, value in start.found.config.items() if key not in without}
        base = Written(self._kind)
        for keys in (given, *start.found.changes):
            for key, value in keys.items():
                base.put(key, value)
        for name, field in fields.items():
            value = getattr(start.config, name)
            if field.symbol is None or name in Config.fields:
                continue
            if field.follows is None and value is not None:
                base.put(name, value)
            elif name in start.given and field.is_default(value, vars(start.config)):
                base.drop(name)
        return base

    def _checked(self, fix: Mapping[str, Any]) -> dict[str, Any]:
        """The fields that are fixed, by their standard names."""
        found: dict[str, Any] = {}
        for key, value in fix.items():
            name = self._base.field(key)
            if name == WIDTH:
                raise MeasureError(f"{key} is what is solved for: fix other fields")
            if name in found:
                raise MeasureError(f"{name} is fixed twice")
            if name in self._kind.fields:
                if self._base.key(name) is None:
                    raise ConfigError(f"transformers reads no {key} in a config of model_type {self._start.model_type}")
                value = self._kind.fields[name].checked(key, value)
            elif self._kind.inert.get(key) is not ANY:
                raise ConfigError(f"no field {shown(key)}{near(key, self._kind.all_spellings())}")
            found[name] = value
        return found

    def _stack(self, layers: int) -> None:
        """Gives each stack so many layers; what is listed for each layer goes on as it was."""
        depth, *_ = DEPTHS
        if depth not in self._kind.fields:
            raise MeasureError(f"{self._start.name}: a config of model_type {self._start.model_type} has no {depth}")
        if self._fixed.get(depth, layers) != layers:
            raise MeasureError(f"{depth} is fixed at {self._fixed[depth]:,}, but layers is {layers:,}")
        before = getattr(self._start.config, depth)
        for name in self._kind.fields:
            value = getattr(self._start.config, name)
            if name in self._fixed:
                continue
            if name in DEPTHS:
                self._base.put(name, layers)
            elif isinstance(value, list) and len(value) == before:
                if max(before, layers) > MOST_LISTED:
                    raise MeasureError(f"{name} lists each layer, which goes with at most {MOST_LISTED:,} of them")
                self._base.put(name, _continued(value, layers))

    # --- what goes with the width ------------------------------------------------------------------------------------

    def _before(self, name: str) -> int:
        """A dimension of the reference."""
        value: int = getattr(self._start.config, name)
        return value

    def _follows(self, name: str) -> bool:
        """Whether a field goes with the width by itself."""
        return self._kind.fields[name].follows is not None and name not in self._base

    def _inner(self, width: int) -> Iterator[tuple[str, int]]:
        """The widths of MLPs and experts."""
        for name in INNER:
            if name in self._kind.fields and not self._follows(name):
                step = gcd(self._before(name), INNER_STEP)
                exact = Fraction(self._before(name) * width, self._before(WIDTH))
                yield name, step * max(1, round(exact / step))

    def _numbers_of_heads(self, width: int) -> Iterator[tuple[str, int]]:
        """The heads of queries, and those of keys and values."""
        for name in self._heads:
            yield name, self._number(name, width)
        # Where it changes no shape, transformers divides by it all the same.
        if KV_HEADS in self._kind.inert or (KV_HEADS in self._kind.fields and not self._follows(KV_HEADS)):
            yield KV_HEADS, self._kv_heads or self._groups(self._number(HEADS[0], width))

    def _number(self, name: str, width: int) -> int:
        """Query heads."""
        number: int = self._fixed.get(name, int(self._share(name) * width))
        return number

    def _groups(self, heads: int) -> int:
        """Key and value heads for so many query heads."""
        if heads % self._together(HEADS[0]):
            raise MeasureError(
                f"{HEADS[0]} {heads:,} is not a multiple of {self._together(HEADS[0]):,}, as its grouping in "
                f"{self._start.name} asks for; fix {KV_HEADS}, too"
            )
        return heads * self._kv_before // self._before(HEADS[0])

    def _step(self, name: str) -> int:
        """What the width must be a multiple of for the heads that the field `name` counts."""
        if name in self._fixed:
            return lcm(STEP, 2 * self._fixed[name])  # rotary positions go in pairs
        share, together = self._share(name), self._together(name)
        return share.denominator * (together // gcd(share.numerator, together))

    def _share(self, name: str) -> Fraction:
        """Heads for each unit of width: as in the reference, or inversely as wide."""
        share = Fraction(self._before(name), self._before(WIDTH))
        if "head_dim" in self._fixed and "head_dim" in self._kind.fields:
            share *= Fraction(self._before("head_dim"), self._fixed["head_dim"])
        return share

    def _together(self, name: str) -> int:
        """What the number of query heads is a multiple of."""
        if name != HEADS[0]:
            return 1
        return self._kv_heads or self._before(name) // gcd(self._before(name), self._kv_before)

    @property
    def _kv_before(self) -> int:
        """Key and value heads of the reference."""
        return self._start.config.dimension(KV_HEADS) or self._before(HEADS[0])

    @property
    def _kv_heads(self) -> int | None:
        """Key and value heads where their number stays: it is fixed, no key sets it, or one does for all queries."""
        if KV_HEADS in self._fixed and KV_HEADS in self._kind.fields:
            number: int | None = self._fixed[KV_HEADS]
            return number
        unset = KV_HEADS in self._start.given and self._base.key(KV_HEADS) is None
        return self._kv_before if unset or self._kv_before == 1 < self._before(HEADS[0]) else None


def _continued(values: list[Any], length: int) -> list[Any]:
    """A list cut, or repeated by its shortest period, to a length."""
    period = next(n for n in range(1, len(values) + 1) if all(one == values[i % n] for i, one in enumerate(values)))
    return [values[i % period] for i in range(length)]
