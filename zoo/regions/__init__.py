"""Tables in documents that zoo fills and CI checks: `zoo table`."""
