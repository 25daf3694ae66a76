"""A checkout with our scripts and a Python that only pretends, so that a set-up takes milliseconds.

The PATH holds the fake and the few tools of a bare Debian that the scripts may use, nothing else.
"""
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("sh", "cat", "cmp", "cp", "mkdir", "mv", "readlink", "rm", "sed")

# Plays python3 and, linked into .venv, the Python there. It writes down each call; the program it runs gets its arguments
# written with a zero byte after each, and what else the tests want to know of it.
FAKE_PYTHON = r"""#!/bin/sh
case "$*" in
    */.venv/bin/conform* | "-m pytest"*) kind=program ;;
    *fcntl.flock*) kind=lock ;;
    *ensurepip*) kind=probe ;;
    *"import sys, pip"*) kind=usable ;;
    *"-m venv"*) kind=venv ;;
    *"-m pip"*) kind=pip ;;
    *) kind=other ;;
esac
echo "$kind" >>"$FAKE/calls"
case $kind in
lock) exec "$REAL_PYTHON" "$@" ;;
probe) exit "${FAKE_PROBE:-0}" ;;
venv)
    for folder do :; done
    mkdir -p "$folder/bin"
    ln -s "$0" "$folder/bin/python"
    sleep "${FAKE_VENV_SECONDS:-0}"
    exit "${FAKE_VENV_EXIT:-0}" ;;
pip)
    printf '%s\n' "$@" >"$FAKE/pip"
    echo "$FAKE_PIP_SAYS" >&2
    sleep "${FAKE_PIP_SECONDS:-0}"
    [ "${FAKE_PIP_EXIT:-0}" = 0 ] || exit "$FAKE_PIP_EXIT"
    true >"${0%/*}/conform" ;;
program)
    for argument do printf '%s\0' "$argument"; done >"$FAKE/arguments"
    pwd >"$FAKE/folder"
    env >"$FAKE/environment"
    exit "${FAKE_EXIT:-0}" ;;
other) echo "Python 3.9.2" ;;
esac
"""


@dataclass
class Checkout:
    root: Path
    fake: Path                                  # what the fake Python was asked
    environment: dict[str, str] = field(default_factory=dict)

    def start(self, *arguments, script="conform", cwd="/", **environment):
        return subprocess.Popen(
            [self.root / script if isinstance(script, str) else script, *arguments],
            cwd=cwd, env=self.environment | environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, start_new_session=True,
            # A shell cannot trap what was ignored before it began, and test runners in the background ignore it.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))

    def run(self, *arguments, **options):
        process = self.start(*arguments, **options)
        out, err = process.communicate(timeout=15)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def called(self):
        """What the fake was called for so far."""
        path = self.fake / "calls"
        return path.read_text().split() if path.exists() else []

    def calls(self):
        """The same, and begin anew."""
        found = self.called()
        (self.fake / "calls").unlink(missing_ok=True)
        return found

    def arguments(self):
        """Of the program: what came after the script's own name."""
        return (self.fake / "arguments").read_bytes().split(b"\0")[1:-1]

    def seen(self, what):
        return (self.fake / what).read_text()


def link_tools(folder, names):
    for name in names:
        (folder / name).symlink_to(shutil.which(name))


@pytest.fixture
def checkout(tmp_path):
    root, fake, path = tmp_path / "my checkout's $root", tmp_path / "fake", tmp_path / "path"
    for folder in (root / "scripts", fake, path):
        folder.mkdir(parents=True)
    for name in ("conform", "test", "scripts/environment.sh"):
        shutil.copy(ROOT / name, root / name)
    (root / "pyproject.toml").write_text("[project]\n")
    (root / "constraints.txt").write_text("torch==2.13.0\n")
    link_tools(path, TOOLS)
    private = fake / "bin"                      # tools of the fake itself; the scripts must do without them
    private.mkdir()
    link_tools(private, ("env", "ln", "mkdir", "sleep"))
    python = path / "python3"
    python.write_text(FAKE_PYTHON.replace("\n", f"\nPATH='{private}':$PATH\n", 1))
    python.chmod(0o755)
    return Checkout(root, fake, {"PATH": str(path), "FAKE": str(fake), "REAL_PYTHON": sys.executable, "HOME": os.devnull})


@pytest.fixture
def warm(checkout):
    """The same, after a first call."""
    assert checkout.run().returncode == 0
    checkout.calls()
    return checkout
