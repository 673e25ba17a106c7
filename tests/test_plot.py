"""Roles against the names that transformers gives; pictures parsed back, and what is drawn measured in them."""

import gzip
import io
import json
import os
import re
import struct
import subprocess
import sys
import warnings
from collections import Counter
from html.parser import HTMLParser
from math import log, prod
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hubcase import Case, bytes_of
from hypothesis import given
from hypothesis import strategies as st

import zoo
from zoo.blueprint import (
    attend,
    embedding,
    experts,
    flatten,
    layer_norm,
    linear,
    repeat,
    rms_norm,
    scope,
    tensor,
)
from zoo.errors import PictureWarning
from zoo.manager import manager
from zoo.measures.roles import ROLES, roles
from zoo.model import Model
from zoo.plots import ticks
from zoo.plots.bars import COLOURS, LETTERS, Bars
from zoo.plots.bars import WIDTH as BAR_WIDTH
from zoo.plots.drawing import LARGEST
from zoo.plots.labels import Box, Label, placed
from zoo.plots.notes import MOST, left_out
from zoo.plots.picture import Picture
from zoo.plots.plotting import picture, plot
from zoo.plots.scatter import HEIGHT, WIDTH, Scatter
from zoo.plots.terminal import Terminal, padded, terminal, wide
from zoo.reports.column import Column
from zoo.reports.columns import column
from zoo.reports.pareto import front
from zoo.reports.width import exponents

RECORDED = Path(__file__).parent / "oracle" / "recorded"
TYPES = [model_type for model_type, _ in manager]
NORM = re.compile(r"(norm|\bln_\w+|norms\.\d+)[^.]*\.(weight|bias)$", re.IGNORECASE)
TABLE = re.compile(
    r"embeddings?\.weight|embed_tokens|embed_positions|wte|wpe|shared\.weight|rel_embeddings|relative_attention_bias|"
    r"tokens_embed|positions_embed|embed_in|embeddings\.\w+_embeddings"
)


def by_name(name: str) -> str:
    """What a tensor is for, by what transformers calls it."""
    if "layernorm_embedding" not in name and TABLE.search(name):
        return "embedding"
    if not re.search(r"(^|\.)\d+\.", name):
        return "outside the layers"
    if NORM.search(name):
        return "norms"
    if re.search(r"shared_expert|experts|router|\bgate\.weight", name):
        return "experts"
    if re.search("attn|attention", name, re.IGNORECASE):
        return "attention"
    return "state space" if "mixer" in name else "MLP"


@pytest.mark.parametrize("model_type", TYPES)
def test_roles_are_what_the_names_of_transformers_say(model_type: str) -> None:
    with gzip.open(RECORDED / f"{model_type}.json.gz") as file:
        records = json.load(file)["records"]
    for row in records:
        model = zoo.load({**row["config"], "model_type": model_type, "architectures": [row["class"]]})
        found = Counter[str](model.roles())
        assert sum(found.values()) == model.parameters
        assert found["experts idle"] == model.parameters - model.active_parameters
        assert found["embedding"] == model.embedding_parameters
        if model.parameters != row["parameters"]:
            continue  # declared in exceptions.py
        if row["config"].get("is_decoder") and row["class"].endswith(("EncoderModel", "ForTokenClassification")):
            continue  # T5's lone decoder holds matrices to look at an encoder, and nothing attends with them
        judged = Counter[str]()
        for name, shape in row["tensors"].items():
            judged[by_name(name)] += prod(shape)
        experts = found["experts used"] + found["experts idle"]
        outside = found["norms"] + found["other"] + found["head"] - judged["norms"]
        assert (experts, outside) == (judged["experts"], judged["outside the layers"]), row["config"]
        for role in ("attention", "MLP", "state space"):
            assert found[role] == judged[role], (row["class"], row["config"])


def test_roles_of_bert_by_their_own_arithmetic() -> None:
    H, F, L, V, P, T = 768, 3072, 12, 30_522, 512, 2
    assert zoo.load("bert-base").roles() == {
        "embedding": (V + P + T) * H,
        "attention": L * 4 * (H * H + H),
        "MLP": L * (2 * H * F + F + H),
        "norms": 2 * H + L * 4 * H,
        "head": (H * H + H) + (H * H + H) + 2 * H + V + (2 * H + 2),  # pooler, transform and its norm, bias, next
    }


@pytest.mark.parametrize(
    ("reference", "other", "head"),
    [
        ("albert-base-v2", 128 * 768 + 768, 720_818),  # from the width of the words to that of the layers
        ("opt-350m", 2 * 512 * 1024, 0),
        ("electra-small", 128 * 256 + 256, 66_049),
        ("llama-2-7b", 0, 32_000 * 4096),
        ("gpt2", 0, 0),  # tied
    ],
)
def test_what_is_outside_the_layers_is_head_only_behind_them(reference: str, other: int, head: int) -> None:
    found = Counter(zoo.load(reference).roles())
    assert (found["other"], found["head"]) == (other, head)


def test_roles_cost_the_same_for_any_number_of_layers() -> None:
    few, many = (zoo.load({"model_type": "mixtral", "num_hidden_layers": number}) for number in (1, 10_000_000))
    one, all_ = few.roles(), many.roles()
    assert all_["attention"] == 10_000_000 * one["attention"]
    assert sum(all_.values()) == many.parameters


