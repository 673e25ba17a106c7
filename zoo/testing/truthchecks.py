"""Whether the plugin counts what its truths say: totals, names, shapes, ties, and the defaults of the config."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from zoo import configfile
from zoo.errors import ZooError
from zoo.model import Model
from zoo.testing.cases import Case
from zoo.testing.checks import Checks, Finding
from zoo.testing.declarations import misstated
from zoo.testing.differences import differing, explained, folded, of_lines
from zoo.testing.experts import idle
from zoo.testing.outcomes import skip
from zoo.testing.truths import HOW_TO_STATE, Header, Published, Recorded, Transformers, Truth, stated
from zoo.text import counted, shown

if TYPE_CHECKING:
    import pytest

MOST_CASES = 4
"""Of a class, those that are told where they differ."""

CORRECTED = "corrected"
"""The subject of the exception that says why a test corrects its truth."""


class TruthChecks(Checks):
    """truth: what is known of the type from elsewhere, one or several."""

    truth: ClassVar[Truth | tuple[Truth, ...]] = ()
    checks: ClassVar[tuple[str, ...]] = ("truth",)

    def corrected(self, case: Case) -> Case:
        """What is right where a truth is known to be wrong: published weights against transformers, say.

        A test that overrides it gives the reason as the exception `"truth: corrected"`.
        """
        return case

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """A test for what is written down, and one for transformers, which may not be installed."""
        super().pytest_generate_tests(metafunc)
        if "truths" in metafunc.fixturenames:
            truths = stated(self.truth)
            live = tuple(truth for truth in truths if isinstance(truth, Transformers))
            rest = tuple(truth for truth in truths if not isinstance(truth, Transformers))
            groups: dict[str, tuple[Truth, ...]] = {"stated": rest, "transformers": live}
            named = {name: group for name, group in groups.items() if group} or {"stated": ()}
            metafunc.parametrize("truths", list(named.values()), ids=list(named))

    def test_truth(self, truths: tuple[Truth, ...]) -> None:
        """Totals, names, shapes and ties are those of the truths, and so are the config's defaults."""
        if not truths:
            self.fail(f"no truth is stated: {HOW_TO_STATE}")
        found = [one for truth in truths for one in self._against(truth)]
        # Random configs may do without what others need.
        self.settle("truth", found, whole=not any(isinstance(truth, Transformers) for truth in truths))

    def misdeclared(self) -> Iterator[str]:
        """The same, of the truth, too."""
        yield from super().misdeclared()
        yield from misstated(self.truth)

    def _against(self, truth: Truth) -> Iterator[Finding]:
        try:
            match truth:
                case Header():
                    yield from self._header(truth)
                case Published():
                    yield from self._published(truth)
                case Recorded():
                    yield from self._recorded(truth)
                case Transformers():
                    yield from self._transformers(truth)
        except ZooError as error:
            yield Finding("", f"{truth}: {error}")

    # --- weights and counts that are published -----------------------------------------------------------------------

    def _header(self, truth: Header) -> Iterator[Finding]:
        from zoo.checkpoints.comparison import Comparison
        from zoo.checkpoints.contents import contents, stated, totals
        from zoo.testing.header import read

        checkpoint = read(self.folder / truth.path)
        model = self._at(truth)
        quantization = stated(model.stated)
        lines = list(Comparison(model, checkpoint, quantization).lines())
        held = totals(checkpoint, contents(checkpoint, quantization)).parameters
        # What is explained may still be counted wrongly: a tensor that is stored, and that the plugin takes for tied.
        wrong = list(of_lines(lines)) or (list(explained(lines)) if held != model.parameters else [])
        if wrong or held != model.parameters:
            yield self._differs(model, str(truth), held, list(folded(wrong)))
        yield from self._unverified(model, str(truth))

    def _published(self, truth: Published) -> Iterator[Finding]:
        model = self._at(truth)
        if model.parameters != truth.parameters:
            where = [f"  {name}: {parameters:,}" for name, parameters in self._components(model)]
            yield self._differs(model, str(truth), truth.parameters, where)
        yield from self._unverified(model, str(truth))

    def _components(self, model: Model) -> Iterator[tuple[str, int]]:
        """What the plugin counts, two levels down."""
        for child in model.breakdown().children:
            if child.children:
                yield from ((f"{child.name}.{inner.name}", inner.parameters) for inner in child.children)
            else:
                yield child.name, child.parameters

    def _at(self, truth: Header | Published) -> Model:
        """The model of the config that belongs to a truth, in the class that it names."""
        config = truth.config if isinstance(truth.config, Mapping) else configfile.read(self.folder / truth.config)
        said = config.get("model_type", self.model_type)
        if said != self.model_type:
            self.fail(f"{truth}: its config is of model_type {shown(said)}: state that of a {self.model_type}")
        return self.load(config)

    def _differs(self, model: Model, truth: str, parameters: int, lines: list[str]) -> Finding:
        total = f"{model.class_name}: {model.parameters:,} parameters, {truth} has {parameters:,}"
        apart = model.parameters - parameters
        told = f"{total} ({abs(apart):,} {'more' if apart > 0 else 'fewer'} in the plugin)" if apart else total
        return Finding(model.class_name, "\n".join([told, *lines]))

    def _unverified(self, model: Model, where: str) -> Iterator[Finding]:
        if model.unknown_keys:
            keys = ", ".join(map(shown, model.unknown_keys))
            yield Finding(
                model.class_name,
                f"{where}: the count is not exact, as nothing is known of {keys}: "
                "make each a field, or say in `inert` that it decides no shape",
            )

    # --- what classes of transformers hold ---------------------------------------------------------------------------

    def _recorded(self, truth: Recorded) -> Iterator[Finding]:
        from zoo.testing.recording import read

        recording = read(self.folder / truth.path)
        if recording.model_type != self.model_type:
            self.fail(f"{truth}: is a record of {shown(recording.model_type)}")
        yield from self._of_classes(recording.classes)
        yield from self._defaults(recording.defaults, recording.declared)
        yield from self._cases(recording.cases)

    def _transformers(self, truth: Transformers) -> Iterator[Finding]:
        from importlib.util import find_spec

        if not (find_spec("torch") and find_spec("transformers")):
            skip("needs torch and transformers, which are not installed")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from zoo.testing import judge, live

        if not judge.knows(self.model_type):
            self.fail("truth: transformers has no such type: state another truth than Transformers()")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # those of torch and transformers are not the plugin's
            yield from self._of_classes(judge.classes(self.model_type))
            yield from self._defaults(judge.defaults(self.model_type), judge.declared(self.model_type))
            yield from self._cases([*live.cases(self, truth.configs), *live.foreign(self)])

    def _of_classes(self, classes: list[str]) -> Iterator[Finding]:
        for name in classes:
            if name not in self.classes:
                yield Finding(name, f"{name}: a class that transformers has for the type, and `heads` has not")

    def _defaults(self, made: Mapping[str, Any], declared: Mapping[str, Any]) -> Iterator[Finding]:
        """made: the config without any key; declared: by its class, before some are cleared, as a window not used."""
        config_class = self.config_class
        config = vars(config_class.read({}).config)
        for name, field in config_class.fields.items():
            keys = [key for key, target in config_class.all_spellings().items() if target == name and key in made]
            if not keys:
                if not field.follows and config[name] is not None:
                    yield Finding(name, f"{name}: no field of transformers' config, so nothing proves its default")
                continue
            (key, *_) = keys
            # What follows from others it says nothing of, and what it writes out for each layer is a rule here.
            if config[name] is None if isinstance(made[key], list) else made[key] is None and field.follows:
                continue
            if config[name] not in (made[key], declared.get(key, made[key])):
                yield Finding(name, f"{name}: {shown(config[name])} by default, in transformers {shown(made[key])}")

    def _cases(self, cases: Iterator[Case] | list[Case]) -> Iterator[Finding]:
        """Of each class the first configs at which it differs, the default before others."""
        told: dict[str, int] = {}
        corrected = False
        for case in cases:
            corrected |= self.corrected(case) != case
            if lines := list(self.disagreements(case)):
                told[case.class_name] = told.get(case.class_name, 0) + 1
                if told[case.class_name] <= MOST_CASES:
                    yield Finding(case.class_name, "\n".join(lines))
        for class_name, number in told.items():
            if number > MOST_CASES:
                rest = counted(number - MOST_CASES, "more config")
                yield Finding(class_name, f"{class_name}: differs at {rest}, too")
        if corrected:
            yield Finding(CORRECTED, f'a truth is corrected: give the reason as the exception "truth: {CORRECTED}"')

    def disagreements(self, case: Case) -> Iterator[str]:
        """What the plugin says otherwise than a case, corrected; nothing where they agree to the last tensor."""
        case = self.corrected(case)
        where = f"{case.class_name} at {dict(case.config) or 'the default config'}"
        try:
            model = self.load(case.config, case.class_name)
            found = list(model.tensors())
            counts = model.count
        except ZooError as error:
            yield f"{where}: refused: {error}"
            return
        wrong = list(differing(found, case))
        if wrong or counts.parameters != case.parameters:
            yield f"{where}: {counts.parameters:,} parameters, transformers has {case.parameters:,}"
            yield from folded(wrong)
        left = idle(case.tensors, model.config.dimension("num_experts_per_tok") or 1)
        if left is not None and counts.active != case.parameters - left:
            yield f"{where}: {counts.active:,} are active, with the experts of transformers {case.parameters - left:,}"
        if counts.embedding != case.embedding:
            yield f"{where}: {counts.embedding:,} in embeddings, transformers has {case.embedding:,}"
        if len({tensor.name for tensor in found}) < len(found):
            yield f"{where}: a name is given twice"
        if model.status != "exact":
            yield f"{where}: not exact, as nothing is known of {', '.join(map(shown, model.unknown_keys))}"
