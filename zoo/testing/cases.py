"""What is known of one class at one config, from elsewhere than the plugin."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class Case(NamedTuple):
    """A class at a config, and what it holds there.

    parameters: unique ones, as `named_parameters()` tells them. embedding: those in lookup tables. tensors: name ->
    shape of each parameter of its own. tied: name -> name of the parameter whose storage it shares.
    """

    class_name: str
    config: Mapping[str, Any]
    parameters: int
    embedding: int
    tensors: Mapping[str, Sequence[int]]
    tied: Mapping[str, str]

    def record(self) -> dict[str, Any]:
        """The same for a file."""
        named = self._asdict()
        return {"class": named.pop("class_name"), **named}


def read(row: Mapping[str, Any]) -> Case:
    """What `Case.record` gave."""
    return Case(row["class"], row["config"], row["parameters"], row["embedding"], row["tensors"], row["tied"])
