"""The help of every command: an example that the command takes, 80 columns, and nothing loaded that an answer does not need."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator

import pytest
import typer

from conform.cli.main import program

SLOW = ("torch", "numpy", "matplotlib", "scipy", "torch_model", "rich", "lark", "jinja2", "flint")
WHOLE = typer.main.get_command(program())


def commands(command=WHOLE, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command and group, by the words that call it."""
    yield words
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(below, (*words, name))


EVERY = tuple(commands())


def parsed(words: list[str]) -> None:
    """Take a command line apart as if it were called, asking nothing and running nothing."""
    command, context = WHOLE, typer.Context(WHOLE, info_name="conform")
    while hasattr(command, "commands"):
        command, words = command.commands[words[0]], words[1:]
    for parameter in command.params:
        if getattr(parameter, "prompt", None):
            parameter.prompt = None
    with command.make_context("conform", list(words), parent=context):
        pass


def examples(text: str) -> list[str]:
    """The lines that begin at `For example:`, one command on each."""
    return [line.removeprefix("For example:").strip() for line in re.findall(r"For example:.*(?:\n +conform .*)*", text)[0].splitlines()]


def test_there_are_as_many_commands_as_somebody_counted():
    assert len(EVERY) >= 25 and ("probe", "suggest") in EVERY and ("report", "merge") in EVERY


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_the_help_of_every_command_has_an_example_that_it_takes(tiny_project, words):
    ended = tiny_project.call(*words, "--help")
    assert ended.status == 0 and ended.out.count("For example:") == 1
    assert max(map(len, ended.out.splitlines())) <= 80
    found = examples(ended.out)
    assert found[0].split()[1:1 + len(words)] == list(words)
    for line in found:
        name, *rest = shlex.split(line)
        assert name == "conform"
        parsed(rest)


def test_an_example_with_a_wrong_option_would_be_noticed():
    with pytest.raises(Exception, match="--pixels"):
        parsed(["check", "specs/lamp.rules", "--run", "wall", "--pixels", "1,1"])
    with pytest.raises(Exception, match="run"):
        parsed(["check", "specs/lamp.rules"])


def loaded(folder, commands, first: str = "") -> list[str]:
    """What a process has loaded of the slow packages after the help of each command; it begins with `first`."""
    code = (
        f"{first}\nimport sys\nfrom conform.cli.main import run\nfor words in {commands!r}:\n    assert run([*words, '--help']) == 0, words\n"
        f"    found = sorted({{name.split('.')[0] for name in sys.modules}} & set({SLOW!r}))\n    print('LOADED', words, found) if found else None\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if line.startswith("LOADED")]


def test_no_help_loads_anything_that_makes_it_slow(tmp_path):
    assert loaded(tmp_path, EVERY) == []
    assert loaded(tmp_path, [("lint",)], "import numpy") == ["LOADED ('lint',) ['numpy']"]
