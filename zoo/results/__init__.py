"""Scores that models reach in benchmarks, read from files and joined onto their counts."""

from zoo.results.reading import columns_of, read
from zoo.results.results import Results
from zoo.results.score import Score

__all__ = ["Results", "Score", "columns_of", "read"]
