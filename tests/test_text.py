"""Strings from strangers, near names, short counts."""

import pytest

from zoo.text import figure, near, printable, short, shown

NAMES = ["bert-base", "bert-large", "gpt2", "gpt3", "llama-3-70b", "llama-3-8b", "llama-3.1-8b", "llama-7b"]


@pytest.mark.parametrize(
    ("name", "first"),
    [("brt-base", "bert-base"), ("llama3", "llama-3-70b"), ("GPT-3", "gpt3"), ("bert", "bert-base"), ("gpt_2", "gpt2")],
)
def test_near_names(name: str, first: str) -> None:
    assert near(name, NAMES).startswith(f"; did you mean {first}")


@pytest.mark.parametrize("name", ["", "\x1b[2J", "qwertyuiop" * 1000, "\ud800"])
def test_nothing_is_near_to_nonsense(name: str) -> None:
    assert near(name, NAMES) == ""


@pytest.mark.parametrize(
    ("text", "shows"),
    [
        ("plain - text, é, 模型", "plain - text, é, 模型"),
        ("a\nb\x1b[31m\x7f\x9b", "a\\nb\\x1b[31m\\x7f\\x9b"),
        ("\u202egro\u2066\ufeff", "\\u202egro\\u2066\\ufeff"),
        ("\ud800\u2028", "\\ud800\\u2028"),
    ],
)
def test_what_could_steer_a_terminal_is_written_as_an_escape(text: str, shows: str) -> None:
    assert printable(text) == shows


def test_values_are_shown_as_json_writes_them_and_short() -> None:
    assert [shown(value) for value in (None, True, 7, "x")] == ["null", "true", "7", "'x'"]
    assert len(shown("x" * 1000)) == 60
    assert "too large" in shown(10**5000)


@pytest.mark.parametrize(
    ("count", "shows"),
    [
        (0, "0"),
        (999, "999"),
        (1_000, "1.000K"),
        (109_482_240, "109.5M"),
        (999_949_999, "999.9M"),
        (999_999_999, "1.000B"),
        (174_604_259_328, "174.6B"),
        (10**12, "1.000T"),
        (10**25, "1.000e+25"),
    ],
)
def test_counts_in_short(count: int, shows: str) -> None:
    assert short(count) == shows


@pytest.mark.parametrize(
    ("published", "number"), [("110M", 110e6), ("1542M", 1542e6), ("175.0B", 175e9), ("1,234", 1234), ("many", 0)]
)
def test_published_figures_as_numbers(published: str, number: float) -> None:
    assert figure(published) == pytest.approx(number)
