"""The built-in types, each under the kit that a third party has, and nothing else."""
