"""Plugin packages that are broken in every way that is known, built as wheels and installed by tests."""
