"""What zoo costs, as ratios measured side by side in one run.

    python benchmarks/run.py [--sanity]

Prints each ratio with its bound; the comparison with transformers is made only where the oracle extra is installed. CPU
time, user and system, of whole processes; each pair runs in turns, so that a noisy machine is as noisy for both.

--sanity is for CI, whose machines are noisy: it exits 1 where a ratio is off its bound by more than half.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from compileall import compile_file
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median

import zoo

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from hubserver import Hub  # a local one, as the tests have it

RUNS = 15
SLACK = 1.5

ZOO = [str(Path(sys.executable).with_name("zoo")), "compare", "bert-base", "gpt3"]
ROOT = Path(__file__).parents[1]
CHECK = [ZOO[0], "table", "--check", "--lock", str(ROOT / "zoo.lock"), str(ROOT / "README.md")]
IMPORTS = [sys.executable, "-c", "import click, pluggy, tabulate; from pydantic import BaseModel"]
TRANSFORMERS = [
    sys.executable,
    "-c",
    "import torch, transformers\n"
    "with torch.device('meta'): model = transformers.BertForPreTraining(transformers.BertConfig())\n"
    "print(sum(parameter.numel() for parameter in model.parameters()))",
]


def cpu(command: list[str], environment: Mapping[str, str] | None = None) -> float:
    """Seconds of CPU that a process takes from start to end."""
    before = getrusage(RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def side_by_side(one: Callable[[], float], other: Callable[[], float], runs: int) -> tuple[float, float]:
    """The median of each, measured in turns after one turn to warm up."""
    one(), other()
    pairs = [(one(), other()) for _ in range(runs)]
    return median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)


def count_time(config: Mapping[str, object], runs: int = 200) -> float:
    """Seconds that one `zoo.load(config).parameters` takes, warm: the median of many."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        zoo.load(config).parameters  # noqa: B018
        times.append(time.perf_counter() - start)
    return median(times)


BERT = {"model_type": "bert", "architectures": ["BertForPreTraining"]}
LLAMA = {"model_type": "llama", "architectures": ["LlamaForCausalLM"]}
MIXTRAL = {"model_type": "mixtral", "architectures": ["MixtralForCausalLM"]}
DEEPSEEK = {"model_type": "deepseek_v3", "architectures": ["DeepseekV3ForCausalLM"]}

# Sixty of something against six thousand: (name, config, key).
GROWTH = (
    ("BERT layers", BERT, "num_hidden_layers"),
    ("Llama-2-7B layers", LLAMA, "num_hidden_layers"),
    ("Mixtral layers", MIXTRAL, "num_hidden_layers"),
    ("Mixtral experts", MIXTRAL, "num_local_experts"),
    ("DeepSeek-V3 layers", DEEPSEEK, "num_hidden_layers"),
    ("DeepSeek-V3 experts", DEEPSEEK, "n_routed_experts"),
)


COLD = 20
LATENCY = 0.1
"""Seconds that the local Hub waits before each answer."""


def wall(command: list[str], environment: Mapping[str, str]) -> float:
    """Seconds from start to end of a process."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return time.perf_counter() - start


def hub_costs() -> tuple[tuple[float, float], float, float]:
    """CPU of a comparison of a pinned model that is cached, and of the same as a local file; and how many round trips
    the comparison of many cold models takes, beyond the same comparison warm and the import of the client: of models
    that zoo counts, and of those of a type that nobody does, whose weights' headers are read.
    """
    with Hub() as hub, tempfile.TemporaryDirectory() as folder:
        config = json.dumps(BERT | {"vocab_size": 30_522}).encode()
        file = Path(folder, "config.json")
        file.write_bytes(config)
        header = json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
        weights = len(header).to_bytes(8, "little") + header + bytes(4)

        def pins(name: str, files: Mapping[str, bytes]) -> list[str]:
            return [f"org/{name}-{number}@{hub.add(f'org/{name}-{number}', files)}" for number in range(COLD)]

        known = pins("bert", {"config.json": config})
        unknown = pins("other", {"config.json": b'{"model_type": "other"}', "model.safetensors": weights})

        def at(home: str) -> Mapping[str, str]:
            return {**os.environ, **hub.environment, "HF_HOME": str(Path(folder, home))}

        warm = at("warm")
        compare = [ZOO[0], "compare", "--columns", "model,parameters"]
        subprocess.run([*compare, *known, *unknown], check=True, capture_output=True, env=warm)
        os.environ.update(warm)
        costs = side_by_side(lambda: cpu([*compare, known[0]]), lambda: cpu([*compare, str(file)]), RUNS)
        hub.delay = LATENCY
        client = [sys.executable, "-c", "from huggingface_hub.utils import get_session; get_session()"]
        nothing = [sys.executable, "-c", ""]

        def trips(pinned: list[str], home: str) -> float:
            """The median of some cold comparisons."""
            names = [pin.partition("@")[0] for pin in pinned]
            found = [
                wall([*compare, *names], at(f"{home}{turn}"))
                - wall([*compare, *pinned], warm)
                - (wall(client, warm) - wall(nothing, warm))
                for turn in range(5)
            ]
            return median(found) / LATENCY

        return costs, trips(known, "known"), trips(unknown, "unknown")


MANY = 200
PLUGIN = """\
from zoo.hookspecs import hookimpl


