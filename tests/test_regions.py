"""Regions in documents: markers found as CommonMark tells comments from code, recipes, locks and tables read back."""

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.errors import ZooError
from zoo.formats import draw
from zoo.regions import grids
from zoo.regions.fences import code
from zoo.regions.lock import LARGEST_FILE, Lock, LockError, Row, Table, read, written
from zoo.regions.markers import regions
from zoo.regions.recipe import KEYS, recipe
from zoo.regions.told import RegionError
from zoo.text import printable

BEGIN, END = '<!-- zoo:begin models="a" -->', "<!-- zoo:end -->"


def lines_of(text: str) -> list[int]:
    return [region.line for region in regions(text, "F")]


def refusal(text: str) -> str:
    with pytest.raises(RegionError) as raised:
        regions(text, "F")
    line = str(raised.value)
    assert line.isprintable()
    assert len(line) < 300
    return line


# --- markers ---------------------------------------------------------------------------------------------------------


def test_a_region_is_what_stands_between_two_markers() -> None:
    text = f"x\n{BEGIN}\none\ntwo\n{END}\ny\n"
    (region,) = regions(text, "F")
    assert (region.line, region.recipe, region.newline) == (2, 'models="a"', "\n")
    assert text[region.start : region.end] == "one\ntwo\n"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (f"{BEGIN}\n{END}", [1]),
        (f"\N{ZERO WIDTH NO-BREAK SPACE}{BEGIN}\r\n{END}\r\n", [1]),
        (f"   {BEGIN}  \n  {END}\t\n", [1]),
        (f"{BEGIN}\n{END}\n\n{BEGIN}\nx\n{END}\n", [1, 4]),
        ('<!--zoo:begin\n  models="a"\n-->\nx\n<!--\nzoo:end\n-->\n' + f"{BEGIN}\n{END}", [1, 8]),
        (f"```\n{BEGIN}\n```\n{BEGIN}\n{END}", [4]),
        (f"````md\n```\n{BEGIN}\n```\n````\n", []),
        (f"~~~\n{BEGIN}\n```\n{END}\n~~~\n", []),
        (f"- ```\n  {BEGIN}\n  ```\n", []),
        (f"> ```\n> {BEGIN}\n> ```\n", []),
        ("```\ntext", []),
        (f"    ```\n\n{BEGIN}\n{END}\n    ```\n", [3]),
        (f"- ```\n  text\n\n{BEGIN}\n{END}", [4]),
        (f"- a\n  - b\n\n    ```\n    {BEGIN}\n    ```\n{BEGIN}\n{END}", [7]),
        (f"> ```\n> text\n{BEGIN}\n{END}", [3]),
        (f"<div>\n```\n</div>\n\n{BEGIN}\n{END}", [5]),
        (f"```\n    ```\n{BEGIN}\n```\n{BEGIN}\n{END}", [5]),
        (f"- a\n\n  ```\n  {BEGIN}\n  ```\n{BEGIN}\n{END}", [6]),
        (f"`{BEGIN}` and ``` `{END}` ```", []),
        (f"<!-- a comment\n```\n-->\n{BEGIN}\n{END}", [4]),
        (f"`` ` ``` {BEGIN[:-4]} ``", []),
        ("<!-- a zoo of models --> <!-- zoology: -->", []),
        ("", []),
    ],
)
def test_markers_are_told_from_text(text: str, lines: list[int]) -> None:
    assert lines_of(text) == lines


