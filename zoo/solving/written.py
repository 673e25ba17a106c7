"""A config.json in the making: each field under the key that transformers reads in a config of the type."""

from typing import Any

from zoo.config import Config


class Written:
    """The keys of a config.json of one type, but for those that name the model; each may be given by any spelling."""

    def __init__(self, kind: type[Config]) -> None:
        self.kind = kind
        self._values: dict[str, Any] = {}

    def copy(self) -> "Written":
        """Another one with the same keys."""
        twin = Written(self.kind)
        twin._values = dict(self._values)
        return twin

    def field(self, key: str) -> str:
        """The standard name of what a key gives."""
        return self.kind.spellings.get(key, key)

    def key(self, key: str) -> str | None:
        """The spelling that transformers reads, the type's own before the standard name; None where it reads none."""
        return self.kind.key(self.field(key))

    def __contains__(self, key: str) -> bool:
        return self.field(key) in self._values

    def put(self, key: str, value: Any) -> None:
        """Gives a key a value in place of what it had. What cannot be written is left out, and a null that is none."""
        field = self.kind.fields.get(self.field(key))
        if self.key(key) is not None and (value is not None or field is None or field.nullable):
            self._values[self.field(key)] = value

    def drop(self, key: str) -> None:
        """Takes a key away, so that what it gives is the default, or follows from others."""
        self._values.pop(self.field(key), None)

    def keys(self) -> dict[str, Any]:
        """Keys and values: the fields in the order in which the type declares them, then all else."""
        names = [name for name in self.kind.fields if name in self._values]
        names += [name for name in self._values if name not in self.kind.fields]
        return {self.key(name) or name: self._values[name] for name in names}
