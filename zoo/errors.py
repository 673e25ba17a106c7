"""What zoo raises: one line that says what is wrong, where, and what to do."""

from zoo.text import printable


def reason(error: OSError | ValueError) -> str:
    """Why a file cannot be read or written, in words: of a path that can be none, too, which is a ValueError."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


class ZooError(Exception):
    """The base of every error that zoo raises on bad input.

    The message is one printable line, whatever names and values went into it.
    """

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


class UnknownModelError(ZooError):
    """A name, path or variant that leads to no model."""


class ConfigError(ZooError):
    """A config that cannot be read, or a value in it that no model can have."""


class ArchitectureError(ZooError):
    """A model_type or class that no installed plugin counts."""


class UnknownTypeError(ArchitectureError):
    """A model_type that no installed plugin counts."""


class RegistryError(ZooError):
    """A registry file that cannot be read, or an entry in it that is not one."""


class HubError(ZooError):
    """A repository that the Hub does not give: it is not there, not open, out of reach, or not what it should be."""


class CheckpointError(ZooError):
    """A file of weights that cannot be read, or whose header is not what it should be."""


class OutputError(ZooError):
    """A file that zoo is to write, or to hold against what it would write, and cannot; it stays as it was."""


class ResultsError(ZooError):
    """A file of results that cannot be read or is not what it says, or results that contradict each other."""


class ResultsWarning(UserWarning):
    """Results that are in no column: of none of the models, or of no use as they are."""


class PluginError(ZooError):
    """A plugin that does not keep the protocol; the message names it."""


class PluginWarning(UserWarning):
    """A plugin that could not be loaded, and is left out."""


class PictureWarning(UserWarning):
    """An image in which some text cannot be read."""