@hookimpl
def zoo_architectures():
    return {types}
"""


def install(folder: Path, name: str, types: Sequence[str]) -> None:
    """Puts a plugin of these types into the folder, as pip leaves it: a module, compiled, and metadata."""
    module = folder / f"{name}.py"
    module.write_text(PLUGIN.format(types=dict.fromkeys(types, f"{name}_types:Many")))
    compile_file(module, quiet=1)
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nRequires-Dist: paramzoo\n")
    (info / "entry_points.txt").write_text(f"[zoo]\n{name} = {name}\n")


def plugin_costs() -> tuple[tuple[float, float], tuple[float, float]]:
    """CPU of a comparison with MANY types installed, and with none: all of one plugin; and each of one of its own."""
    types = [f"type{number}" for number in range(MANY)]
    with tempfile.TemporaryDirectory() as folder:
        none, one, each = (Path(folder, name) for name in ("none", "one", "each"))
        for place in (none, one, each):
            place.mkdir()
        install(one, "many", types)
        for model_type in types:
            install(each, f"many_{model_type}", [model_type])

        def compare(place: Path) -> float:
            return cpu(ZOO, {**os.environ, "PYTHONPATH": str(place)})

        return (
            side_by_side(lambda: compare(one), lambda: compare(none), RUNS),
            side_by_side(lambda: compare(each), lambda: compare(none), 5),
        )


def main() -> int:
    over = 0  # ratios that noise does not explain

    def report(name: str, ratio: float, bound: float, detail: str, *, at_most: bool = True) -> None:
        nonlocal over
        off = ratio / bound if at_most else bound / ratio
        kept = off <= 1
        over += off > SLACK
        sign = "at most" if at_most else "at least"
        print(f"{name}: {ratio:.2f} times ({sign} {bound:g}: {'kept' if kept else 'NOT KEPT'}); {detail}", flush=True)

    ours, imports = side_by_side(lambda: cpu(ZOO), lambda: cpu(IMPORTS), RUNS)
    report(
        "zoo compare, against importing its libraries",
        ours / imports,
        1.25,
        f"{ours * 1e3:.0f} and {imports * 1e3:.0f} ms CPU",
    )
    check, compare = side_by_side(lambda: cpu(CHECK), lambda: cpu(ZOO), RUNS)
    report(
        "zoo table --check of the README, against zoo compare",
        check / compare,
        2.5,
        f"{check * 1e3:.0f} and {compare * 1e3:.0f} ms CPU",
    )
    if find_spec("torch") and find_spec("transformers"):
        theirs, ours = side_by_side(lambda: cpu(TRANSFORMERS), lambda: cpu(ZOO), 5)
        report(
            "transformers on the meta device, against zoo compare",
            theirs / ours,
            40,
            f"{theirs:.2f} and {ours:.3f} s CPU",
            at_most=False,
        )
    else:
        print("transformers is not installed (pip install '.[oracle]'): not compared")
    (one, none), (each, nothing) = plugin_costs()
    report(
        f"zoo compare with {MANY} types of a plugin installed, against none",
        one / none,
        1.1,
        f"{one * 1e3:.0f} and {none * 1e3:.0f} ms CPU",
    )
    apart = f"{each / nothing:.2f} times; {each * 1e3:.0f} and {nothing * 1e3:.0f} ms CPU"
    print(f"zoo compare with {MANY} plugins of a type each, against none (a guide: all are imported): {apart}")
    (pinned, local), known, unknown = hub_costs()
    report(
        "a pinned model in the cache, against a local file",
        pinned / local,
        1.1,
        f"{pinned * 1e3:.0f} and {local * 1e3:.0f} ms CPU",
    )
    beyond = f"in round trips of {LATENCY * 1e3:.0f} ms beyond the client's import"
    report(f"{COLD} cold models", known, 4, beyond)
    report(f"{COLD} cold models that no plugin counts", unknown, 4, beyond)
    for name, config in (("BERT", BERT), ("Llama-2-7B", LLAMA), ("Mixtral", MIXTRAL), ("DeepSeek-V3", DEEPSEEK)):
        zoo.load(config)
        print(f"zoo.load(config).parameters, {name}, warm: {count_time(config) * 1e3:.3f} ms (a guide for BERT: 0.2)")
    for name, config, key in GROWTH:
        few, many = side_by_side(
            partial(count_time, {**config, key: 60}), partial(count_time, {**config, key: 6_000}), 5
        )
        report(f"{name}, 6,000 against 60", many / few, 1.5, f"{many * 1e3:.3f} and {few * 1e3:.3f} ms")
    return over


if __name__ == "__main__":
    over = main()
    sys.exit(bool(over and "--sanity" in sys.argv[1:]))
