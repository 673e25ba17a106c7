"""The page of `zoo site`, in a real browser: what it shows, how it is used, and that no data of a stranger runs."""

import html.parser
import json
import re
import shutil
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select

import zoo
from zoo.reports.columns import COLUMNS
from zoo.reports.columnsets import DEFAULT, SETS
from zoo.reports.comparison import Comparison
from zoo.site.writing import write_site

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
in_a_browser = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="no browser: apt-get install chromium chromium-driver"
)

MODELS = ("bert-base", "gpt2", "gpt3", "mixtral-8x7b", "t5-small", "mamba-130m", "roberta-base")
IMAGE = '<img src=x onerror="window.ran = 1">'
HOSTILE = f"""
[models.plain]
model_type = "bert"
class = "BertModel"
hub = "javascript:window.ran=1//"
published = '{IMAGE}'
source = "</script><script>window.ran = 1</script>"
note = "right to left \\u202e, a line \\u2028, and a <!-- comment"
unverified = ["<script>window.ran = 1</script>"]

[models.known]
model_type = "bert"
class = "BertModel"
hub = "org/known"
revision = "{"ab" * 20}"
sha256 = "{"cd" * 32}"
published = "110M"

[models.broken]
model_type = "bert"
class = "NoSuchModel"
"""


class Page:
    """A page in the browser, as a person finds it."""

    def __init__(self, browser: webdriver.Chrome, file: Path) -> None:
        self.browser, self.address = browser, file.as_uri()

    def open(self, hash_: str = "") -> None:
        self.browser.get("about:blank")  # else another hash is no new page
        self.browser.get(self.address + hash_)

    def run(self, script: str, *given: object) -> object:
        return self.browser.execute_script(script, *given)

    def one(self, selector: str) -> WebElement:
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def texts(self, selector: str) -> list[str]:
        found = self.run("return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent)", selector)
        assert isinstance(found, list)
        return found

    def press(self, *keys: str) -> None:
        webdriver.ActionChains(self.browser).send_keys(*keys).perform()
        self.settle()

    def names(self) -> list[str]:
        return self.texts("#body th button")

    def column(self, header: str) -> list[str]:
        """The cells below a header."""
        return self.texts(f"#body tr > :nth-child({self.headers().index(header) + 1})")

    def headers(self) -> list[str]:
        return self.texts("#head button")

    def sort(self, header: str) -> None:
        self.browser.find_elements(By.CSS_SELECTOR, "#head button")[self.headers().index(header)].click()

    def focused(self) -> str:
        return self.browser.switch_to.active_element.text

    def emulate(self, width: int, height: int, *, phone: bool = False) -> None:
        size = {"width": width, "height": height, "deviceScaleFactor": 2 if phone else 1, "mobile": phone}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        self.settle()

    def prefer(self, colours: str) -> None:
        wish = {"features": [{"name": "prefers-color-scheme", "value": colours}]}
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", wish)
        self.settle()

    def settle(self) -> None:
        """Waits until the page has been told of it, which it is before it draws its next frame."""
        frames = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))"
        self.browser.execute_async_script(frames)

    def background(self) -> str:
        return str(self.run("return getComputedStyle(document.documentElement).backgroundColor"))


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    profile = tmp_path_factory.mktemp("profile")
    for flag in ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", f"user-data-dir={profile}"):
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER)) as started:
        yield started


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Comparison], Path]:
    """Writes a page; the tests of the module read the same ones."""

    def writer(comparison: Comparison) -> Path:
        return write_site(comparison, tmp_path_factory.mktemp("site"))

    return writer


@pytest.fixture(scope="module")
def usual(written: Callable[[Comparison], Path]) -> Path:
    return written(zoo.compare(*MODELS))


