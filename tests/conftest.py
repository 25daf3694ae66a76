"""What tests of several folders share, and what each of them must leave as it was."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = [line.strip("/") for line in (ROOT / ".gitignore").read_text("utf-8").splitlines() if line.endswith("/")]      # which may come into being


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory) -> Path:
    """One cache for the checks of our own programs, whichever process makes them: its keys are hashes of all that determines what is kept,
    and what is complete is renamed into it."""
    own = tmp_path_factory.getbasetemp()
    return (own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own) / "conform-cache"


@pytest.fixture(scope="session")
def entries_of_the_root() -> set[str]:
    """What lies in the checkout's root, as far as it was told."""
    return set(os.listdir(ROOT))


@pytest.fixture(autouse=True)
def _root_as_it_was(entries_of_the_root):
    """A program that is run in the checkout's root leaves its images there, and somebody commits them."""
    yield
    left = {name for name in os.listdir(ROOT) if name not in entries_of_the_root and not any(fnmatchcase(name, folder) for folder in FOLDERS)}
    entries_of_the_root |= left                             # told once
    assert not left, f"left in the checkout's root by this test, or by one that ran beside it: {', '.join(sorted(left))}"
