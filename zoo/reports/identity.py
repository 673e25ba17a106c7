"""What every record of a model begins with."""

from zoo.model import Model


def identity(model: Model) -> dict[str, str]:
    """Which model is told of, of which type, counted as which class of transformers."""
    return {"model": model.name, "model_type": model.model_type, "class": model.class_name}