def test_a_line_ends_as_that_of_the_marker() -> None:
    assert [region.newline for region in regions(f"{BEGIN}\r\n{END}\n{BEGIN}\n{END}\r\n", "F")] == ["\r\n", "\n"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"x\n{BEGIN}\n", "F:2: the region has no end"),
        (f"x\n\n{END}\n", "F:3: zoo:end, but no region begins before it"),
        (f"{BEGIN}\n{BEGIN}\n{END}\n{END}\n", "F:2: zoo:begin within the region of line 1"),
        (f"{BEGIN}\n```\n{END}\n```\n", "F:1: the region has no end"),
        (f"```\n```\n```\nx\n{BEGIN}", "F:5: the marker stands in code: nothing closes the fence of line 3"),
        (f"> ```\n> {BEGIN}", "F:2: the marker stands in code: nothing closes the fence of line 1"),
        (f"\n<!-- zoo:begn -->\n{END}", "F:2: no marker '<!-- zoo:begn -->'; did you mean begin?"),
        ("<!-- zoo:ends -->", "F:1: no marker '<!-- zoo:ends -->'; did you mean end?"),
        ("<!-- Zoo:End -->", "F:1: no marker '<!-- Zoo:End -->'; did you mean end?"),
        ("<!-- zoo begin -->", "F:1: no marker '<!-- zoo begin -->'; did you mean begin?"),
        ("<!-- zoo: begin -->", "F:1: no marker '<!-- zoo: begin -->'; did you mean begin?"),
        ("<!--- zoo:end --->", "F:1: no marker '<!--- zoo:end --->'; did you mean end?"),
        ('<!-- zoo:beginmodels="a" -->', "F:1: no marker"),
        ("<!-- zoo:end now -->", "F:1: zoo:end takes nothing, got 'now'"),
        ('<!-- zoo:begin models="a"', "F:1: the marker is not closed by -->"),
        (f'<!-- zoo:begin models="a"\nx\n{END}', "F:1: the marker is not closed by -->"),
        (f"{BEGIN}{END}", "F:1: a marker stands on a line of its own, at its beginning, and after it stands"),
        (f"a {BEGIN}\n{END}", "F:1: a marker stands on a line of its own"),
        (f"    {BEGIN}\n    {END}", "F:1: a marker stands on a line of its own"),
        (f"> {BEGIN}\n> {END}", "F:1: a marker stands on a line of its own"),
        (f"`` {BEGIN} `", "F:1: a marker stands on a line of its own"),
        (f"<!-- old\n{BEGIN}\n{END}", "F:2: the marker stands within another comment, of line 1"),
        ("<!-- zoo:\x1b[31m\u202e -->", "F:1: no marker"),
    ],
)
def test_a_bad_marker_is_told_with_its_line(text: str, told: str) -> None:
    assert refusal(text).startswith(told)


_LINES = st.sampled_from(
    [
        BEGIN,
        END,
        "",
        "text",
        "```",
        "~~~",
        "````",
        "``` py",
        "~~~~ x",
        "<!-- a -->",
        "<!-- b",
        "-->",
        "   " + END,
        "`x`",
        "    ```",
        "  ```",
        "\t```",
        "   text",
        "- a",
        "- ```",
        "-     ```",
        "-",
        "1. a",
        "2. a",
        "3) ```",
        "> a",
        ">",
        "> ```",
        "> - ```",
        "- >",
        "<div>",
        "<pre>",
        "</pre>",
        "<b>",
        "<b>x",
        "<?x",
        "# a",
        "===",
        "---",
        "* * *",
    ]
)


@settings(max_examples=500, deadline=None)
@given(st.lists(_LINES, max_size=12))
def test_a_parser_of_markdown_sees_the_same_code_and_comments(lines: list[str]) -> None:
    markdown_it = pytest.importorskip("markdown_it", reason="the judge of what is code and what a comment in Markdown")
    text = "\n".join(lines)
    blocks = [block for block in markdown_it.MarkdownIt("commonmark").parse(text) if block.map]
    fenced = {line for block in blocks if block.type == "fence" for line in range(*block.map)}
    there = {number for number, line in enumerate(lines) if line.strip(" >")}  # whose a blank line is, nobody cares
    assert {number for number, is_code in enumerate(code(text).lines) if is_code} & there == fenced & there
    html = {line for block in blocks if block.type == "html_block" for line in range(*block.map)}
    seen = [number + 1 for number, line in enumerate(lines) if number in html and line.startswith(BEGIN)]
    with suppress(RegionError):  # told of above: what CommonMark allows, and a region does not
        assert lines_of(text) == seen


