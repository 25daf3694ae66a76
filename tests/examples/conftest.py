"""`pendulum`: a copy of examples/pendulum, in which faults are planted. What the sides wrote is kept for the next test."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from conform.cli.main import run

ROOT = Path(__file__).parents[2]


@dataclass
class Pendulum:
    """A project of its own, which is the working directory."""

    root: Path
    read: Callable[[], tuple[str, str]]

    def replace(self, file: str, old: str, new: str) -> None:
        """Plant a fault: the text `old`, which must stand there once, becomes `new`."""
        text = (self.root / file).read_text("utf-8")
        assert text.count(old) == 1, f"{file} holds {text.count(old)} times: {old}"
        (self.root / file).write_text(text.replace(old, new), "utf-8")

    def judge(self, run_name: str = "swing", *options: str) -> dict:
        """The report of a check."""
        self.read()
        run(["check", "pendulum.rules", "--run", run_name, "--format", "json", *options])
        out, err = self.read()
        assert out, err
        return json.loads(out)


@pytest.fixture
def pendulum(tmp_path, monkeypatch, capfd, shared_cache) -> Pendulum:
    root = tmp_path / "examples/pendulum"
    shutil.copytree(ROOT / "examples/pendulum", root, ignore=shutil.ignore_patterns("__pycache__", ".conform"))
    (tmp_path / "c_probes").mkdir()
    shutil.copy(ROOT / "c_probes/conform_probe.h", tmp_path / "c_probes")
    monkeypatch.chdir(root)
    for name in ("CONFORM_TRACE", "CONFORM_PIXELS", "CC", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CONFORM_CACHE", str(shared_cache))
    return Pendulum(root, capfd.readouterr)
