"""What is known of a type from elsewhere than the plugin, and so can prove that it counts right."""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias


class Header(NamedTuple):
    """The header of published weights: the name and shape of every tensor.

    path: as `python -m zoo.testing.header` records it, beside the test. config: the config.json that belongs to it, a
    file beside the test, or its keys.
    """

    path: str
    config: str | Mapping[str, Any] = ""  # which test_declarations refuses: a missing argument would be a traceback

    def __str__(self) -> str:
        return self.path


class Published(NamedTuple):
    """A published count of parameters. config: of the model that it is of, as in `Header`. source: who published it."""

    parameters: int
    config: str | Mapping[str, Any] = ""
    source: str = ""

    def __str__(self) -> str:
        return self.source


class Recorded(NamedTuple):
    """What classes of transformers were recorded to hold, at their defaults and at changed configs.

    path: as `python -m zoo.testing.record` writes it, beside the test.
    """

    path: str

    def __str__(self) -> str:
        return self.path


class Transformers(NamedTuple):
    """What the classes of transformers hold, at their defaults and at random configs, where it is installed.

    configs: how many random ones for each class; the environment's ZOO_TESTING_CONFIGS says otherwise.
    """

    configs: int = 2

    def __str__(self) -> str:
        return "transformers"


Truth: TypeAlias = Header | Published | Recorded | Transformers

HOW_TO_STATE = (
    'set `truth` to Header("header.json", config="config.json"), which python -m zoo.testing.header FOLDER or org/name '
    'records, to Published(123_456, config="config.json", source="https://..."), to Recorded("TYPE.json.gz") or to '
    "Transformers()"
)


def given(truth: object) -> tuple[object, ...]:
    """What a test gives as its truths, each by itself: one, or several."""
    if isinstance(truth, tuple | list) and not isinstance(truth, Truth):
        return tuple(truth)
    return (truth,)


def stated(truth: object) -> tuple[Truth, ...]:
    """The truths among what a test gives as such."""
    return tuple(one for one in given(truth) if isinstance(one, Truth))
