"""`tiny_project`: a copy of tests/conform/tiny, in which faults are planted.

A lamp lights a wall of 4 by 6 pixels in three turns; sides `a` and `b` are plain Python scripts that conform, and a
check of both takes a fraction of a second. Everything happens in the test's own folder, which is also the working
directory.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from conform.cli.main import run

TINY = Path(__file__).parent / "tiny"
RULES = "specs/lamp.rules"


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it said."""

    status: int
    out: str
    err: str

    @property
    def report(self) -> dict:
        return json.loads(self.out)


@dataclass
class Tiny:
    """A project of its own. Paths are relative to it, and it is the working directory."""

    root: Path
    read: Callable[[], tuple[str, str]]

    # --- what stands in it ---------------------------------------------------------------------------------------
    def text(self, file: str) -> str:
        return (self.root / file).read_text("utf-8")

    def write(self, file: str, text: str) -> Path:
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def replace(self, file: str, old: str, new: str) -> None:
        """Plant a fault: the text `old`, which must stand there once, becomes `new`."""
        text = self.text(file)
        assert text.count(old) == 1, f"{file} holds {text.count(old)} times: {old}"
        self.write(file, text.replace(old, new))

    def program(self, side: str, text: str) -> None:
        """Another program in the place of a side, in Python."""
        self.write(f"{side}.py", text)

    # --- what is done with it ------------------------------------------------------------------------------------
    def call(self, *words: str | Path) -> Ended:
        """A command line, in this process."""
        self.read()
        status = run([str(word) for word in words])
        return Ended(status, *self.read())

    def check(self, *options: str | Path, rules: str = RULES) -> Ended:
        return self.call("check", rules, "--run", "wall", *options)

    def judge(self, *options: str | Path) -> dict:
        """The report of a check."""
        return self.check("--format", "json", *options).report

    def trace(self, side: str, name: str, *options: str | Path) -> Path:
        """A bundle of one side, in a folder of that name."""
        ended = self.call("trace", "--run", "wall", "--side", side, "--output", name, *options)
        assert ended.status == 0, ended.err
        return self.root / name

    def start(self, *words: str | Path, **options) -> subprocess.Popen:
        """A command line in a process group of its own, as a terminal would start it."""
        usual = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": self.root,
                 "preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)}     # test runners may ignore it
        command = [sys.executable, "-c", "from conform.cli.main import main; main()", *map(str, words)]
        return subprocess.Popen(command, start_new_session=True, **(usual | options))

    def run(self, *words: str | Path, **options) -> Ended:
        """A command line in a process of its own."""
        process = self.start(*words, **options)
        out, err = process.communicate(timeout=30)
        return Ended(process.returncode, out or "", err or "")

    # --- what it leaves ------------------------------------------------------------------------------------------
    @property
    def cache(self) -> Path:
        return self.root / ".conform"

    def unfinished(self) -> list[str]:
        """Temporary files and folders, which nothing may leave behind, anywhere in the project."""
        found = [path for path in self.root.rglob(".*") if path not in (self.cache, self.cache / ".gitignore")]
        return sorted(str(path.relative_to(self.root)) for path in found)

    def kept(self, kind: str) -> list[str]:
        """What the cache holds of a kind: traces, images, inputs, builds."""
        folder = self.cache / kind
        return sorted(os.listdir(folder)) if folder.is_dir() else []

    def cached(self) -> list[str]:
        """All that the cache holds but logs, of which a failed run leaves its own."""
        return sorted(str(path.relative_to(self.cache)) for path in self.cache.rglob("*") if path.relative_to(self.cache).parts[0] != "logs")

    def runs_of(self, side: str) -> int:
        """How often a side was executed, if `counted` was called before."""
        path = self.root / f"{side}.runs"
        return len(path.read_text()) if path.exists() else 0

    def counted(self, *sides: str) -> None:
        """From now on the sides count their executions."""
        for side in sides:
            self.write(f"{side}.py", f"open({str(self.root / f'{side}.runs')!r}, 'a').write('x')\n" + self.text(f"{side}.py"))


@pytest.fixture
def tiny_project(tmp_path: Path, monkeypatch, capfd) -> Tiny:
    root = tmp_path / "project"
    shutil.copytree(TINY, root, ignore=shutil.ignore_patterns("__pycache__", ".conform"))
    monkeypatch.chdir(root)
    for name in ("CONFORM_CACHE", "CONFORM_TRACE", "CONFORM_PIXELS", "LAMP_BIN", "CC", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    return Tiny(root, capfd.readouterr)


@pytest.fixture
def complains(tiny_project):
    """A failed command said what, where and what to do in one message, and left nothing behind."""

    def check(ended: Ended, status: int, *parts: str, lines: int = 12) -> Ended:
        assert ended.status == status, ended
        assert ended.err.startswith("conform: ") and ended.err.count("conform: ") == 1, ended.err
        assert "Traceback" not in ended.err + ended.out
        for part in parts:
            assert part in ended.err, f"no `{part}` in: {ended.err}"
        assert len(ended.err.splitlines()) <= lines, ended.err
        assert ended.out == ""
        assert tiny_project.unfinished() == []
        return ended

    return check
