"""What a plugin's distribution, package, module and classes are called, by the model_type that it counts."""

import re
from collections.abc import Collection
from keyword import iskeyword
from typing import NamedTuple

from zoo.errors import ZooError
from zoo.text import shown

LONGEST = 40
"""Characters of a model_type after which a package is named, and of the name of a class."""

# As the name of a distribution must be (packaging.python.org, "Names and normalization").
_TYPE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_MARKS = re.compile(r"[._-]+")
_ENDING = re.compile(r"(For[A-Z][A-Za-z0-9]*|(?:LMHead|DoubleHeads)?Model)$")

_OWN_PACKAGES = ("zoo_plugins",)
"""Packages of zoo, in whose place one of that name would be."""

# What the package itself defines or imports: a module of that name would take its place.
_TAKEN_MODULES = ("hookimpl", "zoo_architectures", "zoo_registries")


class Names(NamedTuple):
    """The names of a plugin: of the type `qwen-9` the distribution `zoo-qwen-9`, with the package `zoo_qwen_9`, therein
    the module `qwen_9`, therein the architecture `Qwen9` and its config.

    prefix: with which the classes that the type has in transformers begin. ending: with which the one that the config
    names ends, `ForCausalLM`; empty where it names none.
    """

    model_type: str
    distribution: str
    package: str
    module: str
    architecture: str
    prefix: str
    ending: str = ""

    @property
    def config(self) -> str:
        """The name of the config's class."""
        return f"{self.architecture}Config"

    @property
    def target(self) -> str:
        """The architecture as a hook names it: `module:Class`."""
        return f"{self.package}.{self.module}:{self.architecture}"


def names(model_type: str, class_name: str | None, endings: Collection[str], taken: Collection[str]) -> Names:
    """The names of a plugin for a model_type.

    class_name: the class that a config names, if it does. endings: those of the classes that are known. taken: names
    of classes that the module imports. Raises ZooError for a type that no package can be named after.
    """
    check(model_type)
    bare = _bare(model_type)
    module = f"model_{bare}" if bare[0].isdigit() else bare
    if iskeyword(module) or module in _TAKEN_MODULES:
        module += "_"
    own = "".join(word[0].upper() + word[1:] for word in _MARKS.split(model_type))
    prefix, ending = _divided(class_name or "", own, endings) or (own, "")
    stem = f"Model{own}" if own[0].isdigit() else own
    possible = (prefix if prefix[0].isalpha() else stem, stem, f"{stem}Type")
    architecture = next(name for name in possible if not (iskeyword(name) or {name, f"{name}Config"} & {*taken}))
    distribution = f"zoo-{_MARKS.sub('-', model_type.lower())}"
    return Names(model_type, distribution, _package(model_type), module, architecture, prefix, ending)


def check(model_type: str) -> None:
    """Raises ZooError for a type that no package can be named after."""
    if not _TYPE.fullmatch(model_type) or len(model_type) > LONGEST:
        raise ZooError(
            f"{shown(model_type)} is no model_type that a package can be named after: letters, digits, '.', '_' and "
            f"'-' only, the first and the last a letter or digit, at most {LONGEST} of them"
        )
    if (package := _package(model_type)) in _OWN_PACKAGES:
        raise ZooError(
            f"{shown(model_type)}: its package would be {package}, which is zoo's own: name the type otherwise"
        )


def _bare(model_type: str) -> str:
    return _MARKS.sub("_", model_type.lower())


def _package(model_type: str) -> str:
    return f"zoo_{_bare(model_type)}"


def _divided(class_name: str, own: str, endings: Collection[str]) -> tuple[str, str] | None:
    """What a class begins and ends with: as the type would have it, else by an ending that is known, or customary."""
    if not class_name.isascii() or not class_name.isalnum() or len(class_name) > 2 * LONGEST:
        return None
    if class_name.lower().startswith(own.lower()) and class_name[len(own) :][:1].isupper():
        cut = len(own)
    elif fitting := [ending for ending in endings if ending and class_name.endswith(ending)]:
        cut = len(class_name) - max(map(len, fitting))
    elif found := _ENDING.search(class_name):
        cut = found.start()
    else:
        return None
    prefix, ending = class_name[:cut], class_name[cut:]
    return (prefix, ending) if prefix[:1].isupper() and ending and len(prefix) <= LONGEST else None
