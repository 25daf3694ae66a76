"""How much a check shows: the first break alone, every clause with its margins, one clause."""

from __future__ import annotations

import pytest


def shown(tiny_project, *words):
    ended = tiny_project.check(*words)
    assert ended.err == ""
    return ended.status, ended.out.splitlines()


def test_quiet_shows_the_first_break_and_nothing_else(tiny_project):
    status, lines = shown(tiny_project, "--quiet", "--quirks", "a=far")
    assert (status, len(lines)) == (1, 3)
    assert lines[0].startswith("conform · lamp · wall") and lines[1].startswith("FIRST BREAK   lamp.1 Distance, side a") and lines[2] == "  on 9 of 9 pixels"


def test_quiet_counts_further_breaks(tiny_project):
    tiny_project.replace("b.py", "return math.fsum(turns)", "return 2 * math.fsum(turns)")
    assert shown(tiny_project, "--quiet", "--quirks", "a=far")[1][-1] == "  and 1 break more"


def test_quiet_is_not_silent_about_what_was_not_checked_or_differs(tiny_project):
    assert shown(tiny_project, "-q")[1][1:] == ["conforms"]
    tiny_project.replace("runs/wall.toml", '"no shutter" = ["lamp.4"]', "")
    status, lines = shown(tiny_project, "-q")
    assert status == 3 and lines[1].startswith("nothing breaks, but 1 clause")
    tiny_project.trace("b", "bundle")
    tiny_project.replace("runs/wall.toml", "-out out.bin ", "-out out.bin -gain 2 ")
    status, lines = shown(tiny_project, "-q", "--side", "b=bundle:bundle")
    assert status == 1 and lines[1].startswith("NOT THE SAME  b was traced with another command")


def test_verbose_shows_every_clause_with_its_margin_on_each_side(tiny_project):
    status, lines = shown(tiny_project, "--verbose", "--quirks", "a=far")
    assert status == 1 and any(line.startswith("FIRST BREAK   lamp.1") for line in lines)
    rows = [line.split() for line in lines[lines.index("") + 2:-1]]
    assert [row[0] for row in rows] == ["lamp.1", "lamp.2", "lamp.3", "lamp.4"]
    assert rows[0][1:3] == ["Distance", "breaks"] and float(rows[0][3]) > 1 and rows[0][4] == "0"
    assert float(rows[2][-1]) < 1 and rows[3][1:] == ["Shutter", "unchecked", "unchecked"]
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("quirks, status, verdict", [("none", 0, "holds"), ("far", 1, "breaks on a")])
def test_one_clause_is_shown_alone_and_gives_the_exit_status(tiny_project, quirks, status, verdict):
    ended, lines = shown(tiny_project, "--clause", "lamp.1", "--quirks", f"a={quirks}")
    assert (ended, lines[-1]) == (status, verdict)
    assert lines[1].split() == ["lamp.1", "Distance", "specs/lamp.rules:18"] and lines[2].startswith("  “The distance of a pixel")
    assert not any("lamp.2" in line or "lamp.3" in line for line in lines) and sum(line.startswith("lamp.1 a") for line in lines) == 1
    assert ("farthest beyond its bound" in "".join(lines)) == bool(status)


def test_a_clause_that_holds_beside_one_that_breaks(tiny_project):
    status, lines = shown(tiny_project, "--clause", "lamp.2", "--quirks", "a=far")
    assert (status, lines[-1]) == (0, "holds; 1 other clause breaks in this run") and not any("FIRST BREAK" in line for line in lines)


def test_a_later_break_is_not_called_the_first(tiny_project):
    tiny_project.replace("b.py", "return math.fsum(turns)", "return 2 * math.fsum(turns)")
    status, lines = shown(tiny_project, "--clause", "lamp.3", "--quirks", "a=far")
    assert status == 1 and any(line.startswith("BREAKS        lamp.3 Stored light, side b") for line in lines)
    assert lines[-1] == "breaks on b; 1 other clause breaks in this run"


def test_a_clause_that_was_not_judged_says_why_and_is_no_pass(tiny_project):
    status, lines = shown(tiny_project, "--clause", "lamp.4")
    assert (status, lines[-1]) == (0, "not judged, and this run is not meant to") and "a: its guard is never true (no shutter)" in lines
    tiny_project.replace("runs/wall.toml", '"no shutter" = ["lamp.4"]', "")
    assert shown(tiny_project, "--clause", "lamp.4")[0] == 3


def test_one_clause_at_one_pixel(tiny_project):
    lines = shown(tiny_project, "--clause", "lamp.2", "--pixel", "0,1")[1]
    table = lines[lines.index("", lines.index("holds")) + 1:]
    assert table[0].startswith("clause") and table[1].startswith("lamp.2") and not any(line.startswith(("lamp.1", "lamp.3")) for line in table)


@pytest.mark.parametrize("words, parts", [
    (["--clause", "lamp.22"], ("--clause lamp.22: specs/lamp.rules has no such clause", "did you mean `lamp.2`?")),
    (["--clause", "x"], ("--clause x", "conform graph")),
    (["--quiet", "--verbose"], ("--quiet and --verbose: one of them at a time",)),
    (["--full", "--clause", "lamp.1"], ("--full and --clause: one of them at a time",)),
    (["--quiet", "--pixel", "0,1"], ("--quiet and --pixel",)),
    (["--quiet", "--format", "junit"], ("--quiet: says how much the terminal shows", "leave out --format")),
    (["--clause", "lamp.1", "--format", "json"], ("--clause: says how much the terminal shows",)),
])
def test_what_cannot_be_shown_is_said_before_anything_runs(tiny_project, complains, words, parts):
    tiny_project.counted("a")
    complains(tiny_project.check(*words), 2, *parts)
    assert tiny_project.runs_of("a") == 0
