"""Plugins in no package: a module, or the folder of one, that the person names for a first try."""

import importlib
import importlib.util
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

from zoo.errors import PluginError
from zoo.text import shown


def entry_point(file: Path, group: str) -> EntryPoint:
    """The entry point that a package of the module would have. Raises PluginError for what is no module."""
    path = _source(file)
    name = path.parent.name if path.name == "__init__.py" else path.stem
    if not name.isidentifier():
        raise PluginError(f"{shown(name)} can be no module's name: use letters, digits and _")
    return EntryPoint(name, name, group)


def load(file: Path) -> ModuleType:
    """The module of a file, imported under its own name, so that "module:Class" leads to it.

    Raises PluginError where a module of that name is another one; and whatever its code raises.
    """
    path = _source(file)
    name = path.parent.name if path.name == "__init__.py" else path.stem
    spec = sys.modules[name].__spec__ if name in sys.modules else importlib.util.find_spec(name)
    if spec is not None and spec.origin is None and name not in sys.modules:
        spec = None  # a folder without a module in it, which happens to be called so
    if spec is not None and (spec.origin is None or Path(spec.origin).resolve() != path):
        raise PluginError(f"there is another module {name} ({spec.origin or 'a folder'}): give the file another name")
    if spec is None:
        folder = [str(path.parent)] if path.name == "__init__.py" else None
        spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=folder)
    if spec is None or spec.loader is None:
        raise PluginError("is no module of Python")
    if name in sys.modules:
        return sys.modules[name]
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _source(file: Path) -> Path:
    """The file of a module or package. Raises PluginError."""
    try:
        path = file.expanduser().resolve()
        path = path / "__init__.py" if path.is_dir() else path
        found = path.is_file()
    except (OSError, ValueError, RuntimeError):
        found = False
    if not found or path.suffix != ".py":
        raise PluginError("there is no such module: name a .py file, or a package's folder")
    return path
