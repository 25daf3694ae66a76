"""What a person at a terminal sees besides the text: progress on standard error, colour and width on standard output."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import termios

import pytest

from conform.cli import bars
from conform.run.took import Forecast, last_time

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
    usual = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "CI")}
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


@pytest.mark.parametrize("more", [{"CI": "true"}, {"TERM": "dumb"}])
def test_in_ci_there_is_no_progress_even_on_a_terminal(tiny_project, terminal, more):
    theirs, shown = terminal
    assert shown(tiny_project.start(*CHECK, stderr=theirs, env=environment(**more))) == ""


def test_a_side_that_ran_before_is_shown_with_its_rate_and_the_time_left(tiny_project, terminal):
    tiny_project.check("--quirks", "a=far")
    tiny_project.replace("a.py", "import math", "import math, time\ntime.sleep(0.3)")
    tiny_project.write(".conform/logs/wall-a.trace.seconds", "12.0\n")
    theirs, shown = terminal
    text = CODES.sub("", shown(tiny_project.start(*CHECK, stderr=theirs, env=environment())))
    assert "about 0:12 left · 2 pixels/s" in text
    assert 0.3 < float(tiny_project.text(".conform/logs/wall-a.trace.seconds")) < 12      # the next forecast is what it took now


def test_what_was_kept_of_the_last_time_may_be_unreadable(tiny_project):
    for kept in ("", "soon", "-1", "nan", "inf"):
        tiny_project.write(".conform/logs/wall-a.trace.seconds", kept)
        assert last_time(tiny_project.root / ".conform/logs/wall-a.trace.seconds") is None


def test_rates_and_times_are_in_figures_that_a_person_reads():
    assert bars.left_of(Forecast(90, 6_224_001), 30.4) == "about 1:00 left · 69,156 pixels/s"
    assert bars.left_of(Forecast(2), 3) == "longer than the last 0:02"
    assert (bars.rate("tile", None, None), bars.rate("tile", 0.123, 3700), bars.rate("case", 250, None)) == ("", "0.12 tiles/s · 1:01:40 left", "250 cases/s")


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