@pytest.fixture(scope="module")
def hostile(written: Callable[[Comparison], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    registry = tmp_path_factory.mktemp("registry") / "zoo.toml"
    registry.write_text(HOSTILE, "utf-8")
    return written(zoo.compare("plain", "known", registries=[registry]))


@pytest.fixture
def show(browser: webdriver.Chrome) -> Iterator[Callable[..., Page]]:
    """Opens a page, and when the test is done, looks what it has loaded and what it has complained of."""
    shown: list[Page] = []

    def opener(file: Path, hash_: str = "") -> Page:
        page = Page(browser, file)
        page.emulate(1280, 800)
        page.prefer("light")
        page.open(hash_)
        shown.append(page)
        return page

    browser.get_log("browser")  # type: ignore[no-untyped-call]  # what was there before is of another test
    yield opener
    assert browser.get_log("browser") == []  # type: ignore[no-untyped-call]
    assert shown[-1].run("return performance.getEntriesByType('resource').length") == 0
    assert shown[-1].run("return window.ran ?? null") is None
    shown[-1].run("localStorage.clear()")


# --- what is shown -------------------------------------------------------------------------------------------------


@in_a_browser
def test_the_numbers_are_those_of_zoo(show: Callable[..., Page], usual: Path) -> None:
    page = show(usual)
    models = sorted((zoo.load(name) for name in MODELS), key=lambda model: -model.parameters)
    assert page.names() == [model.name for model in models]
    assert page.texts("#count") == ["7 models"]
    assert page.headers() == [COLUMNS[name].header for name in DEFAULT]
    for name in DEFAULT:
        assert page.column(COLUMNS[name].header) == [COLUMNS[name].cell(model) for model in models]


@in_a_browser
def test_numbers_are_as_usual_exact_or_short(show: Callable[..., Page], usual: Path) -> None:
    page = show(usual, "#columns=parameters,weights&search=gpt3")
    gpt3 = zoo.load("gpt3")
    memory = gpt3.weight_memory()
    assert memory is not None
    assert page.texts("#body td") == ["174,604,259,328", COLUMNS["weights"].cell(gpt3)]
    Select(page.one("#numbers")).select_by_value("short")
    assert page.texts("#body td") == ["174.6B", COLUMNS["weights"].cell(gpt3)]
    Select(page.one("#numbers")).select_by_value("exact")
    assert page.headers() == ["model", "parameters", "weights (bytes, own dtype)"]
    assert page.texts("#body td") == ["174,604,259,328", f"{memory.bytes:,}"]


@in_a_browser
def test_every_digit_of_a_huge_count_is_there(show: Callable[..., Page], written: Callable[[Comparison], Path]) -> None:
    huge = "gpt3,num_hidden_layers=1000000007"
    total = f"{zoo.load(huge).parameters:,}"
    assert len(total) > len(f"{2**53:,}")
    page = show(written(zoo.compare(huge, "gpt3")))
    assert page.column("parameters")[0] == total
    page.one("#body button").click()
    assert page.texts("#detail-body tbody tr:first-child td")[0] == total


@in_a_browser
def test_conditions_stand_in_the_headers(show: Callable[..., Page], written: Callable[[Comparison], Path]) -> None:
    page = show(written(zoo.compare("gpt2", columns="cache", conditions=zoo.Conditions(length=64, dtype="bf16"))))
    assert page.headers() == ["model", "cache (64 tokens, bf16)"]


@in_a_browser
def test_a_column_sorts_by_its_values_and_what_is_not_known_stands_last(show: Callable[..., Page], usual: Path) -> None:
    page = show(usual)
    page.sort("context")
    context = page.column("context")
    assert context[-2:] == ["-", "-"]
    down = [int(text.replace(",", "")) for text in context[:-2]]
    assert down == sorted(down, reverse=True)
    assert page.texts("th[aria-sort=descending]") == ["context"]
    assert page.focused().startswith("context")
    page.press(Keys.ENTER)
    assert page.column("context") == [*[f"{number:,}" for number in reversed(down)], "-", "-"]
    assert page.texts("th[aria-sort]") == page.texts("th[aria-sort=ascending]") == ["context"]
    page.sort("model")
    assert page.names() == sorted(MODELS)
    page.sort("layers")  # 6+6 is sorted as 12
    depths = [sum(map(int, layers.split("+"))) for layers in page.column("layers")]
    assert depths == sorted(depths, reverse=True)
    assert "6+6" in page.column("layers")


# --- what is chosen ------------------------------------------------------------------------------------------------


@in_a_browser
def test_search_and_families_narrow_the_rows(show: Callable[..., Page], usual: Path) -> None:
    page = show(usual)
    page.one("#search").send_keys("GPT2lm")  # a part of the class
    assert sorted(page.names()) == ["gpt2", "gpt3"]
    assert page.texts("#count") == ["2 of 7 models"]
    assert page.one("#count").get_attribute("role") == "status"
    page.one("#search").send_keys(" openai")  # and of the repository
    assert page.names() == ["gpt2"]
    page.one("#search").send_keys(" nothing")
    assert page.names() == []
    page.one("#reset").click()
    assert len(page.names()) == len(MODELS)
    page.one("#families-button").click()
    assert page.texts("#families label") == [
        "bert1",
        "gpt21".replace("1", "2"),
        "mamba1",
        "mixtral1",
        "roberta1",
        "t51",
    ]
    for family in ("bert", "t5"):
        page.one(f"#families input[value={family}]").click()
    page.press(Keys.ESCAPE)
    assert not page.one("#families").is_displayed()
    assert page.focused() == "Families (2)"
    assert sorted(page.names()) == ["bert-base", "t5-small"]


@in_a_browser
def test_columns_are_chosen_singly_and_by_sets(show: Callable[..., Page], usual: Path) -> None:
    page = show(usual)
    page.one("[popovertarget=columns]").click()
    assert page.texts("#columns .sets button") == [*SETS, "all"]
    assert page.texts("#columns legend") == ["size", "shape", "memory", "more"]
    assert set(page.texts("#columns label")) >= {"FLOPs/token (own length)", "vocabulary", "published"}
    sets = dict(zip([*SETS, "all"], page.browser.find_elements(By.CSS_SELECTOR, "#columns .sets button"), strict=True))
    sets["shape"].click()
    assert page.headers() == [COLUMNS[name].header for name in SETS["shape"]]
    page.one("#columns input[value=family]").click()
    page.one("#columns input[value=flops]").click()
    assert page.headers() == [COLUMNS[name].header for name in SETS["shape"] if name != "family"] + [
        "FLOPs (own length)"
    ]
    sets["all"].click()
    assert len(page.headers()) == len(COLUMNS)


@in_a_browser
def test_the_address_bears_the_state(show: Callable[..., Page], usual: Path) -> None:
    page = show(
        usual, "#sort=model&search=b&family=bert&family=roberta&columns=vocab,hidden&numbers=short&model=bert-base"
    )
    assert page.texts("#detail-name") == ["bert-base"]
    page.press(Keys.ESCAPE)
    assert page.names() == ["bert-base", "roberta-base"]
    assert page.headers() == ["model", "vocabulary", "hidden"]
    page.sort("model")
    kept = str(page.run("return location.hash"))
    assert "sort=-model" in kept
    assert "model=bert" not in kept
    page.open(kept)
    assert page.names() == ["roberta-base", "bert-base"]


@in_a_browser
@pytest.mark.parametrize(
    "hash_",
    [
        "#sort=__proto__&columns=constructor,toString,parameters&family=hasOwnProperty&numbers=values&model=__proto__",
        f"#search={IMAGE}&model={IMAGE}&columns={IMAGE},parameters",
        "#sort=-&columns=parameters&%=%E0%A4%A&search=" + "a" * 5000,
    ],
)
def test_an_address_from_a_stranger_is_only_words(show: Callable[..., Page], usual: Path, hash_: str) -> None:
    page = show(usual, hash_)
    assert page.headers() == ["model", "parameters"]
    assert page.texts("th[aria-sort=descending]") == ["parameters"]
    assert not page.one("#detail").is_displayed()
    assert len(page.one("#search").get_attribute("value") or "") <= 200
    assert page.texts("main img") == []


# --- one model -----------------------------------------------------------------------------------------------------


@in_a_browser
def test_a_model_opens_and_closes_by_keyboard(show: Callable[..., Page], usual: Path) -> None:
    page = show(usual)
    page.press(Keys.TAB)
    assert page.focused() == "Skip to the table"
    page.press(Keys.ENTER)
    page.press(Keys.TAB, *[Keys.TAB] * len(DEFAULT))
    assert page.focused() == "gpt3"
    page.press(Keys.ARROW_DOWN)
    assert page.focused() == "mixtral-8x7b"
    page.press(Keys.ENTER)
    assert page.texts("#detail-name") == ["mixtral-8x7b"]
    assert page.one("#detail").is_displayed()
    assert page.focused() == "mixtral-8x7b"  # of the heading, from which a reader goes on
    page.press(Keys.TAB)
    assert page.focused() == "Close"
    page.press(Keys.ESCAPE)
    assert not page.one("#detail").is_displayed()
    assert page.focused() == "mixtral-8x7b"
    page.press(Keys.ARROW_UP, Keys.ENTER)
    assert page.texts("#detail-name") == ["gpt3"]


@in_a_browser
def test_the_detail_tells_what_show_and_explain_tell(show: Callable[..., Page], usual: Path) -> None:
    model = zoo.load("mixtral-8x7b")
    page = show(usual)
    page.run("document.querySelectorAll('#body tr')[1].children[3].click()")  # anywhere in the row
    tree = "#detail-body .scroll:first-of-type"
    printed = [line.lstrip("│├└─ ") for line in zoo.show(model, depth=3).render().splitlines()[2:]]
    names = [row.text for row in page.browser.find_elements(By.CSS_SELECTOR, ".part") if row.is_displayed()]
    assert names == [line.split()[0] for line in printed]
    assert page.texts(f"{tree} tbody tr:first-child td")[:2] == [f"{model.parameters:,}", "100.00%"]
    assert f"{model.active_parameters:,}" in page.texts(f"{tree} tbody tr:first-child td")
    shown = [row for row in page.browser.find_elements(By.CSS_SELECTOR, f"{tree} tbody tr") if row.is_displayed()]
    assert len(shown) == len(printed)
    Select(page.one("#detail-body select")).select_by_value("1")
    assert [row.text.split()[0] for row in shown if row.is_displayed()] == ["MixtralForCausalLM", "model", "lm_head"]
    told = page.one("#detail-body").text
    explained = model.explain()
    cells = {text.strip() for text in page.texts("#detail-body :is(th, td, .caption)")}
    for line in str(zoo.explain(model)).splitlines():
        assert set(re.split(r"\s{2,}", line.strip("- "))) - {""} <= cells, line
    assert f"{explained.rule_error:+.2%} off" in told
    assert "tied tensors once, buffers not" in told
    assert "mistral.ai/news/mixtral-of-experts" in told


# --- strangers -----------------------------------------------------------------------------------------------------


@in_a_browser
def test_what_a_registry_says_is_text(show: Callable[..., Page], hostile: Path) -> None:
    page = show(hostile, "#columns=published,repository,status&model=plain")
    told = page.one("#detail-body").text
    for text in (IMAGE, "</script><script>window.ran = 1</script>", "javascript:window.ran=1//"):
        assert text in told
    assert r"right to left \u202e, a line \u2028, and a <!-- comment" in told
    assert "unverified: it is not known whether '<script>window.ran = 1</script>' changes the count" in told
    assert page.texts("a[href]") == ["Skip to the table"]
    page.press(Keys.ESCAPE)
    assert IMAGE in page.column("published")
    assert page.texts(".mark") == ["unverified"]
    assert page.texts("img, iframe, object, main script") == []
    page.open("#model=known")
    links = page.browser.find_elements(By.CSS_SELECTOR, "#detail-body a")
    repository = "https://huggingface.co/org/known"
    assert [link.get_attribute("href") for link in links] == [repository, f"{repository}/tree/{'ab' * 20}"]
    assert "cd" * 32 in page.one("#detail-body").text


@in_a_browser
def test_no_script_but_its_own_runs(show: Callable[..., Page], usual: Path) -> None:
    page = show(usual)
    page.run(
        """
        const script = document.createElement("script");
        script.textContent = "window.ran = 1";
        document.body.append(script);
        document.body.insertAdjacentHTML("beforeend", arguments[0]);
        """,
        '<a id="bad" href="javascript:window.ran=1">bad</a><button id="worse" onclick="window.ran=1">worse</button>'
        '<img src="https://example.org/x.png">',
    )
    page.run("document.querySelector('#bad').click(); document.querySelector('#worse').click()")
    blocked = page.browser.get_log("browser")  # type: ignore[no-untyped-call]
    assert [line["message"].count("Content Security Policy") for line in blocked] == [1, 1, 1, 1]
    assert page.run("return window.ran ?? null") is None
    page.open()


class Elements(html.parser.HTMLParser):
    """What stands in the markup, as another parser than the browser's reads it: each tag with what follows it."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), []))

    def handle_endtag(self, tag: str) -> None:
        self.found.append(("/" + tag, {}, []))

    def handle_data(self, data: str) -> None:
        if self.found:
            self.found[-1][2].append(data)

    def texts(self, tag: str) -> list[str]:
        return ["".join(text) for name, _, text in self.found if name == tag]


def test_the_page_is_one_file_and_its_policy_names_what_it_runs(hostile: Path) -> None:
    elements = Elements(hostile.read_text("utf-8"))
    (style,), (data, script) = elements.texts("style"), elements.texts("script")
    types = [about.get("type") for tag, about, _ in elements.found if tag == "script"]
    assert types == ["application/json", None]
    policy = next(about["content"] for _, about, _ in elements.found if "http-equiv" in about) or ""
    hashes = [b64encode(sha256(text.encode()).digest()).decode() for text in (style, script)]
    assert policy.split("; ")[:3] == [
        "default-src 'none'",
        f"style-src 'sha256-{hashes[0]}'",
        f"script-src 'sha256-{hashes[1]}'",
    ]
    assert "unsafe" not in policy
    for _, about, _ in elements.found:
        assert not {name for name in about if name.startswith("on") or name in ("src", "style", "action")}
        assert about.get("href") in (None, "#table", "data:,")
    assert ["published", IMAGE, None] in json.loads(data)["models"][0]["origin"]


# --- everybody -----------------------------------------------------------------------------------------------------


@in_a_browser
def test_light_and_dark_follow_the_person(show: Callable[..., Page], usual: Path) -> None:
    page = show(usual)
    light = page.background()
    page.prefer("dark")
    dark = page.background()
    assert light != dark
    assert page.one("#theme").text == "Light"
    page.one("#theme").click()
    assert page.background() == light
    page.open()  # what was chosen is kept
    assert page.background() == light
    page.one("#theme").click()
    page.prefer("light")
    assert page.background() == dark


@in_a_browser
def test_on_a_phone_only_the_table_scrolls_sideways(
    show: Callable[..., Page], written: Callable[[Comparison], Path]
) -> None:
    page = show(written(zoo.compare("gpt*", "bert-*")))
    page.emulate(360, 740, phone=True)
    page.open()
    whole = "return [document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    assert page.run(whole) == [360, 740]
    table = page.one("#table")
    assert page.run("arguments[0].scrollLeft = 300; return arguments[0].scrollLeft", table) == 300
    name, head = page.one("#body th").rect, page.one("#head th").rect
    assert name["x"] == head["x"] == 0
    assert page.run("arguments[0].scrollTop = 44; return arguments[0].scrollTop", table) == 44
    assert page.one("#head th").rect["y"] == head["y"]
    small = [
        (control.text, control.rect)
        for control in page.browser.find_elements(By.CSS_SELECTOR, "button, select, input, [popover] label")
        if control.is_displayed() and min(control.rect["height"], control.rect["width"]) < 44
    ]
    assert small == []
    page.one("[popovertarget=columns]").click()
    sheet = page.one("#columns").rect
    assert (sheet["x"], sheet["width"], sheet["y"] + sheet["height"]) == (0, 360, 740)
    page.press(Keys.ESCAPE)
    first = page.one("#body button")
    page.run("arguments[0].focus()", first)
    assert first.rect["y"] >= head["y"] + head["height"]  # where it was, the header covers it
    first.click()
    assert page.run("return document.querySelector('#detail').scrollWidth") == 360
    assert page.run(whole) == [360, 740]


@in_a_browser
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing(show: Callable[..., Page], hostile: Path, colours: str) -> None:
    axe = files("axe_core_python").joinpath("axe.min.js").read_text("utf-8")
    page = show(hostile)
    page.prefer(colours)

    def violations() -> list[str]:
        found = page.browser.execute_async_script("const told = arguments[0]; axe.run().then(told, told)")
        assert found["passes"]
        return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found["violations"]]

    page.run(axe)
    assert violations() == []
    for opener in ("#families-button", "[popovertarget=columns]", "#counted", "#body button"):
        page.one(opener).click()
        assert violations() == []
        page.press(Keys.ESCAPE)


# --- results -------------------------------------------------------------------------------------------------------


@in_a_browser
def test_with_results_the_best_stands_first(
    show: Callable[..., Page], written: Callable[[Comparison], Path], tmp_path: Path
) -> None:
    results = tmp_path / "scores.csv"
    results.write_text("model,arc,mmlu\ngpt2,20,30\ngpt3,60,44\nbert-base,25,26\n")
    page = show(written(zoo.compare("bert-base", "gpt2", "gpt3", "t5-small", results=[results])))
    assert page.texts("th[aria-sort=ascending]") == ["rank"]
    assert page.names() == ["gpt3", "bert-base", "gpt2", "t5-small"]
    assert page.column("rank")[0] == "1"
    assert page.column("arc") == ["60", "25", "20", ""]
    page.sort("arc")
    assert page.names() == ["gpt3", "bert-base", "gpt2", "t5-small"]
    page.sort("arc")
    assert page.names() == ["gpt2", "bert-base", "gpt3", "t5-small"]
    page.one("[popovertarget=columns]").click()
    assert page.texts("#columns legend")[0] == "scores"


# --- the file ------------------------------------------------------------------------------------------------------


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "zoo", "site", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=60,
        check=False,
    )


def test_nothing_is_written_where_not_all_can_be_counted(tmp_path: Path) -> None:
    (tmp_path / "zoo.toml").write_text(HOSTILE, "utf-8")
    done = run("new/out", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    failed = [line for line in done.stderr.splitlines() if not line.startswith("zoo: warning: plain: unverified")]
    assert len(failed) == 2
    assert "broken" in failed[0]
    assert failed[1] == "zoo: nothing is written, as not all of it can be shown"
    assert not (tmp_path / "new").exists()


def test_a_page_of_a_persons_own_stays(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<p>mine")
    done = run(".", "gpt2", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is no page that zoo wrote" in done.stderr
    assert (tmp_path / "index.html").read_text() == "<p>mine"


def test_the_whole_registry_is_written(tmp_path: Path) -> None:
    (tmp_path / "zoo.toml").write_text(HOSTILE.partition("[models.broken]")[0], "utf-8")
    done = run("new/out", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"{Path('new/out/index.html')}\n")
    page = (tmp_path / "new/out/index.html").read_text("utf-8")
    found = re.search(r'id="data">(.*?)</script>', page)
    assert found
    told = json.loads(found[1])
    assert {"plain", "known"} < {model["name"] for model in told["models"]}
    assert len(told["models"]) > 200
    assert len(page) < 2_000_000


def test_the_same_models_give_the_same_bytes_and_are_not_written_again(tmp_path: Path) -> None:
    comparison = zoo.compare("bert-base", "gpt2")
    file = write_site(comparison, tmp_path, title="One & <two>")
    first, stamp = file.read_bytes(), file.stat().st_mtime_ns
    assert b"<title>One &amp; &lt;two&gt;</title>" in first
    write_site(comparison, tmp_path, title="One & <two>")
    assert file.stat().st_mtime_ns == stamp
    assert write_site(zoo.compare("bert-base", "gpt2"), tmp_path / "other", title="One & <two>").read_bytes() == first
    write_site(comparison, tmp_path, title="Another")
    assert b"<title>Another</title>" in file.read_bytes()
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["index.html"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["file", "gpt2"], "file"),
        (["file/below", "gpt2"], "file/below"),
        (["folder", "gpt2"], "is no regular file"),
        (["out", "gpt2", "--columns", "paramters"], "did you mean parameters"),
        (["out", "gpt2", "--sort", "-nothing"], "no column 'nothing'"),
        (["out", "no-such-*"], "no-such-*"),
        (["out", "no-such-model"], "no-such-model"),
        (["out", "gpt2", "--results", "missing.csv"], "missing.csv"),
    ],
)
def test_what_cannot_be_is_one_line_and_changes_nothing(tmp_path: Path, arguments: list[str], told: str) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder/index.html").mkdir(parents=True)
    done = run(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("zoo: ")
    assert told in done.stderr
    assert (tmp_path / "file").read_text() == "mine"
    assert not (tmp_path / "out").exists()