@pytest.mark.parametrize(
    "text",
    [
        "".join("`" * run + "a" for run in range(1, 1_400)) + BEGIN,
        "<!-- zoo" * 300_000,
        "- " * 1_000_000,
        "<!-- x -->\n" * 100_000,
        "<!--" + " -" * 1_000_000,
        "> " * 500_000 + BEGIN,
        "- " * 50_000 + "\n" * 200_000,
        "* " * 500_000 + "x",
        "<a" + " b" * 500_000,
    ],
    ids=["backticks", "markers", "bullets", "comments", "dashes", "quotations", "blank lines", "rules", "attributes"],
)
def test_a_hostile_document_takes_no_time(text: str) -> None:
    """The run ends; where it took time that grows with the square, it would not."""
    with suppress(RegionError):
        regions(text, "F")


# --- recipes ---------------------------------------------------------------------------------------------------------


def test_a_recipe_takes_what_compare_takes() -> None:
    said = recipe(
        'models="bert-*,gpt3,num_hidden_layers=48,n_embd=12, x" columns="model,parameters" sort="-parameters,model"\n'
        'group-by="family" difference-to="gpt2,n_layer=2" transpose="yes" numbers="exact" as="BertModel" '
        'registry="a.toml,b.toml" results="r" format="html" length="7" fits="24GiB" target="q,v" zero="3"'
    )
    assert said.models == ("bert-*", "gpt3,num_hidden_layers=48,n_embd=12", "x")
    assert said.layout == (("model", "parameters"), ("-parameters", "model"), "family", "gpt2,n_layer=2", True, "exact")
    assert (said.as_, said.style, [*map(str, said.registries)]) == ("BertModel", "html", ["a.toml", "b.toml"])
    assert (said.conditions.length, said.conditions.fits) == (7, 24 * 2**30)
    assert (said.conditions.targets, said.conditions.zero) == (("q", "v"), 3)


def test_blanks_and_order_are_no_other_recipe() -> None:
    one, other = recipe('models="a,b"  columns="model"'), recipe('\n columns="model"\n models="a,b"\n')
    assert one.said == other.said != recipe('models="b,a" columns="model"').said


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "a marker names the models"),
        ('columns="model"', "a marker names the models"),
        ('modles="a"', "no key 'modles'; did you mean models?"),
        ('models="a" group_by="x"', "no key 'group_by'; did you mean group-by?"),
        ('models="a" models="b"', "models is given twice"),
        ("models=a", 'a marker takes key="value", the value in double quotes'),
        ("models='a'", 'a marker takes key="value", the value in double quotes'),
        ('models="a" sort', 'a marker takes key="value", the value in double quotes'),
        ('models="a"sort="b"', 'a marker takes key="value", the value in double quotes'),
        ('models=""', "models is empty"),
        ('models="a,,b"', "models: names a model"),
        ('models="a,b,a"', "models: names 'a' twice"),
        ('models="-"', "models: - is standard input"),
        ('models="a" difference-to="-,x=1"', "difference-to: - is standard input"),
        ('models="a" difference-to="b,c"', "difference-to: names one model"),
        ('models="a" format="latex"', "format: is markdown or html"),
        ('models="a" transpose="true"', "transpose: is yes or no"),
        ('models="a" length="many"', "length: takes a whole number"),
        ('models="a" batch="99999999999999999999"', "batch: takes a whole number"),
        ('models="a" fits="24G"', "fits: size '24G': 24GB or 24GiB?"),
        ('models="a' + ",b" * 10_000_000 + '"', "a marker has at most 65,536 signs, got 20,000,010"),
        ('models="' + ",".join(f"{n}" for n in range(10_000)) + ',9999"', "models: names '9999' twice"),
    ],
)
def test_a_bad_recipe_is_told(text: str, told: str) -> None:
    with pytest.raises(ZooError) as raised:
        recipe(text)
    assert str(raised.value).startswith(told)


def test_every_key_is_one_of_the_command() -> None:
    from zoo.commands.compare import command

    options = {name.lstrip("-") for option in command.params for name in option.opts}
    # Not of the table: what is asked, and of whom.
    of_the_run = {"strict", "hub", "offline", "timeout", "plugin", "prefer"}
    assert {"references" if key == "models" else key for key in KEYS} == options - of_the_run


# --- tables read back ------------------------------------------------------------------------------------------------

