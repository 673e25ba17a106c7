"""The kit can fail: a toy architecture with each mistake in turn is caught by the check that is meant for it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from toys import Mistake, run, write

from zoo.testing.formulas import becomes

MODEL = """
from zoo.architecture import Architecture
from zoo.blueprint import attend, embedding, linear, repeat, rms_norm, scope, split
from zoo.common_keys import harmless
from zoo.config import Config
from zoo.errors import ConfigError
from zoo.fields import derived, dim, per_head


class ToyConfig(Config):
    vocab_size: int = dim("V", 96)
    hidden_size: int = dim("H", 32)
    intermediate_size: int = dim("F", 48)
    num_hidden_layers: int = dim("L", 6)
    num_attention_heads: int = dim("A", 4)
    head_dim: int = derived("D", per_head)

    inert = harmless("rms_norm_eps")


class Toy(Architecture):
    config: ToyConfig
    prefix = "Toy"
    heads = {"ForCausalLM": "causal_lm", "Model": "model"}

    def model(self):
        c = self.config
        yield embedding("embed_tokens", c.vocab_size, c.hidden_size)
        yield repeat("layers", c.num_hidden_layers, self.layer())
        yield rms_norm("norm", c.hidden_size)

    def layer(self):
        c = self.config
        H, F, A, D = c.hidden_size, c.intermediate_size, c.num_attention_heads, c.head_dim
        yield rms_norm("input_norm", H)
        yield scope(
            "attention",
            [linear(name, H, A * D, bias=False) for name in ("query", "key", "value")],
            linear("output", A * D, H, bias=False),
            attend(heads=A, head_dim=D),
        )
        yield scope("mlp", linear("up", H, F), linear("down", F, H))

    def causal_lm(self):
        c = self.config
        yield scope("model", self.model())
        yield linear("lm_head", c.hidden_size, c.vocab_size, bias=False, tied_to="model.embed_tokens.weight")
"""

SUITE = """

class Test_NAME(ArchitectureSuite):
    model_type = "NAME"
    truth = Header("header.json", config=CONFIG)
    pass
