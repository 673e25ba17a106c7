"""A registry as a page: one file that sorts, filters and explains by itself, without a server and without a network."""

TITLE = "What transformers are made of"
"""Of a page that is given no other."""
