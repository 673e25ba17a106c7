"""Whether the tensors of a class have names of their own, and each tie leads to one of them."""

from collections.abc import Iterator
from functools import partial
from typing import ClassVar

from zoo.model import Model
from zoo.testing.checks import Checks, Finding
from zoo.testing.configs import mixtures
from zoo.text import near, shown

CONFIGS = 3
"""Random configs of each class, beside the default."""


class NameChecks(Checks):
    """A tie to a tensor that is not there would take parameters away in silence."""

    checks: ClassVar[tuple[str, ...]] = ("names",)

    def test_names(self) -> None:
        """No two tensors have one name; what a tensor is tied to is a tensor of the same size, and tied to none."""
        self.hold("names", NameChecks._misnamed)

    def _misnamed(self) -> Iterator[Finding]:
        for class_name in self.classes:
            build = partial(self.tried, class_name=class_name)
            mixed = mixtures(self.space, build, self.chance("names", class_name), CONFIGS)
            for fields, model in [({}, self.tried({}, class_name)), *mixed]:
                if model is not None and (wrong := _wrong(model)):
                    yield Finding(class_name, f"{class_name} at {fields or 'the default config'}: {wrong}")
                    break


def _wrong(model: Model) -> str:
    """What is wrong with the first tensor of which something is; empty where all is well."""
    listed = list(model.tensors())
    tensors = {tensor.name: tensor for tensor in listed}
    for tensor in listed:
        if tensors[tensor.name] is not tensor:
            return f"two tensors are called {tensor.name}"
        if tensor.tied_to is None:
            continue
        meant = tensors.get(tensor.tied_to)
        if meant is None:
            return (
                f"{tensor.name} is tied to {shown(tensor.tied_to)}, which there is not{near(tensor.tied_to, tensors)}"
            )
        if meant.tied_to is not None or sorted(meant.shape) != sorted(tensor.shape):
            return f"{tensor.name} {list(tensor.shape)} cannot be tied to {meant.name} {list(meant.shape)}"
    return ""
