"""Every command that README and docs speak of is one that conform takes. Blocks of commands are executed: test_pages, test_readme."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.conform.cli.test_help import WHOLE
from tests.docs.reader import BLOCK

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "examples").rglob("*.md"))]


def spoken_of(text: str) -> list[str]:
    """What stands in backticks and begins with conform."""
    return re.findall(r"`(?:\./)?conform ([a-z][^`]*)`", BLOCK.sub("", text))


def check(words: list[str]) -> None:
    """That there is such a command, and that it has such options. Arguments may be left out, in a sentence."""
    command = WHOLE
    while hasattr(command, "commands") and words:
        assert words[0] in command.commands, words[0]
        command, words = command.commands[words[0]], words[1:]
    options = {option for parameter in command.params for option in parameter.opts}
    unknown = {word for word in words if word.startswith("-") and len(word) > 2} - options
    assert not unknown, unknown


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_that_a_page_speaks_of_is_one(page):
    for line in spoken_of(page.read_text("utf-8")):
        check(shlex.split(line))


@pytest.mark.parametrize("planted", ["`conform chek my.rules`", "`./conform check my.rules --runs quick`", "`conform report join`"])
def test_one_that_is_none_would_be_noticed(tmp_path, planted):
    (tmp_path / "page.md").write_text(f"Say {planted}.\n")
    with pytest.raises(AssertionError):
        test_every_command_that_a_page_speaks_of_is_one(tmp_path / "page.md")


def test_many_are_spoken_of():
    assert len([line for page in PAGES for line in spoken_of(page.read_text("utf-8"))]) > 30
