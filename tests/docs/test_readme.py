"""The README: its command prints what it shows, its commands exist, and its waiver covers what it says."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from conform.cli.main import app

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
COMMAND = ["specs/scaling.rules", "--run", "supervisor"]


@pytest.fixture(scope="module")
def conform(tmp_path_factory):
    """The script at the root, with a cache of its own; whole frames are simulated once."""
    cache = tmp_path_factory.mktemp("cache")

    def call(*words: str) -> subprocess.CompletedProcess:
        return subprocess.run([ROOT / "conform", *words], cwd=ROOT, capture_output=True, text=True, env={"PATH": "/usr/local/bin:/usr/bin:/bin", "CONFORM_CACHE": str(cache)})

    return call


def timeless(text: str) -> str:
    return re.sub(r" +\d+\.\d s$", "", text.strip("\n"), flags=re.MULTILINE)


def test_the_first_command_prints_what_the_readme_shows(conform):
    done = conform("check", *COMMAND)
    shown = re.search(r"\n\n((?:    .*\n)+)", README[README.index("The first one prints") :])[1]
    assert timeless(done.stdout) == timeless("\n".join(line[4:] for line in shown.splitlines())) and done.returncode == 1


def test_the_known_break_can_be_waived_and_not_when_it_grows_tenfold(conform, tmp_path):
    """The crystal turned ten times as far keeps vectors that are ten times as wrong."""
    done = conform("check", *COMMAND, "--waivers", "specs/waivers.toml")
    assert done.returncode == 0 and "conforms, but for 1 waived break" in done.stdout
    runs = shutil.copytree(ROOT / "runs", tmp_path / "runs")
    text = (runs / "supervisor.toml").read_text("utf-8")
    assert text.count("-osc 0.1 ") == 1
    (runs / "supervisor.toml").write_text(text.replace("-osc 0.1 ", "-osc 1.0 "), "utf-8")
    grown = conform("check", "specs/scaling.rules", "--run", str(runs / "supervisor.toml"), "--waivers", "specs/waivers.toml")
    assert grown.returncode == 1 and "WAIVER FAILS" in grown.stdout


def test_every_command_of_the_readme_exists():
    import typer.main

    known = typer.main.get_command(app).commands
    named = {tuple(words.split()) for words in re.findall(r"`conform ((?:[a-z]+ ?){1,2})", README)}
    assert len(named) > 10
    for words in named:
        command = known[words[0]]
        if len(words) > 1 and hasattr(command, "commands"):
            assert words[1] in command.commands, words
