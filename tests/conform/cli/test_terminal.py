"""What a person at a terminal sees besides the text: progress on standard error, colour and width on standard output."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import termios

import pytest

CHECK = ("check", "specs/lamp.rules", "--run", "wall", "--quirks", "a=far")
CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture
def terminal():
    """A pseudo-terminal of 100 columns: the end that a program writes to, and a way to read what it showed."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))

    def shown(process) -> str:
        os.close(theirs)
        parts = []
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:                                  # the last one who could write is gone
                break
            if not part:
                break
            parts.append(part)
        process.wait(timeout=30)
        return b"".join(parts).decode().replace("\r\n", "\n")

    yield theirs, shown
    os.close(ours)


def environment(**more):
    usual = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "NO_COLOR", "FORCE_COLOR")}
    return {**usual, "TERM": "xterm", **more}


def test_progress_goes_to_standard_error_and_leaves_the_report_alone(tiny_project, terminal):
    theirs, shown = terminal
    process = tiny_project.start(*CHECK, stderr=theirs, env=environment())
    text = shown(process)
    report = process.stdout.read()
    assert process.returncode == 1
    assert "tracing a" in text and "judging" in text
    assert "\x1b" not in report and "FIRST BREAK   lamp.1" in report


def test_where_standard_error_is_no_terminal_there_is_no_progress(tiny_project):
    assert tiny_project.run(*CHECK).err == ""


@pytest.mark.parametrize("more, coloured", [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_a_terminal_gets_its_own_width_and_colour_unless_it_does_not_want_it(tiny_project, terminal, more, coloured):
    theirs, shown = terminal
    process = tiny_project.start(*CHECK, stdout=theirs, env=environment(**more))
    text = shown(process)
    assert process.returncode == 1
    assert bool(CODES.search(text)) == coloured
    plain = CODES.sub("", text).splitlines()
    assert len(plain[0]) == 100 and max(map(len, plain)) <= 100


def test_a_file_gets_eighty_columns_and_no_colour_whatever_the_terminal(tiny_project, terminal):
    theirs, shown = terminal
    process = tiny_project.start(*CHECK, "--output", "report.txt", stdout=theirs, env=environment())
    assert shown(process) == "" and process.returncode == 1
    lines = tiny_project.text("report.txt").splitlines()
    assert max(map(len, lines)) <= 80 and "\x1b" not in "".join(lines)