def test_where_nothing_attends_no_matrix_is_taken_for_an_mlp() -> None:
    H = 8
    layer = [scope("mixing", linear("a", H, H)), tensor("gamma", H), layer_norm("norm", H)]
    parts = flatten([embedding("words", 100, H), repeat("layers", 3, layer), rms_norm("last", H), linear("out", H, 5)])
    assert roles(parts) == {
        "embedding": 100 * H,
        "norms": 3 * 2 * H + H,
        "other": 3 * (H * H + H + H) + 5 * H + 5,  # beside the layers nothing is a head
    }
    inner = scope("model", parts[:-1])
    assert roles((inner, *parts[-1:]))["head"] == 5 * H + 5
    assert roles((*parts[-1:], inner)).get("head") is None


def test_a_bias_goes_with_its_matrix_and_experts_with_their_router() -> None:
    H = 8
    attention = scope("attn", linear("q", H, H), tensor("sinks", 2), rms_norm("q_norm", H), attend(heads=2, head_dim=4))
    mixture = scope(
        "moe", linear("router", H, 4, bias=False), experts("experts", 4, 1, tensor("w", H, H, use="matmul"))
    )
    assert roles(flatten([repeat("layers", 2, [attention, mixture])])) == {
        "attention": 2 * (H * H + H + 2),
        "experts used": 2 * (4 * H + H * H),
        "experts idle": 2 * 3 * H * H,
        "norms": 2 * H,
    }


def test_what_attends_or_chooses_is_no_norm_though_it_multiplies_only_element_by_element() -> None:
    H = 8
    scale = tensor("scale", H, use="elementwise")
    attention = scope("attn", scope("inner", scale, attend(heads=2, head_dim=4)), scope("q_norm", scale))
    mixture = scope("moe", experts("experts", 4, 1, scale), scale)
    assert roles(flatten([repeat("layers", 2, [attention, mixture])])) == {
        "attention": 2 * H,
        "experts used": 2 * 2 * H,
        "experts idle": 2 * 3 * H,
        "norms": 2 * H,
    }


# --- bars ------------------------------------------------------------------------------------------------------------


def drawn(shown: Picture) -> str:
    """The SVG, where the library that draws is installed."""
    pytest.importorskip("vl_convert", reason="the extra `plot` is not installed")
    return shown.svg()


def elements(svg: str, name: str) -> list[ElementTree.Element]:
    return [element for element in ElementTree.fromstring(svg).iter() if element.tag.endswith(f"}}{name}")]


def texts(svg: str) -> list[str]:
    return ["".join(element.itertext()) for element in elements(svg, "text")]


def marks(svg: str, kind: str) -> list[ElementTree.Element]:
    return [element for element in elements(svg, "path") if element.get("aria-roledescription") == kind]


def lengths(svg: str) -> dict[str, float]:
    """The length of each piece of a bar, in pixels, by what it says it is."""
    found = {}
    for mark in marks(svg, "bar"):
        shape = re.fullmatch(r"M[-\d.e]+,[-\d.e]+h([\d.e-]+)v[\d.]+h-[\d.e-]+Z", mark.get("d", ""))
        assert shape, mark.get("d")
        found[mark.get("aria-label", "")] = float(shape[1])
    return found


NAMES = ("bert-base", "mixtral-8x7b", "mamba-2.8b", "qwen3-30b-a3b", "t5-v1.1-xl", "albert-base-v2")


@pytest.mark.parametrize("share", [False, True])
def test_pieces_are_as_long_as_they_count(share: bool) -> None:
    models = [zoo.load(name) for name in NAMES]
    svg = drawn(Bars(models, share))
    found = lengths(svg)
    wanted = {
        f"{model.name}: {role}: {count:,} parameters ({count / model.parameters:.1%})": (count, model)
        for model in models
        for role, count in model.roles().items()
    }
    assert set(found) == set(wanted)
    biggest = max(model.parameters for model in models)
    whole = BAR_WIDTH / (1 if share else 50e9 / biggest)  # the axis ends at the next round number
    for label, (count, model) in wanted.items():
        assert found[label] == pytest.approx(whole * count / (model.parameters if share else biggest), abs=1e-6)
    assert {"46.70B (12.88B active)", "30.53B (3.353B active)", "110.1M", "2.768B"} <= set(texts(svg))
    assert {"bert-baseBertForPreTraining", "mamba-2.8bMambaForCausalLM"} <= set(texts(svg))
    assert [text for text in texts(svg) if text in ROLES] == [
        role for role in ROLES if any(role in model.roles() for model in models)
    ]


def test_marks_are_told_where_one_points_at_them() -> None:
    for mark in marks(drawn(plot("bert-base")), "bar"):
        assert [child.text for child in mark] == [mark.get("aria-label")]


@pytest.mark.parametrize("number", [1, 30])
def test_bars_keep_their_height(number: int) -> None:
    svg = drawn(plot(*["gpt2"] * number))
    (root,) = elements(svg, "svg")
    assert 36 * number < float(root.get("height", "0")) < 36 * number + 200
    assert len(marks(svg, "bar")) == 4 * number  # one name, and yet so many bars


def test_colours_and_letters_tell_all_roles_apart() -> None:
    for choice in (COLOURS, LETTERS):
        assert set(choice) == set(ROLES)
        assert len(set(choice.values())) == len(ROLES)