_CELLS = st.text(max_size=12) | st.sampled_from(
    ["a|b", "\\", "\\|", "x\\", "<!-- zoo:end -->", "&amp;", "a@b.c", "`|`", "-1", "=1", "*x*", "[a](b)", "http://a"]
)


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 4).flatmap(lambda width: st.lists(st.tuples(*[_CELLS] * width), min_size=1, max_size=4)))
@pytest.mark.parametrize("style", ["markdown", "html"])
def test_what_is_drawn_is_read_back(style: str, rows: list[tuple[str, ...]]) -> None:
    headers = [f"h{number}" for number in range(len(rows[0]))]
    grid = grids.parse(draw(headers, rows, [False] * len(headers), style), style)
    assert grid is not None
    assert grid.headers == tuple(headers)
    for row, found in zip(rows, grid.rows, strict=True):
        assert [cell.split() for cell in found] == [printable(cell).split() for cell in row]


def test_no_table_is_none() -> None:
    assert grids.parse("some text | and\nmore", "markdown") is None
    assert grids.parse("<p>x</p>", "html") is None
    transposed = grids.Grid(("model", "a", "b"), (("layers", "1"), ("hidden", "3", "4"))).transposed()
    assert transposed == grids.Grid(("model", "layers", "hidden"), (("a", "1", "3"), ("b", "", "4")))


def test_what_a_reader_does_not_see_is_not_read_back() -> None:
    markdown = "| a<!-- x --> | &lt;b&#62; |\n|---|---|\n| <!-- 1 --> 2 <!-- 3 --> | <!-- 4 |"
    assert grids.parse(markdown, "markdown") == grids.Grid(("a", "<b>"), (("2", "<!-- 4"),))
    html = "<p>no<table><tr><th>a</th>no<TH x='y'>&lt;b<!-- <td> --></tr><tr>no<td><i>2</i><td>3</table>no<td>"
    assert grids.parse(html, "html") == grids.Grid(("a", "<b"), (("2", "3", ""),))


@pytest.mark.parametrize(
    "cell",
    [
        "<!--" * 500_000,
        "<!-- -->" * 200_000,
        "&#" + "9" * 100_000 + ";",
        "&" * 500_000,
        "\\" * 500_001,
        "<a" * 500_000,
        "<" + "a" * 500_000,
        "<i>x" * 500_000,
    ],
    ids=["opened", "comments", "digits", "ampersands", "backslashes", "tags", "name", "pieces"],
)
def test_a_hostile_cell_takes_no_time(cell: str) -> None:
    """The run ends; where it took time that grows with the square, it would not."""
    for text, style in ((f"| a |\n|---|\n| {cell} |", "markdown"), (f"<tr><th>a</tr><tr><td>{cell}</tr>", "html")):
        assert grids.parse(text, style) is not None


def test_a_table_of_more_cells_than_zoo_writes_is_none() -> None:
    assert grids.parse("|" * 2_000 + "\n|-|\n" + "|\n" * 2_000, "markdown") is None


# --- locks -----------------------------------------------------------------------------------------------------------

HASH, COMMIT = "0a" * 32, "0b" * 20
ROW = Row(
    "org/x", "bert", "BertModel", "exact", 7, "org/x", COMMIT, HASH, "p", "d 1", "0.1", "", {"config": {"a": 1.5}}
)
TABLE = Table(
    "docs/a.md",
    HASH,
    HASH,
    {"r/\u202ex.json": HASH},
    {"per_layer": "p (d 1)"},
    (ROW, ROW._replace(model="b\x1b", as_="C", entry=None)),
)
LOCK: Lock = (TABLE, TABLE._replace(file="e.md", rows=()))


