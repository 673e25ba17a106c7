"""Plugin packages as people have them: built as wheels by setuptools, installed by pip in a venv of their own."""

import os
import site
import subprocess
import sys
import time
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

NOTHING: Mapping[str, str] = MappingProxyType({})

PYPROJECT = """\
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "zoo-{name}"
version = "{version}"
dependencies = {requires}

[project.entry-points.zoo]
{entry_points}

[tool.setuptools]
py-modules = {modules}
"""
BUILD = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"


class Package(NamedTuple):
    """A plugin package: the distribution `zoo-NAME`, and its module NAME.

    requires: what it depends on. entry_points: those of the group `zoo`; by default its module. modules: further ones.
    """

    name: str
    source: str
    version: str = "1.2"
    requires: tuple[str, ...] = ("paramzoo",)
    entry_points: Mapping[str, str] = NOTHING
    modules: Mapping[str, str] = NOTHING

    @property
    def distribution(self) -> str:
        return f"zoo-{self.name}"

    def wheel(self, folder: Path) -> Path:
        """Its wheel, built in the folder."""
        source = folder / self.distribution
        source.mkdir(parents=True)
        modules = {self.name: self.source, **self.modules}
        for name, text in modules.items():
            (source / f"{name}.py").write_text(text, "utf-8")
        points = self.entry_points or {self.name: self.name}
        (source / "pyproject.toml").write_text(
            PYPROJECT.format(
                name=self.name,
                version=self.version,
                requires=list(self.requires),
                entry_points="\n".join(f'"{name}" = "{value}"' for name, value in points.items()),
                modules=list(modules),
            ),
            "utf-8",
        )
        done(sys.executable, "-c", BUILD, str(folder), cwd=source)
        (built,) = folder.glob(f"{self.distribution.replace('-', '_')}-*.whl")
        return built


class Installed(NamedTuple):
    """A venv in which zoo runs as it does here, and plugins are installed beside it."""

    python: Path
    folder: Path

    def zoo(self, *arguments: str, env: Mapping[str, str] = NOTHING) -> subprocess.CompletedProcess[str]:
        """The command, run in the folder, where a config.json of any type can be put."""
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH" and "ZOO_" not in name}
        return subprocess.run(
            [str(self.python), "-m", "zoo", *arguments],
            capture_output=True,
            text=True,
            check=False,
            encoding="utf-8",
            env={**kept, "PYTHONIOENCODING": "utf-8", **env},
            cwd=self.folder,
            timeout=120,
        )

    def config(self, model_type: str) -> str:
        """A config.json of that type, at its defaults."""
        file = self.folder / f"{model_type}.json"
        file.write_text(f'{{"model_type": "{model_type}"}}', "utf-8")
        return file.name


def install(folder: Path, packages: Sequence[Package] = ()) -> Installed:
    """A new venv in the folder with these packages, whose wheels are built first.

    It sees what is installed in the environment of the tests, zoo among it, as that sees itself.
    """
    venv.create(folder / "venv", symlinks=os.name != "nt")
    scripts, name = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    python = folder / "venv" / scripts / name
    (folder / "work").mkdir()
    own = done(str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    inherited = "; ".join(["import site", *(f"site.addsitedir({path!r})" for path in site.getsitepackages())])
    Path(own, "inherited.pth").write_text(inherited, "utf-8")
    if packages:
        wheels = [str(package.wheel(folder / "wheels")) for package in packages]
        offline = ("--no-deps", "--no-index", "--no-compile", "--disable-pip-version-check")
        done(str(python), "-m", "pip", "install", "-q", *offline, *wheels)
    return Installed(python, folder / "work")


def install_once(folder: Path, packages: Sequence[Package]) -> Installed:
    """The same in a folder that all workers of pytest share; the first that comes installs."""
    try:
        folder.mkdir()
    except FileExistsError:
        ready = folder / "ready"
        while not ready.exists():
            time.sleep(0.05)
        return Installed(Path(ready.read_text("utf-8")), folder / "work")
    python = ""
    try:
        installed = install(folder, packages)
        python = str(installed.python)
    finally:
        (folder / "begun").write_text(python, "utf-8")
        (folder / "begun").rename(folder / "ready")
    return installed


def done(*command: str, cwd: Path | None = None) -> str:
    """What the command prints. Fails with all that it says if it fails."""
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, timeout=120)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout
