"""Every mistake that lived has a reason, and every reason has a mistake."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / "benchmarks"


def lived(text: str) -> list[str]:
    return [line.removeprefix("* ") for line in text.split("## What lived", 1)[1].split("\n## ", 1)[0].splitlines() if line.startswith("* ")]


def explained(lines: list[str], reasons: list[dict]) -> tuple[list[str], list[str]]:
    """The lines without a reason, and the patterns that fit no line."""
    patterns = [pattern for reason in reasons for pattern in reason["lines"]]
    return [line for line in lines if not any(re.search(pattern, line) for pattern in patterns)], [pattern for pattern in patterns if not any(re.search(pattern, line) for line in lines)]


def test_what_lived_in_the_table_is_explained_one_by_one_and_nothing_else_is():
    lines = lived((ROOT / "mutants.md").read_text("utf-8"))
    assert lines
    assert explained(lines, tomllib.loads((ROOT / "lived.toml").read_text("utf-8"))["reason"]) == ([], [])


def test_a_mistake_without_a_reason_and_a_reason_without_a_mistake_are_told():
    text = "# Mistakes\n\n## What lived\n\n* one.1 x, unseen: the clause twice\n* one.2 y, within: the clause without z\n\n## What was not tried\n\n* one.3\n"
    reasons = [{"why": "it is so", "lines": [r"one\.1 ", r"one\.4 "]}]
    assert explained(lived(text), reasons) == (["one.2 y, within: the clause without z"], [r"one\.4 "])
