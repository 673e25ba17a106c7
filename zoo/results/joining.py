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
from typing import NamedTuple, TypeAlias

from zoo.errors import ResultsError
from zoo.hub.repository import DEFAULT_REVISION, PREFIX, named
from zoo.model import Model
from zoo.results.score import Score
from zoo.text import shown

Measure: TypeAlias = tuple[str, str, str]
"""Task, metric and setting: two scores may be compared where all of them are the same."""


def measure(score: Score) -> Measure:
    """What a score measures."""
    return score.task, score.metric, score.setting


class ResultRow(NamedTuple):
    """A model as results name it."""

    name: str
    revision: str = ""

    def __str__(self) -> str:
        return f"{self.name}@{self.revision}" if self.revision else self.name


def row(score: Score) -> ResultRow:
    """The model that a score is of: `org__name` is `org/name`, and what follows an `@` is the revision."""
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

    def include(self, score: Score) -> bool:
        """Whether the score's model has one of the names."""
        return score.model == self.reference or row(score).name.casefold() in self.others

    def fit(self, score: Score) -> bool:
        """Whether the score is of this model, and of no other revision of it."""
        if not self.include(score):
            return False
        said = row(score).revision
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


class Join:
    """The scores by the model that they are of."""

    def __init__(self, scores: Sequence[Score]) -> None:
        self._by_name: dict[str, list[Score]] = {}
        for score in scores:
            for name in {score.model, row(score).name.casefold()}:
                self._by_name.setdefault(name, []).append(score)
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
            for score in filter(known.fit, self._by_name.get(name, ())):
                found.setdefault(measure(score), []).append(score)
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


def unmatched(scores: Iterable[Score], models: Sequence[Model]) -> list[str]:
    """The rows of the results that are of none of the models, in alphabetical order: where they stand, and why."""
    known = [names_of(model) for model in models]
    rows: dict[ResultRow, list[Score]] = {}
    for score in scores:
        rows.setdefault(row(score), []).append(score)
    return sorted(_line(one, there, known) for one, there in rows.items() if not _is_matched(there, known))


def _is_matched(there: Sequence[Score], known: Sequence[Names]) -> bool:
    spellings = {score.model: score for score in there}
    return any(names.fit(score) for score in spellings.values() for names in known)


def _line(one: ResultRow, there: Sequence[Score], known: Sequence[Names]) -> str:
    places = list(dict.fromkeys(score.where for score in there))
    where = places[0] + (f" and {len(places) - 1:,} more" if len(places) > 1 else "")
    other = next((names for names in known if names.include(there[0])), None)
    if other is None:
        return f"{one} ({where}) matches none of the models"
    pin = sorted(other.revisions)[0]
    return f"{one} ({where}) is of another revision than {other.reference}, which is pinned to {pin}"
