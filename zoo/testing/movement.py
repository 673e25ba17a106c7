"""Whether every field of the config moves something: a tensor, an attention, a cost, how long a text may be."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, TypeVar

from zoo.config import Config
from zoo.errors import ZooError
from zoo.model import Model
from zoo.testing.checks import Checks, Finding
from zoo.testing.configs import mixtures
from zoo.text import shown

LENGTH = 48
"""Tokens for which costs are compared."""

MIXTURES = 40
"""Random configs beside which a field is moved, before it is taken for one that moves nothing."""

Told = TypeVar("Told")


class MovementChecks(Checks):
    """A field that moves nothing is no field: it is a key of `inert`."""

    checks: ClassVar[tuple[str, ...]] = ("moves",)

    def test_fields_move(self) -> None:
        """Every field that the type declares moves something, by itself or beside others, at a value that builds."""
        self.hold("moves", MovementChecks._still)

    def _still(self) -> Iterator[Finding]:
        spelt = self.config_class.all_spellings()
        at_start = self._told({})
        if not at_start:
            self.fail(f"nothing is built at {dict(self.space.start) or 'the default config'}: set start")
        for key, values in self.space.candidates.items():
            field = spelt[key]
            if field in Config.fields:  # of every type, whether or not it has a class that labels
                continue
            told = [self._told({key: value}) for value in values]
            if any(_differs(at_start, moved) for moved in told) or self._moves_beside_others(key):
                continue
            if any(told):
                yield Finding(
                    field,
                    f"{key}: moves no tensor, attention, cost or length in any class at {_listed(values)}: if it "
                    "decides nothing it is no field but a key of `inert`; or give candidates with which it does",
                )
            else:
                refused = f"no model is built at {_listed(values)}" if values else "its values cannot be guessed"
                yield Finding(field, f"{key}: {refused}: give candidates")

    def _moves_beside_others(self, key: str) -> bool:
        """Whether it moves something where other fields are moved, too: those that switch it on, say."""
        for beside in self._others(key):
            before = self._told(beside)
            values = self.space.candidates[key]
            if before and any(_differs(before, self._told({**beside, key: value})) for value in values):
                return True
        return False

    def _others(self, key: str) -> Iterator[Mapping[str, Any]]:
        """Fields to move first: as the test says, each by itself, several at random."""
        yield from self.variants
        yield from ({other: value} for other, values in self.space.candidates.items() for value in values[:2])
        mixed = mixtures(self.space, self.tried, self.chance("moves", key), MIXTURES)
        yield from (fields for fields, model in mixed if model is not None)

    def _told(self, changes: Mapping[str, Any]) -> dict[str, object]:
        """Everything that is read off each class that the config makes."""
        fields = self.space.moved(changes)
        models = {name: self.tried(fields, name) for name in self.classes}
        return {name: _readings(model) for name, model in models.items() if model is not None}


def _differs(before: Mapping[str, object], after: Mapping[str, object]) -> bool:
    """Whether a class that both make is told otherwise."""
    return any(before[name] != after[name] for name in before.keys() & after.keys())


def _readings(model: Model) -> object:
    lengths = _or_none(model.lengths)
    encoder = LENGTH if lengths and lengths.encoder else None
    attentions = [
        (one.heads, one.head_dim, one.kv_heads, one.value_dim, one.window, one.causal, one.across, one.latent)
        for one in model.attentions()
    ]
    return (
        tuple(model.tensors()),
        model.count,
        model.depths,
        attentions,
        lengths,
        _or_none(lambda: model.flops(LENGTH, encoder_length=encoder)),
        _or_none(lambda: model.cache(LENGTH, encoder_length=encoder)),
    )


def _or_none(told: Callable[[], Told]) -> Told | None:
    try:
        return told()
    except ZooError:  # what it says of the length that was asked for
        return None


def _listed(values: object) -> str:
    return shown(values, 100)
