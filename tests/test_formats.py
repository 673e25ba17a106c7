"""Whatever a model is called, every format shows just that: read back by the field's own readers of each.

What the formats look like is in golden/, a file for each; after a change that is meant,
`python tests/test_formats.py --write` writes them anew.
"""

import csv
import html
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import cmarkgfm  # type: ignore[import-untyped]
import docutils.core  # type: ignore[import-untyped]
import docutils.nodes  # type: ignore[import-untyped]
import pytest
import tabulate
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from wcwidth import wcswidth

import zoo
from zoo.conditions import Conditions
from zoo.errors import ZooError
from zoo.formats import RECORDS, SEPARATED, STYLES, draw, headed, json_text, prose
from zoo.formats.latex import LATEX
from zoo.model import Model
from zoo.reports.cache import cache_report
from zoo.reports.explanation import explain
from zoo.reports.flops import flops_report
from zoo.reports.listings import architecture, tensors
from zoo.reports.lora import LoraReport
from zoo.reports.memory import memory_report
from zoo.reports.width import width
from zoo.text import printable

GOLDEN = Path(__file__).parent / "golden"
MARKDOWN = ("markdown", "pipe", "github")
HTML = ("html", "unsafehtml")
REFERENCES = ("asciidoc", "jira", "mediawiki", "moinmoin", "textile", "youtrack")
TERMINAL = sorted({"table", *STYLES} - {*MARKDOWN, *HTML, *LATEX, *REFERENCES, *SEPARATED, *RECORDS, "rst", "orgtbl"})

HOSTILE = [
    "a|b", "a\\|b", "a\\b\\", "||", "=cmd()|' /C calc'!A0", "＝1+1", "@sum", "- item", "1. one", "(a) x", "a) x",
    "<script>alert(1)</script>", "<!-- zoo:end -->", "a & b &amp; &copy &#42;", '"quoted, and" \'so\'',
    "_x_ max_position__embeddings __init__", "*b* **c**", "`code` ``x``", "~s~ ~~t~~", "$x$ ^a^ {b} %d% #e",
    "[link](http://evil.example) ![image](x.png) [16, 24] [1]_ [[wiki]]", "http://evil.example", "see www.evil.example",
    "a@evil.example", "org/name@v1.0-beta", "# h", "> q", "===", "---", ".. include:: /etc/passwd", ":field: x::",
    "\\input{/etc/passwd}", "\\write18{touch ran}", "% \\end{tabular}", "\\\\", "''it''", "{{template}}", "--x --- ...",
    "\x1b[31mred", "\u202egnp.exe", "a\x00b\nc\td", "\ud800", "名前モデル-7B", "e\u0301toile\u0955", "🤗", "Ωmega ł",
    "   lead", "a   b", "trail  ", "│  └─ layers.0-11", "",
]  # fmt: skip
NAMES = (
    st.sampled_from(HOSTILE)
    | st.text(max_size=12)
    | st.text("|\\<>&_*`~[](){}$^#=+-@:/. '\"!%a1\n中\u202e", max_size=12)
)


def grid(*names: str) -> tuple[list[str], list[list[str]], list[bool]]:
    """A table with each of these names in a header, in the first column and in the last."""
    rows = [[name, "110106428", "-0.0157", name] for name in names]
    return ["model", "parameters", "share", names[0]], rows, [False, True, True, False]


def shown(names: list[str]) -> list[list[str]]:
    """What a reader must see of such a table, blanks apart."""
    headers, rows, _ = grid(*names)
    return [[words(printable(cell)) for cell in row] for row in (headers, *rows)]


def words(text: str) -> str:
    return " ".join(text.split())


# What formats look like


USUAL = [
    "bert-base", "gpt2_xl", "a|b", "a\\|b", "R&D &amp;", "=cmd()|'!A0", "<script>x</script>", "_x_ *b* `c` ~d~ $e$",
    "[f](http://g.h) {i} #j ^k^ l@m.n", "- item", "\x1b[31mred", "\u202egnp.exe", "名前モデル-7B", "🤗",
    "└─ layers.0-11", "",
]  # fmt: skip


def golden(style: str) -> str:
    headers, rows, numeric = grid(*USUAL[2:], *USUAL[:2])
    if style in RECORDS:
        return json_text([{"model": row[0], "parameters": int(row[1]), "share": float(row[2])} for row in rows], style)
    return headed(["bert-base: 110,106,428 parameters", USUAL[8]], draw(headers, rows, numeric, style), style)


@pytest.mark.parametrize("style", STYLES)
def test_a_format_looks_as_it_did(style: str) -> None:
    assert golden(style) + "\n" == (GOLDEN / f"{style}.txt").read_bytes().decode()


