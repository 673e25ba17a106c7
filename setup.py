"""All metadata is in pyproject.toml; here is only how registry.toml, at the top of the tree, gets into the wheel."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithRegistry(build_py):  # type: ignore[misc]  # setuptools has no types
    """Puts a copy of registry.toml into the package zoo; an editable install reads the original."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            self.copy_file("registry.toml", str(Path(self.build_lib, "zoo", "registry.toml")))


setup(cmdclass={"build_py": BuildWithRegistry})
