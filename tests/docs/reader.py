"""Somebody who follows a page of docs/ from top to bottom, in a copy of what they cloned: everything that it says must be so.

A page is executed by its blocks, in their order:

* `console` holds commands after `$ ` and their output, in which `…` stands for anything. In the output of a command that goes on in
  the next line (`\\` at the end) that line is the command's.
* `diff FILE` is a change; what it takes away must stand in the file once.
* `sh` is how the reader gets to the place: `git clone`, which has been done, `mkdir` and `cd`.
* any other with a FILE behind its language is a file that the reader saves.

Blocks of other languages without a file are not allowed, so that nothing stands there unread.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

BLOCK = re.compile(r"^```(\w+) ?([^\n]*)\n(.*?)^```$", re.M | re.S)
PROMPT = "$ "


@dataclass
class Reader:
    """`folder`: where they are; beside it lies `conform`, the clone, when they begin."""

    folder: Path
    status: int = 0
    env: dict[str, str] = field(default_factory=dict)

    def follow(self, page: str) -> None:
        for language, file, body in BLOCK.findall(page):
            if language == "console":
                self.type(body)
            elif language == "diff":
                self.change(self.folder / file, body)
            elif language == "sh":
                self.go(body)
            elif file:
                self.save(self.folder / file, body)
            else:
                raise AssertionError(f"nobody knows what to do with this block of {language}:\n{body}")

    def type(self, session: str) -> None:
        for command, expected in commands(session):
            self.status, printed = self.typed(f"(exit {self.status})\n{command}")
            assert matches(expected, printed), f"$ {command}\n--- the page says\n{expected}\n--- it printed\n{printed}"

    def typed(self, command: str) -> tuple[int, str]:
        """How it ends, and what it prints."""
        done = subprocess.run(["sh", "-c", command], cwd=self.folder, env=self.env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, timeout=120)
        return done.returncode, done.stdout

    def change(self, path: Path, body: str) -> None:
        old, new = ("".join(line[1:] for line in body.splitlines(keepends=True) if line[0] in signs) for signs in (" -", " +"))
        text = path.read_text("utf-8")
        assert text.count(old) == 1, f"{path.name} holds {text.count(old)} times:\n{old}"
        path.write_text(text.replace(old, new), "utf-8")

    def go(self, body: str) -> None:
        for line in body.splitlines():
            match shlex.split(line):
                case ["git", "clone", _, "conform"]:
                    assert (self.folder / "conform").is_dir()
                case ["mkdir", name]:
                    (self.folder / name).mkdir()
                case ["cd", name]:
                    self.folder = (self.folder / name).resolve(strict=True)
                case _:
                    raise AssertionError(f"this is no way to a place: {line}")

    def save(self, path: Path, body: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body, "utf-8")


def commands(session: str) -> Iterator[tuple[str, str]]:
    """Each command with the output that stands under it."""
    for part in re.split(rf"^{re.escape(PROMPT)}", session, flags=re.M)[1:]:
        lines = part.splitlines(keepends=True)
        end = next(i for i, line in enumerate(lines, 1) if not line.endswith("\\\n"))
        yield "".join(lines[:end]).rstrip("\n"), "".join(lines[end:])


ANYTHING = {"…\n": r"(?:.*\n)*?", "…": r".*(?:\n.*){0,3}?"}     # lines; the rest of one, which the report may have broken into a few


def matches(expected: str, printed: str) -> bool:
    """Line for line, blanks at the ends aside; `…` is anything, on a line of its own any lines."""
    wanted, found = ("".join(line.rstrip() + "\n" for line in text.splitlines()) for text in (expected, printed))
    parts = re.split(r"(^…\n|…)", wanted, flags=re.M)
    return re.fullmatch("".join(ANYTHING.get(part, re.escape(part)) for part in parts), found) is not None
