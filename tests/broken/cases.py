"""The broken plugins, and what is to be told of each: a table."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from broken.installing import NOTHING, Package

GOOD = '''\
from zoo.architecture import Architecture
from zoo.blueprint import linear
from zoo.config import Config
from zoo.fields import dim
from zoo.hookspecs import hookimpl


class ToyConfig(Config):
    hidden_size: int = dim("H", 4)


class Toy(Architecture):
    """A matrix."""

    config: ToyConfig
    prefix = "Toy"
    heads = {"Model": "model"}

    def model(self):
        """The matrix."""
        yield linear("dense", self.config.hidden_size, self.config.hidden_size)


@hookimpl
def zoo_architectures():
    return {"toy": f"{__name__}:Toy"}
'''
"""A plugin whose type has 20 parameters."""

RETURN = 'return {"toy": f"{__name__}:Toy"}'
COUNTED = "20"
TRACE = "was_imported"
"""A file that the module of a package writes where it is imported, in the working directory."""


def returning(given: str) -> str:
    """The good plugin, whose zoo_architectures gives something else."""
    return GOOD.replace(RETURN, given)


def starting(*lines: str) -> str:
    """The good plugin, whose module does something else before all."""
    return "\n".join((*lines, GOOD))


class Broken(NamedTuple):
    """A way to be broken: packages that are installed together, and what zoo says of them.

    told: words of the one line on standard error that every command with models then says; () where there is nothing
    to tell of a plugin that nobody asks for. state: what `zoo plugins` says of it.
    asked: types, each with words of the one line with which a request for it fails; or COUNTED where it is counted, and
    words of what is told then. env: what the environment says. found: words of what `zoo doctor` finds; () where
    nothing is wrong.
    """

    name: str
    packages: tuple[Package, ...]
    told: tuple[str, ...] = ()
    state: str = "left out"
    asked: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    env: Mapping[str, str] = NOTHING
    found: tuple[str, ...] = ()


QUICK = {"ZOO_PLUGIN_TIMEOUT": "1"}
SLOW = ("takes longer than 1 s",)
"""What `zoo doctor --timeout 1` finds of a plugin that hangs."""
UNKNOWN = {"toy": ("toy",)}
FINE = {"toy": (COUNTED,)}


def left_out(name: str, source: str, *told: str, env: Mapping[str, str] = NOTHING) -> Broken:
    """One package, which is of no use."""
    return Broken(name, (Package("toy", source),), told, asked=UNKNOWN, env=env, found=SLOW if env else told)


def faulty(name: str, source: str, *told: str, asked: Mapping[str, tuple[str, ...]] = FINE) -> Broken:
    """One package, of which something is wrong, and the rest is used."""
    return Broken(name, (Package("toy", source),), told, "faulty", asked, found=told[-1:])


def harmless(name: str, source: str, *found: str, asked: Mapping[str, tuple[str, ...]] = FINE) -> Broken:
    """One package with which all is well until its type is counted, or for ever."""
    return Broken(name, (Package("toy", source),), (), "ok", asked, found=found)


AT_IMPORT = [
    left_out("raises", "raise RuntimeError('broken\\nplugin \\x1b[31m \\u202e')", "RuntimeError: broken"),
    left_out("raises_without_end", "raise RuntimeError('x' * 1_000_000)", "RuntimeError: xxx"),
    left_out(
        "raises_what_cannot_be_told",
        "class Odd(Exception):\n    def __str__(self):\n        raise ValueError('no words')\n\nraise Odd",
        "Odd",
    ),
    left_out("raises_what_is_no_exception", "class Odd(BaseException): pass\n\nraise Odd('base')", "Odd: base"),
    left_out("is_interrupted", "raise KeyboardInterrupt", "KeyboardInterrupt"),
    left_out("misses_a_module", "import no_such_module", "no_such_module"),
    left_out("misses_a_name_of_zoo", "from zoo.blueprint import no_such_part", "no_such_part"),
    left_out("is_no_python", "def zoo_architectures(:", "SyntaxError"),
    left_out("recurses", "def f(): f()\nf()", "RecursionError"),
    left_out("exits", "import sys\nsys.exit('bye')", "SystemExit"),
    left_out("sleeps", "import time\ntime.sleep(60)", "1 s", env=QUICK),
    left_out("loops", "while True: pass", "1 s", env=QUICK),
]

# What is written past Python to standard output is lost, and told by zoo doctor alone.
PRINTS = [
    faulty("prints", starting("print('printed')"), "prints", "printed"),
    faulty("prints_in_the_hook", returning(f"print('printed'); {RETURN}"), "zoo_architectures prints", "printed"),
    faulty("prints_errors", starting("import sys", "print('printed\\x1b[31m\\n' * 99, file=sys.stderr)"), "printed"),
    faulty("logs", starting("import logging", "logging.warning('printed')"), "WARNING:root:printed"),
    harmless("prints_past_python", starting("import os", "os.write(1, b'printed\\n')"), "printed"),
    harmless("prints_errors_past_python", starting("import os", "os.write(2, b'printed\\n')"), "printed"),
    harmless(
        "prints_by_a_process",
        starting("import subprocess", "subprocess.run(['echo', 'printed'], check=True)"),
        "printed",
    ),
    harmless("warns", starting("import warnings", "warnings.warn('printed', stacklevel=2)")),
]

MUTATES = [
    harmless("warnings_errors", starting("import warnings", "warnings.simplefilter('error')")),
    harmless("warnings_ignored", starting("import warnings", "warnings.simplefilter('ignore')")),
    harmless("path", starting("import sys", "sys.path[:] = ['/nowhere']")),
    harmless("folder", starting("import os", "os.chdir('/')")),
    harmless("output", starting("import sys", "sys.stdout = sys.stderr = None")),
    harmless("showwarning", starting("import warnings", "warnings.showwarning = None")),
]

HOOKS = [
    faulty(
        "misspelt",
        GOOD.replace("zoo_architectures", "zoo_architecture"),
        "zoo_architecture",
        "did you mean zoo_architectures?",
        asked=UNKNOWN,
    ),
    faulty("not_marked", GOOD.replace("@hookimpl", ""), "zoo_architectures", "hookimpl", asked=UNKNOWN),
    faulty("misspelt_beside", GOOD + "\n\n@hookimpl\ndef zoo_colums():\n    return ()\n", "did you mean zoo_columns "),
    left_out("takes_arguments", GOOD.replace("zoo_architectures()", "zoo_architectures(config)"), "config"),
    left_out("raises_in_the_hook", returning("1 / 0"), "zoo_architectures", "ZeroDivisionError"),
    left_out("exits_in_the_hook", returning("raise SystemExit(3)"), "zoo_architectures", "SystemExit"),
    left_out("sleeps_in_the_hook", returning("import time; time.sleep(60)"), "zoo_architectures", "1 s", env=QUICK),
    left_out("gives_a_list", returning("return ['toy']"), "zoo_architectures", "mapping"),
    left_out("gives_a_number", returning("return 7"), "zoo_architectures", "mapping"),
    left_out("gives_no_target", returning("return {'toy': None}"), "zoo_architectures"),
    left_out("gives_a_class", returning("return {'toy': Toy}"), "zoo_architectures"),
    left_out("gives_no_type", returning("return {None: 'toy:Toy'}"), "zoo_architectures"),
    left_out("gives_no_class_of_a_module", returning("return {'toy': 'toy'}"), "zoo_architectures", "module:Class"),
    left_out("yields", returning("yield 'toy', 'toy:Toy'"), "zoo_architectures", "mapping"),
    left_out("is_a_coroutine", GOOD.replace("def zoo_arch", "async def zoo_arch"), "zoo_architectures", "async"),
    harmless("gives_nothing", returning("return {}"), asked=UNKNOWN),
]


def _in_its_module(name: str, code: str, *told: str, env: Mapping[str, str] = NOTHING) -> Broken:
    """A plugin whose type is in a module of its own, which does something else when the type is counted."""
    hook = (
        "from zoo.hookspecs import hookimpl\n\n@hookimpl\ndef zoo_architectures():\n    return {'toy': 'toy_type:Toy'}"
    )
    package = Package("toy", hook, modules={"toy_type": code})
    return Broken(name, (package,), (), "ok", {"toy": told}, env, SLOW if env else told[-1:])


TYPES = [
    harmless(
        "negative_shape",
        GOOD.replace("self.config.hidden_size, self", "-5, self"),
        "-5",
        asked={"toy": ("toy", "-5")},
    ),
    harmless("names_no_module", returning("return {'toy': 'no_such:Toy'}"), "no_such", asked={"toy": ("no_such",)}),
    harmless("names_no_architecture", returning("return {'toy': 'toy:ToyConfig'}"), "ToyConfig", asked=UNKNOWN),
    harmless("fails_at_counting", GOOD.replace("linear(", "lnear("), "lnear", asked={"toy": ("lnear",)}),
    _in_its_module("type_raises", "raise RuntimeError('broken')", "RuntimeError: broken"),
    _in_its_module("type_exits", "raise SystemExit(3)", "SystemExit"),
    _in_its_module("type_sleeps", "import time\ntime.sleep(60)", "1 s", env=QUICK),
    _in_its_module("type_loops", "while True: pass", "1 s", env=QUICK),
    _in_its_module(
        "type_prints", GOOD.replace("class ToyConfig", "print('printed')\n\n\nclass ToyConfig"), COUNTED, "printed"
    ),
]

_NEWER = f"open('{TRACE}', 'w').close()\n"

PACKAGES = [
    Broken(
        "requires_newer",
        (Package("toy", _NEWER + GOOD, requires=("paramzoo>=99",)),),
        ("paramzoo>=99", "paramzoo 0."),
        asked=UNKNOWN,
        found=("paramzoo>=99",),
    ),
    Broken(
        "garbage_entry_point",
        (Package("toy", GOOD, entry_points={"toy": "toy:no.such.thing"}),),
        ("no",),
        asked=UNKNOWN,
        found=("no",),
    ),
    Broken(
        "no_module_of_the_name",
        (Package("toy", GOOD, entry_points={"toy": "tyo"}),),
        ("tyo",),
        asked=UNKNOWN,
        found=("tyo",),
    ),
    Broken(
        "claims_bert",
        (Package("rival", returning("return {'bert': 'rival:Toy'}")),),
        state="ok",
        found=("'bert'", "encoder-only (paramzoo"),
    ),
    Broken(
        "same_entry_point",
        (
            Package("one", returning("return {'one': 'one:Toy'}"), entry_points={"toy": "one"}),
            Package("two", returning("return {'two': 'two:Toy'}"), entry_points={"toy": "two"}),
        ),
        state="ok",
        asked={"one": (COUNTED,), "two": (COUNTED,)},
    ),
    Broken(
        "same_module",
        (
            Package(
                "one", "", modules={"shared": returning("return {'one': 'shared:Toy'}")}, entry_points={"one": "shared"}
            ),
            Package(
                "two", "", modules={"shared": returning("return {'two': 'shared:Toy'}")}, entry_points={"two": "shared"}
            ),
        ),
        ("module shared",),
        found=("module shared",),
    ),
    Broken(
        "many_types",
        (Package("toy", returning("return {f'toy{i}': 'toy:Toy' for i in range(200)}")),),
        state="ok",
        asked={"toy199": (COUNTED,)},
    ),
    Broken(
        "many_plugins",
        (
            Package(
                "toy",
                "",
                entry_points={f"toy{i}": f"toy{i}" for i in range(200)},
                modules={f"toy{i}": returning(f"return {{'toy{i}': 'toy{i}:Toy'}}") for i in range(200)},
            ),
        ),
        state="ok",
        asked={"toy199": (COUNTED,)},
    ),
    Broken(
        "several_at_once",
        (
            Package("toy", "raise RuntimeError('broken')"),
            Package(
                "hushing", starting("import warnings", "warnings.simplefilter('ignore')").replace('"toy"', '"hushed"')
            ),
            Package("zany", starting("import sys", "sys.stdout = sys.stderr = None").replace('"toy"', '"zany"')),
        ),
        ("RuntimeError: broken",),
        asked={"toy": ("toy",), "hushed": (COUNTED,), "zany": (COUNTED,)},
        found=("RuntimeError: broken",),
    ),
]

BROKEN = {case.name: case for case in (*AT_IMPORT, *PRINTS, *MUTATES, *HOOKS, *TYPES, *PACKAGES)}
