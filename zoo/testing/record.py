"""Records what transformers builds of a type, so that its tests prove exactness without it.

    python -m zoo.testing.record tests/test_qwen9.py [TYPE ...]

writes, for each suite of the file that states a `Recorded` truth (or those of the types that are named), what classes
of transformers hold at their default, with each field moved by itself, and with several. Needs torch and transformers.
"""

import sys
from collections.abc import Iterator
from functools import partial
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from random import Random
from typing import Any

from zoo.testing.cases import Case
from zoo.testing.configs import Space, mixtures
from zoo.testing.recording import Recording, write
from zoo.testing.suite import ArchitectureSuite
from zoo.testing.truths import Recorded, stated
from zoo.text import printable

SEED = 523
"""Of the configs that are recorded, which are the same each time."""

TOGETHER = 6
"""Configs of each class with several fields moved at once."""


def suites(path: Path) -> dict[str, type[ArchitectureSuite]]:
    """The suites that a file of tests defines, by their types. The file is run."""
    root = path.resolve().parent
    while (root / "__init__.py").exists():  # of a package, what holds it, as pytest has it
        root = root.parent
    sys.path.insert(0, str(root))
    spec = spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        return {}
    module = module_from_spec(spec)
    sys.modules[path.stem] = module  # by which a class is asked for its file
    spec.loader.exec_module(module)
    found = [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, ArchitectureSuite)]
    return {one.model_type: one for one in found if one.model_type}


def record(suite: ArchitectureSuite) -> Iterator[str]:
    """Writes each file that the truth of a suite names; gives a line for each."""
    for truth in stated(suite.truth):
        if isinstance(truth, Recorded):
            found = recording(suite)
            write(suite.folder / truth.path, found)
            yield (
                f"{suite.model_type}: {len(found.cases)} recorded, {found.refused} configs refused and "
                f"{found.unmovable} fields unmovable by transformers"
            )


def recording(suite: ArchitectureSuite) -> Recording:
    """What transformers makes of the type of a suite."""
    import transformers

    from zoo.testing import judge, live

    model_type, space = suite.model_type, live.space(suite)
    classes = judge.classes(model_type)
    usable = {key: _building(classes[0], model_type, space, key) for key in space.candidates}
    movable = Space(space.start, {key: values for key, values in usable.items() if values})
    rows: list[Case | None] = []
    for class_name in classes:
        rows.append(judge.build(class_name, model_type, {}))
        rows += _cases(class_name, model_type, movable)
    cases = [case for case in rows if case is not None]
    return Recording(
        transformers.__version__,
        model_type,
        classes,
        judge.defaults(model_type),
        judge.declared(model_type),
        len(rows) - len(cases),
        len(usable) - len(movable.candidates),
        cases,
    )


def _building(class_name: str, model_type: str, space: Space, key: str) -> list[Any]:
    """The values of a field at which a class can be built, all else as it is."""
    from zoo.testing.judge import tried

    return [value for value in space.candidates[key] if tried(class_name, model_type, space.moved({key: value}))]


def _cases(class_name: str, model_type: str, space: Space) -> Iterator[Case | None]:
    """First each field that moves this class, by itself; then all that do not, at once; then mixtures. None where
    transformers refuses.
    """
    from zoo.testing.judge import build, tried

    at_start = build(class_name, model_type, space.start)
    still: dict[str, Any] = {}
    for key, values in space.candidates.items():
        case = tried(class_name, model_type, space.moved({key: values[0]}))
        if case is not None and case._replace(config=at_start.config) == at_start:
            still[key] = values[0]
        else:
            yield case
    together = tried(class_name, model_type, space.moved(still))
    if together is not None:
        yield together
    else:  # they do not go together: by themselves, then
        yield from (tried(class_name, model_type, space.moved({key: value})) for key, value in still.items())
    chance = Random(f"{SEED} {class_name}")
    for _, case in mixtures(space, partial(tried, class_name, model_type), chance, TOGETHER):
        yield case


def main(arguments: list[str]) -> int:
    """The command; gives its exit code."""
    if not arguments or not arguments[0].endswith(".py"):
        print("usage: python -m zoo.testing.record TESTS.py [TYPE ...]", file=sys.stderr)
        return 2
    found = suites(Path(arguments[0]))
    for model_type in arguments[1:] or found:
        if model_type not in found:
            print(printable(f"Error: {arguments[0]}: no suite of model_type {model_type}"), file=sys.stderr)
            return 2
        for line in record(found[model_type]()):
            print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