def test_there_is_every_format_of_tabulate() -> None:
    assert set(tabulate.tabulate_formats) < set(STYLES)
    assert {path.stem for path in GOLDEN.iterdir()} == set(STYLES)


def test_an_unknown_format_gets_near_names() -> None:
    with pytest.raises(ZooError, match="no format 'markdwon'; did you mean markdown"):
        draw(["a"], [["b"]], [False], "markdwon")
    with pytest.raises(ZooError, match="no format 'ltex'; did you mean latex"):
        headed(["a"], "b", "ltex")


@pytest.mark.parametrize("style", [style for style in STYLES if style not in RECORDS])
def test_a_table_without_rows_has_its_headers(style: str) -> None:
    assert "model" in draw(["model", "n"], [], [False, True], style)


# Names from strangers


@given(st.lists(NAMES, min_size=1, max_size=5), st.sampled_from([style for style in STYLES if style not in RECORDS]))
@settings(max_examples=300, deadline=None)
def test_nothing_that_steers_a_terminal_is_printed(names: list[str], style: str) -> None:
    text = headed(names, draw(*grid(*names), style), style).replace("\N{NO-BREAK SPACE}", " ")
    assert all(line.isprintable() for line in text.replace("\t", " " if style == "tsv" else "\t").split("\n"))


@pytest.mark.parametrize("style", TERMINAL)
@given(st.lists(NAMES, min_size=1, max_size=4))
@settings(max_examples=10, deadline=None)
@example(["a|b", "\U00011d93"])
def test_columns_align_in_the_terminal(style: str, names: list[str]) -> None:
    lines = draw(*grid(*names), style).split("\n")
    ends = [wcswidth(line[: line.index("110106428")]) for line in lines if "110106428" in line]
    assert len(ends) == len(names)
    assert len(set(ends)) == 1
    if "grid" in style or "outline" in style or style in ("psql", "pretty"):
        assert len({wcswidth(line) for line in lines}) == 1


@pytest.mark.parametrize("style", SEPARATED)
@given(st.lists(NAMES, min_size=1, max_size=5))
@settings(max_examples=200, deadline=None)
@example(HOSTILE)
def test_separated_values_read_back(style: str, names: list[str]) -> None:
    text = draw(*grid(*names), style)
    headers, *rows = csv.reader(io.StringIO(text, newline=""), delimiter="," if style == "csv" else "\t")
    assert len(rows) == len(names)
    assert headers[:3] == ["model", "parameters", "share"]
    for name, (first, count, share, last) in zip(names, rows, strict=True):
        assert (int(count), float(share)) == (110_106_428, -0.0157)
        assert first == last
        assert first in (printable(name), f"'{printable(name)}")
        if not re.fullmatch(r"[+-]?[0-9.]+", first):
            assert first.strip()[:1] not in set("=+-@＝＋－＠") - {""}


