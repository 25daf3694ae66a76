"""Every whole command line in README and docs is one that conform takes, with these options and no others."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.conform.cli.test_help import parsed

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LINE = re.compile(r"^(?:\s*(?:[-$]\s+)?(?:run:\s+)?)(?:[./]*/)?conform ([a-z].*)$", re.MULTILINE)


def command_lines(text: str) -> list[str]:
    """As they stand on lines of their own, up to a pipe, a comment or another command; what has an ellipsis is none."""
    lines = [re.split(r" (?:\||>|#|&&|\\$)", line)[0].strip().replace("$kind", "json") for line in LINE.findall(text)]
    return [line for line in lines if "…" not in line]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_line_is_one_that_conform_takes(page):
    for line in command_lines(page.read_text("utf-8")):
        words = shlex.split(line)
        try:
            parsed(words)
        except Exception as wrong:
            raise AssertionError(f"{page.name}: conform {line}: {wrong}") from wrong


def test_most_pages_have_some_and_a_wrong_one_would_be_noticed(tmp_path):
    assert sum(bool(command_lines(page.read_text("utf-8"))) for page in PAGES) >= 5
    (tmp_path / "page.md").write_text("    ./conform check my.rules --runs quick\n")
    with pytest.raises(AssertionError, match="--runs"):
        test_every_command_line_is_one_that_conform_takes(tmp_path / "page.md")
