"""How the Hub may be used: whether at all, for how long, and for which models."""

import os
from typing import NamedTuple

from zoo.errors import HubError

_TRUE = {"1", "ON", "YES", "TRUE"}
# huggingface_hub reads the first that is set to something.
_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")


class Access(NamedTuple):
    """How the Hub may be used.

    hub: take the config of a registry's model from the repository that its entry names, not from the entry.
    offline: ask nobody; what is in the cache is used. HF_HUB_OFFLINE and TRANSFORMERS_OFFLINE say so, too.
    timeout: seconds that one model may take in all, whatever the Hub does.
    refresh: ask also for what is in the cache.
    """

    hub: bool = False
    offline: bool = False
    timeout: float = 10.0
    refresh: bool = False

    @property
    def asks_nobody(self) -> bool:
        """Whether no request may be made."""
        said = next((value for name in _OFFLINE if (value := os.environ.get(name))), "")
        return self.offline or said.upper() in _TRUE

    def checked(self) -> "Access":
        """The same. Raises HubError for a time that makes no sense."""
        if not 0 < self.timeout <= 86_400:
            raise HubError(f"the time-out must be above 0 and at most 86,400 seconds, got {self.timeout:g}")
        return self


USUAL = Access()
"""As anybody expects it: what is not in the cache at a commit is asked for, and given up after ten seconds."""
