"""What is read off the parts of a model: counts, formulas, and what it costs to run, to keep and to train."""
