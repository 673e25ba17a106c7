"""Scores that models reach in benchmarks, read from files and joined onto their counts."""

from zoo.results.reading import read
from zoo.results.results import Results
from zoo.results.score import Score

__all__ = ["Results", "Score", "read"]
