"""Checkpoints: which tensors a file of weights holds, told by its header alone; no weight is read."""
