"""The Hugging Face Hub: from a repository's name to its config.json, and to the headers of its weights."""