def test_a_lock_reads_back_and_is_the_same_whatever_the_order() -> None:
    data = written(LOCK)
    assert read(data, "zoo.lock") == LOCK
    assert written(tuple(reversed(LOCK))) == data
    assert all(line.isprintable() for line in data.decode().split("\n"))
    assert read(b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"), "zoo.lock") == LOCK


def test_the_tables_of_a_file_stay_in_their_order() -> None:
    one, other = TABLE._replace(body="1" * 64), TABLE._replace(body="0" * 64)
    assert read(written((one, other)), "zoo.lock") == (one, other)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b"version = 1", b"version = 2", "zoo.lock: is of version 2, and this zoo reads version 1"),
        (b"version = 1", b"", "zoo.lock: is no lock that zoo wrote: it tells no version"),
        (b"version = 1", b"version = 1\nvers = 1", "zoo.lock: no key 'vers'; did you mean version?"),
        (b"[[table]]\nfile", b"[[table]]\nflie = 1\nfile", "zoo.lock: table 1: no key 'flie'; did you mean file?"),
        (b'"docs/a.md"', b'"../a.md"', "zoo.lock: table 1: file must be a path below"),
        (b'"docs/a.md"', b'"/etc/passwd"', "zoo.lock: table 1: file must be a path below"),
        (b'"docs/a.md"', b'"a\\u0000b"', "zoo.lock: table 1: file must be a path below"),
        (b'"docs/a.md"', b"7", "zoo.lock: table 1: 'file' must be a text, got 7"),
        (b"parameters = 7", b"parameters = -7", "zoo.lock: table 1: row 'org/x': parameters must be a count"),
        (b"parameters = 7", b"parameters = true", "zoo.lock: table 1: row 'org/x': parameters must be a count"),
        (b"parameters = 7", b"parameters = " + b"9" * 5_000, "zoo.lock: is no lock"),
        (COMMIT.encode(), b"main", "zoo.lock: table 1: row 'org/x': commit must be 40 digits"),
        (b'sha256 = "0a', b'sha256 = "zz', "zoo.lock: table 1: row 'org/x': 'sha256' must be 64 digits"),
        (b"entry.config.a = 1.5", b"entry = 3", "zoo.lock: table 1: row 'org/x': entry must be a table"),
        (b"entry.config.a = 1.5", b"entry.hub = 'x'", "zoo.lock: table 1: row 'org/x': entry must be a table"),
        (b"[[table]]", b"[table]", "zoo.lock:"),
        (b"version = 1", b"<<<<<<< HEAD\nversion = 1", "zoo.lock: is not TOML"),
        (b"version = 1", b"version = " + b"[" * 5_000, "zoo.lock: is no lock"),
        (b"version = 1", b"a." * 500 + b"a = 1", "zoo.lock: is no lock that zoo wrote: a line has more than"),
        (b"version = 1", b"\xff\xfe", "zoo.lock: is not UTF-8 text"),
        (b"version = 1", b"#" * LARGEST_FILE, "zoo.lock: larger than 2,048 KiB"),
    ],
)
def test_a_bad_lock_is_told(old: bytes, new: bytes, told: str) -> None:
    data = written(LOCK)
    assert old in data
    with pytest.raises(LockError) as raised:
        read(data.replace(old, new, 1), "zoo.lock")
    assert str(raised.value).startswith(told)
    assert len(str(raised.value)) < 300


def test_a_hostile_lock_takes_no_time() -> None:
    """The run ends; where it took time that grows with the square, it would not."""
    for line in (b"a." * 39 + b"a = 1\n", b'"a".' * 39 + b"a = 1\n", b"[a.b.c.d]\n", b"x = [[[[[[]]]]]]\n"):
        with pytest.raises(LockError):
            read(line * (LARGEST_FILE // len(line)), "zoo.lock")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_a_lock_or_one_line(data: bytes) -> None:
    with suppress(LockError):
        read(data, "zoo.lock")


def test_what_a_lock_cannot_hold_is_told() -> None:
    with pytest.raises(LockError, match="cannot hold its entry: TOML has no null"):
        written((TABLE._replace(rows=(ROW._replace(entry={"config": {"a": [None]}}),)),))
    with pytest.raises(LockError):
        written((TABLE._replace(file="a\udcff.md"),))
    with pytest.raises(LockError, match="would be larger"):
        written((TABLE._replace(rows=(ROW._replace(model="x" * LARGEST_FILE),)),))


def test_regions_never_overlap() -> None:
    text = f"{BEGIN}\n{END}\n" * 3
    assert all(one.end < other.start for one, other in pairwise(regions(text, "F")))
