"""From a number of parameters to a config that has as many."""
