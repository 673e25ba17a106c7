"""Which score is of which model.

A row of results and a model are matched by name: the reference as it is; and, in upper or lower case, the name and the
aliases of its registry entry, and its repository on the Hub, as `org/name` or, as folders are called, `org__name`. A
variant (`gpt3,num_hidden_layers=48`) is matched by the reference alone. Nothing is matched by a part of a name.

Where the results say a revision and the model is pinned to another one, they are of different models and not matched
(embeddings-benchmark/mteb#3921). A model that is not pinned takes the results of any revision, and one that is takes
those that say none.

Of two runs of one model, at one revision, that measure the same, the later counts, if both say when they were:
lm-evaluation-harness keeps each in a file of its own. All else that differs is an error.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from zoo.errors import ResultsError
from zoo.hub.repository import DEFAULT_REVISION, PREFIX, named
from zoo.model import Model
from zoo.results.score import Measure, Run, Score, Sheet
from zoo.text import shown


class ResultRow(NamedTuple):
    """A model as results name it."""

    name: str
    revision: str = ""

    def __str__(self) -> str:
        return f"{self.name}@{self.revision}" if self.revision else self.name


def row(score: Run | Score) -> ResultRow:
    """The model that a run or a score is of: `org__name` is `org/name`, and what follows an `@` is the revision."""
    name = score.model.replace("__", "/", 1) if "/" not in score.model else score.model
    repository = named(name)
    if repository is None:
        return ResultRow(score.model, score.revision)
    revision = "" if repository.revision == DEFAULT_REVISION else repository.revision
    return ResultRow(repository.name, revision or score.revision)


class Names(NamedTuple):
    """What a model is called: its reference, its other names in lower case, and the revisions that it is pinned to."""

    reference: str
    others: frozenset[str]
    revisions: frozenset[str]

    def include(self, run: Run) -> bool:
        """Whether the model of a run has one of the names."""
        return run.model == self.reference or row(run).name.casefold() in self.others

    def fit(self, run: Run) -> bool:
        """Whether a run is of this model, and of no other revision of it."""
        if not self.include(run):
            return False
        said = row(run).revision
        return not said or not self.revisions or said in self.revisions


def names_of(model: Model) -> Names:
    """What a model is called."""
    entry, origin = model.entry, model.found.origin
    if entry is None and model.found.changes:
        return Names(model.name, frozenset(), frozenset())
    names = {*((entry.name, *entry.aliases, entry.hub) if entry else ()), origin.repository.name if origin else None}
    pinned = {entry.revision} if entry else set()
    if origin and origin.repository.revision != DEFAULT_REVISION:
        pinned |= {origin.repository.revision, origin.commit}
    spelt = {name.removeprefix(PREFIX).casefold() for name in names if name}
    return Names(model.name, frozenset(spelt), frozenset(revision for revision in pinned if revision))


def _keys(run: Run) -> set[str]:
    """Under what to look for the model of a run: as it is, and as names other than the reference are compared."""
    return {run.model, row(run).name.casefold()}


class Join:
    """The scores by the model that they are of."""

    def __init__(self, sheets: Iterable[Sheet]) -> None:
        self._by_name: dict[str, list[tuple[Sheet, Run]]] = {}
        for sheet in sheets:
            for run in sheet.runs:
                for name in _keys(run):
                    self._by_name.setdefault(name, []).append((sheet, run))
        self._found: dict[Model, dict[Measure, Score]] = {}

    def of(self, model: Model) -> dict[Measure, Score]:
        """What a model reaches in each measure. Raises ResultsError for two results of one that differ."""
        if model not in self._found:
            self._found[model] = self._collected(model)
        return self._found[model]

    def _collected(self, model: Model) -> dict[Measure, Score]:
        known = names_of(model)
        found: dict[Measure, list[Score]] = {}
        for name in sorted({known.reference, *known.others}):
            for sheet, run in self._by_name.get(name, ()):
                if known.fit(run):
                    for score in sheet.scores(run):
                        found.setdefault(score.measure, []).append(score)
        return {one: _agreed(model, _latest(scores)) for one, scores in found.items()}


def _latest(scores: Sequence[Score]) -> list[Score]:
    """The scores without those of an earlier run of the same revision."""
    last: dict[str, float] = {}
    for score in scores:
        if score.date is not None:
            revision = row(score).revision
            last[revision] = max(score.date, last.get(revision, score.date))
    return [score for score in scores if score.date is None or score.date == last[row(score).revision]]


def _agreed(model: Model, scores: Sequence[Score]) -> Score:
    """The first of the scores, which all say the same. Raises ResultsError where they do not."""
    first = scores[0]
    for score in scores:
        if score.value != first.value:
            raise ResultsError(_contradiction(model, first, score))
    return first


def _contradiction(model: Model, one: Score, other: Score) -> str:
    what = f"{shown(one.task)} ({one.metric})" if one.metric else shown(one.task)
    told = " and ".join(f"{score.value} in {score.where}{_at(score)}" for score in (one, other))
    way = "leave one out" if row(one).revision == row(other).revision else "pin the model to one of the revisions"
    return f"two results of {shown(model.name)} in {what} differ: {told} ({way})"


def _at(score: Score) -> str:
    return f" at revision {shown(row(score).revision)}" if row(score).revision else ""


def unmatched(sheets: Iterable[Sheet], models: Sequence[Model]) -> list[str]:
    """The rows of the results that are of none of the models, in alphabetical order: where they stand, and why.

    Those that are only of another revision come first.
    """
    known: dict[str, list[Names]] = {}
    for names in map(names_of, models):
        for name in {names.reference, *names.others}:
            known.setdefault(name, []).append(names)
    rows: dict[ResultRow, list[Run]] = {}
    for sheet in sheets:
        for run in sheet.runs:
            rows.setdefault(row(run), []).append(run)
    pinned, strange = [], []
    for one, there in rows.items():
        pairs = [(run, names) for run in there for key in sorted(_keys(run)) for names in known.get(key, ())]
        alike = [names for run, names in pairs if names.include(run)]
        if not alike:
            strange.append(f"{one} ({_where(there)}) matches none of the models")
        elif not any(names.fit(run) for run, names in pairs):
            pin = f"{alike[0].reference}, which is pinned to {min(alike[0].revisions)}"
            pinned.append(f"{one} ({_where(there)}) is of another revision than {pin}")
    return sorted(pinned) + sorted(strange)


def _where(runs: Sequence[Run]) -> str:
    places = list(dict.fromkeys(run.where for run in runs))
    return places[0] + (f" and {len(places) - 1:,} more" if len(places) > 1 else "")
