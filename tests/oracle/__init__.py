"""The comparison with transformers: what it builds on the meta device is the judge of every name and shape."""
