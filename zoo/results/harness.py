"""What lm-evaluation-harness writes: `results_DATE.json`, from version 0.4 on.

The format is that of `EvalResults` in lm_eval/result_schema.py and of `save_results_aggregated` in
lm_eval/loggers/evaluation_tracker.py (EleutherAI/lm-evaluation-harness 0.4.13). `date` is when the run began; all
versions that put a time into the name of the file, which is when it ended, have it.

A run whose arguments lay an adapter over the model, or quantize it, is of another model than the one that they name:
its name is that of all of them, `org/name with peft=org/adapter`. A run with a `limit` measured only a part of each
task.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from zoo.errors import ResultsError
from zoo.hub.repository import DEFAULT_REVISION
from zoo.results.score import Measured, Run, Sheet, name, number
from zoo.text import shown

_PLACEHOLDER = "bypass"
"""A metric that stands where none was measured (`bypass` in lm_eval/api/metrics.py: always 999)."""

_NESTED = 4
"""Groups within groups; the harness's own have two levels."""

_NAMED_BY = ("pretrained", "model", "path", "engine")
"""Arguments of the model, the first of which names it (`_get_model_name` in evaluation_tracker.py)."""

_CHANGED_BY = (
    *("peft", "delta", "lora_local_path"),
    *("load_in_4bit", "load_in_8bit", "autogptq", "gptqmodel", "gguf_file", "quantization", "quantization_config"),
)
"""Arguments that make another model of it (lm_eval/models/huggingface.py and vllm_causallms.py)."""

_LONGEST_ARGUMENT = 60
"""Characters of one that are told."""


def fits(document: Mapping[str, Any]) -> bool:
    """Whether a JSON object is such a file."""
    return isinstance(document.get("results"), dict)


def sheet(document: Mapping[str, Any], where: str) -> Sheet:
    """Each metric of each task and group; what is no number ("N/A", NaN, a list) is no score.

    The metric is told with its filter and the number of examples shown. Raises ResultsError.
    """
    config = _table(document, "config")
    model, revision = _model(document, config, where), _revision(config, where)
    measured = {**_table(document, "results"), **_table(document, "groups")}
    better, versions = _table(document, "higher_is_better"), _table(document, "versions")
    limit, date = config.get("limit"), number(document.get("date"))
    measures: list[Measured] = []
    values: list[int | float] = []
    parents, examples = _parents(document, measured), _examples(document)
    for task, metrics in measured.items():
        if not isinstance(metrics, dict):
            raise ResultsError(f"{where}: results of {shown(task)} must be an object of metrics, got {shown(metrics)}")
        shots, version = examples.get(task), versions.get(task)
        for metric, way, value in _measured(metrics):
            name(f"{metric},{way}", "a metric", where)
            words = (
                metric,
                "" if way == "none" else way,
                "" if shots is None else f"{shown(shots)}-shot",
                "" if limit is None else f"limit {shown(limit)}",
            )
            direction = _table(better, task).get(metric)
            values.append(value)
            measures.append(
                Measured(
                    name(task, "a task", where),
                    ", ".join(filter(None, words)),
                    "" if version is None else f"version {_version(version)}",
                    direction if isinstance(direction, bool) else None,
                    _outermost(task, parents),
                    whole=limit is None,
                )
            )
    if measured and not any("," in key for metrics in measured.values() for key in metrics):
        raise ResultsError(
            f"{where}: results have no metric of the form acc,none, as lm-evaluation-harness writes them from 0.4 on"
        )
    return Sheet(measures, [Run(model, where, values, revision, date)] if values else [])


def _measured(metrics: Mapping[str, Any]) -> Iterator[tuple[str, str, int | float]]:
    """Each metric of a task, the filter after which it was taken, and its value."""
    for key, value in metrics.items():
        metric, comma, way = key.partition(",")
        score = number(value)
        if comma and not metric.endswith("_stderr") and metric != _PLACEHOLDER and score is not None:
            yield metric, way, score


def _table(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = document.get(key)
    return found if isinstance(found, dict) else {}


def _model(document: Mapping[str, Any], config: Mapping[str, Any], where: str) -> str:
    """The name that the file gives; where that is empty, as of some versions, what the arguments say.

    Of a model that is changed it is what the arguments say, as the file gives the name of the adapter.
    """
    arguments = _arguments(config)
    changes = [f"{key}={str(arguments[key])[:_LONGEST_ARGUMENT]}" for key in _CHANGED_BY if _is_given(arguments, key)]
    called = document.get("model_name")
    made_of = next((arguments[key] for key in _NAMED_BY if key in arguments), "")
    found = (made_of or called) if changes else (called or made_of)
    if not found:
        raise ResultsError(f"{where}: does not say which model it is of: model_name is missing")
    found = name(found, "the model in model_name or model_args", where)
    return f"{found} with {', '.join(changes)}" if changes else found


def _arguments(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the model was made with, which older versions tell as they were given it: `pretrained=gpt2,dtype=auto`."""
    found = config.get("model_args")
    if isinstance(found, str):
        return dict(argument.strip().partition("=")[::2] for argument in found.split(","))
    return found if isinstance(found, dict) else {}


def _is_given(arguments: Mapping[str, Any], key: str) -> bool:
    found = arguments.get(key)
    return bool(found) and str(found).lower() not in ("false", "none", "null", "0")


def _revision(config: Mapping[str, Any], where: str) -> str:
    """The commit that was evaluated, or else the branch or tag that was asked for, if it is not the usual one."""
    commit = next((config[key] for key in ("peft_sha", "delta_sha", "model_sha") if key in config), "")
    asked = config.get("model_revision")
    found = commit or ("" if asked == DEFAULT_REVISION else asked)
    return name(found, "the revision", where) if found else ""


def _version(version: object) -> str:
    """The version of a task, which is 2, 2.0 or "2.0", as the versions of the harness have it."""
    try:
        return f"{float(version):g}" if isinstance(version, str | int | float) else shown(version)
    except (ValueError, OverflowError):
        return shown(version)


def _parents(document: Mapping[str, Any], measured: Mapping[str, Any]) -> dict[str, str]:
    """The group that a task is in, for each that is in one; a group that holds no score itself is none."""
    parents: dict[str, str] = {}
    for group, members in _groups(document):
        if any(_measured(_table(measured, group))):
            for member in members:
                parents.setdefault(member, group)
    return parents


def _groups(document: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for group, members in _table(document, "group_subtasks").items():
        if isinstance(members, list) and members:
            yield group, [member for member in members if isinstance(member, str)]


def _outermost(task: str, parents: Mapping[str, str]) -> str:
    """The group at the top of those that a task is in, or nothing."""
    top = task
    for _ in range(_NESTED):
        top = parents.get(top, top)
    return "" if top == task else top


def _examples(document: Mapping[str, Any]) -> dict[str, int | None]:
    """How many examples were shown to the model in each task; in a group, if it is known of all its tasks.

    The harness tells that of groups itself in later versions. None where the tasks of a group differ.
    """
    given = _table(document, "n-shot").items()
    told: dict[str, int | None] = {task: n for task, n in given if isinstance(n, int) and not isinstance(n, bool)}
    for _ in range(_NESTED):
        for group, members in _groups(document):
            if group not in told and all(member in told for member in members):
                numbers = {told[member] for member in members}
                told[group] = numbers.pop() if len(numbers) == 1 else None
    return told
