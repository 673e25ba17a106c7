"""Registries: files of models that have a name, how they are read, and how an entry is written into a person's own."""