class Cells(HTMLParser):
    """The texts of the cells or paragraphs of a page, row by row, and every tag that is there."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert {name for name, _ in attrs} <= {"style", "align"}
        if tag == "tr" or (tag == "p" and not self.rows):
            self.rows.append([])
        if tag in ("td", "th", "p"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data

    @property
    def texts(self) -> list[list[str]]:
        return [[words(cell) for cell in row] for row in self.rows]


TABLE = {"table", "thead", "tbody", "tr", "th", "td"}


@pytest.mark.parametrize("style", HTML)
@given(st.lists(NAMES, min_size=1, max_size=5))
@settings(max_examples=100, deadline=None)
@example(HOSTILE)
def test_html_has_no_element_but_those_of_a_table(style: str, names: list[str]) -> None:
    found = Cells(draw(*grid(*names), style))
    assert found.tags <= TABLE
    assert found.texts == shown(names)
    lines = Cells(prose(names, style))
    assert lines.tags == {"p"}
    assert lines.texts == [[words(printable(name)) for name in names]]


def _markdown_it(text: str) -> str:
    reader = MarkdownIt("gfm-like")
    assert reader.linkify is not None
    reader.linkify.set({"fuzzy_link": False})  # GitHub makes no link of evil.example
    return str(reader.render(text))


GFM: dict[str, Callable[[str], str]] = {
    "GitHub's own": cmarkgfm.github_flavored_markdown_to_html,
    "markdown-it": _markdown_it,
}


@pytest.mark.parametrize("reader", GFM)
@pytest.mark.parametrize("style", MARKDOWN)
@given(st.lists(NAMES, min_size=1, max_size=5))
@settings(max_examples=100, deadline=None)
@example(HOSTILE)
def test_markdown_shows_the_text_and_no_markup(reader: str, style: str, names: list[str]) -> None:
    found = Cells(GFM[reader](draw(*grid(*names), style)))
    assert found.tags <= TABLE
    assert found.texts == shown(names)


@pytest.mark.parametrize("reader", GFM)
@given(st.lists(NAMES.filter(words), min_size=1, max_size=5))
@settings(max_examples=200, deadline=None)
@example([name for name in HOSTILE if name])
def test_lines_above_a_table_of_markdown_are_paragraphs(reader: str, names: list[str]) -> None:
    found = Cells(GFM[reader](prose(names, "markdown")))
    assert found.tags == {"p"}
    assert found.texts == [[words(printable(name)) for name in names]]


@pytest.mark.parametrize("style", ["markdown", "html"])
@pytest.mark.parametrize("text", ["   lead", "a   b", "trail  ", "│  └─ layers.0-11", " "])
def test_blanks_are_kept_where_pages_drop_them(style: str, text: str) -> None:
    page = draw(["x"], [[text]], [False], style)
    *_, (cell,) = Cells(page if style == "html" else GFM["GitHub's own"](page)).rows
    assert re.sub(" +", " ", cell).strip(" \n").replace("\N{NO-BREAK SPACE}", " ") == text


def test_github_sets_no_mathematics() -> None:
    # An extension of GitHub's that no reader here has; its documentation asks for this escape.
    assert r"\$x\$" in draw(["x"], [["$x$"]], [False], "markdown")


def test_markdown_stays_readable() -> None:
    for text in ("max_position_embeddings", "110,106,428", "org/name@main", "-0.02%", "a - b (c)", "R&D", "C:\\x"):
        assert f"| {text} |" in draw(["n" * len(text)], [[text]], [False], "github").replace("  ", "")


@given(st.lists(NAMES, min_size=1, max_size=5))
@settings(max_examples=150, deadline=None)
@example(HOSTILE)
@example([""])
@example([" ", "名前", "e\u0301e\u0301", "\u0955\u0955"])
@example(["か\u3099が\u3099\u302a", "か\u3099か\u3099か\u3099"])
def test_restructured_text_shows_the_text_and_no_markup(names: list[str]) -> None:
    strict = {"report_level": 2, "halt_level": 2, "warning_stream": io.StringIO(), "file_insertion_enabled": True}
    for text, tag, want in (
        (draw(*grid(*names), "rst"), "entry", [cell for row in shown(names) for cell in row]),
        (draw(["model"], [[name] for name in names], [False], "rst"), "entry", [row[0] for row in shown(names)]),
        (prose(filter(words, names), "rst"), "paragraph", [words(printable(name)) for name in names if words(name)]),
    ):
        tree = docutils.core.publish_doctree(text, settings_overrides=strict)
        found = list(tree.findall(lambda node, tag=tag: node.tagname == tag))
        assert [words(node.astext()) for node in found] == want
        inside = {
            child.tagname for node in found for child in node.findall() if isinstance(child, docutils.nodes.Element)
        }
        assert inside <= {"entry", "paragraph", "comment"}


@given(st.lists(NAMES, min_size=1, max_size=5), st.sampled_from(REFERENCES))
@settings(max_examples=200, deadline=None)
@example(HOSTILE, "mediawiki")
def test_wikis_get_no_sign_that_they_know(names: list[str], style: str) -> None:
    # Tried once with pandoc (MediaWiki, Textile, Jira), textile and asciidoctor, which give the texts back as they are.
    drawn = draw(*grid(*names), style)
    ordinary = draw(*grid(*("x" for _ in names)), style)
    assert len(drawn.split("\n")) == len(ordinary.split("\n"))
    assert drawn.count("|") == ordinary.count("|")
    for name, line in zip(names, prose(names, style).split("\n\n"), strict=True):
        assert words(html.unescape(line)) == words(printable(name))
        assert not re.search(r"[\[\]{}|<>'*~^`\\!+=@]|\b__|__\b|--|&(?!#\d+;)", line)
        assert not re.match(r"[#:;.\-]|\d+\. |h1\. ", line)


@given(st.lists(NAMES, min_size=1, max_size=5))
@settings(max_examples=100, deadline=None)
@example(HOSTILE)
def test_org_gets_names_for_its_signs(names: list[str]) -> None:
    lines = draw(*grid(*names), "orgtbl").split("\n")
    assert len(lines) == len(names) + 2
    known = r"\\(vert|bsol|ast|under|slash|plus|equal|tilde|asciicirc|dollar|[lr]brack|[lr]brace|lt|gt|zwnj)\{\}"
    for line in (lines[0], *lines[2:]):
        assert line.count("|") == 5
        assert not re.search(r"\w:(//|\\slash)", line)
        assert not re.search(r"[*_=~^$<>\[\]{}\\]|(?<!\w)/|/(?!\w)|--", re.sub(known, "s", line))


@given(st.lists(NAMES, min_size=1, max_size=5))
def test_json_lines_are_the_records_of_json(names: list[str]) -> None:
    records = [{name: 110_106_428, "note": name} for name in names]
    for text in (json_text(records, "json"), json_text(records, "jsonl")):
        assert text.isascii()
    assert json.loads(json_text(records, "json")) == records
    assert [json.loads(line) for line in json_text(records, "jsonl").split("\n")] == records
    assert json.loads(json_text(records[0], "jsonl")) == records[0]


# LaTeX, which runs what it reads

LETTERS = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿ"
ASCII = "".join(map(chr, range(32, 127)))
PREAMBLE = r"""
\documentclass{article}
\usepackage{longtable}
\IfFileExists{booktabs.sty}{\usepackage{booktabs}}{\let\toprule\hline \let\midrule\hline \let\bottomrule\hline}
\pdfpageheight=100cm \pdfpagewidth=100cm \textheight=90cm \textwidth=90cm
\begin{document}
"""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which LaTeX has set every hostile name in each of its formats."""
    if shutil.which("pdflatex") is None:
        pytest.skip("needs pdflatex (Debian: texlive-latex-base)")
    folder = tmp_path_factory.mktemp("latex")
    names = [*HOSTILE, LETTERS, ASCII, "[x] *y*"]
    tables = [headed(names, draw(*grid(*names), style), style) for style in LATEX]
    body = "\n\n\\clearpage\n".join(tables)
    (folder / "x.tex").write_text(f"{PREAMBLE}{body}\n\\end{{document}}\n", "utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-recorder", "-shell-escape", "x.tex"],
        cwd=folder,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    return folder