def test_of_a_checkpoint_alone_all_is_unknown(case: Case) -> None:
    case.put("own/config.json", b'{"model_type": "nobodys"}')
    case.put("own/model.safetensors", bytes_of({"layers.0.attention.weight": ("BF16", (64, 64))}))
    model = zoo.load("own")
    assert model.roles() == {"unknown": 4096}
    shown = plot(model)
    assert list(lengths(drawn(shown))) == ["own: unknown: 4,096 parameters (100.0%)"]
    assert shown.notes == ("own: from checkpoint: what its parameters are for is not known",)


# --- the same bytes, and nothing else in them ------------------------------------------------------------------------

STABLE = """
import sys, zoo
from zoo.plots.plotting import plot
sys.stdout.write(plot("bert-base", "mixtral-8x7b").svg())
sys.stdout.write(plot("gpt2", "gpt2-medium", "gpt2-large", "bert-base", x="parameters", y="hidden", pareto=True).html())
"""


def test_fresh_processes_draw_the_same_bytes() -> None:
    pytest.importorskip("vl_convert")
    found = {
        subprocess.run(
            [sys.executable, "-c", STABLE],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale},
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout
        for seed, zone, locale in (("1", "UTC", "C"), ("77", "Asia/Tokyo", "C.UTF-8"))
    }
    assert len(found) == 1
    assert len(found.pop()) > 10_000


HOSTILE = (
    "</script><script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</title></svg><script>", '{"expr": "1+1"}',
    "datum.x[0]", "a\nb\x1b[31m\u202e", "${x}", "模型漢字", "-- & ]]> <!--", "'+alert(1)+'", "x" * 300, "", "\ud800",
    "javascript:alert(1)", "\\n\\u003c", "\ufffe\x00",
)  # fmt: skip


