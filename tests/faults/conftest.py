"""A copy of the project in a temporary folder, with a small run, in which faults are planted."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from conform.cli.main import run

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

    def check(self, *options: str, quirks: str = "c=none") -> tuple[int, dict]:
        words = ["check", "specs/scaling.rules", "--run", "small", "--format", "json", *(["--quirks", quirks] if quirks else []), *options]
        status = run(words)
        text = self.read()
        return status, json.loads(text) if text else {}

    def trace(self, side: str, name: str, *options: str) -> Path:
        """A bundle of one side, in a folder of that name."""
        assert run(["trace", "--run", "small", "--side", side, "--output", name, *options]) == 0
        self.read()
        return self.root / name


def small_run(text: str) -> str:
    """The supervisor run on a detector of the same size with fewer and larger pixels, all of which are traced."""
    for old, new in (("-pixel 0.172", "-pixel 8.6"), ("-detpixels_x 2463", "-detpixels_x 49"), ("-detpixels_y 2527", "-detpixels_y 50"),
                     ("slow = 2527", "slow = 50"), ("fast = 2463", "fast = 49")):
        assert text.count(old) == 1
        text = text.replace(old, new)
    return re.sub(r"\[capture\].*?\n\n", "[capture]\nall = true\n\n", text, flags=re.DOTALL)


@pytest.fixture(scope="session")
def cache(tmp_path_factory) -> Path:
    """One cache for all copies of a test process: what a fault does not touch is made once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def copy(tmp_path: Path, cache: Path, monkeypatch, capsys) -> Copy:
    for part in PARTS:
        source, target = ROOT / part, tmp_path / part
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "build", "*.o"))
        else:
            shutil.copy(source, target)
    (tmp_path / "runs" / "small.toml").write_text(small_run((ROOT / "runs" / "supervisor.toml").read_text("utf-8")), "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONFORM_CACHE", str(cache))
    return Copy(tmp_path, lambda: capsys.readouterr().out)
