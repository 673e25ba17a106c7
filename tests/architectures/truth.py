"""What the built-in types are held against."""

from pathlib import Path

from zoo.testing import Recorded, Transformers
from zoo.testing.recording import Recording, read

RECORDED = Path(__file__).parents[1] / "oracle" / "recorded"
TYPES = sorted(path.name.removesuffix(".json.gz") for path in RECORDED.glob("*.json.gz"))


def of_transformers(model_type: str) -> tuple[Recorded, Transformers]:
    """What transformers was recorded to build, and where it is installed, what it builds."""
    return Recorded(str(RECORDED / f"{model_type}.json.gz")), Transformers()


def recorded(model_type: str) -> Recording:
    """What transformers was recorded to build of a type."""
    return read(RECORDED / f"{model_type}.json.gz")
