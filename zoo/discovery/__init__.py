"""How plugins are found, judged and kept apart, so that what one breaks it breaks for its own types only."""
