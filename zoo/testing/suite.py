"""All checks of an architecture in one class, which a test subclasses."""

from zoo.testing.costs import CostChecks
from zoo.testing.effort import EffortChecks
from zoo.testing.formulas import FormulaChecks
from zoo.testing.imports import ImportChecks
from zoo.testing.keys import KeyChecks
from zoo.testing.movement import MovementChecks
from zoo.testing.names import NameChecks
from zoo.testing.truthchecks import TruthChecks


class ArchitectureSuite(
    TruthChecks, NameChecks, FormulaChecks, MovementChecks, KeyChecks, EffortChecks, ImportChecks, CostChecks
):
    """Proves that a plugin counts its type exactly, and keeps the protocol.

        class TestQwen9(ArchitectureSuite):
            model_type = "qwen9"
            truth = Header("header.json", config="config.json")
            candidates = {"layer_types": [["full_attention", "sliding_attention", "full_attention"]]}
            exceptions = {"moves: sliding_window_pattern": "decides which layers have a window, and moves no count"}

    truth: what is known of the type from elsewhere; see `zoo.testing.truths`. The rest: see `zoo.testing.checks`.
    Random configs are the same in each run; the environment's ZOO_TESTING_SEED makes others.
    """
