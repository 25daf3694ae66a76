"""What the tests of the rules language share: a folder with the demo document, and rules files checked in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import specs_dsl
from specs_dsl import mistakes
from specs_dsl.check import load
from specs_dsl.diagnostics import Diagnostic, SpecError

CODES = Path(specs_dsl.__file__).parent / "codes"


@pytest.fixture
def demo(tmp_path, monkeypatch) -> Path:
    """A folder with the document and the declarations that examples include; also the working directory."""
    for name in ("demo.md", "demo.rules"):
        shutil.copy(CODES / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def found(demo) -> Callable[[str], tuple[Diagnostic, ...]]:
    """All that is reported on a rules file with this text; any exception but SpecError passes through."""

    def check(text: str) -> tuple[Diagnostic, ...]:
        (demo / "example.rules").write_text(text, "utf-8")
        try:
            return load(Path("example.rules")).warnings
        except SpecError as error:
            return error.diagnostics

    return check


@pytest.fixture
def codes(found) -> Callable[[str], list[str]]:
    """The codes of all that is reported on a rules file with this text."""
    return lambda text: [item.code for item in found(text)]


@pytest.fixture(scope="session")
def known_codes() -> frozenset[str]:
    """Every code that the language can report."""
    classes = (item for item in vars(mistakes).values() if isinstance(item, type) and issubclass(item, Diagnostic))
    return frozenset(item.code for item in classes if item.code)