class Page(HTMLParser):
    """The tags of a page, their attributes, and the text in all."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.given: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.given += attrs

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def named(names: tuple[str, ...]) -> list[Model]:
    models = [zoo.load({"model_type": "bert", "num_hidden_layers": number + 1}) for number in range(len(names))]
    for model, name in zip(models, names, strict=True):
        model.name = name
    return models


@pytest.mark.parametrize("kind", ["bars", "scatter"])
def test_names_are_data(kind: str) -> None:
    odd = Column("odd.[0]", HOSTILE[0], lambda model: model.parameters / 7, None)
    x, y = ("parameters", "odd.[0]") if kind == "scatter" else (None, None)
    shown = picture(named(HOSTILE), x, y, more=[odd])
    svg = drawn(shown)
    plain = drawn(picture(named(("a",)), x, y, more=[odd]))
    root = ElementTree.fromstring(svg)
    tags = {element.tag for element in root.iter()}
    assert tags <= {element.tag for element in ElementTree.fromstring(plain).iter()} | {
        "{http://www.w3.org/2000/svg}line"
    }
    labels = [mark.get("aria-label", "") for mark in marks(svg, "bar" if kind == "bars" else "point")]
    for name in (HOSTILE[0], HOSTILE[1], HOSTILE[3], "a\\nb\\x1b[31m\\u202e", "模型漢字", "\\ud800"):
        assert any(label.startswith(f"{name}{':' if kind == 'bars' else ' (bert)'}") for label in labels), name
    page = Page(shown.html())
    allowed = {"html", "head", "meta", "title", "style", "body", "p"}
    assert page.tags <= {tag.rpartition("}")[2] for tag in tags} | allowed
    assert not [key for key, _ in page.given if key.startswith("on") or key in ("href", "src", "xlink:href")]
    assert any("onerror=alert(1)" in text for text in page.texts)
    assert not set(str(shown)) & {"\x1b", "\u202e", "\x00"}


def test_a_page_asks_nobody() -> None:
    drawn(plot("gpt2"))
    page = Page(plot("gpt2").html())
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in page.given
    urls = {value for key, value in page.given if value and "://" in value}
    assert urls == {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}  # names, not addresses


def test_a_png_has_the_pixels_of_the_drawing() -> None:
    shown = plot("gpt2")
    (root,) = elements(drawn(shown), "svg")
    for scale in (1, 2):
        header = shown.png(scale)[:24]
        assert header[:8] == b"\x89PNG\r\n\x1a\n"
        width, height = struct.unpack(">II", header[16:])
        assert abs(width - scale * float(root.get("width", ""))) <= 1
        assert abs(height - scale * float(root.get("height", ""))) <= 1


def test_no_line_of_the_grid_goes_through_a_total() -> None:
    svg = drawn(plot("bert-base", "mixtral-8x22b", "mixtral-8x7b", "gpt3"))
    grounds = []
    for mark in elements(svg, "path"):
        shape = re.fullmatch(r"M([-\d.e]+),([-\d.e]+)h([\d.]+)v([\d.]+)h-[\d.]+Z", mark.get("d", ""))
        if shape and mark.get("fill") == "white":
            left, top, width, height = map(float, shape.groups())
            grounds.append((left, left + width, top, top + height))
    totals = [
        text for text in elements(svg, "text") if re.match(r"[\d.]+[MB]\b.*", text.text or "") and "." in str(text.text)
    ]
    assert len(totals) == len(grounds) == 4
    for text, (left, right, top, bottom) in zip(totals, grounds, strict=True):
        at = re.fullmatch(r"translate\(([-\d.e]+),([-\d.e]+)\)", text.get("transform", ""))
        assert at
        assert left < float(at[1]) < float(at[1]) + 4.5 * len(text.text or "") < right
        assert top < float(at[2]) < bottom
    behind = svg.index("mark-rect role-mark"), svg.index(">110.1M<")
    assert svg.index("mark-rule role-axis-grid") < behind[0] < behind[1]


def test_a_png_that_is_too_large_is_refused() -> None:
    shown = plot(*["gpt2"] * 120)
    assert len(marks(drawn(shown), "bar")) == 4 * 120
    with pytest.raises(zoo.ZooError, match=f"pixels wide or high, and {LARGEST:,} is the most: draw fewer models, or"):
        shown.png()
    assert shown.png(1).startswith(b"\x89PNG")


def test_letters_that_no_font_has_are_told() -> None:
    pytest.importorskip("vl_convert")
    found, told = [], []
    for name in ("模型", "漢字"):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found.append(picture(named((name,))).png(1))
        told += [str(warning.message) for warning in caught if warning.category is PictureWarning]
    if found[0] == found[1]:  # boxes, both of them
        assert [told[at].partition(":")[0].split()[-1] for at in (0, 1)] == ["模型", "漢字"]
    else:
        assert told == []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        picture(named(("Привет, Ωμέγα é²",)), "parameters", "rule_error").png(1)


# --- a scatter -------------------------------------------------------------------------------------------------------

FAMILIES = ("gpt2", "gpt2-medium", "gpt2-large", "gpt2-xl", "bert-base", "bert-large", "llama-2-7b")


def places(svg: str) -> dict[str, tuple[float, float]]:
    """Where the points are, by what they say."""
    found = {}
    for mark in marks(svg, "point"):
        at = re.fullmatch(r"translate\(([-\d.e]+),([-\d.e]+)\)", mark.get("transform", ""))
        assert at
        found[mark.get("aria-label", "")] = (float(at[1]), float(at[2]))
    return found


def test_points_are_where_their_logarithms_are() -> None:
    models = [zoo.load(name) for name in FAMILIES]
    found = places(drawn(picture(models, "parameters", "hidden")))
    wanted = {
        f"{model.name} ({model.model_type}): parameters {model.parameters:,}, hidden {model.config.hidden_size:,}": (
            log(model.parameters),
            log(model.config.hidden_size),
        )
        for model in models
    }
    assert set(found) == set(wanted)
    first, last = (f"{name} " for name in ("gpt2", "llama-2-7b"))
    (a,), (b,) = ([label for label in found if label.startswith(name)] for name in (first, last))
    for axis in (0, 1):
        scale = (found[b][axis] - found[a][axis]) / (wanted[b][axis] - wanted[a][axis])
        assert (scale > 0) == (axis == 0)
        for label, logs in wanted.items():
            assert found[label][axis] - found[a][axis] == pytest.approx(
                scale * (logs[axis] - wanted[a][axis]), abs=0.01
            )
        assert all(0 < place[axis] < (WIDTH, HEIGHT)[axis] for place in found.values())


@pytest.mark.parametrize(("x", "y"), [("parameters", "hidden"), ("hidden", "parameters")])
def test_lines_have_the_exponents_of_zoo_width(x: str, y: str) -> None:
    models = [zoo.load(name) for name in FAMILIES]
    shown = Scatter(models, column(x), column(y))
    told = {family: exponent for family, _, exponent in exponents(models) if exponent is not None}
    assert list(told) == ["gpt2"]
    (line,) = [layer for layer in shown.specification()["layer"] if layer["mark"].get("clip")]
    (ax, ay), (bx, by) = ((value["x"], value["y"]) for value in line["data"]["values"])
    slope = (log(by) - log(ay)) / (log(bx) - log(ax))
    assert (slope if x == "parameters" else 1 / slope) == pytest.approx(told["gpt2"], rel=1e-4)
    assert f"gpt2 (exponent {told['gpt2']:.3f})" in texts(drawn(shown))
    assert f"gpt2: hidden as parameters to the power of {told['gpt2']:.3f}" in str(shown)


def test_without_width_there_are_no_lines() -> None:
    assert plot(*FAMILIES, x="active", y="hidden").notes == ()
    assert "exponent" not in str(plot(*FAMILIES, x="active", y="hidden"))


numbers = st.floats(min_value=0.001, max_value=1e12, allow_nan=False)


@given(st.lists(st.tuples(numbers, numbers), min_size=1))
def test_nothing_is_preferred_to_what_is_on_the_front(points: list[tuple[float, float]]) -> None:
    wanted = {
        point
        for point in points
        if not any(other != point and other[0] <= point[0] and other[1] >= point[1] for other in points)
    }
    assert front(points) == sorted(wanted)


def test_the_front_is_drawn_and_its_direction_told() -> None:
    shown = plot(*FAMILIES, x="parameters", y="hidden", pareto=True)
    assert any("of the least parameters and the most hidden" in text for text in texts(drawn(shown)))
    assert [line.split()[1] for line in str(shown).splitlines() if line.endswith("on the Pareto front")] == [
        "gpt2-large", "gpt2-xl", "bert-base", "bert-large", "llama-2-7b",
    ]  # fmt: skip


LESS = {"parameters", "cache", "short"}


@pytest.mark.parametrize(
    ("x", "y", "told"),
    [
        ("parameters", "quiz", "the least parameters and the most quiz"),
        ("quiz", "parameters", "the most quiz and the least parameters"),
        ("parameters", "cache", "the least parameters and the least cache"),
        ("short", "cache", "the least size and the least cache"),
        ("quiz", "layers", "the most quiz and the most layers"),
    ],
)
def test_less_is_better_of_amounts_and_more_of_all_else(x: str, y: str, told: str) -> None:
    names = ("gpt2", "gpt2-medium", "gpt2-large", "llama-2-7b", "llama-3-8b", "qwen3-8b", "mistral-7b", "bert-base")
    quiz = Column("quiz", "quiz", lambda model: 0.1 + names.index(model.name) * 5 % 8 / 10, None)
    models = [zoo.load(name).under(zoo.Conditions(length=512)) for name in names]
    shown = Scatter(models, column(x, [quiz]), column(y, [quiz]), pareto=True, scores=[quiz])

    def better(one: tuple[float, float], other: tuple[float, float]) -> bool:
        """As good in both."""
        return all(a <= b if name in LESS else a >= b for name, a, b in zip((x, y), one, other, strict=True))

    points = [(point.x, point.y) for point in shown.points]
    wanted = {point for point in points if not any(other != point and better(other, point) for other in points)}
    assert shown.front == sorted(wanted)
    assert any(told in text for text in texts(drawn(shown)))
    assert told in str(shown)
    (line,) = [path for path in elements(drawn(shown), "path") if path.get("stroke-dasharray")]
    corners = [tuple(map(float, at.split(","))) for at in re.findall(r"[-\d.]+,[-\d.]+", line.get("d", ""))]
    on = [(shown.x.at(a) * WIDTH, (1 - shown.y.at(b)) * HEIGHT) for a, b in shown.front]
    signs = [1 if x in LESS else -1, -1 if y in LESS else 1]
    for corner in corners:  # each is as good as some model, and none is better than all
        assert any(all(sign * (a - b) <= 0.01 for sign, a, b in zip(signs, place, corner, strict=True)) for place in on)
    assert len(corners) >= 2 * len(on) - 1


def test_a_name_keeps_clear_of_lines_where_there_is_room() -> None:
    line = ((0.0, 100.0), (600.0, 100.0))
    (label,) = placed([(100, 100)], ["gpt2"], [line], 600, 400)
    assert label
    assert label.box((100, 100), "gpt2").crossed(line) is False
    (label,) = placed([(100, 10)], ["gpt2"], [((0.0, y), (600.0, y)) for y in (0.0, 6.0, 12.0, 18.0, 24.0)], 600, 30)
    assert label  # on a line, since there is no other place


@pytest.mark.parametrize("crossing", [((0, 0), (10, 10)), ((5, -5), (5, 15)), ((4, 4), (6, 6)), ((-5, 5), (15, 6))])
def test_a_line_crosses_a_box(crossing: tuple[tuple[float, float], tuple[float, float]]) -> None:
    box = Box(0, 0, 10, 10)
    assert box.crossed(crossing)
    assert box.crossed((crossing[1], crossing[0]))
    assert not box.crossed(((-5, 8), (2, 20)))
    assert not box.crossed(((20, 0), (20, 10)))


@given(st.lists(st.tuples(st.floats(0, 600), st.floats(0, 400), st.text("abc", max_size=30)), max_size=30))
def test_labels_overlap_neither_each_other_nor_points(given: list[tuple[float, float, str]]) -> None:
    points, names = [(x, y) for x, y, _ in given], [name for _, _, name in given]
    boxes: list[tuple[float, float, float, float]] = []
    for (x, y), name, label in zip(points, names, placed(points, names, [], 600, 400), strict=True):
        if label is None or not name:
            continue
        width = 5 * len(name)
        left = x + label.dx - {"left": 0, "center": width / 2, "right": width}[label.align]
        box = (left, y + label.dy - 5, left + width, y + label.dy + 5)
        assert box[0] >= 0
        assert box[2] <= 600
        assert not any(box[0] < px < box[2] and box[1] < py < box[3] for px, py in points)
        for a, b, c, d in boxes:
            assert not (box[0] < c and a < box[2] and box[1] < d and b < box[3])
        boxes.append(box)


def test_a_lone_label_stands_beside_its_point_and_a_crowd_goes_without() -> None:
    assert placed([(100, 100)], ["gpt2"], [], 600, 400) == [Label(8, 0, "left", False)]
    crowd = placed([(100, 100)] * 60, ["a-model"] * 60, [], 600, 400)
    assert 0 < crowd.count(None) < 60
    shown = plot(*["gpt2"] * 60, x="parameters", y="hidden")
    assert any(re.fullmatch(r"no place for \d+ names of 60", text) for text in texts(drawn(shown)))
    assert shown.notes == ()


@pytest.mark.parametrize(
    ("low", "high", "wanted"),
    [
        (1e6, 1e12, [10.0**power for power in range(6, 13)]),
        (1, 1e30, [10.0**power for power in range(0, 31, 3)]),
        (100, 20_000, [100, 200, 500, 1000, 2000, 5000, 10_000, 20_000]),
        (17, 195, [20, 30, 50, 70, 100, 150]),
        (550, 990, [600, 700, 800, 900]),
    ],
)
def test_ticks_are_round(low: float, high: float, wanted: list[float]) -> None:
    assert ticks.logarithmic(low, high) == wanted


@given(st.floats(1e-9, 1e25), st.one_of(st.floats(1.69, 10), st.floats(1.69, 1e15)))
def test_ticks_of_a_logarithmic_axis_are_few_and_reach_both_ends(low: float, ratio: float) -> None:
    high = low * ratio
    for found in (ticks.logarithmic(low, high), ticks.binary(low, high)):
        assert 4 <= len(found) <= 50
        assert found == sorted({*found})
        assert low <= found[0] <= low * ratio**0.2
        assert high / ratio**0.2 <= found[-1] <= high
    for value in ticks.binary(1e9 * low, 1e9 * high):
        assert (value / 2.0 ** (round(log(value, 2)) - 6)).is_integer()


@given(st.floats(-1e6, 1e6).filter(lambda low: low == 0 or abs(low) > 1e-200), st.floats(0.0002, 1e6))
def test_ticks_of_a_linear_axis_are_few_and_reach_both_ends(low: float, relative: float) -> None:
    width = relative * (abs(low) or 1)
    found = ticks.linear(low, low + width)
    assert 4 <= len(found) <= 30
    assert low <= found[0] <= low + 0.2001 * width
    assert low + 0.7999 * width <= found[-1] <= low + width


def test_ticks_bear_their_units() -> None:
    at = zoo.Conditions(length=2048)
    shown = plot("llama-2-7b", "qwen3-8b", "mamba-2.8b", x="cache", y="flops_per_token", conditions=at)
    found = set(texts(drawn(shown)))
    assert {"64 MiB", "256 MiB", "1 GiB", "10 GFLOP"} <= found
    found = set(texts(drawn(plot("llama-2-7b", "bert-tiny", x="parameters", y="embedding"))))
    assert {"10M", "1B", "20%"} <= found


@pytest.mark.parametrize("factor", [3, 1024**2, 1024**4])
def test_bytes_on_an_axis_are_as_many_as_its_labels_say(factor: int) -> None:
    units = {unit: 1024**power for power, unit in enumerate(("B", "KiB", "MiB", "GiB", "TiB", "PiB"))}
    size = Column("size", "size", lambda model: model.config.hidden_size * factor, unit="bytes")
    shown = Scatter([zoo.load(name) for name in FAMILIES], size, column("parameters"))
    labels = [text.split() for text in texts(drawn(shown)) if text.endswith("B") and " " in text]
    assert [float(number) * units[unit] for number, unit in labels] == shown.x.ticks()


def test_shares_may_be_negative_and_their_ticks_tell_them_apart() -> None:
    svg = drawn(plot("gpt2", "gpt2-xl", "gpt3", x="parameters", y="rule_error"))
    found = places(svg)
    heights = {label.split()[0]: y for label, (_, y) in found.items()}
    errors = {name: zoo.load(name).explain().rule_error or 0 for name in heights}
    scale = (heights["gpt2"] - heights["gpt3"]) / (errors["gpt2"] - errors["gpt3"])
    assert scale < 0
    assert heights["gpt2-xl"] - heights["gpt3"] == pytest.approx(scale * (errors["gpt2-xl"] - errors["gpt3"]), abs=0.01)
    labels = [text for text in texts(svg) if text.endswith("%")]
    assert len(labels) == len({*labels}) >= 4


def test_what_has_no_place_is_told_and_not_drawn_as_0() -> None:
    values = {
        "gpt2": 0,
        "gpt2-medium": None,
        "gpt2-large": "6+6",
        "gpt2-xl": float("inf"),
        "gpt3": 10**400,
        "bert-base": 7,
    }
    odd = Column("odd", "odd", lambda model: values[model.name], None, missing="unknown")
    shown = Scatter([zoo.load(name) for name in values], column("parameters"), odd)
    assert list(places(drawn(shown))) == ["bert-base (bert): parameters 110,106,428, odd 7"]
    assert shown.notes[-1].endswith("0, which is not one number")
    assert len(shown.notes) == 5
    assert [note.partition(" is left out: ")[::2] for note in shown.notes[:-1]] == [
        ("gpt2", "odd is 0, for which a logarithmic axis has no place"),
        ("gpt2-medium", "odd is not known"),
        ("gpt2-large", "odd is 6+6, which is not one number"),
        ("gpt2-xl", "odd is inf, which is not one number"),
    ]


def test_who_is_left_out_is_told_in_a_few_lines() -> None:
    models = [zoo.load(name) for name in FAMILIES]
    assert left_out(dict.fromkeys(models[:2], "why")) == ("gpt2, gpt2-medium are left out: why",)
    assert left_out(dict.fromkeys(models, "why"))[0].endswith(
        "gpt2-xl, bert-base, bert-large and 1 more are left out: why"
    )
    each = left_out({model: f"why {number}" for number, model in enumerate([*models, zoo.load("gpt3")])})
    assert len(each) == MOST + 1
    assert each[-1] == "and 2 more models left out for other reasons"


def test_all_are_named_where_none_can_be_drawn(case: Case) -> None:
    told = case.fails("plot", "gpt2", "mamba-130m", "--x", "heads", "--y", "hidden")
    assert "gpt2 is left out: heads/KV is 12/12, which is not one number" in told
    assert "mamba-130m is left out: heads/KV is not known" in told


@pytest.mark.parametrize("values", [(1e308, -1e308), (1e-320, 1.0), (0.7000001, 0.7000002), (0, 0), (5e-324, -1e-300)])
def test_no_number_is_too_odd_for_an_axis(values: tuple[float, float]) -> None:
    odd = dict(zip(("gpt2", "bert-base"), values, strict=True))
    models = [zoo.load(name) for name in ("gpt2", "bert-base", "gpt3")]
    score = Column("score", "score", lambda model: odd.get(model.name, 0.5), None)
    for more in ([score], []):
        drawn(Scatter(models, column("parameters"), score, scores=more))


def test_shares_and_scores_are_linear_and_may_be_0() -> None:
    score = Column("score", "score", lambda model: 0 if model.name == "gpt2" else 0.5, None)
    found = places(drawn(picture([zoo.load(name) for name in FAMILIES], "embedding", "score", more=[score])))
    by_share = sorted(
        (zoo.load(label.split()[0]).embedding_parameters / zoo.load(label.split()[0]).parameters, x)
        for label, (x, _) in found.items()
    )
    (a, ax), *_, (b, bx) = by_share
    for share, x in by_share:
        assert (x - ax) / (bx - ax) == pytest.approx((share - a) / (b - a), abs=1e-3)


# --- a terminal ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [40, 100, 200])
def test_bars_fit_the_terminal_and_are_as_long_as_they_count(width: int) -> None:
    models = [zoo.load(name) for name in ("llama-2-7b", "mistral-7b", "gpt2")]
    lines = Bars(models).text(Terminal(width)).splitlines()[2:5]
    assert max(map(len, lines)) <= width
    cells = [Counter(line[len("llama-2-7b  ") :].partition(" ")[0]) for line in lines]
    whole = sum(cells[1].values())
    for model, found in zip(models, cells, strict=True):
        for role, count in model.roles().items():
            assert abs(found[LETTERS[role]] - whole * count / 7_241_732_096) <= 1


def test_colours_only_where_they_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    class Tty(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("COLUMNS", "77")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert terminal(Tty()) == Terminal(77, True)
    assert terminal(io.StringIO()) == Terminal(77, False)
    monkeypatch.setenv("NO_COLOR", "1")
    assert terminal(Tty()) == Terminal(77, False)
    shown = plot("bert-base")
    coloured, plain = shown.text(Terminal(80, True)), shown.text(Terminal(80))
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain
    assert "\x1b[30;48;2;0;114;178mE" in coloured
    assert plain.isascii()


def test_wide_letters_take_two_columns() -> None:
    assert (wide("模型"), wide("e\u0301"), wide("か\u3099"), wide("ab")) == (4, 1, 2, 2)
    assert [padded(text, 4) for text in ("模型", "模型a", "abcde", "a")] == ["模型", "模~ ", "abc~", "a   "]


def test_more_places_than_letters_are_all_listed() -> None:
    lines = str(picture(named(tuple(f"m{number}" for number in range(70))), "parameters", "layers")).splitlines()
    listed = [line.split()[:2] for line in lines if re.match(r"\S  m\d+ ", line)]
    assert sorted(int(name[1:]) for _, name in listed) == [*range(70)]


def test_models_in_one_place_have_one_letter_and_stand_together() -> None:
    lines = str(plot("gpt2", "llama-2-7b", "bert-base", "llama-7b", "gpt2", x="parameters", y="hidden")).splitlines()
    listed = [tuple(line.split()[:2]) for line in lines if re.match(r"\w  \S", line)]
    assert listed == [("1", "gpt2"), ("1", "gpt2"), ("2", "llama-2-7b"), ("2", "llama-7b"), ("3", "bert-base")]
    field = "".join(line.partition("|")[2] for line in lines)
    assert sorted(field.replace(" ", "")) == ["1", "2", "3"]


def test_a_terminal_is_told_of_no_line_that_is_not_there() -> None:
    shown = str(plot(*FAMILIES, x="parameters", y="hidden", pareto=True))
    assert shown.startswith("hidden against parameters (Pareto front: the least parameters and the most hidden)\n")
    assert "dashed" not in shown
    assert "lines" not in shown


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_command_draws_into_files(case: Case, tmp_path_factory: pytest.TempPathFactory) -> None:
    pytest.importorskip("vl_convert")
    folder = tmp_path_factory.mktemp("drawn")
    svg, png, page = (folder / name for name in ("a.svg", "a.PNG", "a.html"))
    for file in (svg, png, page):
        run = case.zoo("plot", "bert-base", "gpt2", "--out", str(file))
        assert (run.code, run.out, run.err) == (0, "", "")
    assert svg.read_text(encoding="utf-8") == plot("bert-base", "gpt2").svg()
    assert png.read_bytes().startswith(b"\x89PNG")
    assert page.read_text(encoding="utf-8") == plot("bert-base", "gpt2").html()
    before = svg.stat()
    assert case.zoo("plot", "bert-base", "gpt2", "--out", str(svg)).code == 0
    assert svg.stat().st_mtime_ns == before.st_mtime_ns  # the same already
    assert case.zoo("plot", "gpt2", "--out", str(svg)).code == 0
    assert svg.read_text(encoding="utf-8") == plot("gpt2").svg()


def test_a_picture_is_saved_and_shown_as_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    svg, png = tmp_path / "a.svg", tmp_path / "a.png"
    shown = plot("bert-base")
    assert repr(shown) == str(shown)
    assert shown._repr_svg_() == drawn(shown)
    shown.save(str(svg))
    shown.save(png)
    assert svg.read_text(encoding="utf-8") == shown.svg()
    assert png.read_bytes() == shown.png()
    with pytest.raises(zoo.ZooError, match="a picture ends in"):
        shown.save("a.jpg")
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    assert shown._repr_svg_() is None


def test_results_and_registries_may_be_one_path(case: Case) -> None:
    case.put("scores.csv", b"model,quiz\nmine,0.5\n")
    case.put("own.toml", b'[models.mine]\nmodel_type = "bert"\nclass = "BertModel"\n')
    wanted = str(plot("mine", x="parameters", y="quiz", results=["scores.csv"], registries=["own.toml"]))
    for one in ("scores.csv", Path("scores.csv")):
        assert str(plot("mine", x="parameters", y="quiz", results=one, registries="own.toml")) == wanted


def test_the_command_draws_in_the_terminal(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    run = case.zoo("plot", "bert-base", "mixtral-8x7b", "--share")
    assert (run.code, run.err) == (0, "")
    assert run.out == str(plot("bert-base", "mixtral-8x7b", share=True)) + "\n"
    run = case.zoo("plot", "gpt2*", "--x", "parameters", "--y", "cache", "--length", "1000")
    assert "1,000 tokens" in run.out


def test_of_models_that_cannot_be_loaded_the_others_are_drawn_in_the_terminal_only(case: Case) -> None:
    case.put("a.svg", b"as it was")
    run = case.zoo("plot", "gpt2", "no-such-model")
    assert (run.code, "EEE" in run.out, run.err.count("\n")) == (2, True, 1)
    assert "no-such-model" in case.fails("plot", "gpt2", "no-such-model", "--out", "a.svg")
    assert Path("a.svg").read_bytes() == b"as it was"


def test_scores_are_columns(case: Case) -> None:
    case.put("scores.csv", b"model,quiz\nbert-base,0.5\ngpt2,0.25\n")
    run = case.zoo(
        "plot", "bert-base", "gpt2", "gpt2-xl", "--x", "parameters", "--y", "quiz", "--results", "scores.csv"
    )
    assert run.code == 0
    assert run.err == "zoo: note: gpt2-xl is left out: quiz is not known\n"
    assert "gpt2  " in run.out
    assert str(plot("bert-base", "gpt2", x="parameters", y="quiz", results=["scores.csv"])).count("0.25") == 2


@pytest.mark.parametrize("results", [(), ("--results", "scores.csv")])
def test_it_is_told_at_which_length_costs_are(case: Case, results: tuple[str, ...]) -> None:
    case.put("scores.csv", b"model,quiz\nbert-base,0.5\ngpt2,0.25\n")
    told = "zoo: note: no --length is stated, so each model has its own: bert-base 512, gpt2 1,024\n"
    own = ("bert-base", "gpt2", "--dtype", "bf16", *results)
    assert told in case.zoo("plot", *own, "--x", "flops", "--y", "cache").err
    assert told not in case.zoo("plot", *own, "--x", "flops", "--y", "cache", "--length", "99").err
    assert case.zoo("plot", *own, "--x", "parameters", "--y", "quiz" if results else "hidden").err == ""
    assert case.zoo("plot", *own).err == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--out", "a.jpg"], "a.jpg: a picture ends in .svg, .png, .html, not '.jpg'"),
        (["--out", "a"], "a picture ends in"),
        (["--out", "a.svgz"], "did you mean .svg?"),
        (["--x", "parameters"], "a scatter needs both --x and --y"),
        (["--y", "parameters"], "a scatter needs both --x and --y"),
        (["--x", "parameters", "--y", "class"], "column class holds words"),
        (["--x", "parameters", "--y", "published"], "there is no point to draw: gpt2 is left out: published"),
        (["--x", "parameters", "--y", "hidden", "--share"], "--share is of bars"),
        (["--pareto"], "--pareto is of a scatter"),
        (["--out", "nowhere/a.svg"], "nowhere/a.svg: cannot be written"),
        (["--out", "folder.svg"], "folder.svg: is no regular file"),
    ],
)
def test_the_command_fails_in_one_line(case: Case, arguments: list[str], message: str) -> None:
    pytest.importorskip("vl_convert")
    Path("folder.svg").mkdir()
    assert message in case.fails("plot", "gpt2", *arguments)


def test_without_the_extra_files_cannot_be_drawn_but_terminals_can(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    assert "pip install 'paramzoo[plot]'" in case.fails("plot", "gpt2", "--out", "a.svg")
    assert not Path("a.svg").exists()
    assert case.zoo("plot", "gpt2").code == 0


def test_a_misspelt_column_is_told_before_anything_is_read(case: Case) -> None:
    run = case.zoo("plot", "no-such-model", "--x", "parametres", "--y", "hidden")
    assert (run.code, run.out, run.err.count("\n")) == (2, "", 1)
    assert run.err.startswith("zoo: no column 'parametres'; did you mean parameters")


def test_no_model_is_no_picture() -> None:
    with pytest.raises(zoo.ZooError, match="there is no model to draw"):
        plot()


def test_nothing_heavy_is_imported_for_a_terminal() -> None:
    code = (
        "import sys, zoo.plots.plotting as p; str(p.plot('gpt2')); "
        "print(*sorted({'vl_convert', 'numpy', 'tabulate', 'huggingface_hub'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "\n"
