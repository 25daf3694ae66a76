"""Logs of the tiny project's lamp: a dialect on one page, and what a log in it becomes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from conform.trace.logs.open import LogSide, open_log
from specs_dsl.check import load
from specs_dsl.spec import Spec

from ...lamp_dialect import DIALECT

TINY = Path(__file__).parents[2] / "tiny"


@dataclass
class Lamp:
    folder: Path
    spec: Spec

    def dialect(self, text: str, name: str = "lamp") -> None:
        (self.folder / "dialects").mkdir(exist_ok=True)
        (self.folder / "dialects" / f"{name}.toml").write_text(text, "utf-8")

    def log(self, text: str | bytes, dialect: str | None = "lamp") -> LogSide:
        path = self.folder / "lamp.log"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return open_log("a", path, self.spec, self.folder / "dialects", dialect)

    def read(self, text: str | bytes, dialect: str | None = "lamp", **options):
        return self.log(text, dialect).assembled(**options)


@pytest.fixture(scope="session")
def lamp_spec() -> Spec:
    return load(TINY / "specs/lamp.rules")


@pytest.fixture
def lamp(tmp_path, lamp_spec) -> Lamp:
    found = Lamp(tmp_path, lamp_spec)
    found.dialect(DIALECT)
    return found