def test_latex_compiles_and_runs_nothing(compiled: Path) -> None:
    read = (compiled / "x.fls").read_text("utf-8", "replace")
    assert "/etc/passwd" not in read
    assert not (compiled / "ran").exists()
    assert "runsystem" not in (compiled / "x.log").read_text("utf-8", "replace")


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs pdftotext (Debian: poppler-utils)")
def test_latex_sets_the_text(compiled: Path) -> None:
    done = subprocess.run(["pdftotext", "-layout", "x.pdf", "-"], cwd=compiled, capture_output=True, check=True)
    # What stands for these signs in LaTeX's first fonts; and an underscore is a line there.
    fonts = str.maketrans("~^'`\"", "˜ˆ’‘”", "_ \n\f\N{NO-BREAK SPACE}")
    text = done.stdout.decode().translate(fonts)
    for name in (*HOSTILE, ASCII):
        codes = "".join(sign if sign.isascii() else f"U+{ord(sign):04X}" for sign in printable(name))
        want = codes.replace("U+2502", ".").replace("U+2514U+2500", ".").translate(fonts)
        assert text.count(want) >= len(LATEX), name


# Reports


@pytest.fixture(scope="module")
def model() -> Model:
    return zoo.load("gpt2")


REPORTS: dict[str, Callable[[Model], "Callable[[str], str]"]] = {
    "compare": lambda model: zoo.compare(model, "bert-base").render,
    "show": lambda model: zoo.show(model).render,
    "tensors": lambda model: tensors(model).render,
    "fields": lambda model: architecture("gpt2")[1].render,
    "cache": lambda model: cache_report(model).render,
    "flops": lambda model: flops_report(model).render,
    "memory": lambda model: memory_report(model.under(Conditions()), ["adamw"]).render,
    "lora": lambda model: LoraReport(model, model.lora(8)).render,
    "width": lambda model: width(model, "bert-base").render,
}


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_has_every_format(report: str, model: Model) -> None:
    render = REPORTS[report](model)
    whole = json.loads(render("json"))
    lines = [json.loads(line) for line in render("jsonl").split("\n")]
    assert lines == (whole if isinstance(whole, list) else [whole])
    rows = {
        style: len(list(csv.reader(io.StringIO(render(style)), delimiter=",\t"[style == "tsv"]))) for style in SEPARATED
    }
    assert len(set(rows.values())) == 1
    for style in ("table", "latex", "html", "rst"):
        assert render(style)


def test_an_explanation_of_a_hostile_name(tmp_path: Path) -> None:
    folder = tmp_path / "*a*|\x1b[31m<b>_"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "bert"}')
    found = explain(folder)
    assert json.loads(found.render("jsonl")) == found.record() == json.loads(found.render("json"))
    assert all(line.isprintable() for line in found.render("text").split("\n"))
    page = Cells(GFM["GitHub's own"](found.render("markdown")))
    assert page.tags == TABLE | {"p"}
    assert page.texts[0] == [f"{printable(str(folder))}: BertModel, 109,482,240 parameters"]


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit("usage: python tests/test_formats.py --write")
    for style in STYLES:
        (GOLDEN / f"{style}.txt").write_bytes(f"{golden(style)}\n".encode())
