"""A plugin's package, written for its author: complete, installable, its tests failing until the count is right.

A config that it is filled in from is a stranger's: of its keys and values nothing becomes code but plain numbers, truth
values and texts, quoted, and nothing a path.
"""