"""

# Of the model's default: what a file of it would hold, in which no tied tensor is stored.
LAYER = {
    "input_norm.weight": [32],
    **{f"attention.{name}.weight": [32, 32] for name in ("query", "key", "value", "output")},
    "mlp.up.weight": [48, 32],
    "mlp.up.bias": [48],
    "mlp.down.weight": [32, 48],
    "mlp.down.bias": [32],
}
TENSORS = {
    "model.embed_tokens.weight": [96, 32],
    **{f"model.layers.{number}.{name}": shape for number in range(6) for name, shape in LAYER.items()},
    "model.norm.weight": [32],
}
TOTAL = 96 * 32 + 6 * (32 + 4 * 32 * 32 + 48 * 32 + 48 + 32 * 48 + 32) + 32


FIELDS = "\n    inert ="
MODE = '\n    mode: str = "a"' + FIELDS
PARTS = "        yield embedding("
STATED = 'truth = Header("header.json", config=CONFIG)'

MISTAKES = {
    "shape": Mistake(
        "test_truth[stated]",
        ("6  shape differs  model.layers.{0..5}.mlp.up.weight", "[48, 33], ", "[48, 32]", "288 more in the plugin"),
        {'linear("up", H, F)': 'linear("up", H + 1, F)'},
    ),
    "some_layers": Mistake(
        "test_truth[stated]",
        ("3  only in the truth  model.layers.{1,3,5}.input_norm.weight  [32]", "96 fewer in the plugin"),
        {
            "c.num_hidden_layers, self.layer())": "L, split(L, range(0, L, 2), True, False), self.layer)",
            PARTS: "        L = c.num_hidden_layers\n" + PARTS,
            "def layer(self)": "def layer(self, normed)",
            'yield rms_norm("input_norm", H)': 'yield [rms_norm("input_norm", H)] if normed else []',
        },
    ),
    "name": Mistake(
        "test_truth[stated]",
        ("only in the truth   model.norm.weight  [32]", "only in the plugin  model.ln_f.weight  [32]"),
        {'rms_norm("norm"': 'rms_norm("ln_f"'},
    ),
    "total": Mistake(
        "test_truth[stated]",
        (f"{TOTAL:,} parameters, a paper has {TOTAL + 1:,}", "1 fewer", "model.layers.0-5: "),
        suite={STATED: f'truth = Published({TOTAL + 1}, config=CONFIG, source="a paper")'},
    ),
    "tie": Mistake(
        "test_names",
        (
            "lm_head.weight is tied to 'model.embed.weight', which there is not",
            "did you mean model.embed_tokens.weight",
        ),
        {'tied_to="model.embed_tokens.weight"': 'tied_to="model.embed.weight"'},
    ),
    "twice": Mistake(
        "test_names",
        ("two tensors are called model.norm.weight",),
        {'repeat("layers"': 'rms_norm("norm", 4), repeat("layers"'},
    ),
    "uncountable": Mistake(
        "test_counts",
        ("AttributeError: 'ToyConfig' object has no attribute 'wrong' (uncountable_model.py, line ",),
        {"c.num_hidden_layers, self": "c.wrong, self"},
    ),
    "inert_that_moves": Mistake(
        "test_truth[stated]",
        ("only in the truth  model.embed_positions.weight  [64, 32]",),
        {'harmless("rms_norm_eps")': 'harmless("rms_norm_eps positions")'},
        suite={"CONFIG": '{"positions": 64}', "header.json": "positions.json"},
    ),
    "tied_though_stored": Mistake(
        "test_truth[stated]",
        ("3,072 fewer in the plugin", "lm_head.weight  tied to model.embed_tokens.weight, stored as well"),
        suite={"header.json": "untied.json"},
    ),
    "nothing_in_common": Mistake(
        "test_truth[stated]",
        ("only in the truth   x ", "6  only in the plugin  model.layers.{0..5}.mlp.up.weight"),
        suite={"header.json": "other.json"},
    ),
    "unknown_in_truth": Mistake(
        "test_truth[stated]",
        ("not exact, as nothing is known of 'positions'", "inert"),
        suite={"CONFIG": '{"positions": 64}'},
    ),
    "no_truth": Mistake("test_truth[stated]", ("no truth is stated: set `truth` to Header(",), suite={STATED: "pass"}),
    "other_type": Mistake(
        "test_truth[stated]", ("of model_type 'llama'",), suite={"CONFIG": '{"model_type": "llama"}'}
    ),
    "no_file": Mistake("test_truth[stated]", ("nowhere.json: cannot be read",), suite={"header.json": "nowhere.json"}),
    "no_header": Mistake(
        "test_truth[stated]", ("odd.json: tensor '\\x1b[2J'", "dtype and shape"), suite={"header.json": "odd.json"}
    ),
    "converted": Mistake(
        "test_dimensions_are_remembered",
        ("model.layers.0-23: ", "33*F", " becomes ", "65*F"),
        {'linear("up", H, F)': 'linear("up", int(H), F)'},
    ),
    "literal": Mistake(
        "test_dimensions_are_remembered",
        ("mlp.up.weight [48, 32]: 32 is a plain number, and hidden_size is that",),
        {'linear("up", H, F)': 'linear("up", 32, F)'},
    ),
    "branch": Mistake(
        "test_formula",
        ("the count", "ZOO_TESTING_SEED=0"),
        {'yield rms_norm("input_norm", H)': 'yield rms_norm("input_norm", H if type(H) is int else 2 * H)'},
    ),
    "same_symbol": Mistake(
        "test_formula", ("intermediate_size: the symbol H is that of hidden_size",), {'dim("F", 48)': 'dim("H", 48)'}
    ),
    "still": Mistake(
        "test_fields_move",
        ("rotary_dim: moves no tensor", "`inert`"),
        {FIELDS: '\n    rotary_dim: int = dim("R", 8)' + FIELDS},
    ),
    "unguessed": Mistake("test_fields_move", ("mode: its values cannot be guessed", "give candidates"), {FIELDS: MODE}),
    "beside_a_base": Mistake(
        "test_fields_move",
        ("rotary_dim: moves no tensor",),
        {FIELDS: '\n    rotary_dim: int = dim("R", 8)' + FIELDS},
        suite={"    pass": '    base = "llama"'},
    ),
    "unbuilt": Mistake(
        "test_fields_move",
        ("groups: no model is built at", "give candidates"),
        {
            FIELDS: '\n    groups: int = dim("G", 7)' + FIELDS,
            PARTS: "        if c.groups != 7:\n            raise ConfigError('no')\n" + PARTS,
        },
    ),
    "swallowed": Mistake(
        "test_unknown_keys",
        ("zoo_unheard_of", "not reported"),
        {
            FIELDS: "\n    @classmethod\n    def normalized(cls, given):\n"
            "        return {key: value for key, value in given.items() if key in cls.fields}\n" + FIELDS
        },
    ),
    "swallowed_but_told_by_longer_names": Mistake(
        "test_unknown_keys",
        ("zoo_unheard_of: a key of which nothing is known, and it is not reported",),
        {
            FIELDS: "\n    @classmethod\n    def normalized(cls, given):\n"
            "        return {key: value for key, value in given.items() if key != 'zoo_unheard_of'}\n" + FIELDS
        },
    ),
    "swallowed_within": Mistake(
        "test_unknown_keys",
        ("zoo_unheard_of within rope", "not reported"),
        {'harmless("rms_norm_eps")': 'harmless("rms_norm_eps rope rope.theta")'},
    ),
    "loop": Mistake(
        "test_cost_is_independent_of_layers",
        ("num_hidden_layers: a count takes", "at 4,800", "repeat(name, number, ...)"),
        {
            'repeat("layers", c.num_hidden_layers, self.layer())': (
                '[scope(f"layers.{n}", self.layer()) for n in range(c.num_hidden_layers)]'
            )
        },
    ),
    "heavy": Mistake(
        "test_import_budget",
        ("torch: imported to count",),
        {"\nfrom zoo.architecture": "\nimport torch\nfrom zoo.architecture"},
    ),
    "early": Mistake(
        "test_import_budget",
        ("early_model: imported with the plugin", "module:Class"),
        hooks={"\nfrom": "\nimport NAME_model\nfrom"},
    ),
    "crash": Mistake(
        "test_hostile_values",
        ("mode: ", "the plugin fails", "KeyError"),
        {
            FIELDS: MODE,
            PARTS: "        {'a': 1}[c.mode]\n" + PARTS,
        },
    ),
    "cut_short": Mistake(
        "test_hostile_values",
        ('["a", "b"]', "the plugin fails", "IndexError"),
        {
            "\nfrom zoo.architecture": "\nfrom typing import Literal\nfrom zoo.architecture",
            FIELDS: '\n    kinds: list[Literal["a", "b"]] | None = None' + FIELDS,
            PARTS: "        L = c.num_hidden_layers\n        (c.kinds or ['a'] * L)[L - 1]\n" + PARTS,
        },
    ),
    "endless": Mistake(
        "test_hostile_values",
        ("steps: ", "counting does not end"),
        {
            FIELDS: "\n    steps: int = 1" + FIELDS,
            PARTS: "        for _ in range(c.steps):\n            pass\n" + PARTS,
        },
    ),
    "unneeded": Mistake(
        "test_fields_move",
        ("the exception 'moves: hidden_size' is not needed: remove it",),
        suite={"    pass": '    exceptions = {"moves: hidden_size": "why not"}'},
    ),
    "no_reason": Mistake(
        "test_declarations",
        ("'moves: hidden_size' has no reason",),
        suite={"    pass": '    exceptions = {"moves: hidden_size": " "}'},
    ),
    "no_check": Mistake(
        "test_declarations",
        ("no check 'mvoes'; did you mean moves",),
        suite={"    pass": '    exceptions = {"mvoes: x": "so"}'},
    ),
    "no_subject": Mistake(
        "test_declarations", ("does not say what is excepted",), suite={"    pass": '    exceptions = {"moves": "so"}'}
    ),
    **{
        f"declared_{number}": Mistake("test_declarations", said, suite={old: declared})
        for number, (old, declared, said) in enumerate(
            [
                (STATED, 'truth = "header.json"', ("truth: 'header.json' is none: set `truth` to Header(",)),
                (STATED, 'truth = ["header.json"]', ("truth: 'header.json' is none",)),
                (STATED, 'truth = ("header.json", "config.json")', ("truth: 'config.json' is none",)),
                (STATED, "truth = None", ("truth: null is none",)),
                (STATED, "truth = 3", ("truth: 3 is none",)),
                (STATED, "truth = Header", ("truth: Header is none",)),
                (STATED, 'truth = Header("header.json")', ("Header('header.json', ...): which config", "config=")),
                (STATED, "truth = Header('header.json', 3)", ("config=3 is none",)),
                (STATED, "truth = Recorded(3)", ("Recorded(3): name a file",)),
                (
                    STATED,
                    'truth = Published("3", config={}, source="x")',
                    ("Published('3', ...): write the parameters",),
                ),
                (STATED, "truth = Published(3)", ("who says so?", "which config is it of?")),
                ("    pass", '    base = "lama"', ("no plugin counts model_type 'lama'; did you mean llama?",)),
                ("    pass", '    base = "NAME"', ("is the type itself",)),
                ("    pass", "    base = 3", ("base: 3 is no name of a type",)),
                (
                    "    pass",
                    '    exceptions = ["moves"]',
                    ("exceptions: ['moves'] is no mapping", "write exceptions = {"),
                ),
                ("    pass", '    exceptions = {"moves: hidden_size": True}', ("'moves: hidden_size' is no text",)),
                ("    pass", '    candidates = {"vocab_size": "abc"}', ("write {'vocab_size': ['abc']}",)),
                ("    pass", '    variants = {"vocab_size": 3}', ("variants: {'vocab_size': 3} is no list",)),
                ("    pass", "    start = [3]", ("start: [3] is no mapping",)),
            ]
        )
    },
    "no_such_key": Mistake(
        "test_declarations",
        ("the test moves 'hiden_size', of which nothing is known; did you mean hidden_size?",),
        suite={"    pass": "    candidates = {'hiden_size': [3]}"},
    ),
    "fails_at_some": Mistake(
        "test_fields_move",
        ("the plugin fails at {", "ZeroDivisionError"),
        {PARTS: "        1 // (c.hidden_size - 64)\n" + PARTS},
    ),
    "no_plugin": Mistake(
        "test_counts",
        ("no plugin counts model_type 'no_such'",),
        suite={'model_type = "NAME"': 'model_type = "no_such"'},
    ),
    "uncorrected": Mistake(
        "test_truth[stated]",
        ("a truth is corrected: give the reason",),
        suite={
            STATED: 'truth = Recorded("toy.json.gz")',
            "    pass": (
                "    def corrected(self, case):\n"
                "        return case._replace(config={**case.config, 'rms_norm_eps': 1})"
            ),
        },
    ),
    "recorded": Mistake(
        "test_truth[stated]",
        (
            "ToyForTokens: a class that transformers has",
            "vocab_size: 96 by default, in transformers 97",
            "ToyModel at {'hidden_size': 8}: ",
            "tie differs",
        ),
        suite={STATED: 'truth = Recorded("wrong.json.gz")'},
    ),
}


# The kinds of few layers are others where a layer is added.
FEW_LAYERS = Mistake(
    "",
    (),
    {
        'dim("L", 6)': 'dim("L", 2)',
        "c.num_hidden_layers, self.layer())": "L, split(L, range(1), True, False), self.layer)",
        PARTS: "        L = c.num_hidden_layers\n" + PARTS,
        "def layer(self)": "def layer(self, normed)",
        'yield rms_norm("input_norm", H)': 'yield [rms_norm("input_norm", H)] if normed else []',
    },
    suite={STATED: f'truth = Published({TOTAL - 4 * (TOTAL - 97 * 32) // 6 - 32}, config=CONFIG, source="a paper")'},
)
GOOD = {"good": Mistake("", ()), "few_layers": FEW_LAYERS}


def recording(**others: Any) -> dict[str, Any]:
    tied = {"lm_head.weight": "model.embed_tokens.weight"}
    own = {"class": "ToyForCausalLM", "config": {}, "parameters": TOTAL, "embedding": 96 * 32, "tensors": TENSORS}
    defaults = {"vocab_size": 96, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 6}
    return {
        "transformers": "0", "model_type": "uncorrected", "classes": ["ToyForCausalLM"],
        "defaults": {**defaults, "num_attention_heads": 4, "num_labels": 2, "head_dim": None}, "declared": {},
        "refused": 0, "unmovable": 0, "records": [{**own, "tied": tied}], **others,
    }  # fmt: skip


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """By the name of the mistake, and by test, what each test says that fails."""
    import gzip

    folder = tmp_path_factory.mktemp("toys")
    toys = {**GOOD, **MISTAKES}
    write(
        folder,
        toys,
        MODEL,
        SUITE,
        "from zoo.testing import ArchitectureSuite, Header, Published, Recorded\n\nCONFIG = {}\n",
    )
    header = {name: {"dtype": "F32", "shape": shape} for name, shape in TENSORS.items()}
    (folder / "header.json").write_text(json.dumps(header))
    positions = {"model.embed_positions.weight": {"dtype": "F32", "shape": [64, 32], "data_offsets": [0, 8192]}}
    (folder / "positions.json").write_text(json.dumps({"__metadata__": {"format": "pt"}, **header, **positions}))
    (folder / "untied.json").write_text(json.dumps({**header, "lm_head.weight": {"dtype": "F32", "shape": [96, 32]}}))
    (folder / "other.json").write_text(json.dumps({"x": {"dtype": "F32", "shape": [TOTAL]}}))
    (folder / "odd.json").write_text(json.dumps({"\x1b[2J": {"dtype": "F32", "shape": [-1]}}))
    (folder / "toy.json.gz").write_bytes(gzip.compress(json.dumps(recording()).encode()))
    wrong = recording(model_type="recorded", classes=["ToyForCausalLM", "ToyForTokens"])
    wrong["defaults"]["vocab_size"] = 97
    wrong["records"][0]["tied"] = {}
    wrong["records"][0]["tensors"] = {**TENSORS, "lm_head.weight": [96, 32]}
    wrong["records"].append({**wrong["records"][0], "class": "ToyModel", "config": {"hidden_size": 8}})
    (folder / "wrong.json.gz").write_bytes(gzip.compress(json.dumps(wrong).encode()))
    (folder / "torch.py").write_text("")
    return run(folder, toys).failed


@pytest.mark.parametrize("name", GOOD)
def test_a_good_toy_passes_everything(outcomes: dict[str, dict[str, str]], name: str) -> None:
    assert outcomes[name] == {}


def test_of_a_type_that_cannot_be_counted_one_test_says_so(outcomes: dict[str, dict[str, str]]) -> None:
    assert list(outcomes["uncountable"]) == list(outcomes["no_plugin"]) == ["test_counts"]


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_is_caught_by_the_check_that_is_meant_for_it(
    outcomes: dict[str, dict[str, str]], name: str
) -> None:
    mistake, failed = MISTAKES[name], outcomes[name]
    assert mistake.check in failed, f"caught by {list(failed)} only"
    text = failed[mistake.check]
    for words in mistake.said:
        assert words in text
    assert "Traceback" not in text
    assert "\x1b" not in text


def test_formulas_are_shown_from_shortly_before_where_they_differ() -> None:
    terms = " + ".join(f"H*F_{number}" for number in range(20))
    told = becomes(f"{terms} + 33*F", f"{terms} + 65*F")
    assert told.startswith("'…")
    assert "33*F' becomes '…" in told
    assert told.endswith("65*F'")
    assert becomes("H + 1", "H + 2") == "'H + 1' becomes 'H + 2'"


def test_without_sympy_all_but_the_formulas_is_tested(tmp_path: Path) -> None:
    (tmp_path / "test_bert.py").write_text(
        "import sys\nfrom zoo.testing import ArchitectureSuite, Published\nsys.modules['sympy'] = None\n\n"
        "class TestBert(ArchitectureSuite):\n    model_type = 'bert'\n"
        "    truth = Published(109_482_240, config={'model_type': 'bert'}, source='transformers')\n"
        "    exceptions = {}\n"
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-rs",
        "-p",
        "no:cacheprovider",
        "-k",
        "formula or truth",
        str(tmp_path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "needs sympy" in done.stdout
    assert "1 passed, 1 skipped" in done.stdout
