"""`reader`: somebody with a clone and an installed `conform`, who follows a page. What programs traced is kept for the next page."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from tests.docs.reader import Reader

ROOT = Path(__file__).parents[2]
SPARE = shutil.ignore_patterns("__pycache__", ".conform", "theirs", "*.log", "port", "found", "probed")
DROPPED = ("CONFORM_CACHE", "CONFORM_TRACE", "CONFORM_PIXELS", "CC", "COLUMNS", "FORCE_COLOR")


@pytest.fixture
def reader(tmp_path, shared_cache) -> Reader:
    """The examples with what they stand on, and a `conform` that needs no environment made: in the clone and on the PATH."""
    clone, installed = tmp_path / "reader" / "conform", tmp_path / "bin"
    (clone / "c_probes").mkdir(parents=True)
    shutil.copy(ROOT / "c_probes/conform_probe.h", clone / "c_probes")
    for example in ("pendulum", "audit"):
        shutil.copytree(ROOT / "examples" / example, clone / "examples" / example, ignore=SPARE)
    installed.mkdir()
    conform = "-c 'from conform.cli.main import main; main()'"
    for script, words in ((clone / "conform", conform), (installed / "conform", conform), (installed / "python", "")):
        script.write_text(f"#!/bin/sh\nexec {shlex.quote(sys.executable)} {words} \"$@\"\n")
        script.chmod(0o755)
    env = {key: value for key, value in os.environ.items() if key not in DROPPED}
    return Reader(clone.parent, env=env | {"CONFORM_CACHE": str(shared_cache), "PATH": f"{installed}:{env['PATH']}"})
