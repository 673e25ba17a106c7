"""What loading a plugin and counting a model are not to import."""

HEAVY = (
    "jax",
    "keras",
    "matplotlib",
    "numpy",
    "pandas",
    "scipy",
    "sklearn",
    "sympy",
    "tensorflow",
    "torch",
    "transformers",
)
"""Modules that take tenths of seconds to import, which is longer than zoo takes for everything."""
