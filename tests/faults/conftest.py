"""A copy of the project in a temporary folder, in which faults are planted; checked on the quick run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from conform.adequacy.faults import sources
from conform.cli.main import run
from conform.run.project import FILE, Project, ProjectFile
from conform.toml import load as load_table
from specs_dsl.check import load

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("c_probes", "torch_model", "specs", "runs", "conform.toml")


@dataclass
class Copy:
    """A project of its own. `check` gives the exit status and the report of a check there."""

    root: Path
    read: Callable[[], str]

    def replace(self, file: str, old: str, new: str) -> None:
        """Plant a fault: the text `old`, which must stand there once, becomes `new`."""
        path = self.root / file
        text = path.read_text("utf-8")
        assert text.count(old) == 1, f"{file} holds {text.count(old)} times: {old}"
        path.write_text(text.replace(old, new), "utf-8")

    def check(self, *options: str, quirks: str = "c=none", rules: str = "scaling") -> tuple[int, dict]:
        words = ["check", f"specs/{rules}.rules", "--run", "quick", "--format", "json", *(["--quirks", quirks] if quirks else []), *options]
        status = run(words)
        text = self.read()
        return status, json.loads(text) if text else {}

    def trace(self, side: str, name: str, *options: str) -> Path:
        """A bundle of one side, in a folder of that name."""
        assert run(["trace", "--run", "quick", "--side", side, "--output", name, *options]) == 0
        self.read()
        return self.root / name


@pytest.fixture(scope="session")
def cache(shared_cache: Path) -> Path:
    """One cache for all copies: what a fault does not touch is made once."""
    return shared_cache


@pytest.fixture(scope="session")
def root() -> Path:
    """Of the real project."""
    return ROOT


@pytest.fixture(scope="session")
def spec():
    return load(ROOT / "specs" / "scaling.rules")


@pytest.fixture
def project(cache: Path, monkeypatch) -> Project:
    """Ours, with the cache of the tests."""
    monkeypatch.setenv("CONFORM_CACHE", str(cache))
    return Project(ROOT, load_table(ROOT / FILE, ProjectFile, "project file"))


@pytest.fixture(scope="session")
def small_root(tmp_path_factory) -> Path:
    """Of a project in which runs trace 200 pixels instead of all, and the C program is compiled in a third of the time."""
    root = tmp_path_factory.mktemp("small")
    for path in sources(Project(ROOT, load_table(ROOT / FILE, ProjectFile, "project file"))):
        target = root / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        text, every = path.read_text("utf-8"), "[capture]\nall = true\n"
        if path.parent.name == "runs" and every in text:
            text = text.replace(every, "[capture]\nrandom = { count = 200, seed = 7 }\n")
        target.write_text(text.replace("-O2", "-O0") if path.name == FILE else text, "utf-8")
    return root


@pytest.fixture
def small_project(small_root: Path, cache: Path, monkeypatch) -> Project:
    """One mistake alone shows on few pixels as well as on all."""
    monkeypatch.setenv("CONFORM_CACHE", str(cache))
    return Project(small_root, load_table(small_root / FILE, ProjectFile, "project file"))


@pytest.fixture
def copy(tmp_path: Path, cache: Path, monkeypatch, capsys) -> Copy:
    for part in PARTS:
        source, target = ROOT / part, tmp_path / part
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "build", "*.o"))
        else:
            shutil.copy(source, target)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONFORM_CACHE", str(cache))
    return Copy(tmp_path, lambda: capsys.readouterr().out)


@pytest.fixture
def small_copy(copy: Copy, small_root: Path) -> Copy:
    """With the runs and the build of the small project."""
    shutil.copytree(small_root, copy.root, dirs_exist_ok=True)
    return copy
