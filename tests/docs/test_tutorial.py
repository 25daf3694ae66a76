"""docs/tutorial.md, executed from top to bottom in a copy: every command prints what the page says, every change can be made.

`console` blocks hold commands after `$ ` and their output, in which `…` stands for anything. `diff FILE` blocks are
changes; what they take away must stand in the file once. Other blocks are for the reader alone.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE, AUDIT = ROOT / "docs/tutorial.md", ROOT / "docs/audit.md"
BLOCK = re.compile(r"^```(\w+) ?([^\n]*)\n(.*?)^```$", re.M | re.S)
PROMPT = "$ "


@dataclass
class Reader:
    """Somebody who types what the page says, in a copy of what they cloned."""

    folder: Path
    status: int = 0
    env: dict[str, str] = field(default_factory=dict)

    def follow(self, page: str) -> None:
        for language, file, body in BLOCK.findall(page):
            if language == "console":
                self.type(body)
            elif language == "diff":
                self.change(self.folder / file, body)

    def type(self, session: str) -> None:
        for command, expected in commands(session):
            done = subprocess.run(["sh", "-c", f"(exit {self.status})\n{command}"], cwd=self.folder, env=self.env, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=120)
            self.status = done.returncode
            assert matches(expected, done.stdout), f"$ {command}\n--- the page says\n{expected}\n--- it printed\n{done.stdout}"

    def change(self, path: Path, body: str) -> None:
        old, new = ("".join(line[1:] for line in body.splitlines(keepends=True) if line[0] in signs) for signs in (" -", " +"))
        text = path.read_text("utf-8")
        assert text.count(old) == 1, f"{path.name} holds {text.count(old)} times:\n{old}"
        path.write_text(text.replace(old, new), "utf-8")


def commands(session: str) -> Iterator[tuple[str, str]]:
    """Each command with the output that stands under it."""
    for part in re.split(rf"^{re.escape(PROMPT)}", session, flags=re.M)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


ANYTHING = {"…\n": r"(?:.*\n)*?", "…": r".*(?:\n.*){0,3}?"}     # lines; the rest of one, which the report may have broken into a few


def matches(expected: str, printed: str) -> bool:
    """Line for line, blanks at the ends aside; `…` is anything, on a line of its own any lines."""
    wanted, found = ("".join(line.rstrip() + "\n" for line in text.splitlines()) for text in (expected, printed))
    parts = re.split(r"(^…\n|…)", wanted, flags=re.M)
    return re.fullmatch("".join(ANYTHING.get(part, re.escape(part)) for part in parts), found) is not None


@pytest.fixture
def reader(tmp_path) -> Reader:
    """The example with what it stands on, and a `conform` that needs no environment made."""
    for file in ("c_probes/conform_probe.h",):
        (tmp_path / file).parent.mkdir(parents=True)
        shutil.copy(ROOT / file, tmp_path / file)
    for example in ("pendulum", "audit"):
        shutil.copytree(ROOT / "examples" / example, tmp_path / "examples" / example, ignore=shutil.ignore_patterns("__pycache__", ".conform", "theirs", "*.log", "port", "found"))
    script = tmp_path / "conform"
    script.write_text(f"#!/bin/sh\nexec {shlex.quote(sys.executable)} -c 'from conform.cli.main import main; main()' \"$@\"\n")
    script.chmod(0o755)
    dropped = ("CONFORM_CACHE", "CONFORM_TRACE", "CONFORM_PIXELS", "CC", "COLUMNS", "FORCE_COLOR")
    return Reader(tmp_path / "examples/pendulum", env={key: value for key, value in os.environ.items() if key not in dropped})


def test_the_tutorial_is_true(reader):
    reader.follow(PAGE.read_text("utf-8"))


@pytest.mark.skipif(shutil.which("cc") is None, reason="the page compiles a program with cc")
def test_the_audit_is_true(reader):
    reader.folder = reader.folder.with_name("audit")
    reader.follow(AUDIT.read_text("utf-8"))


@pytest.mark.parametrize("page", [PAGE, AUDIT, ROOT / "docs/logs.md"], ids=lambda page: page.stem)
def test_every_link_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


def test_the_page_knows_no_other_blocks():
    assert {language for language, _, _ in BLOCK.findall(PAGE.read_text("utf-8"))} == {"console", "diff", "sh"}


# --- the runner itself -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("expected, printed, fits", [
    ("a\nb\n", "a\nb\n", True), ("a\n", "a\nb\n", False), ("a\nb\n", "a\n", False), ("", "", True), ("", "a\n", False),
    ("a … c\n", "a b c\n", True), ("a …\n", "a b\nc\n", True), ("a …\nd\n", "a b\nc\n", False), ("a …\n", "a\nb\nc\nd\ne\n", False), ("a\n…\n", "a\nb\nc\n", True), ("…\nc\n", "a\nb\nc\n", True), ("…\nc\n", "a\nb\n", False),
    ("a.c\n", "abc\n", False), ("a  \n", "a\n", True), ("a\n\nb\n", "a\nb\n", False),
])
def test_output_is_compared_line_for_line(expected, printed, fits):
    assert matches(expected, printed) is fits


def test_a_page_that_is_wrong_is_noticed(reader):
    for page in ("```console\n$ echo a\nb\n```\n", "```console\n$ false\n$ echo $?\n0\n```\n", "```diff pendulum.c\n-no such line\n+another\n```\n"):
        with pytest.raises(AssertionError):
            reader.follow(page)


def test_a_page_that_is_right_is_not(reader):
    reader.follow("```console\n$ false\n$ echo $?\n1\n$ printf 'a\\nb'\na\nb\n```\n\n```sh\nno such program\n```\n")
