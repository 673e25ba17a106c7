"""The conformance kit: what proves, under pytest, that a plugin counts its type exactly and keeps the protocol.

    from zoo.testing import ArchitectureSuite, Header

    class TestQwen9(ArchitectureSuite):
        model_type = "qwen9"
        truth = Header("header.json", config="config.json")

Needs `pip install 'paramzoo[testing]'`.
"""

from zoo.testing.cases import Case
from zoo.testing.suite import ArchitectureSuite
from zoo.testing.truths import Header, Published, Recorded, Transformers

__all__ = ["ArchitectureSuite", "Case", "Header", "Published", "Recorded", "Transformers"]
