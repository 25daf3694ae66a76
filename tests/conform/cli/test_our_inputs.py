"""Inputs of our own run that cannot be used: the C program's words reach the user, as one message and exit 4."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from conform.cli.main import run

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


def kept(cache) -> set[str]:
    """Traces and images in the cache."""
    return {entry for kind in ("traces", "images") if (cache / kind).is_dir() for entry in os.listdir(cache / kind)}


@pytest.mark.parametrize("name, content, said", [
    ("hkl", "1 2 3 4\nh k l F\n", "expected four numbers"),       # the C program as it is reads a stream of numbers; torch reads lines
    ("crystal", "a b c\n", "begins with 0 numbers where 9 are needed"),
    ("crystal", "1 0 0 0 1 0 0 0\n", "begins with 8 numbers where 9 are needed"),
])
def test_an_input_that_the_program_refuses_is_quoted(tmp_path, cache, monkeypatch, capfd, name, content, said):
    (tmp_path / "bad").write_text(content)
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("CONFORM_CACHE", str(cache))
    monkeypatch.delenv("NB_C_BIN", raising=False)
    capfd.readouterr()
    before = kept(cache)
    status = run(["check", "specs/scaling.rules", "--run", "quick", "--input", f"{name}={tmp_path / 'bad'}"])
    out, err = capfd.readouterr()
    assert (status, out) == (4, "") and err.startswith(f"conform: side {'c' if name == 'crystal' else 'torch'} ended with status ") and said in err
    assert "Traceback" not in err and len(err.splitlines()) <= 12
    assert not [entry for entry in kept(cache) - before if name == "crystal" or not entry.startswith("c-")]
